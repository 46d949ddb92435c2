package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestUpdatingSpendKeys(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	k := s.spendKey(SpendKeyTerms{
		Name: "key", AllowedModels: []string{"gpt-4o"}, SpendLimit: &SpendLimit{Amount: Dollar, Cycle: CycleDaily},
		RateLimit: &RateLimit{RPM: 1}, ExpiresAt: s.at.AddDate(1, 0, 0),
	})
	require.Equal(t, SpendKeyActive, k.Status)
	require.Equal(t, ShapeOpenAI, k.Shape)

	name := "renamed"
	k = must(s, UpdateSpendKey{MerchantID: s.merchant.ID, ID: k.ID, Name: &name})
	require.Equal(t, name, k.Name)
	require.Equal(t, []string{"gpt-4o"}, k.AllowedModels, "omitted fields are unchanged")
	require.NotNil(t, k.SpendLimit)

	must(s, s.admitKey(name))
	require.Equal(t, CodeRateLimitExceeded, rejected(s, s.admitKey(name)).Code)
	var noModels []string
	var noLimit *SpendLimit
	rate := &RateLimit{RPM: 1}
	k = must(s, UpdateSpendKey{
		MerchantID: s.merchant.ID, ID: k.ID, AllowedModels: &noModels, SpendLimit: &noLimit, RateLimit: &rate, ExpiresAt: &time.Time{},
	})
	require.Equal(t, SpendKeyTerms{Name: name, Status: SpendKeyActive, Shape: ShapeOpenAI, RateLimit: rate}, k.SpendKeyTerms)
	must(s, s.admitKey(name)) // a new rate limit starts with a full burst
}

func TestTheSecretOfASpendKey(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	k := s.spendKey(SpendKeyTerms{Name: "old"})
	s.spend("old", Dollar)
	old := s.admitKey("old")
	k = must(s, RotateSpendKey{MerchantID: s.merchant.ID, ID: k.ID})
	require.Equal(t, RootKey{}.Derive(k.Secret())[:12]+"****", k.Preview)
	require.Equal(t, CodeAuthentication, rejected(s, old).Code)
	require.Equal(t, k.ID, must(s, s.admitKey("old")).SpendKeyID)
	require.Equal(t, Dollar, k.Total.Spend, "history stays")

	must(s, RevokeSpendKey{MerchantID: s.merchant.ID, ID: k.ID})
	require.Equal(t, CodeAuthentication, rejected(s, s.admitKey("old")).Code)
	_, err := s.SpendKey(s.merchant.ID, k.ID)
	require.Error(t, err)
}

func TestBadSpendKeys(t *testing.T) {
	t.Parallel()
	for param, terms := range map[string]SpendKeyTerms{
		"name":                {},
		"status":              {Name: "k", Status: "off"},
		"request_shape":       {Name: "k", Shape: "google"},
		"spend_limit.amount":  {Name: "k", SpendLimit: &SpendLimit{Cycle: CycleDaily}},
		"spend_limit.cycle":   {Name: "k", SpendLimit: &SpendLimit{Amount: Dollar}},
		"request_limit.count": {Name: "k", RequestLimit: &RequestLimit{Cycle: CycleDaily}},
		"request_limit.cycle": {Name: "k", RequestLimit: &RequestLimit{Count: 1, Cycle: "hourly"}},
		"rate_limit.rpm":      {Name: "k", RateLimit: &RateLimit{}},
		"rate_limit.burst":    {Name: "k", RateLimit: &RateLimit{RPM: 1, Burst: -1}},
	} {
		t.Run(param, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, Rules{})
			e := rejected(s, CreateSpendKey{MerchantID: s.merchant.ID, Terms: terms})
			require.Equal(t, CodeInvalidRequest, e.Code)
			require.Equal(t, param, e.Param, e.Message)
		})
	}
}
