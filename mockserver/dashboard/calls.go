package dashboard

import (
	"cmp"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// callRow is a call in a list.
type callRow struct {
	mockserver.Call
	Link    string
	When    template.HTML
	Name    string // of the endpoint, or the method and path
	Model   string
	Who     string // the customer
	WhoLink string
	Tokens  string
	Charge  template.HTML
	Notes   []note
	Current bool // it is shown next to the list
}

// note is a line below a call: "fault", "error" or "hint".
type note struct{ Kind, Text string }

// Class is the CSS class of the status.
func (c callRow) Class() string { return statusClass(c.Status) }

func statusClass(status int) string {
	switch {
	case status == 0 || status >= http.StatusInternalServerError:
		return "bad"
	case status >= http.StatusBadRequest:
		return "warn"
	}
	return "ok"
}

// callRow returns a call's row in a list.
func (v *visit) callRow(c mockserver.Call) callRow {
	row := callRow{Call: c, Link: v.linkOf(c), When: when(v.now, c.At), Name: string(c.Endpoint)}
	if c.Endpoint == "" {
		row.Name = c.Method + " " + excerpt(c.Path, 100)
	}
	if c.CustomerID != "" {
		row.Who, row.WhoLink = cmp.Or(c.ReferenceID, v.nameOf(c.CustomerID)), v.base+"customers/"+url.PathEscape(c.CustomerID)
	}
	if r := v.recordOf(c); r != nil {
		row.Model = r.Model
		row.Tokens, row.Charge = quantity(r.ModelUsage), chargeOf(r)
	} else if isGateway(c) {
		row.Model = modelAsked(c)
	}
	switch {
	case c.Failure != "":
		row.Notes = []note{{"fault", "armed: " + c.Failure}}
		return row
	case c.Error != nil:
		row.Notes = []note{{"error", c.Error.Message}}
	}
	if c.Hint != "" {
		if c.Endpoint == "" { // the error would repeat this
			row.Notes = nil
		}
		row.Notes = append(row.Notes, note{"hint", c.Hint})
	}
	return row
}

func isGateway(c mockserver.Call) bool { return strings.HasPrefix(string(c.Endpoint), "gateway.") }

// modelAsked returns the model named by a request without a record.
func modelAsked(c mockserver.Call) string {
	var body struct{ Model string }
	_ = json.Unmarshal(c.RequestBody(), &body) // a body that isn't JSON names no model
	return body.Model
}

// recordOf returns the record of a metered request, or nil.
func (v *visit) recordOf(c mockserver.Call) *lava.Request {
	id := c.ID
	switch {
	case c.Status >= http.StatusBadRequest:
		return nil
	case c.Endpoint == "requests.create": // the application chose the record's id
		var reported struct {
			RequestID string `json:"request_id"`
		}
		_ = json.Unmarshal(c.ResponseBody(), &reported) // it may no longer be kept
		id = reported.RequestID
	case !isGateway(c):
		return nil
	}
	if id == "" {
		return nil
	}
	r, err := v.look.Requests.Retrieve(v.ctx(), id)
	if err != nil {
		return nil // it has no record, or not yet
	}
	return r
}

// chargeOf returns what a request cost the customer, or the merchant if no customer pays.
func chargeOf(r *lava.Request) template.HTML {
	switch {
	case r.Status == lava.RequestPending:
		return "pending"
	case r.CustomerID != "" || !r.Charge.Amount.IsZero():
		return charge(r.Charge.Amount)
	}
	return ""
}

// quantity returns the usage of a request, in the unit that was counted.
func quantity(u lava.ModelUsage) string {
	switch {
	case u.TotalTokens > 0:
		return number(u.TotalTokens)
	case u.TotalCharacters > 0:
		return number(u.TotalCharacters) + " chars"
	case u.TotalSeconds > 0:
		return strconv.FormatFloat(u.TotalSeconds, 'f', -1, 64) + "\u202fs"
	}
	return ""
}

// callFilter selects calls.
type callFilter struct {
	Endpoint, Customer, Outcome, Contains string
	Before                                int
}

func (v *visit) callFilter() callFilter {
	q := v.r.URL.Query()
	before, _ := strconv.Atoi(q.Get("before")) // a text that isn't a number counts as 0
	return callFilter{q.Get("endpoint"), q.Get("customer"), q.Get("outcome"), q.Get("contains"), before}
}

// IsSet reports whether the filter excludes anything.
func (f callFilter) IsSet() bool { return f != callFilter{} }

func (f callFilter) keeps(c mockserver.Call, merchant string) bool {
	switch {
	case c.MerchantID != "" && c.MerchantID != merchant,
		f.Endpoint != "" && f.Endpoint != string(c.Endpoint),
		f.Customer != "" && f.Customer != c.CustomerID && f.Customer != c.ReferenceID,
		f.Before > 0 && c.Position >= f.Before:
		return false
	}
	if !f.hasOutcome(c) {
		return false
	}
	return f.Contains == "" || len(mockserver.Calls{c}.Containing(f.Contains)) > 0 // last, because it reads the bodies
}

func (f callFilter) hasOutcome(c mockserver.Call) bool {
	switch f.Outcome {
	case "":
		return true
	case "rejected":
		return c.Rejected()
	case "hint":
		return c.Hint != ""
	case "armed":
		return c.Failure != ""
	}
	return false // as for an unknown endpoint or customer
}

const (
	homeCalls = 50
	pageCalls = 200
	allCalls  = 10_000
)

// latestCalls returns rows of the latest calls that a filter keeps, the latest first.
func (v *visit) latestCalls(f callFilter, most int) []callRow {
	look := most
	if f.IsSet() || len(v.server.MerchantIDs()) > 1 {
		look = allCalls
	}
	rows := []callRow{}
	for _, c := range slices.Backward(v.server.LatestCalls(look)) {
		if f.keeps(c, v.merchant.ID()) {
			rows = append(rows, v.callRow(c))
		}
		if len(rows) == most {
			break
		}
	}
	return rows
}

// callCount returns the number of calls so far.
func (v *visit) callCount() int {
	if latest := v.server.LatestCalls(1); len(latest) > 0 {
		return latest[0].Position
	}
	return 0
}

func showCalls(v *visit) error {
	data := struct {
		Rows      []callRow
		Count     int
		Filter    callFilter
		Endpoints []mockserver.Endpoint
		Older     string
		Most      int
	}{Filter: v.callFilter(), Count: v.callCount(), Endpoints: mockserver.Endpoints(), Most: pageCalls}
	data.Rows = v.latestCalls(data.Filter, pageCalls)
	if n := len(data.Rows); n == pageCalls {
		q := v.r.URL.Query()
		q.Set("before", strconv.Itoa(data.Rows[n-1].Position))
		data.Older = "?" + q.Encode()
	}
	return v.show("calls", "Calls", "all", data)
}

// showRows responds with the changed parts: rows of lists, the clock, and counts.
func showRows(v *visit) error {
	q, f := v.r.URL.Query(), v.callFilter()
	data := struct {
		Calls      []callRow
		Customers  []customerRow
		Gone       []string // deleted customers
		Deliveries []deliveryRow
		Count      int
	}{Count: v.callCount()}
	for _, id := range q["call"] {
		if c, ok := v.server.Call(id); ok && f.keeps(c, v.merchant.ID()) {
			data.Calls = append(data.Calls, v.callRow(c))
		}
	}
	for _, id := range q["who"] {
		if row, ok := v.customerRow(id); ok {
			data.Customers = append(data.Customers, row)
		} else {
			data.Gone = append(data.Gone, id)
		}
	}
	if ids := q["delivery"]; len(ids) > 0 {
		for _, d := range v.deliveries() {
			if slices.Contains(ids, d.ID) {
				data.Deliveries = append(data.Deliveries, v.deliveryRow(d))
			}
		}
	}
	return v.show("rows", "", "", data)
}
