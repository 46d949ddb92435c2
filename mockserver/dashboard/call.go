package dashboard

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// thread is a call with everything it has caused.
type thread struct {
	Call     callRow
	At       time.Time
	Record   *lava.Request
	Request  shownBody
	Response shownBody
	Tries    []try
	Caused   effects
	Due      effects // what was due at its beginning
	Snippets []snippet
	Around   callList // the calls around it
	Session  string   // the checkout session that it created
	Cards    []testCard
}

// callList is the list of calls next to a call.
type callList struct {
	Rows []callRow
	Most int
	Past bool // there are later calls that aren't listed
}

// around lists the calls before and after a call.
func (v *visit) around(c mockserver.Call) callList {
	list := callList{Most: homeCalls}
	f := callFilter{}
	if later := v.callCount() - c.Position; later >= homeCalls/2 {
		f.Before, list.Past = c.Position+homeCalls/2, true
	}
	list.Rows = v.latestCalls(f, homeCalls)
	for i := range list.Rows {
		list.Rows[i].Current = list.Rows[i].ID == c.ID
	}
	return list
}

// effects are the effects of a call, or of what was due.
type effects struct {
	Entries    []mockserver.LedgerEntry
	Payments   []mockserver.Payment
	Events     []mockserver.Event
	Deliveries []deliveryRow
	Empty      bool
}

// call returns the call that the address names.
func (v *visit) call() (mockserver.Call, error) {
	c, ok := v.server.Call(v.r.PathValue("id"))
	if !ok || c.MerchantID != "" && c.MerchantID != v.merchant.ID() {
		return c, errNotFound("This call is not available: only the latest 10,000 calls are kept.")
	}
	return c, nil
}

func showCall(v *visit) error {
	c, err := v.call()
	if err != nil {
		return err
	}
	record := v.recordOf(c)
	t := thread{
		Call: v.callRow(c), At: c.At, Record: record, Request: shown(c.RequestBody(), v.linkOf(c)+"/request"), Response: shown(c.ResponseBody(), v.linkOf(c)+"/response"),
		Tries: tries(c, v.linkOf(c)), Caused: v.effects(c.Thread), Due: v.effects(c.Due), Snippets: v.snippets(c, record), Around: v.around(c),
	}
	if c.Endpoint == "checkout_sessions.create" && !c.Rejected() {
		var session struct {
			ID string `json:"checkout_session_id"`
		}
		_ = json.Unmarshal(c.ResponseBody(), &session) // it may no longer be kept
		t.Session, t.Cards = session.ID, testCards
	}
	return v.show("call", t.Call.Name, "call:"+c.ID+" delivery all", t)
}

// effects looks up the objects of a thread.
func (v *visit) effects(t mockserver.Thread) effects {
	var e effects
	if len(t.LedgerEntries) > 0 {
		e.Entries = v.entries(t.LedgerEntries)
	}
	if len(t.Payments) > 0 {
		e.Payments = slices.DeleteFunc(v.merchant.Payments(), func(p mockserver.Payment) bool { return !slices.Contains(t.Payments, p.ID) })
	}
	if len(t.Events) > 0 {
		e.Events = slices.DeleteFunc(v.server.Events(), func(x mockserver.Event) bool { return !slices.Contains(t.Events, x.ID) })
	}
	if len(t.Deliveries) > 0 {
		for _, d := range v.deliveries() {
			if slices.Contains(t.Deliveries, d.ID) {
				e.Deliveries = append(e.Deliveries, v.deliveryRow(d))
			}
		}
	}
	e.Empty = len(e.Entries)+len(e.Payments)+len(e.Events)+len(e.Deliveries) == 0
	return e
}

// entries looks up ledger entries, whose ids start with the customer's id.
func (v *visit) entries(ids []string) (found []mockserver.LedgerEntry) {
	var done []string
	for _, id := range ids {
		customer, _, _ := strings.Cut(id, "/")
		if slices.Contains(done, customer) {
			continue
		}
		done = append(done, customer)
		all, err := v.merchant.Ledger(customer)
		if err != nil {
			continue // the customer was deleted in the meantime
		}
		for _, e := range all {
			if slices.Contains(ids, e.ID) {
				found = append(found, e)
			}
		}
	}
	return found
}

// excerpt returns the beginning of a text, on one line.
func excerpt(text string, n int) string {
	line := strings.Join(strings.Fields(text), " ")
	if runes := []rune(line); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return line
}
