package billing

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var simFaults = flag.Bool("sim.faults", false, "plant faults in the engine and check that the simulation finds each")

// faults are possible bugs in the engine. Each replaces one piece of its source.
var faults = []struct{ name, file, right, wrong string }{
	{"a tier begins one unit late", "pricing.go", "m.Tiers[i].Start > count", "m.Tiers[i].Start >= count"},
	{"a row is rounded down", "money.go", "if r >= uint64(c)-r {", "if r == uint64(c) {"},
	{"a request that crosses a boundary is priced by one tier", "pricing.go", "part = min(units, m.Tiers[i+1].Start-count)", "_ = i"},
	{"failed requests count for the tier", "requests.go", "if meter != nil && !failed {\n\t\tm.count(r, meter)", "if meter != nil {\n\t\tm.count(r, meter)"},
	{"a record is charged each time it is sent", "requests.go", "if r, ok := m.requests.find(c.Decision.RequestID); ok {", "if r, ok := m.requests.find(\"\"); ok {"},
	{"bundles burn first", "ledger.go", "cycle := min(amount, max(c.Cycle, 0))", "cycle := min(amount-min(amount, max(c.Bundle, 0)), max(c.Cycle, 0))"},
	{"a debt is forgiven at the renewal", "ledger.go", "c.Cycle = min(c.Cycle, 0)", "c.Cycle = 0"},
	{"bundles never expire", "ledger.go", "if p.BundleRollover != RolloverFull {", "if false {"},
	{"months are counted from the last cycle", "cycles.go", "s.CycleEnd = p.Interval.after(s.anchor(), s.Cycle+1)", "s.CycleEnd = p.Interval.after(s.CycleStart, 1)"},
	{"months overflow", "calendar.go", "min(day, daysIn(first))-1", "day-1"},
	{"a downgrade is free of charge", "cycles.go", "if tx.pay(m, c, PaymentSubscription, next.PeriodAmount, next.ID) != nil {", "if false {"},
	{"a declined renewal renews", "cycles.go", "if tx.pay(m, c, PaymentRenewal, p.PeriodAmount, s.ID) != nil {", "if tx.pay(m, c, PaymentRenewal, p.PeriodAmount, s.ID) != nil && false {"},
	{"a declined top-up is tried again immediately", "creditbundles.go", "s.TopUpBlocked = true", "s.TopUpBlocked = false"},
	{"admission does not top up", "admission.go", "tx.topUp(m, c)\n\ttx.announceBalance(m, c, entries)\n\tif c.Credits", "tx.announceBalance(m, c, entries)\n\tif c.Credits"},
	{"the wallet pays for requests with the caller's key", "requests.go", "if c.Source.KeyType == KeyManaged {", "if true {"},
	{"a plan change without credit is not announced", "subscriptions.go", "tx.end(m, c)\n\ttx.subscribe(m, c, p)\n\ttx.announce(m, c, CustomerBalanceUpdated)", "entries := c.Ledger.count\n\ttx.end(m, c)\n\ttx.subscribe(m, c, p)\n\ttx.announceBalance(m, c, entries)"},
	{"a deleted meter burns credits", "requests.go", "|| meter == nil || meter.Deleted {", "|| meter == nil {"},
	{"a report takes the id of a request in progress", "requests.go", "if isIssued(\"req\", c.RequestID, tx.seed) {", "if false {"},
	{"a report returns another customer's request", "requests.go", "if id != r.CustomerID {", "if false && id != r.CustomerID {"},
	{"a bundle that costs nothing needs a card", "payments.go", "if amount == 0 {", "if amount < 0 {"},
	{"two customers share a phone", "checkout.go", "case owner != nil && owner != c:", "case false:"},
	{"a checkout replaces the phone on file", "checkout.go", "case phone != \"\" && c.Phone != \"\" && phone != c.Phone:", "case false:"},
	{"a plan change grants nothing", "subscriptions.go", "tx.schedule(m, s)\n\ttx.post(c, EntryGrant, Credits{Cycle: p.IncludedCredit}, s.ID)", "tx.schedule(m, s)"},
	{"a cycle that no longer applies still ends", "cycles.go", "if s.due[0].s.Status == SubscriptionActive {", "if true {"},
	{"a sum counts one request too many", "series.go", "if head.at >= at {", "if head.at > at {"},
	{"a mark forgets what came before it", "series.go", "mark{h.at, s.sums}", "mark{h.at, sums{}}"},
	{"a snapshot confuses the tables of requests", "restore.go", "tables.meters.all = append(tables.meters.all, meter)", "tables.meters.all = append([]*Meter{meter}, tables.meters.all...)"},
	{"an unpacked id loses its end", "packed.go", "binary.BigEndian.Uint64(raw[8:])}", "binary.BigEndian.Uint64(raw)}"},
	{"a snapshot forgets the counts of tiers", "customers.go", "Counts         map[string]int64 // cumulative", "Counts         map[string]int64 `json:\"-\"` // cumulative"},
	{"a failure strikes once too often", "turns.go", "return t.Times > 0 && t.Used >= t.Times", "return t.Times > 0 && t.Used > t.Times"},
	{"a failure behind another does not count", "turns.go", "case ok:\n\t\t\tv.pass()", "case ok:"},
	{"a failure is for the calls of all", "failures.go", "case f.MerchantID != \"\" && (m == nil || m.ID != f.MerchantID):", "case false:"},
	{"an armed decline is forgotten", "declines.go", "return struck.Reason\n", "_ = struck\n\t\treturn reason\n"},
	{"an immediate renewal keeps the anchor", "triggers.go", "s.CycleEnd, s.Anchor, s.Cycle = tx.now, tx.now, -1", "s.CycleEnd, s.Cycle = tx.now, -1"}, //nolint:dupword // it is code
	{"a changed card does not unblock top-ups", "triggers.go", "m.active(cust).TopUpBlocked = false", "_ = m"},
	{"a request from before a reset is charged", "requests.go", "if !ok || m.epoch != c.Decision.Epoch {", "if !ok {"},
	{"a deleted tenant's armed failures stay", "merchants.go", "return f.MerchantID == m.ID })", "return false })"},
	{"a deleted tenant's scripted replies stay", "merchants.go", "\ttx.dropReplies(m.ID)\n", ""},
	{"a snapshot forgets relaxed rules", "restore.go", "s.failures, s.lenient = snap.Failures, snap.Lenient", "s.failures = snap.Failures"},
	{"a dropped delivery is sent", "deliveries.go", "if d.fail(&v, w.URL) {", "if d.fail(&v, w.URL) && false {"},
	{"a duplicated delivery arrives once", "deliveryfailures.go", "v.Again = true", "v.Again = false"},
	{"a delayed delivery is on time", "deliveryfailures.go", "default:\n\t\tv.NextAttempt = v.CreatedAt.Add(f.Delay)", "default:"},
	{"a failure is for all webhooks", "deliveryfailures.go", "(f.WebhookID == \"\" || f.WebhookID == v.WebhookID) &&\n", ""},
	{"a failure is for all events", "deliveryfailures.go", "(f.Event == \"\" || f.Event == v.Event)", "true"},
	{"attempts take the turns of deliveries", "deliveryfailures.go", "d.strike(attemptKinds, &v)", "d.strike(deliveryKinds, &v)"},
	{"a failed attempt ends a delivery", "deliveries.go", "case a.Gone, v.Failed == len(retryDelays):", "case a.Gone, v.Failed < len(retryDelays):"},
	{"a spend limit is reached too early", "triggers.go", "tx.spend(m, k.ID, left)", "tx.spend(m, k.ID, left/2)"},
	{"the spend of a cycle is ignored", "triggers.go", "k.in(k.SpendLimit.Cycle, tx.now).Spend", "k.Total.Spend"},
	{"a spend limit is reached without a request", "triggers.go", "\tk.use(tx.now, SpendDay{Requests: 1})\n\treturn", "\treturn"},
	{"a request limit is reached too early", "triggers.go", "for range left {", "for range left - 1 {"},
	{"a paused key can reach its limits", "triggers.go", "err := k.open(tx.now)", "err := error(nil)"},
	{"a key goes beyond its other limit", "triggers.go", "err = k.withinLimits(tx.now)", "err = nil"},
	{"weeks of limits begin on Sunday", "spendlimits.go", "int64(now.Weekday()+6)%7", "int64(now.Weekday())"},
	{"balances and entries diverge", "ledger.go", "c.Credits = balance", "c.Credits = balance; if kind == EntryExpiry { c.Credits.Cycle++ }"},
}

// TestSimulationFindsFaults shows that the simulation can fail. It builds the package once for each fault, so it only
// runs with a flag:
//
//	go test ./internal/billing -run FindsFaults -sim.faults
func TestSimulationFindsFaults(t *testing.T) {
	t.Parallel()
	if !*simFaults {
		t.Skip("builds the package once for each fault; use -sim.faults to run it")
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel() // a build does not use all cores
			source, err := os.ReadFile(f.file)
			require.NoError(t, err)
			require.Equal(t, 1, strings.Count(string(source), f.right), "the piece to replace occurs in %s once", f.file)
			dir := t.TempDir()
			planted := filepath.Join(dir, f.file)
			require.NoError(t, os.WriteFile(planted, []byte(strings.Replace(string(source), f.right, f.wrong, 1)), 0o600))
			original, err := filepath.Abs(f.file)
			require.NoError(t, err)
			overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: planted}})
			require.NoError(t, err)
			file := filepath.Join(dir, "overlay.json")
			require.NoError(t, os.WriteFile(file, overlay, 0o600))

			cmd := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-overlay", file, "-run", "^TestSimulation$", ".", "-sim.seeds=24", "-sim.steps=2000")
			out, err := cmd.CombinedOutput()
			require.Error(t, err, "the simulation did not find it\n%s", out)
			require.Contains(t, string(out), "--- FAIL: TestSimulation", "it must fail, not break\n%s", out)
		})
	}
}
