package billing

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// story returns a snapshot of a shop in which a bit of everything has happened.
func story(t *testing.T) (*shop, []byte) {
	t.Helper()
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
	data, err := s.Snapshot().JSON()
	require.NoError(t, err)
	return s, data
}

func TestRestoreFindsEverything(t *testing.T) {
	t.Parallel()
	s, data := story(t)
	e := New(Config{})
	require.NoError(t, e.Restore(data, time.Time{}))
	again, err := e.Snapshot().JSON()
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
		"a later version":   {`"Version":3`, `"Version":4`},
		"no version":        {`"Version":3`, `"Version":0`},
		"cut requests":      {`"Chunks":["AA2A`, `"Chunks":["AA=="],"Old":["`},
		"no tables":         {`"Sources":[{`, `"Sources":[],"Old":[{`},
		"a future request":  {`"Chunks":["AA2A`, `"Chunks":["ABWA`},
		"an odd ledger":     {`"Packed":"AICE`, `"Packed":"CYCE`},
		"an odd balance":    {`"Cycle":"8.0000000000"`, `"Cycle":"9.0000000000"`},
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
			require.Empty(t, e.MerchantIDs(), "the engine does not change")
		})
	}
}

// FuzzRestore changes values in real snapshots, gives them to an engine, and lets it continue with those it accepts.
// A program selects the values: two bytes choose one, and the third what it becomes. The snapshots are small, so it
// tries thousands per second.
func FuzzRestore(f *testing.F) {
	var snapshots []*tampered
	_, data := story(&testing.T{})
	snapshots = append(snapshots, newTampered(f, data))
	for seed := range uint64(3) {
		s := newSim(&testing.T{}, seed+1)
		s.run(20)
		data, err := s.engine.Snapshot().JSON()
		require.NoError(f, err)
		snapshots = append(snapshots, newTampered(f, data))
	}
	for i := range 64 {
		f.Add(byte(i), []byte{byte(i), byte(7 * i), byte(i)})
	}
	f.Add(byte(1), []byte{})
	f.Fuzz(func(t *testing.T, which byte, program []byte) {
		data := snapshots[int(which)%len(snapshots)].with(program)
		e := New(Config{})
		if e.Restore(data, time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)) != nil || e.Now().Year() > 2100 {
			require.NotEmpty(t, program, "an unchanged snapshot is accepted")
			return
		}
		goOn(e)
		again, err := e.Snapshot().JSON()
		require.NoError(t, err)
		require.NoError(t, New(Config{}).Restore(again, time.Time{}), "the state it led to can be restored")
	})
}

// tampered is a snapshot whose values can be changed.
type tampered struct {
	data   []byte
	values []span
}

// span is the position of a value in a JSON document.
type span struct{ start, end int }

func newTampered(tb testing.TB, data []byte) *tampered {
	tb.Helper()
	d := &tampered{data: data}
	dec := json.NewDecoder(bytes.NewReader(data))
	token := func() json.Token {
		tok, err := dec.Token()
		require.NoError(tb, err)
		return tok
	}
	var walk func()
	walk = func() {
		start := int(dec.InputOffset())
		for strings.ContainsRune(" ,:", rune(data[start])) {
			start++
		}
		if delim, ok := token().(json.Delim); ok {
			for dec.More() {
				if delim == '{' {
					token() // the key
				}
				walk()
			}
			token()
		}
		d.values = append(d.values, span{start, int(dec.InputOffset())})
	}
	walk()
	return d
}

// with returns the snapshot as a program changes it.
func (d *tampered) with(program []byte) []byte {
	changes := map[span]string{}
	for ; len(program) >= 3 && len(program) < 30; program = program[3:] {
		at := d.values[(int(program[0])<<8|int(program[1]))%len(d.values)]
		other := d.values[(int(program[1])<<8|int(program[2]))%len(d.values)]
		values := []string{
			"null", "0", "-1", "1", "9223372036854775807", "18446744073709551615", `""`, `"x"`,
			`"-1.0000000000"`, `"922337203.6854775807"`, `"-922337203.6854775807"`, `"1970-01-01T00:00:00Z"`, `"9998-12-31T23:59:59Z"`, `"0001-01-01T00:00:00Z"`,
			"true", "false", "[]", "{}", string(d.data[other.start:other.end]), d.flipped(at, program[1], program[0]),
		}
		changes[at] = values[int(program[2])%len(values)]
	}
	var out []byte
	done := 0
	for _, at := range slices.SortedFunc(maps.Keys(changes), func(a, b span) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end)) }) {
		if at.start >= done { // not inside a changed value
			out = append(append(out, d.data[done:at.start]...), changes[at]...)
			done = at.end
		}
	}
	return append(out, d.data[done:]...)
}

// flipped returns a packed value with a bit changed, and other values unchanged.
func (d *tampered) flipped(at span, place, bit byte) string {
	text := d.data[at.start:at.end]
	packed, err := base64.StdEncoding.DecodeString(strings.Trim(string(text), `"`))
	if err != nil || text[0] != '"' || len(packed) == 0 {
		return string(text)
	}
	packed[int(place)%len(packed)] ^= 1 << (bit % 8)
	return `"` + base64.StdEncoding.EncodeToString(packed) + `"`
}

// goOn does a bit of everything with the objects that exist.
func goOn(e *Engine) {
	at := e.Now().AddDate(0, 2, 0)
	_, _ = Do(e, at, Advance{})
	for _, id := range e.MerchantIDs() {
		customers, _ := e.Customers(id, PageParams{Limit: 100})
		meters, _ := e.Meters(id, PageParams{Limit: 100})
		plans, _ := e.Plans(id, PageParams{Limit: 100})
		keys, _ := e.SpendKeys(id, PageParams{Limit: 100})
		_, _ = e.Requests(id, RequestFilter{}, PageParams{Limit: 100}, at)
		_, _ = e.Subscriptions(id, SubscriptionFilter{}, PageParams{Limit: 100})
		_, _, _ = e.Usage(id, UsageFilter{Start: at.AddDate(-1, 0, 0), End: at}, at)
		for _, k := range keys.Items {
			_, _ = Do(e, at, AdmitSpendKey{KeyHash: k.Hash, Shape: k.Shape})
			_, _ = k.Current(at)
		}
		owner, _ := e.state.merchants.get(id)
		sessions := slices.Clone(owner.sessions.items)
		for _, s := range sessions {
			_, _ = e.CheckoutOffer(id, s.ID, "", s.CreatedAt)
			_, _ = Do(e, at, CompleteCheckout{MerchantID: id, SessionID: s.ID})
		}
		for i, c := range customers.Items {
			for _, m := range meters.Items {
				_, _ = Do(e, at, ReportUsage{MerchantID: id, RequestID: c.ID + m.ID, Customer: c.ID, Meter: m.ID, Usage: Usage{InputTokens: 1e6, InputCharacters: 1e6, InputDuration: maxDuration}})
				d, _ := Do(e, at, Admit{MerchantID: id, Customer: c.ID, Meter: m.ID})
				if d.RequestID != "" {
					_, _ = Do(e, at, RecordUsage{Decision: d, Usage: Usage{OutputTokens: 1}, InputCost: Dollar, Source: Source{KeyType: KeyManaged}})
				}
			}
			if len(plans.Items) > 0 {
				s, err := Do(e, at, CreateCheckoutSession{MerchantID: id, Mode: CheckoutSubscription, OriginURL: "https://a.example", PlanID: plans.Items[i%len(plans.Items)].ID, Customer: c.ID})
				if err == nil {
					_, _ = Do(e, at, CompleteCheckout{MerchantID: id, SessionID: s.ID})
				}
			}
			if i%2 == 1 {
				_, _ = Do(e, at, DeleteCustomer{MerchantID: id, Customer: c.ID})
			}
		}
	}
	_, _ = Do(e, at.AddDate(0, 2, 0), Advance{})
}
