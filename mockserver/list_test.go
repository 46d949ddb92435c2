package mockserver_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func TestPagesNeitherSkipNorRepeat(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	add := func() string {
		return send(t, s, "POST", "/v1/customers", `{}`).object(t)["customer_id"].(string)
	}
	var want []string
	for range 7 {
		want = append([]string{add()}, want...) // newest first
	}
	var got []string
	cursor := ""
	for {
		page := send(t, s, "GET", "/v1/customers?limit=3"+cursor, "").object(t)
		for _, c := range page["data"].([]any) {
			got = append(got, c.(map[string]any)["customer_id"].(string))
		}
		add() // items created in the meantime are on no later page
		if page["has_more"] == false {
			require.NotContains(t, page, "next_cursor")
			break
		}
		cursor = "&cursor=" + page["next_cursor"].(string)
	}
	require.Equal(t, want, got)
}
