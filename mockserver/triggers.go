package mockserver

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/spelling"
)

// Trigger is something that happens to a customer's or a merchant's money: see
// [Server.Trigger].
type Trigger string

// What happens to customers, who are named by their id or reference id.
const (
	// RenewNow ends the customer's billing cycle now: the subscription renews, or its
	// pending change takes effect. From then on, its cycles count from now.
	RenewNow Trigger = "renew_now"
	// CancelNow cancels the subscription, without waiting for the end of the cycle.
	CancelNow Trigger = "cancel_now"
	// UseUpCredits reports usage until no credit is left, or as little below that as the
	// meter allows. A meter of the customer's plan must charge for something. If the
	// subscription is topped up, it is.
	UseUpCredits Trigger = "use_up_credits"
	// ExpireCard lets the customer's card expire, so that later charges are declined.
	ExpireCard Trigger = "expire_card"
)

// What happens to other things, which are named by their id.
const (
	// ExpireSession ends a checkout session that is open.
	ExpireSession Trigger = "expire_session"
	// ReachSpendLimit spends what a spend key can still spend, ReachRequestLimit makes
	// the requests that it can still make.
	ReachSpendLimit   Trigger = "reach_spend_limit"
	ReachRequestLimit Trigger = "reach_request_limit"
	// PauseKey pauses a spend key, RevokeKey ends it.
	PauseKey  Trigger = "pause_key"
	RevokeKey Trigger = "revoke_key"
	// EmptyWallet spends all that is in the merchant's wallet. It needs no id.
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

// ofSpendKeys are the triggers whose object is a spend key.
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

// Trigger lets something happen to a thing of this merchant's that would otherwise take
// time, usage or bad luck. It takes the way of the real event, so that payments, ledger,
// events and what the API shows are as after that; the clock stays where it is:
//
//	err := s.Trigger(mockserver.RenewNow, customer.CustomerID)
//
// What can't happen, such as the expiry of a card that nobody has, is rejected with an
// [*Error]. What has happened already, such as the end of the credits, is none, but for
// what is gone with it: a spend key can't be revoked twice.
func (m *Merchant) Trigger(what Trigger, id string) error {
	return m.server.trigger(m.ID(), what, id)
}

// Trigger is [Merchant.Trigger] of the merchant that the server started with.
func (s *Server) Trigger(what Trigger, id string) error { return s.merchant.Trigger(what, id) }

func (s *Server) trigger(merchant string, what Trigger, id string) error {
	i := slices.IndexFunc(triggers, func(t triggerCommand) bool { return t.name == what })
	if i < 0 {
		return toError(invalid("what", "there is no trigger %.40q%s", what, spelling.Suggest(what, Triggers())))
	}
	switch {
	case what == EmptyWallet && id != "":
		return toError(invalid("object", "%.40q is given, but the wallet is the merchant's: leave it out", id))
	case what != EmptyWallet && id == "":
		return toError(invalid("object", "is required: the id of what %s is to happen to", what))
	}
	if err := triggers[i].run(s, merchant, id); err != nil {
		if code := (*billing.Error)(nil); slices.Contains(ofSpendKeys, what) && errors.As(err, &code) && code.Code == billing.CodeNotFound {
			err = billing.Errorf(code.Code, "object", "%s: a spend key that was revoked is gone, so either this one was revoked before, or it is not this merchant's", code.Message)
		}
		return toError(err)
	}
	s.setAlarm()
	s.tellOfCustomer(merchant, id)
	return nil
}

// tellOfCustomer tells that a customer has changed, who may be named by a reference id.
// Other things are none.
func (s *Server) tellOfCustomer(merchant, id string) {
	if c, err := s.engine.Customer(merchant, id); err == nil {
		s.watchers.tell(ChangeCustomer, c.ID)
	}
}

// ChangeCard replaces a customer's card by the test card of a number: see [Checkout]
// for what there is. The customer is named by the id or reference id.
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

// Decline is a charge to come that is declined, whatever the card. Its zero fields
// choose all charges: of customers, and those to fund the wallet.
type Decline struct {
	Customer string // id or reference id
	Purpose  PaymentPurpose

	// After lets so many charges pass first, Times is how many are then declined, no
	// fewer: see [Server.Unused]. With 0 there is no end. So the second renewal is PaymentRenewal after 1, 1 time.
	After, Times int

	// Reason is "card_declined", which is the default, "insufficient_funds",
	// "expired_card" or "authentication_required".
	Reason string
}

// Decline declines charges to come of this merchant and of its customers. What follows is what follows from any declined
// charge: a renewal that fails cancels the subscription, a top-up that fails is not tried
// again until something changes, a checkout can be tried again. What makes no sense, and
// what nothing meets, is as with [Merchant.Fail].
func (m *Merchant) Decline(d Decline) {
	m.server.test.Helper()
	_, err := m.server.decline(m.ID(), d)
	m.server.mustArm("Decline", err)
}

// Decline is [Merchant.Decline] for the charges of all merchants.
func (s *Server) Decline(d Decline) {
	s.test.Helper()
	_, err := s.decline("", d)
	s.mustArm("Decline", err)
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

// unusedDeclines says which declines no charge has met.
func (s *Server) unusedDeclines(merchant string) []string {
	var all []string
	for _, d := range s.engine.Declines() {
		if !d.IsUsed() && (merchant == "" || merchant == d.MerchantID) {
			what, was := strings.TrimSpace(strings.ReplaceAll(string(d.Purpose), "_", " ")+" charge"), "was"
			if d.Least() > 1 {
				was = "were"
			}
			all = append(all, fmt.Sprintf("Decline: %s%s%s %s declined: %s", few(d.Turns, what), of(d.Customer), s.ofMerchant(d.MerchantID), was, met(d.Turns, "charges")))
		}
	}
	return all
}
