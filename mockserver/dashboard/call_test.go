package dashboard_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
	"github.com/lavapayments/lava-go/mockserver/dashboard"
)

// A call shows the headers of all its requests and responses, is found by what is in its body, and can be taken along
// as JSON, always without credentials.
func TestACallInFull(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.Script(mockserver.Reply{Text: "Rayleigh scattering.", Header: http.Header{"X-Trace": {"from-the-provider"}}})
	_, err := s.Client().Gateway(t.Context(), "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
		Body:      map[string]any{"model": "gpt-4o-mini", "messages": []any{map[string]any{"role": "user", "content": "Why is the sky blue?"}}},
		SetHeader: func(h http.Header) { h.Set("OpenAI-Organization", "org-7") },
	})
	require.NoError(t, err)
	call := s.Calls()[0]
	page := text(get(t, s, "calls/"+call.ID))
	for _, line := range []string{"Authorization: [redacted]", "Openai-Organization: org-7", "Content-Type: application/json", "X-Trace: from-the-provider", "X-Lava-Request-Id: " + call.ID} {
		require.Contains(t, page, line)
	}
	require.Contains(t, page, "-H 'openai-organization: org-7'", "curl sends what the application has set")
	for query, found := range map[string]bool{"contains=SKY+blue": true, "contains=rayleigh": true, "contains=nothing": false, "contains=rayleigh&outcome=rejected": false, "outcome=accepted": false} {
		if found {
			require.Contains(t, get(t, s, "calls?"+query), call.ID, query)
		} else {
			require.NotContains(t, get(t, s, "calls?"+query), call.ID, query)
		}
		require.Equal(t, found, len(text(get(t, s, "rows?call="+call.ID+"&"+query))) > len(text(get(t, s, "rows?"+query))), "live: %s", query)
	}
	require.Contains(t, text(get(t, s, "calls?contains=rayleigh")), `s.Calls().Containing("rayleigh")`)

	w := ask(t, s, "GET", dashboard.Path+"calls/"+call.ID+"/json", nil)
	require.Equal(t, 200, w.Code)
	require.Equal(t, "text/plain; charset=utf-8", w.Header().Get("Content-Type"), "a browser shows it")
	var whole struct {
		ID      string                 `json:"call_id"`
		Header  http.Header            `json:"request_header"`
		Request struct{ Model string } `json:"request_body"`
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &whole))
	require.Equal(t, call.ID, whole.ID)
	require.Equal(t, "gpt-4o-mini", whole.Request.Model)
	require.Equal(t, []string{"[redacted]"}, whole.Header["Authorization"])
	require.Equal(t, 404, ask(t, s, "GET", dashboard.Path+"calls/req_none/json", nil).Code)
}
