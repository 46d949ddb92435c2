package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go"
)

type balance struct {
	WalletID string `json:"wallet_id"`
	Balance  string `json:"balance" jsonschema:"US dollars"`
}

type addFundsArgs struct {
	Amount          amount `json:"amount,omitzero" jsonschema:"US dollars to charge a card, 10 to 10000; leave it out to see the balance and the cards first"`
	PaymentMethodID string `json:"payment_method_id,omitzero" jsonschema:"the card to charge; by default the one whose is_default is true"`
}

type funds struct {
	Status      lava.FundingStatus `json:"status,omitzero" jsonschema:"completed, or requires_action until a person has confirmed the payment at redirect_url; absent if nothing was charged"`
	PaymentID   string             `json:"payment_id,omitzero"`
	RedirectURL string             `json:"redirect_url,omitzero" jsonschema:"where a person confirms the payment, while status is requires_action"`
	Balance     string             `json:"balance,omitzero" jsonschema:"US dollars in the wallet, after a payment that is completed"`
	Cards       []card             `json:"cards,omitzero" jsonschema:"the cards that can be charged; only without amount"`
}

type card struct {
	PaymentMethodID string `json:"payment_method_id"`
	Brand           string `json:"brand"`
	Last4           string `json:"last4"`
	Expires         string `json:"expires" jsonschema:"month/year"`
	IsDefault       bool   `json:"is_default"`
	ErrorMessage    string `json:"error_message,omitzero" jsonschema:"why the last charge failed"`
}

func addWallet(t toolbox) {
	add(t, tool{
		name:        "get_balance",
		title:       "Read the wallet's balance",
		description: "Read the balance of the merchant's wallet, which pays the providers.",
		effect:      reads,
	}, getBalance)
	add(t, tool{
		name:  "add_funds",
		title: "Add funds to the wallet",
		description: "Charge one of the merchant's cards, and add the amount to the wallet. This is real money: ask the person first. " +
			"Without an amount, nothing is charged: the result is the balance and the cards.",
		effect: effect{destructive: true, openWorld: true}, // a charge can't be undone, so agents should ask first
	}, addFunds)
}

func getBalance(ctx context.Context, client *lava.Client, _ struct{}) (balance, string, error) {
	wallet, err := client.Wallet.Retrieve(ctx)
	if err != nil {
		return balance{}, "", err
	}
	out := balance{WalletID: wallet.WalletID, Balance: wallet.Balance.String()}
	return out, fmt.Sprintf("The wallet holds %s.", dollars(out.Balance)), nil
}

func addFunds(ctx context.Context, client *lava.Client, in addFundsArgs) (funds, string, error) {
	if in.Amount == "" {
		return showFunds(ctx, client)
	}
	id := in.PaymentMethodID
	if id == "" {
		methods, err := client.PaymentMethods.List(ctx)
		if err != nil {
			return funds{}, "", err
		}
		i := slices.IndexFunc(methods, func(m lava.PaymentMethod) bool { return m.IsDefault })
		if i < 0 {
			return funds{}, "", errors.New("payment_method_id: is required, because there is no default card. " +
				"Call add_funds without arguments to see the cards; if there are none, a person must add one in Lava's dashboard")
		}
		id = methods[i].PaymentMethodID
	}
	funding, err := client.Wallet.Fund(ctx, lava.FundWalletParams{PaymentMethodID: id, Amount: in.Amount.decimal()})
	if err != nil {
		return funds{}, "", fundingError(err)
	}
	out := funds{Status: funding.Status, PaymentID: funding.PaymentID, RedirectURL: funding.RedirectURL}
	if out.Status == lava.FundingRequiresAction {
		return out, "The payment is pending: the person must confirm it at  " + out.RedirectURL + ". After that, get_balance shows it.", nil
	}
	out.Balance = funding.Balance.String()
	return out, fmt.Sprintf("Added %s. The wallet holds %s.", dollars(string(in.Amount)), dollars(out.Balance)), nil
}

// showFunds returns the balance, and the cards that could be charged.
func showFunds(ctx context.Context, client *lava.Client) (funds, string, error) {
	wallet, err := client.Wallet.Retrieve(ctx)
	if err != nil {
		return funds{}, "", err
	}
	methods, err := client.PaymentMethods.List(ctx)
	if err != nil {
		return funds{}, "", err
	}
	out := funds{Balance: wallet.Balance.String(), Cards: make([]card, len(methods))}
	var text strings.Builder
	fmt.Fprintf(&text, "The wallet holds %s.", dollars(out.Balance))
	for i, m := range methods {
		out.Cards[i] = card{
			PaymentMethodID: m.PaymentMethodID, Brand: m.Brand, Last4: m.Last4,
			Expires: m.ExpiryMonth + "/" + m.ExpiryYear, IsDefault: m.IsDefault, ErrorMessage: m.ErrorMessage,
		}
		fmt.Fprintf(&text, "\n%s: %s that ends in %s", m.PaymentMethodID, m.Brand, m.Last4)
		if m.IsDefault {
			text.WriteString(" (default)")
		}
	}
	if len(methods) == 0 {
		text.WriteString("\nThere is no card: a person must add one in Lava's dashboard.")
	}
	return out, text.String(), nil
}

// fundingError warns against a second charge if it is unknown whether the first one took place.
func fundingError(err error) error {
	var failed *lava.Error
	if !errors.As(err, &failed) || failed.Status != 0 && failed.Status < 500 {
		return err
	}
	return errors.New(strings.TrimPrefix(err.Error(), "lava: ") +
		"\nThe card may still have been charged. Compare get_balance with the earlier balance, and don't call add_funds again until it is clear.")
}
