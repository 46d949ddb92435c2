package dashboard_test

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// Each request to a provider is on one of the pages, also those of calls with several.
func TestPagesOfProviders(t *testing.T) {
	t.Parallel()
	s := start(t)
	const calls = 230
	for i := range calls {
		_, err := s.Client().Gateway(t.Context(), "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
			Body: map[string]any{"model": "gpt-4o-mini", "messages": []any{map[string]any{"role": "user", "content": "Number " + strconv.Itoa(i) + "."}}},
		})
		require.NoError(t, err)
	}
	older := regexp.MustCompile(`<a href="(\?[^"]*)">older requests</a>`)
	seen, pages := map[string]bool{}, 0
	for page := "providers?provider=openai"; page != ""; pages++ {
		body := get(t, s, page)
		for _, m := range regexp.MustCompile(`Number \d+\.`).FindAllString(body, -1) {
			require.False(t, seen[m], "%s is listed twice", m)
			seen[m] = true
		}
		page = ""
		if m := older.FindStringSubmatch(body); m != nil {
			page = "providers" + html.UnescapeString(m[1])
			require.Contains(t, page, "provider=openai", "the filter stays")
		}
	}
	require.Len(t, seen, calls)
	require.Equal(t, 3, pages)
	require.Contains(t, get(t, s, "providers?before=1"), "No request")
	require.Equal(t, 100, strings.Count(get(t, s, "providers?before=x"), "Number "), "what isn't a number is ignored")
}
