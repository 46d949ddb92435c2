package mockserver

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/spelling"
)

// Trigger names something that can happen to a customer's or a merchant's money: see
// [Server.Trigger].
type Trigger string

// Triggers for customers, who are named by their id or reference id.
const (
	// RenewNow ends the customer's billing cycle now: the subscription renews, or its
	// pending change takes effect. Later cycles start from this time.
	RenewNow Trigger = "renew_now"
	// CancelNow cancels the subscription, without waiting for the end of the cycle.
	CancelNow Trigger = "cancel_now"
	// UseUpCredits reports usage until no credit is left, or as little below zero as the
	// meter allows. A meter of the customer's plan must have a price. An automatic
	// top-up happens as usual.
	UseUpCredits Trigger = "use_up_credits"
	// ExpireCard makes the customer's card expire, so that later charges are declined.
	ExpireCard Trigger = "expire_card"
)

// Triggers for other objects, which are named by their id.
const (
	// ExpireSession expires an open checkout session.
	ExpireSession Trigger = "expire_session"
	// ReachSpendLimit spends the rest of a spend key's limit; ReachRequestLimit uses up
	// its remaining requests.
	ReachSpendLimit   Trigger = "reach_spend_limit"
	ReachRequestLimit Trigger = "reach_request_limit"
	// PauseKey pauses a spend key; RevokeKey revokes it.
	PauseKey  Trigger = "pause_key"
	RevokeKey Trigger = "revoke_key"
	// EmptyWallet spends everything in the merchant's wallet. It needs no id.
	EmptyWallet Trigger = "empty_wallet"
)

// triggerCommand is a row of the table of triggers.
type triggerCommand struct {
	name Trigger
	run  func(s *Server, merchant, id string) error
}

var triggers = []triggerCommand{
	{RenewNow, trigger(func(m, id string) billing.Command[struct{}] { return billing.RenewNow{MerchantID: m, Customer: id} })},
	{CancelNow, trigger(func(m, id string) billing.Command[struct{}] { return billing.CancelNow{MerchantID: m, Customer: id} })},
	{UseUpCredits, trigger(func(m, id string) billing.Command[struct{}] { return billing.UseUpCredits{MerchantID: m, Customer: id} })},
	{ExpireCard, trigger(func(m, id string) billing.Command[struct{}] { return billing.ExpireCard{MerchantID: m, Customer: id} })},
	{ExpireSession, trigger(func(m, id string) billing.Command[struct{}] {
		return billing.ExpireSession{MerchantID: m, SessionID: id}
	})},
	{ReachSpendLimit, trigger(func(m, id string) billing.Command[struct{}] {
		return billing.ReachSpendLimit{MerchantID: m, SpendKeyID: id}
	})},
	{ReachRequestLimit, trigger(func(m, id string) billing.Command[struct{}] {
		return billing.ReachRequestLimit{MerchantID: m, SpendKeyID: id}
	})},
	{PauseKey, trigger(func(m, id string) billing.Command[billing.SpendKey] {
		paused := billing.SpendKeyPaused
		return billing.UpdateSpendKey{MerchantID: m, ID: id, Status: &paused}
	})},
	{RevokeKey, trigger(func(m, id string) billing.Command[struct{}] { return billing.RevokeSpendKey{MerchantID: m, ID: id} })},
	{EmptyWallet, trigger(func(m, _ string) billing.Command[struct{}] { return billing.EmptyWallet{MerchantID: m} })},
}

// ofSpendKeys are the triggers for spend keys.
var ofSpendKeys = []Trigger{ReachSpendLimit, ReachRequestLimit, PauseKey, RevokeKey}

func trigger[R any](command func(merchant, id string) billing.Command[R]) func(s *Server, merchant, id string) error {
	return func(s *Server, merchant, id string) error {
		_, err := billing.Do(s.engine, s.Now(), command(merchant, id))
		return err
	}
}

// Triggers returns the names of all triggers.
func Triggers() []Trigger {
	all := make([]Trigger, len(triggers))
	for i, t := range triggers {
		all[i] = t.name
	}
	return all
}

// Trigger makes something happen to one of this merchant's objects that would otherwise take time, usage or bad luck.
// It has all the effects of the real event on payments, ledger, events and the API. The clock does not move:
//
//	err := s.Trigger(mockserver.RenewNow, customer.CustomerID)
//
// Something that can't happen, such as the expiry of a card that does not exist, is rejected with an [*Error]. A
// trigger that has already happened, such as the end of the credits, returns no error, unless its object is gone: a
// spend key can't be revoked twice.
func (m *Merchant) Trigger(what Trigger, id string) error {
	return m.server.trigger(m.ID(), what, id)
}

// Trigger is [Merchant.Trigger] of the merchant that the server started with.
func (s *Server) Trigger(what Trigger, id string) error { return s.merchant.Trigger(what, id) }

func (s *Server) trigger(merchant string, what Trigger, id string) error {
	i := slices.IndexFunc(triggers, func(t triggerCommand) bool { return t.name == what })
	if i < 0 {
		return toError(billing.Invalid("what", "there is no trigger %.40q%s", what, spelling.Suggest(what, Triggers())))
	}
	switch {
	case what == EmptyWallet && id != "":
		return toError(billing.Invalid("object", "leave out %.40q: the wallet belongs to the merchant", id))
	case what != EmptyWallet && id == "":
		return toError(billing.Invalid("object", "is required: the id of the object of %s", what))
	}
	if err := triggers[i].run(s, merchant, id); err != nil {
		if code := (*billing.Error)(nil); slices.Contains(ofSpendKeys, what) && errors.As(err, &code) && code.Code == billing.CodeNotFound {
			err = billing.Errorf(code.Code, "object", "%s: this spend key was already revoked, or it is not this merchant's", code.Message)
		}
		return toError(err)
	}
	s.setAlarm()
	s.tellOfCustomer(merchant, id)
	return nil
}

// tellOfCustomer notifies watchers that a customer has changed, who may be named by reference id. It ignores other
// objects.
func (s *Server) tellOfCustomer(merchant, id string) {
	if c, err := s.engine.Customer(merchant, id); err == nil {
		s.watchers.tell(ChangeCustomer, c.ID)
	}
}

// ChangeCard replaces a customer's card with the test card of the given number: see
// [Checkout] for the test cards. The customer is named by the id or reference id.
func (m *Merchant) ChangeCard(customer, number string) error {
	return m.server.changeCard(m.ID(), customer, number)
}

// ChangeCard is [Merchant.ChangeCard] of the merchant that the server started with.
func (s *Server) ChangeCard(customer, number string) error {
	return s.merchant.ChangeCard(customer, number)
}

func (s *Server) changeCard(merchant, customer, number string) error {
	now := s.tick()
	card, err := billing.TestCard(number, 12, now.Year()+3)
	if err == nil {
		_, err = billing.Do(s.engine, now, billing.ChangeCard{MerchantID: merchant, Customer: customer, Card: card})
	}
	if err != nil {
		return toError(err)
	}
	s.tellOfCustomer(merchant, customer)
	return nil
}

// Decline declines future charges, whatever the card. Its zero fields
// match all charges: those of customers, and those that fund the wallet.
type Decline struct {
	Customer string // id or reference id
	Purpose  PaymentPurpose

	// After is how many charges pass first, and Times how many must then be declined: see [Server.Unused]. 0 is no
	// limit. For example, PaymentRenewal with After 1 and Times 1 declines the second renewal.
	After, Times int

	// Reason is "card_declined", which is the default, "insufficient_funds",
	// "expired_card" or "authentication_required".
	Reason string
}

// Decline declines future charges of this merchant and its customers, with the usual consequences: a declined renewal
// cancels the subscription, a declined top-up is not tried again until something changes, and a checkout can be tried
// again. An invalid or unmet Decline is handled as in [Merchant.Fail], which returns an id too.
func (m *Merchant) Decline(d Decline) (id string) {
	m.server.test.Helper()
	armed, err := m.server.decline(m.ID(), d)
	m.server.mustArm("Decline", err)
	return armed.ID
}

// Decline is [Merchant.Decline] for the charges of all merchants.
func (s *Server) Decline(d Decline) (id string) {
	s.test.Helper()
	armed, err := s.decline("", d)
	s.mustArm("Decline", err)
	return armed.ID
}

func (s *Server) decline(merchant string, d Decline) (Armed, error) {
	armed, err := billing.Do(s.engine, s.Now(), billing.ArmDecline{Decline: billing.Decline{
		MerchantID: merchant, Customer: d.Customer, Purpose: billing.PaymentPurpose(d.Purpose), Reason: billing.DeclineReason(d.Reason),
		Turns: billing.Turns{After: d.After, Times: d.Times},
	}})
	if err != nil {
		return Armed{}, toError(err)
	}
	s.watchers.tell(ChangeArmed, "")
	return s.armedDecline(&armed), nil
}

// unusedDeclines describes the unused declines.
func (s *Server) unusedDeclines(merchant string) []string {
	var all []string
	for _, d := range s.engine.Declines() {
		if !d.IsUsed() && (merchant == "" || merchant == d.MerchantID) {
			what, was := strings.TrimSpace(strings.ReplaceAll(string(d.Purpose), "_", " ")+" charge"), "was"
			if d.Least() > 1 {
				was = "were"
			}
			all = append(all, fmt.Sprintf("Decline: %s%s%s %s declined: %s", tooFew(d.Turns, what), ofCustomer(d.Customer), s.ofMerchant(d.MerchantID), was, whyUnused(d.Turns, "charges")))
		}
	}
	return all
}
