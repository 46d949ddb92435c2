package dashboard

import (
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"github.com/lavapayments/lava-go/mockserver"
)

// clockStrip is the server's time, and what falls due next.
type clockStrip struct {
	Base, Here string
	ReadOnly   bool
	Now        time.Time
	Running    bool // it follows Go's time
	Next       *due
	CycleEnd   *due // the next end of a cycle, if it isn't next
	Merchant   string
}

// Unix is the time in milliseconds, for the script.
func (c clockStrip) Unix() int64 { return c.Now.UnixMilli() }

// Date and Time are the parts of the time.
func (c clockStrip) Date() string { return c.Now.UTC().Format("Mon, Jan 2, 2006") }

// Time is without the date.
func (c clockStrip) Time() string { return c.Now.UTC().Format("15:04:05") }

// due is something that happens automatically.
type due struct {
	What   string // its kind
	Kind   string // with the preposition that a name follows
	Linked string // the name of the customer, or the delivery; may be empty
	Link   string
	In     template.HTML
	To     string // the time to move the clock to
}

func (v *visit) clock() clockStrip {
	strip := clockStrip{Base: v.base, Here: v.r.URL.Path, ReadOnly: v.readOnly, Now: v.now, Merchant: v.merchant.ID()}
	if here := v.r.URL.Query().Get("here"); here != "" {
		strip.Here = v.backTo(here)
	}
	var told struct{ Running bool }
	_ = json.Unmarshal(v.control(v, http.MethodGet, "/_mock/clock", nil).body.Bytes(), &told) // this can't fail
	strip.Running = told.Running
	if next, ok := v.merchant.NextDue(); ok {
		strip.Next = v.due(next)
		if end, ok := v.merchant.NextDue(mockserver.DueRenewal, mockserver.DueCancellation, mockserver.DueDowngrade); ok && end != next {
			strip.CycleEnd = v.due(end)
		}
	}
	return strip
}

func (v *visit) due(d mockserver.Due) *due {
	at := d.At
	if rest := at.Truncate(time.Millisecond); !rest.Equal(at) {
		at = rest.Add(time.Millisecond)
	}
	if at.Before(v.now) {
		at = v.now // a delivery that is overdue
	}
	out := &due{What: string(d.Kind), Kind: words(string(d.Kind)), In: when(v.now, d.At), To: at.Format(time.RFC3339Nano)}
	switch {
	case d.Kind == mockserver.DueDelivery:
		out.Kind, out.Linked, out.Link = "", "webhook about "+v.nameOf(d.CustomerID), v.base+"deliveries/"+url.PathEscape(d.ID)
	case d.CustomerID != "":
		out.Kind, out.Linked, out.Link = out.Kind+" of", v.nameOf(d.CustomerID), v.base+"customers/"+d.CustomerID
	}
	return out
}

// Go returns the constant for its kind.
func (d due) Go() string { return "mockserver.Due" + goName(d.What) }

// armed returns what is armed for the merchant or for all merchants.
func (v *visit) armed() []mockserver.Armed {
	all := []mockserver.Armed{}
	for _, a := range v.server.Armed() {
		if a.MerchantID == "" || a.MerchantID == v.merchant.ID() {
			all = append(all, a)
		}
	}
	return all
}
