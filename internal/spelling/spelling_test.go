package spelling_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/spelling"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	fields := []string{"reference_id", "email", "phone", "name", "metadata", "customer", "to", "advance"}
	for unknown, want := range map[string][]string{
		"emial":                     {"email"},
		"Email":                     {"email"},
		"fone":                      {"phone"},
		"advnce":                    {"advance"},
		"customer_id":               {"customer"}, // its words
		"reference":                 {"reference_id"},
		"reference-i":               {"reference_id"},
		"plans":                     {}, // three of five letters differ
		"object":                    {},
		"x":                         {},
		"":                          {},
		"cust":                      {"customer"},
		"ust":                       {}, // no word begins with it
		strings.Repeat("email", 50): nil,
	} {
		require.Equal(t, want, spelling.Nearest(unknown, fields), unknown)
	}
	require.Equal(t, []string{"gpt-4o", "gpt-4o-mini", "gpt-4o-audio"},
		spelling.Nearest("gpt-4", []string{"claude", "gpt-4o-audio", "gpt-4o-mini", "gpt-4o", "gpt-4o-realtime"}[1:]))
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	require.Equal(t, `; did you mean "renew_now"?`, spelling.Suggest("renew", []string{"cancel_now", "renew_now"}))
	require.Equal(t, "; there are cancel_now, renew_now", spelling.Suggest("explode", []string{"cancel_now", "renew_now"}))
	require.Empty(t, spelling.Suggest("explode", []string{}))
	require.Empty(t, spelling.Suggest("explode", make([]string, 31)))
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"card", "card", 0}, {"crad", "card", 1}, {"kitten", "sitting", 3}, {"ab", "", 2}, {"ca", "abc", 3}, {"abcdefgh", "zyxwvuts", 5}} {
		require.Equal(t, tt.want, spelling.Distance(tt.a, tt.b, 5), tt)
		require.Equal(t, tt.want, spelling.Distance(tt.b, tt.a, 5), tt)
	}
	require.Equal(t, 5, spelling.Distance(strings.Repeat("a", 101), strings.Repeat("a", 101), 5), "such long texts aren't names")
}
