package billing

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// story is a snapshot of a shop in which a bit of everything has happened.
func story(t *testing.T) (*shop, []byte) {
	s := newShop(t, Rules{})
	m := s.meter(Tokens1M, documentedTiers...)
	p := s.plan("49", "25", bundle("5", "3"), func(c *CreatePlan) { c.MeterIDs = []string{m.ID} })
	c := s.subscribe("", p, goodCard)
	s.report(c, m, Usage{InputTokens: 5_000_000})
	s.subscribe(c, s.plan("9", "5"), goodCard)
	must(s, CreateCustomer{MerchantID: s.merchant.ID, ReferenceID: "user-1", Metadata: json.RawMessage(`{"a":1}`)})
	must(s, CreateSpendKey{MerchantID: s.merchant.ID, Terms: SpendKeyTerms{Name: "k"}})
	must(s, CreateWebhook{MerchantID: s.merchant.ID, Name: "w", URL: "https://a.example"})
	must(s, DeleteMeter{MerchantID: s.merchant.ID, ID: s.dollarMeter().ID})
	data, err := s.Snapshot()
	require.NoError(t, err)
	return s, data
}

func TestRestoreFindsEverything(t *testing.T) {
	t.Parallel()
	s, data := story(t)
	e := New(Config{})
	require.NoError(t, e.Restore(data, time.Time{}))
	again, err := e.Snapshot()
	require.NoError(t, err)
	require.Equal(t, string(data), string(again))
	id, ok := e.MerchantByKey(HashKey("aks_test_shop"))
	require.True(t, ok)
	require.Equal(t, s.merchant.ID, id)
	keys, err := e.SpendKeys(id, PageParams{})
	require.NoError(t, err)
	_, ok = e.SpendKeyByKey(HashKey(RootKey{}.Derive(Secret{SecretOfSpendKey, keys.Items[0].ID, 0})))
	require.True(t, ok)
	c, err := e.Customer(id, "user-1")
	require.NoError(t, err)
	require.JSONEq(t, `{"a":1}`, string(c.Metadata))
}

func TestRestoreRejectsWhatCouldNotHaveHappened(t *testing.T) {
	t.Parallel()
	_, data := story(t)
	for name, change := range map[string][2]string{
		"another version":   {`"Version":1`, `"Version":2`},
		"no tiers":          {`"Tiers":[{"Start":0,`, `"Tiers":[{"Start":9,`},
		"an unknown plan":   {`"PlanID":"sc_`, `"PlanID":"xx_`},
		"an unknown meter":  {`"MeterIDs":["prd_`, `"MeterIDs":["xxx_`},
		"no free plan":      {`"FreePlanID":"sc_`, `"FreePlanID":"xx_`},
		"nothing in a list": {`"Customers":[{`, `"Customers":[null,{`},
		"an odd cycle":      {`"Cycle":0,`, `"Cycle":-1,`},
		"an odd cycle end":  {`"CycleEnd":"2026`, `"CycleEnd":"2025`},
		"a foreign cycle":   {`"SubscriptionID":"sub_`, `"SubscriptionID":"xxx_`},
		"a future sequence": {`"Seq":5,`, `"Seq":5000,`},
		"no JSON":           {`{`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := strings.ReplaceAll(string(data), change[0], change[1])
			require.NotEqual(t, string(data), changed)
			e := New(Config{Seed: 7})
			require.Error(t, e.Restore([]byte(changed), time.Time{}))
			require.Empty(t, e.MerchantIDs(), "the engine stays as it was")
		})
	}
}

// FuzzRestore gives snapshots that were tampered with to an engine and lets it
// go on with what it accepts.
func FuzzRestore(f *testing.F) {
	_, data := story(&testing.T{})
	f.Add(data, byte('1'), uint(100))
	f.Fuzz(func(_ *testing.T, data []byte, b byte, i uint) {
		data = slices.Clone(data)
		if len(data) > 0 {
			data[i%uint(len(data))] = b
		}
		e := New(Config{})
		if e.Restore(data, time.Time{}) != nil || e.Now().Year() > 2100 { // thousands of years of renewals take their time
			return
		}
		at := e.Now().AddDate(0, 2, 0)
		_, _ = Do(e, at, Advance{})
		for _, id := range e.MerchantIDs() {
			customers, _ := e.Customers(id, PageParams{})
			meters, _ := e.Meters(id, PageParams{})
			_, _ = e.Plans(id, PageParams{})
			for _, c := range customers.Items {
				for _, m := range meters.Items {
					_, _ = Do(e, at, ReportUsage{MerchantID: id, RequestID: c.ID + m.ID, Customer: c.ID, Meter: m.ID, Usage: Usage{InputTokens: 1e6}})
				}
			}
		}
	})
}
