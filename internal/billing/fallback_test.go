package billing

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFallbacks(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	next := Fallback{URL: "https://api.groq.com/openai/v1", Model: "llama"}
	set := func(chain ...Fallback) SetFallbacks {
		return SetFallbacks{MerchantID: s.merchant.ID, Chain: chain}
	}
	chain := func() []Fallback {
		m, err := s.Merchant(s.merchant.ID)
		require.NoError(t, err)
		return m.Fallbacks
	}
	longest := slices.Repeat([]Fallback{next}, MaxFallbacks)
	must(s, set(longest...))
	for param, bad := range map[string]SetFallbacks{
		"fallback_chain":          set(append(longest, next)...),
		"fallback_chain[0].url":   set(Fallback{URL: "ftp://a.example", Model: "m"}),
		"fallback_chain[1].model": set(next, Fallback{URL: next.URL}),
	} {
		require.Equal(t, param, rejected(s, bad).Param)
	}
	for _, address := range []string{"ftp://user:hunter2@a.example", "https://user:hunter2@a.example", "https://user:hunter2 @a.example", "user:hunter2@a.example"} {
		e := rejected(s, set(Fallback{URL: address, Model: "m"}))
		require.Equal(t, "fallback_chain[0].url", e.Param, address)
		require.NotContains(t, e.Message, "hunter2", address)
	}
	require.Equal(t, longest, chain(), "a rejected chain changes nothing")
	must(s, set())
	require.Empty(t, chain())
}
