package mockserver

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
)

// Armed is something that was armed or scripted: see [Server.Armed].
type Armed struct {
	Method     string // of Server, that has armed it, such as "Fail"
	MerchantID string // whose calls, charges, webhooks or requests it is for; empty: everybody's
	// About says what it does to what, in a line; of a reply it is the reply in JSON.
	About string

	After, Times int // as they were given
	Used         int // how many it was for by now
}

// IsSpent reports whether it has been for as many as it was to be.
func (a Armed) IsSpent() bool { return a.Times > 0 && a.Used >= a.Times }

// Armed returns what is armed and scripted: failures, declines, failures of webhooks and
// replies, of each kind oldest first, those that are spent included.
func (s *Server) Armed() []Armed { return s.armed("") }

func (s *Server) armed(merchant string) []Armed {
	all := []Armed{}
	add := func(method, whose, about string, t billing.Turns) {
		if merchant == "" || whose == "" || whose == merchant {
			all = append(all, Armed{method, whose, s.maskText(about), t.After, t.Times, t.Used})
		}
	}
	for _, f := range s.engine.Failures() {
		add("Fail", f.MerchantID, cmp.Or(f.Endpoint, "every endpoint")+of(f.Customer)+withKey(f.KeyID)+": "+describeFailure(&f), f.Turns)
	}
	for _, id := range s.engine.MerchantIDs() {
		declines, _ := s.engine.Declines(id) // a merchant that is gone has none
		for _, d := range declines {
			add("Decline", id, cmp.Or(string(d.Purpose), "every charge")+of(d.Customer)+": "+string(d.Reason), d.Turns)
		}
	}
	for _, f := range s.deliveries.failures() {
		about := cmp.Or(f.WebhookID, "every webhook") + ", " + cmp.Or(string(f.Event), "every event") + ": " + strings.ReplaceAll(string(f.Kind), "_", " ")
		if f.Delay > 0 {
			about += fmt.Sprintf(" by %v", f.Delay)
		}
		add("FailWebhooks", f.MerchantID, about, f.Turns)
	}
	for _, r := range s.engine.Replies() {
		add("Script", r.MerchantID, string(r.Data), r.Turns)
	}
	return all
}

func withKey(id string) string {
	if id == "" {
		return ""
	}
	return " with key " + id
}

type armedBody struct {
	Method     string `json:"go"` // of Server, that has armed it
	MerchantID string `json:"merchant_id,omitzero"`
	About      string `json:"about"`
	After      int    `json:"after,omitzero"`
	Times      int    `json:"times,omitzero"`
	Used       int    `json:"used"`
}

func listArmed(c *controlCall, _ none) (dataBody[armedBody], error) {
	body := dataBody[armedBody]{[]armedBody{}}
	for _, a := range c.server.armed(c.armedFor()) {
		body.Data = append(body.Data, armedBody(a))
	}
	return body, nil
}
