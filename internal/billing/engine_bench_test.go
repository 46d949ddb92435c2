package billing

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// BenchmarkAdvance renews 1,000 subscriptions twelve times.
func BenchmarkAdvance(b *testing.B) {
	at := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	for b.Loop() {
		b.StopTimer()
		e, shop := benchShop(b, at)
		for range 1000 {
			benchCustomer(b, e, shop, at)
		}
		b.StartTimer()
		if _, err := Do(e, at.AddDate(1, 0, 0), Advance{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReads runs the same reads with few and with many recorded requests. They must cost about the same.
func BenchmarkReads(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		at := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
		e, shop := benchShop(b, at)
		c := benchCustomer(b, e, shop, at)
		end := benchRequests(b, e, shop, []string{c}, at, n)
		b.Run(fmt.Sprintf("usage/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			f := UsageFilter{Start: end.AddDate(0, 0, -30), End: end, RequestFilter: RequestFilter{Customer: c}}
			for b.Loop() {
				if _, total, err := e.Usage(shop.merchant, f, end); err != nil || total.Requests == 0 {
					b.Fatal(total, err)
				}
			}
		})
		b.Run(fmt.Sprintf("list/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if page, err := e.Requests(shop.merchant, RequestFilter{Customer: c, Meter: shop.meter}, PageParams{Limit: 10}, end); err != nil || len(page.Items) != 10 {
					b.Fatal(page, err)
				}
			}
		})
		b.Run(fmt.Sprintf("balance/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.CustomerSubscription(shop.merchant, c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRecord admits and records a million requests of 1,000 customers, and reports how much memory each takes,
// including its ledger entry and all indexes.
func BenchmarkRecord(b *testing.B) {
	const n = 1_000_000
	at := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	for b.Loop() {
		e, shop := benchShop(b, at)
		customers := benchCustomers(b, e, shop, at)
		before := heapInUse()
		benchRequests(b, e, shop, customers, at, n)
		b.ReportMetric(float64(heapInUse()-before)/n, "B/request")
		runtime.KeepAlive(e)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/request")
}

// BenchmarkSnapshot takes snapshots of 200,000 requests of 1,000 customers while requests are recorded. It reports
// how long a snapshot blocked writers at most, how long a writer waited at most for any reason, and how much memory a
// snapshot allocates in addition to that of the state.
func BenchmarkSnapshot(b *testing.B) {
	const n = 200_000
	at := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	empty := heapInUse()
	e, shop := benchShop(b, at)
	customers := benchCustomers(b, e, shop, at)
	end := benchRequests(b, e, shop, customers, at, n)
	state := heapInUse() - empty

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	data, err := e.Snapshot().JSON()
	if err != nil {
		b.Fatal(err)
	}
	runtime.ReadMemStats(&after)

	stop, waited := make(chan struct{}), make(chan time.Duration)
	go func() {
		longest := time.Duration(0)
		for i := 0; ; i++ {
			select {
			case <-stop:
				waited <- longest
				return
			default:
			}
			start := time.Now()
			_, err := Do(e, end, ReportUsage{MerchantID: shop.merchant, RequestID: strconv.Itoa(i), Customer: customers[i%len(customers)], Meter: shop.meter, Usage: Usage{InputTokens: 1}})
			longest = max(longest, time.Since(start))
			if err != nil {
				b.Error(err)
			}
			time.Sleep(50 * time.Microsecond)
		}
	}()
	longest := time.Duration(0)
	for b.Loop() {
		start := time.Now()
		snap := e.Snapshot()
		longest = max(longest, time.Since(start))
		if _, err := snap.JSON(); err != nil {
			b.Fatal(err)
		}
	}
	close(stop)
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(state), "allocated/state")
	b.ReportMetric(float64(len(data))/float64(state), "written/state")
	b.ReportMetric(float64(longest.Microseconds())/1000, "ms-longest-hold")
	b.ReportMetric(float64((<-waited).Microseconds())/1000, "ms-longest-wait")
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

type benchIDs struct{ merchant, plan, meter string }

func benchShop(b *testing.B, at time.Time) (*Engine, benchIDs) {
	b.Helper()
	e := New(Config{Seed: 1})
	m, err := Do(e, at, CreateMerchant{Key: "aks_test_k", WalletBalance: MaxAmount})
	if err != nil {
		b.Fatal(err)
	}
	meter, err := Do(e, at, CreateMeter{MerchantID: m.ID, Name: "m", RateType: Fixed, Unit: Tokens1M, Tiers: []TierParams{{"0", "3"}, {"1000000", "2"}}})
	if err != nil {
		b.Fatal(err)
	}
	p, err := Do(e, at, CreatePlan{MerchantID: m.ID, Name: "p", PeriodAmount: "49", IncludedCredit: "1000000", Interval: Month, Rollover: RolloverFull})
	if err != nil {
		b.Fatal(err)
	}
	return e, benchIDs{m.ID, p.ID, meter.ID}
}

func benchCustomer(b *testing.B, e *Engine, shop benchIDs, at time.Time) string {
	b.Helper()
	s, err := Do(e, at, CreateCheckoutSession{MerchantID: shop.merchant, Mode: CheckoutSubscription, OriginURL: "https://a.example", PlanID: shop.plan})
	if err != nil {
		b.Fatal(err)
	}
	card, err := TestCard(goodCard, 12, 2030)
	if err != nil {
		b.Fatal(err)
	}
	r, err := Do(e, at, CompleteCheckout{MerchantID: shop.merchant, SessionID: s.ID, Card: &card})
	if err != nil {
		b.Fatal(err)
	}
	return r.CustomerID
}

func benchCustomers(b *testing.B, e *Engine, shop benchIDs, at time.Time) []string {
	b.Helper()
	customers := make([]string, 1000)
	for i := range customers {
		customers[i] = benchCustomer(b, e, shop, at)
	}
	return customers
}

// benchRequests records n requests, customer by customer, over 30 days, and returns the last instant.
func benchRequests(b *testing.B, e *Engine, shop benchIDs, customers []string, at time.Time, n int) time.Time {
	b.Helper()
	source := Source{Provider: "openai", Model: "gpt-4o-mini", Endpoint: "POST /v1/chat/completions", KeyType: KeyManaged}
	for i := range n {
		at := at.Add(time.Duration(i) * 30 * 24 * time.Hour / time.Duration(n))
		d, err := Do(e, at, Admit{MerchantID: shop.merchant, Customer: customers[i%len(customers)], Meter: shop.meter})
		if err != nil || d.Refused != nil {
			b.Fatal(err, d.Refused)
		}
		_, err = Do(e, at, RecordUsage{
			Decision: d, Source: source, ResponseID: fmt.Sprintf("chatcmpl-%024d", i),
			Usage: Usage{InputTokens: 100, OutputTokens: 50}, InputCost: 150_000, OutputCost: 300_000,
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return at.AddDate(0, 0, 30)
}
