package dashboard

import (
	"html/template"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

func showHome(v *visit) error {
	data := struct {
		Calls     []callRow
		CallCount int
		Customers []customerRow
		More      bool // customers than those shown
		Wallet    *lava.Wallet
		Scenarios []mockserver.Scenario
		Snippets  []snippet
		Most      int
		URL       string
	}{URL: v.server.URL(), CallCount: v.callCount(), Scenarios: mockserver.Scenarios(), Most: homeCalls}
	data.Calls = v.latestCalls(callFilter{}, homeCalls)
	customers, more, err := v.customers("", homeCustomers)
	if err != nil {
		return err
	}
	data.Customers, data.More = customers, more
	if len(data.Customers) == 0 && len(data.Calls) == 0 || v.r.URL.Query().Has("start") {
		data.Snippets = v.tutorial()
	}
	if data.Wallet, err = v.look.Wallet.Retrieve(v.ctx()); err != nil {
		return err
	}
	on := "all"
	if data.Snippets != nil {
		on = "call customer all"
	}
	return v.show("home", "Overview", on, data)
}

const (
	homeCustomers = 25
	allCustomers  = 200
)

// customerRow is a customer in a list.
type customerRow struct {
	ID, Link, Name, Plan string
	Status               string
	Pending              string
	PendingAt            template.HTML
	Balance              template.HTML
	Negative             bool
	CycleEnd             template.HTML
	Spark                template.HTML
}

// customers returns rows of the latest customers, and whether there are more: of all, or of those whose id, name,
// email address or phone contains a text.
func (v *visit) customers(search string, most int) (rows []customerRow, more bool, err error) {
	search = strings.ToLower(search)
	var found []lava.Customer
	for c, err := range v.look.Customers.All(v.ctx(), lava.ListCustomersParams{Limit: 100}) {
		if err != nil {
			return nil, false, err
		}
		text := strings.Join([]string{c.CustomerID, c.ReferenceID, c.Contact.FirstName + " " + c.Contact.LastName, c.Contact.Email, c.Contact.Phone}, "\n")
		if strings.Contains(strings.ToLower(text), search) {
			found = append(found, c)
		}
		if len(found) > most {
			break
		}
	}
	if more = len(found) > most; more {
		found = found[:most]
	}
	for _, c := range found {
		rows = append(rows, v.rowOf(&c))
	}
	return rows, more, nil
}

// customerRow returns the row of a customer, if it exists and is this merchant's.
func (v *visit) customerRow(id string) (customerRow, bool) {
	c, err := v.look.Customers.Retrieve(v.ctx(), id)
	if err != nil {
		return customerRow{}, false
	}
	return v.rowOf(c), true
}

func (v *visit) rowOf(c *lava.Customer) customerRow {
	row := customerRow{ID: c.CustomerID, Link: v.base + "customers/" + url.PathEscape(c.CustomerID), Name: nameOf(c)}
	if sub, err := v.look.Customers.RetrieveSubscription(v.ctx(), c.CustomerID); err == nil {
		row.Plan, row.Status = sub.Plan.Name, string(sub.Status)
		row.Balance, row.Negative = balance(sub.Credits.TotalRemaining), sub.Credits.TotalRemaining.IsNegative()
		if !sub.CycleEndAt.IsZero() {
			row.CycleEnd = when(v.now, sub.CycleEndAt)
		}
		if p := sub.PendingChange; p != nil {
			row.Pending, row.PendingAt = pendingWords(p), when(v.now, p.EffectiveAt)
		}
	}
	if balances, err := v.merchant.LatestBalances(c.CustomerID, sparkPoints); err == nil {
		row.Spark = sparkline(balances)
	}
	return row
}

func pendingWords(p *lava.PendingChange) string {
	if p.Name != "" {
		return words(string(p.Type)) + " to " + p.Name
	}
	return words(string(p.Type))
}

// nameOf returns the display name of a customer: the reference id, the name, or Lava's id.
func nameOf(c *lava.Customer) string {
	for _, name := range []string{c.ReferenceID, c.Contact.FirstName + " " + c.Contact.LastName, c.Contact.Email, c.Contact.Phone} {
		if name = strings.TrimSpace(name); strings.ContainsFunc(name, isVisible) {
			return name
		}
	}
	return short(c.CustomerID)
}

func (v *visit) nameOf(id string) string {
	c, err := v.look.Customers.Retrieve(v.ctx(), id)
	if err != nil {
		return short(id)
	}
	return nameOf(c)
}
