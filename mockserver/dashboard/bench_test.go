package dashboard_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
	"github.com/lavapayments/lava-go/mockserver/dashboard"
)

// busy runs a server with the given numbers of customers and of charges per customer.
func busy(t testing.TB, customers, charges int) *mockserver.Server {
	t.Helper()
	s, err := mockserver.New(mockserver.InMemory())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	dashboard.Mount(s)
	post := func(path, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/"+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+s.SecretKey())
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		require.Less(t, w.Code, 300, "%s", w.Body)
	}
	meter, err := s.Client().Meters.Create(t.Context(), lava.CreateMeterParams{
		Name: "Searches", RateType: lava.RateFixed, TierType: lava.TierRequests, Tiers: []lava.MeterTierParams{{Rate: decimal.RequireFromString("0.01")}},
	})
	require.NoError(t, err)
	for c := range customers {
		customer, err := s.Client().Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: fmt.Sprint("user-", c)})
		require.NoError(t, err)
		for i := range charges {
			post("requests", fmt.Sprintf(`{"request_id":"%d-%d","customer_id":%q,"meter_slug":%q}`, c, i, customer.CustomerID, meter.MeterSlug))
		}
	}
	return s
}

// The overview of a server with long ledgers. With -bench, it reports the cost of a page.
func BenchmarkOverview(b *testing.B) {
	for _, size := range []struct{ customers, charges int }{{25, 10}, {25, 1000}, {1000, 10}, {1000, 1000}} {
		b.Run(fmt.Sprintf("%dx%d", size.customers, size.charges), func(b *testing.B) {
			s := busy(b, size.customers, size.charges)
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, dashboard.Path, nil)
				r.RemoteAddr, r.Host = "127.0.0.1:4", "localhost:5282"
				s.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
			}
		})
	}
}

// The cost of the overview does not grow with the customers' ledgers.
//
//nolint:paralleltest // it counts allocations
func TestLongLedgersAreNoLoad(t *testing.T) {
	cost := func(charges int) float64 {
		s := busy(t, 5, charges)
		return testing.AllocsPerRun(3, func() { get(t, s, "") })
	}
	short, long := cost(60), cost(1500)
	t.Logf("%.0f allocations with short ledgers, %.0f with long ones", short, long)
	require.Less(t, long, 1.2*short)
}

// A server whose dashboard is never opened only pays for two routes: templates, tables and the mux are created for
// the first visitor.
//
//nolint:paralleltest // it counts allocations
func TestNobodyPaysForWhatNobodyOpens(t *testing.T) {
	const runs = 5
	servers := make([]*mockserver.Server, runs+1) // AllocsPerRun runs it one extra time
	for i := range servers {
		s, err := mockserver.New(mockserver.InMemory())
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		servers[i] = s
	}
	n := 0
	mount := testing.AllocsPerRun(runs, func() {
		dashboard.Mount(servers[n])
		n++
	})
	visit := testing.AllocsPerRun(1, func() { get(t, servers[0], "") })
	t.Logf("%.0f allocations to mount it, %.0f to open it", mount, visit)
	require.LessOrEqual(t, mount, 80.0)
}
