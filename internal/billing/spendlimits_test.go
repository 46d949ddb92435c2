package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// spendKey creates a spend key.
func (s *shop) spendKey(terms SpendKeyTerms) SpendKey {
	s.Helper()
	return must(s, CreateSpendKey{MerchantID: s.merchant.ID, Terms: terms})
}

// admitKey returns the command that asks to admit a request with the named key.
func (s *shop) admitKey(name string) AdmitSpendKey {
	hash := HashKey(name)
	for _, k := range s.state.merchants.items[0].spendKeys.items {
		if k.Name == name {
			hash = k.Hash
		}
	}
	return AdmitSpendKey{KeyHash: hash, Shape: ShapeOpenAI, Provider: "openai", Model: "gpt-4o"}
}

// spend makes a request of the given cost with a key.
func (s *shop) spend(name string, cost Amount) {
	s.Helper()
	must(s, RecordUsage{Decision: must(s, s.admitKey(name)), InputCost: cost, Source: Source{KeyType: KeyManaged}})
}

func TestWhatASpendKeyAllows(t *testing.T) {
	t.Parallel()
	start := newShop(t, Rules{}).at
	for _, tt := range []struct {
		name  string
		terms SpendKeyTerms
		want  Code // empty: admitted
	}{
		{"no limits", SpendKeyTerms{}, ""},
		{"paused", SpendKeyTerms{Status: SpendKeyPaused}, CodeKeyPaused},
		{"expires at this instant", SpendKeyTerms{ExpiresAt: start}, CodeForbidden},
		{"expires later", SpendKeyTerms{ExpiresAt: start.Add(time.Millisecond)}, ""},
		{"another shape", SpendKeyTerms{Shape: ShapeAnthropic}, CodeRequestShape},
		{"its provider", SpendKeyTerms{AllowedProviders: []string{"openai"}}, ""},
		{"another provider", SpendKeyTerms{AllowedProviders: []string{"groq"}}, CodeModelNotAllowed},
		{"no provider", SpendKeyTerms{AllowedProviders: []string{}}, CodeModelNotAllowed},
		{"its model", SpendKeyTerms{AllowedModels: []string{"gpt-4o"}}, ""},
		{"another model", SpendKeyTerms{AllowedModels: []string{"gpt-4"}}, CodeModelNotAllowed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, Rules{})
			tt.terms.Name = "key"
			k := s.spendKey(tt.terms)
			if tt.want != "" {
				require.Equal(t, tt.want, rejected(s, s.admitKey("key")).Code)
				return
			}
			require.Equal(t, k.ID, must(s, s.admitKey("key")).SpendKeyID)
		})
	}
	s := newShop(t, Rules{})
	require.Equal(t, CodeAuthentication, rejected(s, s.admitKey("unknown")).Code)
}

// The cycles begin at midnight UTC, on Mondays and on the first of the month.
func TestLimitCycles(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		cycle LimitCycle
		next  time.Time // when the cycle begins again; zero: never
	}{
		{CycleDaily, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)},
		{CycleWeekly, time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC)}, // 31 January 2026 is a Saturday
		{CycleMonthly, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)},
		{CycleTotal, time.Time{}},
	} {
		t.Run(string(tt.cycle), func(t *testing.T) {
			t.Parallel()
			s := newShop(t, Rules{})
			money := s.spendKey(SpendKeyTerms{Name: "money", SpendLimit: &SpendLimit{Amount: 2 * Dollar, Cycle: tt.cycle}})
			s.spendKey(SpendKeyTerms{Name: "count", RequestLimit: &RequestLimit{Count: 2, Cycle: tt.cycle}})
			for _, key := range []string{"money", "count"} {
				s.spend(key, Dollar)
				s.spend(key, Dollar)
			}
			exhausted := func() {
				t.Helper()
				require.Equal(t, CodeSpendLimitExceeded, rejected(s, s.admitKey("money")).Code)
				require.Equal(t, CodeRateLimitExceeded, rejected(s, s.admitKey("count")).Code)
			}
			exhausted()
			if tt.next.IsZero() {
				s.turn(s.at.AddDate(10, 0, 0))
				exhausted()
				return
			}
			s.turn(tt.next.Add(-time.Millisecond))
			exhausted()
			s.turn(tt.next)
			must(s, s.admitKey("money"))
			must(s, s.admitKey("count"))
			k, err := s.SpendKey(s.merchant.ID, money.ID)
			require.NoError(t, err)
			spent, _ := k.Current(s.at)
			require.Zero(t, spent)
			require.Equal(t, 2*Dollar, k.Total.Spend)
		})
	}
}

func TestAMonthOfDaysIsKept(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	s.turn(date(2026, 3, 1))
	k := s.spendKey(SpendKeyTerms{Name: "key", SpendLimit: &SpendLimit{Amount: 100 * Dollar, Cycle: CycleMonthly}})
	for day := range 31 {
		s.turn(date(2026, 3, day+1))
		s.spend("key", Dollar)
	}
	k, err := s.SpendKey(s.merchant.ID, k.ID)
	require.NoError(t, err)
	spent, requests := k.Current(s.at)
	require.Equal(t, 31*Dollar, spent, "every day of March")
	require.Equal(t, int64(31), requests, "without a limit, it is the total")
	require.Len(t, k.Days, 31)
	s.turn(date(2026, 4, 5))
	s.spend("key", Dollar)
	k, err = s.SpendKey(s.merchant.ID, k.ID)
	require.NoError(t, err)
	require.Less(t, len(k.Days), 31, "older days are forgotten")
	spent, _ = k.Current(s.at)
	require.Equal(t, Dollar, spent)
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	s.spendKey(SpendKeyTerms{Name: "key", RateLimit: &RateLimit{RPM: 60, Burst: 3}})
	burst := func(n int) {
		t.Helper()
		for range n {
			must(s, s.admitKey("key"))
		}
		require.Equal(t, CodeRateLimitExceeded, rejected(s, s.admitKey("key")).Code)
	}
	burst(3)
	s.at = s.at.Add(time.Second - time.Millisecond)
	burst(0)
	s.at = s.at.Add(time.Millisecond)
	burst(1)
	s.at = s.at.Add(time.Hour)
	burst(3)
}

// Applications match Lava's sentence. A request in progress when the limit was reached is still charged.
func TestSpendLimitsReserveNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	k := s.spendKey(SpendKeyTerms{Name: "key", SpendLimit: &SpendLimit{Amount: Dollar / 100, Cycle: CycleTotal}})
	var underWay []Decision
	for range 100 {
		underWay = append(underWay, must(s, s.admitKey("key")))
	}
	for _, d := range underWay {
		must(s, RecordUsage{Decision: d, InputCost: Dollar / 80, Source: Source{KeyType: KeyManaged}})
	}
	require.Equal(t, `Service key spend limit exceeded. The spend key "key" has spent its total limit of 0.01.`, rejected(s, s.admitKey("key")).Message)
	k, err := s.SpendKey(s.merchant.ID, k.ID)
	require.NoError(t, err)
	require.Equal(t, 125*Dollar/100, k.Total.Spend)
}

func TestAnEmptyWalletStopsSpendKeys(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	s.spendKey(SpendKeyTerms{Name: "key"})
	s.spend("key", 1000*Dollar)
	require.Equal(t, CodeInsufficientBalance, rejected(s, s.admitKey("key")).Code)
	free := s.admitKey("key")
	free.Unpriced = true
	must(s, free)
}
