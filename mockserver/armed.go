package mockserver

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
)

// Armed is a failure, decline or reply that was armed or scripted: see
// [Server.Armed].
type Armed struct {
	ID         string // for [Server.Disarm]
	Method     string // the method of Server that armed it, such as "Fail"
	MerchantID string // whose calls, charges, webhooks or requests it applies to; empty: all merchants'
	// About describes its effect in one line. For a reply, it is the reply in JSON.
	About string

	After, Times int // as they were given
	Used         int // how many it has applied to so far
}

// IsSpent reports whether it has been used as often as its Times.
func (a Armed) IsSpent() bool { return a.Times > 0 && a.Used >= a.Times }

// Armed returns everything that is armed or scripted: failures, declines, webhook
// failures and replies, each kind oldest first, including those that are used up.
func (s *Server) Armed() []Armed { return s.armed("") }

func (s *Server) armed(merchant string) []Armed {
	all := []Armed{}
	add := func(a Armed) {
		if merchant == "" || a.MerchantID == "" || a.MerchantID == merchant {
			all = append(all, a)
		}
	}
	for _, f := range s.engine.Failures() {
		add(s.armedFailure(&f))
	}
	for _, d := range s.engine.Declines() {
		add(s.armedDecline(&d))
	}
	for _, f := range s.deliveries.failures() {
		add(s.armedWebhookFailure(&f))
	}
	for _, r := range s.engine.Replies() {
		add(s.armedReply(&r))
	}
	return all
}

func (s *Server) armedFailure(f *billing.Failure) Armed {
	return s.showArmed(f.ID, "Fail", f.MerchantID, cmp.Or(f.Endpoint, "every endpoint")+ofCustomer(f.Customer)+withKey(f.KeyID)+": "+describeFailure(f), f.Turns)
}

func (s *Server) armedDecline(d *billing.Decline) Armed {
	return s.showArmed(d.ID, "Decline", d.MerchantID, cmp.Or(string(d.Purpose), "every charge")+ofCustomer(d.Customer)+": "+string(d.Reason), d.Turns)
}

func (s *Server) armedWebhookFailure(f *billing.DeliveryFailure) Armed {
	about := cmp.Or(f.WebhookID, "every webhook") + ", " + cmp.Or(string(f.Event), "every event") + ": " + strings.ReplaceAll(string(f.Kind), "_", " ")
	if f.Delay > 0 {
		about += fmt.Sprintf(" by %v", f.Delay)
	}
	return s.showArmed(f.Name(), "FailWebhooks", f.MerchantID, about, f.Turns)
}

func (s *Server) armedReply(r *billing.ScriptedReply) Armed {
	return s.showArmed(r.Name(), "Script", r.MerchantID, string(r.Data), r.Turns)
}

func (s *Server) showArmed(id, method, whose, about string, t billing.Turns) Armed {
	return Armed{id, method, whose, s.maskText(about), t.After, t.Times, t.Used}
}

// String returns a sentence about what was armed.
func (a Armed) String() string {
	line := a.Method + " " + a.About
	if a.MerchantID != "" {
		line += ", of merchant " + a.MerchantID
	}
	if a.After > 0 {
		line += fmt.Sprintf(", after %d", a.After)
	}
	if a.Times == 0 {
		return line + ", without limit"
	}
	return line + ", " + times(a.Times)
}

// Disarm removes the failures, declines, webhook failures and replies with these ids, used or not. Without ids, it
// removes all that is armed, except replies: for those, see [Server.ResetScript]. An id of nothing that is armed fails
// the test of [Start]; elsewhere Disarm panics.
//
//	outage := s.Fail(mockserver.Failure{Status: 503})
//	// … the application copes
//	s.Disarm(outage)
func (s *Server) Disarm(ids ...string) {
	s.test.Helper()
	s.mustArm("Disarm", s.disarmEach("", ids))
}

// Disarm is [Server.Disarm] for what was armed for this merchant.
func (m *Merchant) Disarm(ids ...string) {
	m.server.test.Helper()
	m.server.mustArm("Disarm", m.server.disarmEach(m.ID(), ids))
}

// disarmEach drops what has these ids, or everything if there are none, of a merchant or of all.
func (s *Server) disarmEach(merchant string, ids []string) error {
	if len(ids) == 0 {
		s.disarm(merchant, merchant == "")
	}
	var unknown error
	for _, id := range ids {
		if !s.disarmOne(merchant, id) {
			unknown = errors.Join(unknown, toError(billing.Errorf(billing.CodeNotFound, "id", "id: nothing that is armed has the id %.60q", id)))
		}
	}
	return unknown
}

// disarmOne drops what has an id, and reports whether there was something.
func (s *Server) disarmOne(merchant, id string) bool {
	found, _ := billing.Do(s.engine, s.Now(), billing.Disarm{ID: id, MerchantID: merchant}) // it is never rejected
	found = s.deliveries.disarmOne(merchant, id) || found
	s.pruneReplies()
	s.watchers.tell(ChangeArmed, "")
	return found
}

// disarm drops what was armed for a merchant, for all merchants if merchant is empty, or everything.
func (s *Server) disarm(merchant string, all bool) {
	_, _ = billing.Do(s.engine, s.Now(), billing.DropFailures{MerchantID: merchant, All: all}) // it is never rejected
	_, _ = billing.Do(s.engine, s.Now(), billing.DropDeclines{MerchantID: merchant, All: all})
	s.deliveries.disarm(merchant, all)
	s.watchers.tell(ChangeArmed, "")
}

func withKey(id string) string {
	if id == "" {
		return ""
	}
	return " with key " + id
}

type armedBody struct {
	ID         string `json:"id"`
	Method     string `json:"go"` // the method of Server that armed it
	MerchantID string `json:"merchant_id,omitzero"`
	About      string `json:"about"`
	After      int    `json:"after,omitzero"`
	Times      int    `json:"times,omitzero"`
	Used       int    `json:"used"`
}

func listArmed(c *controlCall, _ none) (dataBody[armedBody], error) {
	body := dataBody[armedBody]{[]armedBody{}}
	for _, a := range c.server.armed(c.selected()) {
		body.Data = append(body.Data, armedBody(a))
	}
	return body, nil
}
