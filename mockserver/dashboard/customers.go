package dashboard

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

func showCustomers(v *visit) error {
	data := struct {
		Rows   []customerRow
		More   bool
		Most   int
		Search string
	}{Most: allCustomers, Search: strings.TrimSpace(v.r.URL.Query().Get("q"))}
	var err error
	data.Rows, data.More, err = v.customers(data.Search, allCustomers)
	if err != nil {
		return err
	}
	return v.show("customers", "Customers", "customer all", data)
}

// customerPage is the data of a customer's page.
type customerPage struct {
	Row          customerRow
	Customer     *lava.Customer
	Metadata     string
	Subscription *lava.Subscription
	Range        string
	Ranges       []choice
	Chart        chart
	Entries      []mockserver.LedgerEntry // of the range, the latest first
	EntryCount   int
	Days         []lava.UsageItem // with usage, the latest first
	MostCharged  decimal.Decimal  // on one day
	Meters       []meterUsage
	Payments     []mockserver.Payment // the latest first
	Requests     []requestRow
	Calls        string // link
	Cards        []testCard
}

type choice struct {
	Name, Title string
	Chosen      bool
}

// requestRow is a record, with a link to its call if that is kept.
type requestRow struct {
	lava.Request
	Link string
}

// meterUsage is the usage of a meter.
type meterUsage struct {
	Name   string
	Totals lava.UsageTotals
}

type testCard struct{ Number, About string }

// testCards are the cards that a customer can have: see mockserver.Checkout.
var testCards = []testCard{
	{"4242 4242 4242 4242", "works"},
	{"4000 0000 0000 0341", "is declined from now on"},
	{"4000 0000 0000 9995", "has insufficient funds"},
	{"4000 0000 0000 0069", "has expired"},
	{"4000 0000 0000 0002", "is declined"},
}

const (
	shownEntries  = 200
	shownRequests = 20
	shownDays     = 31
)

func showCustomer(v *visit) error {
	id := v.r.PathValue("id")
	c, err := v.look.Customers.Retrieve(v.ctx(), id)
	if errors.Is(err, lava.ErrNotFound) {
		return errNotFound("Customer " + strconv.Quote(id) + " does not exist, or no longer exists.")
	} else if err != nil {
		return err
	}
	p := customerPage{Row: v.rowOf(c), Customer: c, Cards: testCards, Calls: v.base + "calls?customer=" + url.QueryEscape(c.CustomerID)}
	if len(c.Metadata) > 0 {
		text, _ := json.MarshalIndent(c.Metadata, "", "  ") // can't fail: it was decoded from JSON
		p.Metadata = masked(string(text))
	}
	if p.Subscription, err = v.look.Customers.RetrieveSubscription(v.ctx(), c.CustomerID); err != nil {
		p.Subscription = nil
	}
	ledger, err := v.merchant.Ledger(c.CustomerID)
	if err != nil {
		return err
	}
	p.showRange(v, ledger)
	if err := p.showUsage(v); err != nil {
		return err
	}
	for _, payment := range slices.Backward(v.merchant.Payments()) {
		if payment.CustomerID == c.CustomerID {
			p.Payments = append(p.Payments, payment)
		}
	}
	requests, err := v.look.Requests.List(v.ctx(), lava.ListRequestsParams{CustomerID: c.CustomerID, Limit: shownRequests})
	if err != nil {
		return err
	}
	for _, r := range requests.Data {
		row := requestRow{Request: r}
		if i := slices.IndexFunc(ledger, func(e mockserver.LedgerEntry) bool { return e.Cause == r.RequestID && e.CallID != "" }); i >= 0 {
			row.Link = v.base + "calls/" + url.PathEscape(ledger[i].CallID)
		}
		p.Requests = append(p.Requests, row)
	}
	return v.show("customer", p.Row.Name, "customer:"+c.CustomerID+" clock all", p)
}

// shownAtOnce is the number of entries that aren't folded.
const shownAtOnce = 15

// Latest returns the entries that aren't folded.
func (p customerPage) Latest() []mockserver.LedgerEntry {
	return p.Entries[:min(len(p.Entries), shownAtOnce)]
}

// Earlier returns the folded entries.
func (p customerPage) Earlier() []mockserver.LedgerEntry { return p.Entries[len(p.Latest()):] }

// showRange draws the ledger in the selected range.
func (p *customerPage) showRange(v *visit, ledger []mockserver.LedgerEntry) {
	begin := p.Customer.CreatedAt
	if len(ledger) > 0 && ledger[0].At.Before(begin) {
		begin = ledger[0].At
	}
	from := map[string]time.Time{"day": v.now.Add(-24 * time.Hour), "all": begin}
	if s := p.Subscription; s != nil && !s.CycleStartAt.IsZero() {
		from["cycle"] = s.CycleStartAt
	} else {
		from["cycle"] = v.now.AddDate(0, -1, 0)
	}
	p.Range = v.r.URL.Query().Get("range")
	if _, ok := from[p.Range]; !ok {
		p.Range = "all"
	}
	for _, c := range []choice{{"day", "24 hours", false}, {"cycle", "this cycle", false}, {"all", "everything", false}} {
		c.Chosen = c.Name == p.Range
		p.Ranges = append(p.Ranges, c)
	}
	start := from[p.Range]
	first, before := 0, 0.0
	for first < len(ledger) && ledger[first].At.Before(start) {
		before = balanceOf(ledger[first])
		first++
	}
	p.Chart = balanceChart(before, ledger[first:], start, v.now)
	p.EntryCount = len(ledger) - first
	p.Entries = slices.Clone(ledger[max(first, len(ledger)-shownEntries):])
	slices.Reverse(p.Entries)
}

// showUsage adds the usage by day and by meter.
func (p *customerPage) showUsage(v *visit) error {
	params := lava.RetrieveUsageParams{Start: v.now.AddDate(0, 0, -shownDays+1).Truncate(24 * time.Hour), End: v.now, CustomerID: p.Customer.CustomerID}
	usage, err := v.look.Usage.Retrieve(v.ctx(), params)
	if err != nil {
		return err
	}
	for _, day := range slices.Backward(usage.Items) {
		if day.TotalRequests > 0 {
			p.Days = append(p.Days, day)
			p.MostCharged = decimal.Max(p.MostCharged, day.TotalCharge)
		}
	}
	if len(p.Days) == 0 {
		return nil
	}
	meters, err := all(v.look.Meters.All(v.ctx(), lava.ListMetersParams{Limit: 100}), 100)
	if err != nil {
		return err
	}
	for _, m := range meters {
		params.MeterID = m.MeterID
		if usage, err := v.look.Usage.Retrieve(v.ctx(), params); err == nil && usage.Totals.TotalRequests > 0 {
			p.Meters = append(p.Meters, meterUsage{m.Name, usage.Totals})
		}
	}
	return nil
}

// Share returns a charge as a percentage of the most charged day's.
func (p customerPage) Share(charge decimal.Decimal) int64 {
	if !p.MostCharged.IsPositive() {
		return 0
	}
	return charge.Mul(decimal.NewFromInt(100)).Div(p.MostCharged).IntPart()
}

func decimalOf(f float64) decimal.Decimal { return decimal.NewFromFloat(f).Round(10) }
