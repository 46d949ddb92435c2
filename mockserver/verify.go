package mockserver

import (
	"fmt"
	"slices"
	"strings"
)

// Calls are calls in the order in which they ended. Methods select among them; Verify
// compares them with what a test expects.
type Calls []Call

// To returns the calls to one of the endpoints given. It panics if there is no such
// endpoint, because a test that asks for one would pass for the wrong reason.
func (cs Calls) To(endpoints ...Endpoint) Calls {
	for _, e := range endpoints {
		e.mustExist()
	}
	return cs.where(func(c Call) bool { return slices.Contains(endpoints, c.Endpoint) })
}

// For returns the calls about a customer, who is named by the id.
func (cs Calls) For(customerID string) Calls {
	return cs.where(func(c Call) bool { return c.CustomerID == customerID })
}

// Rejected returns the calls that were rejected: see [Call.Rejected].
func (cs Calls) Rejected() Calls { return cs.where(Call.Rejected) }

// After returns the calls that ended after another one, such as the last that a test
// has seen before it acted.
func (cs Calls) After(position int) Calls {
	return cs.where(func(c Call) bool { return c.Position > position })
}

func (cs Calls) where(keep func(Call) bool) Calls {
	var some Calls
	for _, c := range cs {
		if keep(c) {
			some = append(some, c)
		}
	}
	return some
}

func (e Endpoint) mustExist() {
	if err := e.check(); err != nil {
		panic("mockserver: " + err.Error())
	}
}

// summary says in short which calls there are.
func (cs Calls) summary() string {
	if len(cs) == 0 {
		return "none"
	}
	const most = 20
	var lines []string
	for _, c := range cs[max(0, len(cs)-most):] {
		lines = append(lines, c.String())
	}
	return fmt.Sprintf("%d, at last:\n\t%s", len(cs), strings.Join(lines, "\n\t"))
}
