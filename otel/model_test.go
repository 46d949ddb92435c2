package lavaotel_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

const (
	chatURL      = "https://api.openai.com/v1/chat/completions"
	responsesURL = "https://api.openai.com/v1/responses"
	messagesURL  = "https://api.anthropic.com/v1/messages"
	geminiURL    = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash"
	bedrockURL   = "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0"
)

const prompt = "Why is the sky blue?"

// models are the formats, with a request for a whole response and one for a stream.
var models = []struct {
	name          string
	whole, stream string // the addresses
	body          string
	streamed      string // is added to the body of a streamed request
	provider      string
	operation     string
	model         string
	reason        string
}{
	{
		"openai", chatURL, chatURL, `{"messages":[{"role":"user","content":"` + prompt + `"}],"model":"gpt-4o-mini"`,
		`,"stream":true,"stream_options":{"include_usage":true}`, "openai", "chat", "gpt-4o-mini", "stop",
	},
	{
		"responses", responsesURL, responsesURL, `{"input":"` + prompt + `","model":"gpt-4o-mini"`,
		`,"stream":true`, "openai", "chat", "gpt-4o-mini", "completed",
	},
	{
		"anthropic", messagesURL, messagesURL, `{"max_tokens":1024,"messages":[{"role":"user","content":"` + prompt + `"}],"model":"claude-sonnet-4-5"`,
		`,"stream":true`, "anthropic", "chat", "claude-sonnet-4-5", "end_turn",
	},
	{
		"google", geminiURL + ":generateContent", geminiURL + ":streamGenerateContent?alt=sse", `{"contents":[{"role":"user","parts":[{"text":"` + prompt + `"}]}]`,
		"", "gcp.gemini", "generate_content", "gemini-2.5-flash", "STOP",
	},
	{
		"bedrock", bedrockURL + "/converse", bedrockURL + "/converse-stream", `{"messages":[{"role":"user","content":[{"text":"` + prompt + `"}]}]`,
		"", "aws.bedrock", "chat", "anthropic.claude-sonnet-4-5-20250929-v1:0", "end_turn",
	},
	{
		"bedrock invoke", bedrockURL + "/invoke", bedrockURL + "/invoke-with-response-stream",
		`{"anthropic_version":"bedrock-2023-05-31","max_tokens":1024,"messages":[{"role":"user","content":"` + prompt + `"}]`,
		"", "aws.bedrock", "chat", "anthropic.claude-sonnet-4-5-20250929-v1:0", "end_turn",
	},
}

// A model call is a GenAI span with what the provider reports: here 1000 tokens of input, 200 of them from a cache,
// and 50 of output.
func TestModels(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	s.Script(mockserver.Reply{Text: "Because of how air scatters light.", Usage: &mockserver.ReportedUsage{InputTokens: 1000, CachedTokens: 200, OutputTokens: 50}})
	ada, err := s.Scenario(mockserver.Subscribed)
	require.NoError(t, err)
	payer := lava.ForCustomer{CustomerID: ada.CustomerID, MeterSlug: ada.MeterSlug}
	for _, m := range models {
		for _, stream := range []bool{false, true} {
			tel := newTelemetry()
			client := s.Client(tel.instrument())
			var response lava.Response
			ctx := lava.ContextWithResponse(t.Context(), &response)
			if stream {
				for _, err := range client.GatewayStream(ctx, m.stream, lava.GatewayParams{Payer: payer, SetHeader: setHeader, Body: m.body + m.streamed + "}"}) {
					require.NoError(t, err)
				}
			} else {
				_, err := client.Gateway(ctx, m.whole, lava.GatewayParams{Payer: payer, SetHeader: setHeader, Body: m.body + "}"})
				require.NoError(t, err)
			}
			record, err := s.Client().Requests.Retrieve(ctx, s.Calls()[len(s.Calls())-1].ID)
			require.NoError(t, err)

			got := tel.one(t)
			want := map[string]any{
				"gen_ai.operation.name": m.operation, "gen_ai.provider.name": m.provider, "gen_ai.request.model": m.model,
				"server.address": hostOf(m.whole), "server.port": int64(443), "http.response.status_code": int64(200),
				"lava.request_id": record.RequestID, "lava.customer_id": ada.CustomerID, "lava.meter_slug": ada.MeterSlug,
				"gen_ai.response.finish_reasons": []string{m.reason},
				"gen_ai.usage.input_tokens":      int64(1000), "gen_ai.usage.cache_read.input_tokens": int64(200), "gen_ai.usage.output_tokens": int64(50),
			}
			if record.ResponseID != "" {
				want["gen_ai.response.id"] = record.ResponseID
			}
			if stream {
				want["gen_ai.request.stream"] = true
				assert.Positive(t, got.Attrs["gen_ai.response.time_to_first_chunk"], m.name)
				delete(got.Attrs, "gen_ai.response.time_to_first_chunk")
			}
			if m.name != "bedrock" { // Converse does not name it
				assert.NotEmpty(t, got.Attrs["gen_ai.response.model"], m.name)
				delete(got.Attrs, "gen_ai.response.model")
			}
			assert.Equal(t, span{m.operation + " " + m.model, false, want}, got, "%s, stream %t", m.name, stream)
			for _, p := range tel.points(t, "gen_ai.client.token.usage") {
				assert.InDelta(t, map[any]float64{"input": 1000, "output": 50}[p.Attrs["gen_ai.token.type"]], p.Sum, 0)
			}
		}
	}
}

func setHeader(h http.Header) {
	h.Set("Content-Type", "application/json")
	h.Set("Anthropic-Version", "2023-06-01")
}

func hostOf(address string) string {
	host, _, _ := strings.Cut(strings.TrimPrefix(address, "https://"), "/")
	return host
}
