package mockserver_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func TestScript(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		shop := openShop(t, s)
		s.Script(
			mockserver.Reply{Times: 1, Text: "Rayleigh.", Usage: &mockserver.ReportedUsage{InputTokens: 1000, OutputTokens: 500}},
			mockserver.Reply{Times: 1, Status: 429, Message: "slow down"},
			mockserver.Reply{Times: 1, ToolCalls: []mockserver.ToolCall{{Name: "weather", Arguments: `{"city":"Oslo"}`}}},
		)
		a := sendAs(t, s, shop.token(t), "POST", chatPath, chatBody)
		require.Contains(t, string(a.body), "Rayleigh.")
		r, err := shop.client.Requests.Retrieve(t.Context(), a.header.Get("X-Lava-Request-Id"))
		require.NoError(t, err)
		require.EqualValues(t, 1000, r.ModelUsage.InputTokens)
		require.EqualValues(t, 500, r.ModelUsage.OutputTokens)

		a = sendAs(t, s, shop.token(t), "POST", chatPath, chatBody)
		require.Equal(t, 429, a.status)
		require.Contains(t, string(a.body), "slow down")
		r, err = shop.client.Requests.Retrieve(t.Context(), a.header.Get("X-Lava-Request-Id"))
		require.NoError(t, err)
		require.Equal(t, "error", string(r.Status))
		require.True(t, r.Charge.Amount.IsZero(), "errors are not charged")

		withTools := strings.TrimSuffix(chatBody, "}") + `,"tools":[{"type":"function","function":{"name":"weather"}}]}`
		require.Contains(t, string(sendAs(t, s, shop.token(t), "POST", chatPath, withTools).body), `\"Oslo\"`)
		require.Contains(t, string(sendAs(t, s, shop.token(t), "POST", chatPath, chatBody).body), "sky", "by itself again")
		require.Equal(t, "22", shop.credits(t).TotalRemaining.String())
	})
}
