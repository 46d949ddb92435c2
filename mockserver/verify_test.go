package mockserver_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// failures collects what Verify reports.
func failures(all mockserver.Calls, expectations ...mockserver.Expectation) []string {
	log := &testLog{}
	all.Verify(log, expectations...)
	return log.lines
}

func TestVerify(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	client := s.Client()
	ada, err := client.Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: "ada"})
	require.NoError(t, err)
	_, err = client.Customers.Retrieve(t.Context(), ada.CustomerID)
	require.NoError(t, err)
	_, err = client.Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: "grace"})
	require.NoError(t, err)
	all := s.Calls()

	assert.Empty(t, failures(all,
		mockserver.Exactly("customers.create", "customers.get", "customers.create"),
		mockserver.InOrder("customers.create", "customers.create"),
		mockserver.Times(2, "customers.create"),
		mockserver.Times(0, "customers.delete"),
		mockserver.Accepted(),
		mockserver.Idempotent(),
	))
	assert.Empty(t, failures(all.For(ada.CustomerID), mockserver.Exactly("customers.create", "customers.get")))
	assert.Empty(t, failures(all.For("ada"), mockserver.Exactly("customers.create", "customers.get")))
	for want, expectation := range map[string]mockserver.Expectation{
		"mockserver: want no rejected call; there was no call":                                   mockserver.Accepted(),
		"mockserver: want calls with the header Idempotency-Key in each POST; there was no call": mockserver.Idempotent(),
		"mockserver: want no call with a hint; there was no call":                                mockserver.WithoutHints(),
	} {
		assert.Equal(t, []string{want}, failures(all.For("adda"), expectation), "without calls, any expectation would hold")
	}
	assert.Len(t, strings.Split(fmt.Sprint(all), "\n"), 3)
	assert.Empty(t, failures(all.After(all[0].Position), mockserver.Exactly("customers.get", "customers.create")))

	assert.Contains(t, all[0].String(), ", customer "+ada.CustomerID+" (ada), ", "tests know customers by reference id")

	got := failures(all, mockserver.Exactly("customers.create", "subscriptions.create", "customers.create"))
	require.Len(t, got, 1)
	lines := strings.Split(got[0], "\n")
	require.Len(t, lines, 5, "%s", got[0])
	assert.Contains(t, lines[0], "in this order; call 2 is customers.get, not subscriptions.create (-")
	assert.Contains(t, lines[1], "\t  POST /v1/customers 201 customers.create")
	assert.Contains(t, lines[2]+lines[3], "\t- subscriptions.create")
	assert.Contains(t, lines[2]+lines[3], "\t+ GET /v1/customers/"+ada.CustomerID+" 200 customers.get")
	assert.Contains(t, lines[4], "\t  POST /v1/customers 201 customers.create")

	got = failures(all, mockserver.InOrder("customers.get", "customers.get"))
	require.Len(t, got, 1)
	assert.Contains(t, got[0], "\t- customers.get")
	assert.NotContains(t, got[0], "\t+ ")
	assert.Contains(t, got[0], "among others; number 2, customers.get, is missing: after customers.get came customers.create (- is missing)")

	for want, expectation := range map[string]mockserver.Expectation{
		"; call 3, customers.create, is one too many (": mockserver.Exactly("customers.create", "customers.get"),
		"; call 4, meters.create, is missing (":         mockserver.Exactly("customers.create", "customers.get", "customers.create", "meters.create"),
		"; number 1, meters.create, is missing: at the beginning came customers.create, customers.get, customers.create (": mockserver.InOrder("meters.create"),
		"; number 3, customers.get, is missing: after customers.create came nothing (":                                     mockserver.InOrder("customers.get", "customers.create", "customers.get"),
	} {
		require.Contains(t, failures(all, expectation)[0], want)
	}

	got = failures(all, mockserver.Times(1, "customers.create"))
	require.Len(t, got, 1)
	assert.Contains(t, got[0], "want customers.create to be called once, not 2 times")
	assert.Equal(t, 2, strings.Count(got[0], "\t> POST"))
}

// A rejected call is shown with its hint, and a POST without a key is found.
func TestVerifyShowsHints(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	send(t, s, "POST", "/v1/customer", `{}`)
	send(t, s, "POST", "/v1/customers", `{}`)
	got := failures(s.Calls(), mockserver.Accepted(), mockserver.Idempotent())
	require.Len(t, got, 2)
	assert.Contains(t, got[0], "\t> POST /v1/customer 404 unmatched")
	assert.Contains(t, got[0], "hint: use POST /v1/customers")
	assert.Contains(t, got[1], "\t> POST /v1/customers 201 customers.create")
}

// An endpoint that does not exist would make a test pass for the wrong reason.
func TestVerifyRejectsUnknownEndpoints(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(){
		"To":      func() { mockserver.Calls{}.To("customers.make") },
		"Exactly": func() { mockserver.Exactly("customers.make") },
		"InOrder": func() { mockserver.InOrder("customers.make") },
		"Times":   func() { mockserver.Times(0, "customers.make") },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				assert.Contains(t, recover(), `there is no endpoint "customers.make"; did you mean`, name)
			}()
			f()
		})
	}
}

func TestVerifyRejectsNegativeCounts(t *testing.T) {
	t.Parallel()
	require.PanicsWithValue(t, "mockserver: Times: -1 is negative: give the number of expected calls, or 0 for none", func() { mockserver.Times(-1, "customers.create") })
}

// The log of a failed test has a line for each call, that of a passing test has none.
func TestTheLogOfAFailedTestHasTheCalls(t *testing.T) {
	t.Parallel()
	for _, failed := range []bool{false, true} {
		log := &testLog{}
		s := mockserver.Start(log, mockserver.InMemory())
		send(t, s, "GET", "/v1/customer", "")
		if failed {
			log.Errorf("it has failed")
		}
		for _, f := range log.cleanups {
			f()
		}
		lines := strings.Join(log.lines, "\n")
		assert.Equal(t, failed, strings.Contains(lines, "call 1: GET /v1/customer 404 unmatched"), lines)
	}
}
