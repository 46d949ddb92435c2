package billing

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (s *shop) arm(f Failure) Failure {
	s.Helper()
	return must(s, ArmFailure{f})
}

// call starts a call and returns the status it fails with.
func (s *shop) call(c TakeFailure) int {
	s.Helper()
	c.Point = BeforeEffect
	if f := must(s, c); f != nil {
		return f.Status
	}
	return 0
}

func TestWhichCallsFail(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	customer := must(s, CreateCustomer{MerchantID: s.merchant.ID, ReferenceID: "ada"})
	other := must(s, CreateCustomer{MerchantID: s.merchant.ID, ReferenceID: "bob"})
	sub := s.subscription(customer.ID)
	spend := s.spendKey(SpendKeyTerms{Name: "spend"})
	secret := must(s, CreateSecretKey{MerchantID: s.merchant.ID, Name: "second"})
	secretHash := s.state.merchants.items[0].secretKeys.items[1].Hash
	elsewhere := must(s, CreateMerchant{Key: "aks_test_elsewhere"})
	mine := TakeFailure{MerchantID: s.merchant.ID, Endpoint: "meters.create"}
	with := func(change func(*TakeFailure)) TakeFailure {
		c := mine
		change(&c)
		return c
	}
	for name, tt := range map[string]struct {
		failure  Failure
		yes, not []TakeFailure
	}{
		"all": {Failure{}, []TakeFailure{mine, {}}, nil},
		"an endpoint": {Failure{Endpoint: "meters.create"}, []TakeFailure{mine},
			[]TakeFailure{with(func(c *TakeFailure) { c.Endpoint = "meters.list" })}},
		"a merchant": {Failure{MerchantID: s.merchant.ID}, []TakeFailure{mine, {Key: spend.Hash}},
			[]TakeFailure{{MerchantID: elsewhere.ID}, {}}},
		"a customer by id": {Failure{Customer: customer.ID}, []TakeFailure{
			with(func(c *TakeFailure) { c.Customers = []string{customer.ID} }),
			with(func(c *TakeFailure) { c.Customers = []string{"", "ada"} }),
			with(func(c *TakeFailure) { c.Subscription = sub.ID }),
		}, []TakeFailure{mine, {}, with(func(c *TakeFailure) { c.Customers = []string{other.ID, "bob"} })}},
		"a customer by reference": {Failure{Customer: "ada"}, []TakeFailure{
			with(func(c *TakeFailure) { c.Customers = []string{customer.ID} }),
		}, []TakeFailure{mine}},
		"a customer who is created later": {Failure{Customer: "eve"}, []TakeFailure{
			with(func(c *TakeFailure) { c.Customers = []string{"eve"} }),
		}, []TakeFailure{mine, with(func(c *TakeFailure) { c.Customers = []string{""} })}},
		"a spend key":  {Failure{KeyID: spend.ID}, []TakeFailure{{Key: spend.Hash}}, []TakeFailure{mine}},
		"a secret key": {Failure{KeyID: secret.ID}, []TakeFailure{with(func(c *TakeFailure) { c.Key = secretHash })}, []TakeFailure{mine, {Key: spend.Hash}}},
	} {
		t.Run(name, func(t *testing.T) {
			tt.failure.Status = 500
			s.arm(tt.failure)
			for _, c := range tt.yes {
				require.Equal(t, 500, s.call(c), "%+v", c)
			}
			for _, c := range tt.not {
				require.Zero(t, s.call(c), "%+v", c)
			}
			must(s, DropFailures{All: true})
			require.False(t, s.Armed())
		})
	}
}

func TestWhenCallsFail(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		armed []Failure
		want  []int
	}{
		"always":           {[]Failure{{Status: 500}}, []int{500, 500, 500}},
		"the first two":    {[]Failure{{Status: 500, Turns: Turns{Times: 2}}}, []int{500, 500, 0}},
		"after two":        {[]Failure{{Status: 500, Turns: Turns{After: 2}}}, []int{0, 0, 500, 500}},
		"the second":       {[]Failure{{Status: 500, Turns: Turns{After: 1, Times: 1}}}, []int{0, 500, 0}},
		"one by one":       {[]Failure{{Status: 500, Turns: Turns{Times: 1}}, {Status: 503, Turns: Turns{Times: 1}}}, []int{500, 503, 0}},
		"numbers of calls": {[]Failure{{Status: 500, Turns: Turns{After: 1, Times: 1}}, {Status: 503, Turns: Turns{After: 2, Times: 1}}}, []int{0, 500, 503, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, Rules{})
			for _, f := range tt.armed {
				s.arm(f)
			}
			for i, want := range tt.want {
				require.Equal(t, want, s.call(TakeFailure{}), "call %d", i+1)
				snap, err := s.Snapshot().JSON() // counters survive
				require.NoError(t, err)
				require.NoError(t, s.Restore(snap, time.Time{}))
			}
			require.Equal(t, tt.want[len(tt.want)-1] != 0, s.Armed(), "spent failures cost nothing")
		})
	}
}

// A failure strikes at its point, and counts only the calls that reach it.
func TestWhereCallsFail(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	s.arm(Failure{Point: AfterEffect, Cut: true, Turns: Turns{Times: 1}})
	require.Nil(t, must(s, TakeFailure{Point: BeforeEffect}))
	require.Nil(t, must(s, TakeFailure{Point: AfterProvider}))
	require.True(t, must(s, TakeFailure{Point: AfterEffect}).Cut)
	require.Nil(t, must(s, TakeFailure{Point: AfterEffect}))
}

func TestFailuresThatMakeNoSense(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	for want, f := range map[string]Failure{
		"status: 42 is not the status of an error: use 400 to 599": {Status: 42},
		"status: 200 is not the status":                            {Status: 200},
		"after: -1 is negative":                                    {Status: 500, Turns: Turns{After: -1}},
		"times: -1 is negative":                                    {Status: 500, Turns: Turns{Times: -1}},
		"latency: -1s is negative":                                 {Latency: -time.Second},
		"retry_after: -1s is negative":                             {Status: 429, RetryAfter: -time.Second},
		"cut: can't be combined with status":                       {Status: 500, Cut: true},
		"status: is required with code":                            {Code: "conflict", Latency: time.Second},
		"status: nothing fails":                                    {},
		"at: 503 means that nothing was done":                      {Status: 503, Point: AfterEffect},
		`at: "later" is not one of "before_effect", "after_provider", "after_effect"`: {Status: 500, Point: "later"},
		`no customer "con_test_01JNOSUCHPERSON`:                                       {Status: 500, Customer: "con_test_01JNOSUCHPERSON"},
		`no secret key or spend key has the id "sk_test_none"`:                        {Status: 500, KeyID: "sk_test_none"},
	} {
		require.Contains(t, rejected(s, ArmFailure{f}).Message, want)
	}
	require.Empty(t, s.Failures())
	require.Equal(t, CodeNotFound, rejected(s, ArmFailure{Failure{Status: 500, MerchantID: "mer_test_none"}}).Code)
	for range maxArmed {
		s.arm(Failure{Status: 500, Turns: Turns{Times: 1}})
	}
	require.Equal(t, CodeConflict, rejected(s, ArmFailure{Failure{Status: 500}}).Code)
	require.Equal(t, 500, s.call(TakeFailure{}))
	s.arm(Failure{Status: 500}) // replaces a spent one
	require.Len(t, s.Failures(), maxArmed)
}

// A snapshot that no server has written is rejected.
func TestFailuresInSnapshots(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	s.arm(Failure{Status: 500})
	snap, err := s.Snapshot().JSON()
	require.NoError(t, err)
	require.ErrorContains(t, s.Restore([]byte(strings.Replace(string(snap), `"Status":500`, `"Status":42`, 1)), time.Time{}), "status: 42")
	require.True(t, s.Armed())
	fresh := New(Config{})
	require.NoError(t, fresh.Restore(snap, time.Time{}))
	require.True(t, fresh.Armed())
}

// Every call checks whether anything is armed, so the check must cost next to nothing.
func BenchmarkArmed(b *testing.B) {
	e := New(Config{})
	for b.Loop() {
		if e.Armed() {
			b.Fatal("nothing is armed")
		}
	}
}
