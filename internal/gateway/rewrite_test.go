package gateway_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/known"
	"github.com/lavapayments/lava-go/internal/eventstream"
	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/sse"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// destination is a provider to which a request can be sent.
type destination struct{ name, url, model, endpoint string }

var destinations = []destination{
	{"openai", "https://api.openai.com/v1/chat/completions", "gpt-4o-mini", "POST https://api.openai.com/v1/chat/completions"},
	{"anthropic", "https://api.anthropic.com/v1/messages", "claude-sonnet-4-5", "POST https://api.anthropic.com/v1/messages"},
	{"google", "https://generativelanguage.googleapis.com/v1beta/models/gemini-3-flash-preview:generateContent", "gemini-3-flash-preview", "POST https://generativelanguage.googleapis.com/v1beta/models/gemini-3-flash-preview:generateContent"},
	{"bedrock", "https://bedrock-runtime.eu-west-1.amazonaws.com/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse", "anthropic.claude-sonnet-4-5-20250929-v1:0", "POST https://bedrock-runtime.eu-west-1.amazonaws.com/model/anthropic.claude-sonnet-4-5-20250929-v1:0/converse"},
}

const weatherSchema = `{"type":"object","properties":{"city":{"type":"string","enum":["Oslo"]}},"required":["city"]}`

// The same three requests in each format: a question, one that must call a tool,
// and one with the tool's result.
var conversations = map[string]func(model string) [3]string{
	"openai": func(model string) [3]string {
		begin := `{"model":"` + model + `","messages":[{"role":"user","content":"Hello there"}`
		tools := `,"tools":[{"type":"function","function":{"name":"weather","parameters":` + weatherSchema + `}}]`
		return [3]string{
			begin + `]}`,
			begin + `],"tool_choice":"required"` + tools + `}`,
			begin + `,{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]},{"role":"tool","tool_call_id":"call_1","content":"Sunny"}]` + tools + `}`,
		}
	},
	"anthropic": func(model string) [3]string {
		begin := `{"model":"` + model + `","max_tokens":100,"messages":[{"role":"user","content":"Hello there"}`
		tools := `,"tools":[{"name":"weather","input_schema":` + weatherSchema + `}]`
		return [3]string{
			begin + `]}`,
			begin + `],"tool_choice":{"type":"any"}` + tools + `}`,
			begin + `,{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Oslo"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"Sunny"}]}]` + tools + `}`,
		}
	},
	"google": func(model string) [3]string {
		begin := `{"model":"models/` + model + `","contents":[{"role":"user","parts":[{"text":"Hello there"}]}`
		tools := `,"tools":[{"functionDeclarations":[{"name":"weather","parametersJsonSchema":` + weatherSchema + `}]}]`
		return [3]string{
			begin + `]}`,
			begin + `],"toolConfig":{"functionCallingConfig":{"mode":"ANY"}}` + tools + `}`,
			begin + `,{"role":"model","parts":[{"functionCall":{"name":"weather","args":{"city":"Oslo"}},"thoughtSignature":"c2lnbmF0dXJl"}]},{"role":"user","parts":[{"functionResponse":{"name":"weather","response":{"output":"Sunny"}}}]}]` + tools + `}`,
		}
	},
	"bedrock": func(model string) [3]string {
		begin := `{"modelId":"` + model + `","messages":[{"role":"user","content":[{"text":"Hello there"}]}`
		tools := `"tools":[{"toolSpec":{"name":"weather","inputSchema":{"json":` + weatherSchema + `}}}]`
		return [3]string{
			begin + `]}`,
			begin + `],"toolConfig":{"toolChoice":{"any":{}},` + tools + `}}`,
			begin + `,{"role":"assistant","content":[{"toolUse":{"toolUseId":"tooluse_1","name":"weather","input":{"city":"Oslo"}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"tooluse_1","content":[{"text":"Sunny"}]}}]}],"toolConfig":{` + tools + `}}`,
		}
	},
}

const said = "This is a mock response to: Hello there"

// Every client reaches every provider, and the record is the same as for a direct call.
func TestRewrite(t *testing.T) {
	t.Parallel()
	for client, bodies := range conversations {
		for _, to := range destinations {
			t.Run(client+" to "+to.name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				format, _ := known.Formats().Chat(dialect.Name(client))
				path := gateway.RewritePrefix + client + "/" + to.url
				ask := func(body string) dialect.Choice {
					got := r.do(t, "POST", path, body)
					require.Equal(t, 200, got.status, got.body)
					assert.Equal(t, "application/json", got.header.Get("Content-Type"))
					a, err := format.ReadResponse([]byte(got.body))
					require.NoError(t, err, got.body)
					require.Len(t, a.Choices, 1, got.body)
					usage, ok := format.ReadUsage([]byte(got.body))
					assert.True(t, ok)
					o := r.last(t)
					assert.Equal(t, [2]int64{o.Usage.InputTokens, o.Usage.OutputTokens}, [2]int64{usage.InputTokens, usage.OutputTokens}, "the client receives the usage that was recorded")
					assert.Equal(t, to.name, o.Provider)
					assert.Equal(t, to.model, o.Model)
					assert.Equal(t, to.endpoint, o.Endpoint)
					assert.Positive(t, o.InputCost)
					assert.False(t, o.Failed)
					return a.Choices[0]
				}
				plain := ask(bodies(to.model)[0])
				assert.Equal(t, []dialect.Part{dialect.Text{Text: said}}, plain.Parts)
				assert.Equal(t, dialect.EndTurn, plain.Stop)
				assert.Equal(t, billing.Usage{InputTokens: chatIn, OutputTokens: chatOut}, r.last(t).Usage)

				called := ask(bodies(to.model)[1])
				require.NotEmpty(t, called.Parts)
				call, ok := called.Parts[len(called.Parts)-1].(dialect.ToolCall) // after Gemini's signature
				require.True(t, ok)
				assert.Equal(t, "weather", call.Name)
				assert.NotEmpty(t, call.ID)
				assert.JSONEq(t, `{"city":"Oslo"}`, string(call.Arguments))
				assert.Equal(t, dialect.ToolUse, called.Stop)

				assert.Equal(t, dialect.EndTurn, ask(bodies(to.model)[2]).Stop)
			})
		}
	}
}

// streamed returns the body and path of a request for a stream in a client's format.
func streamed(client string, to destination, body string) (path, out string) {
	path = gateway.RewritePrefix + client + "/" + to.url
	host, _, _ := strings.Cut(strings.TrimPrefix(to.url, "https://"), "/")
	switch client {
	case "google":
		return gateway.RewritePrefix + "google/https://" + host + "/v1beta/models/" + to.model + ":streamGenerateContent?alt=sse", body
	case "bedrock":
		return gateway.RewritePrefix + "bedrock/" + host + "/model/" + to.model + "/converse-stream", body
	}
	return path, strings.TrimSuffix(body, "}") + `,"stream":true}`
}

// collect reads a stream in a client's format: its text, its calls, and the types of its events.
type collected struct {
	text, name, arguments string
	stop                  string
	usage                 dialect.Usage
	chunks                int
}

func collect(t *testing.T, client string, body io.Reader, kind string) collected {
	t.Helper()
	var c collected
	next := sse.NewReader(body, 1<<20).Next
	if client == "bedrock" {
		assert.Equal(t, eventstream.ContentType, kind)
		frames := eventstream.NewReader(body, 1<<20)
		next = func() (sse.Event, error) {
			m, _, err := frames.Next()
			return sse.Event{Type: m.Header(":event-type") + m.Header(":exception-type"), Data: m.Payload}, err
		}
	} else {
		assert.Contains(t, kind, "text/event-stream")
	}
	format, _ := known.Formats().Chat(dialect.Name(client))
	meter := format.NewMeter(dialect.ChatCompletions)
	for {
		event, err := next()
		if errors.Is(err, io.EOF) {
			c.usage, _ = meter.Usage()
			return c
		}
		require.NoError(t, err)
		meter.Read(event.Type, event.Data)
		c.chunks++
		var v any
		if json.Unmarshal(event.Data, &v) != nil {
			assert.Equal(t, "[DONE]", string(event.Data))
			continue
		}
		c.read(v)
	}
}

// read finds the relevant fields anywhere in an event.
func (c *collected) read(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			c.read(e)
		}
	case map[string]any:
		for key, e := range v {
			s, isText := e.(string)
			switch {
			case !isText:
				if key == "args" {
					b, _ := json.Marshal(e)
					c.arguments += string(b)
					continue
				}
				c.read(e)
			case key == "text" || key == "content":
				c.text += s
			case key == "name":
				c.name += s
			case key == "arguments" || key == "partial_json" || key == "input":
				c.arguments += s
			case key == "finish_reason" || key == "stop_reason" || key == "finishReason" || key == "stopReason":
				c.stop += s
			}
		}
	}
}

func TestRewriteStreams(t *testing.T) {
	t.Parallel()
	stops := map[string][2]string{
		"openai": {"stop", "tool_calls"}, "anthropic": {"end_turn", "tool_use"}, "google": {"STOP", "STOP"}, "bedrock": {"end_turn", "tool_use"},
	}
	for client, bodies := range conversations {
		for _, to := range destinations {
			t.Run(client+" to "+to.name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				ask := func(body string) collected {
					path, body := streamed(client, to, body)
					got := r.do(t, "POST", path, body)
					require.Equal(t, 200, got.status, got.body)
					return collect(t, client, strings.NewReader(got.body), got.header.Get("Content-Type"))
				}
				plain := ask(bodies(to.model)[0])
				assert.Equal(t, said, plain.text)
				assert.Equal(t, stops[client][0], plain.stop)
				assert.GreaterOrEqual(t, plain.chunks, 8, "a chunk for each word")
				o := r.last(t)
				assert.Equal(t, billing.Usage{InputTokens: chatIn, OutputTokens: chatOut}, o.Usage)
				assert.Equal(t, to.name, o.Provider)
				if client != "openai" { // whose clients must ask for usage
					assert.EqualValues(t, chatIn, plain.usage.InputTokens)
					assert.EqualValues(t, chatOut, plain.usage.OutputTokens)
				}

				called := ask(bodies(to.model)[1])
				assert.Equal(t, "weather", called.name)
				assert.JSONEq(t, `{"city":"Oslo"}`, called.arguments)
				assert.Equal(t, stops[client][1], called.stop)
			})
		}
	}
}

// A client in Google's format that does not ask for events gets a JSON array.
func TestRewriteArray(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do(t, "POST", gateway.RewritePrefix+"google/https://api.openai.com/v1beta/models/gpt-4o-mini:streamGenerateContent", conversations["google"]("")[0])
	require.Equal(t, 200, got.status, got.body)
	var list []map[string]any
	require.NoError(t, json.Unmarshal([]byte(got.body), &list), got.body)
	assert.Greater(t, len(list), 5)
	assert.Equal(t, "STOP", list[len(list)-1]["candidates"].([]any)[0].(map[string]any)["finishReason"])
}

// The last event of a translated stream is sent after the request is recorded, all others immediately.
func TestRewriteRecordsBeforeTheEnd(t *testing.T) {
	t.Parallel()
	for client, end := range map[string]string{"openai": "finish_reason\":\"", "anthropic": "message_delta", "google": "finishReason", "bedrock": "messageStop"} {
		for _, to := range destinations {
			if client == to.name {
				continue
			}
			t.Run(client+" to "+to.name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				path, body := streamed(client, to, conversations[client](to.model)[0])
				resp := r.open(t, "POST", path, body)
				var seen bytes.Buffer
				buf := make([]byte, 1)
				for !strings.Contains(seen.String(), end) {
					_, err := resp.Body.Read(buf)
					require.NoError(t, err, seen.String())
					seen.Write(buf)
				}
				assert.Equal(t, 1, r.count())
			})
		}
	}
}

// A stream that breaks off before the response is complete must not look complete.
func TestRewriteCutStreams(t *testing.T) {
	t.Parallel()
	for client, bodies := range conversations {
		for _, to := range destinations {
			if client == to.name {
				continue
			}
			t.Run(client+" to "+to.name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				r.fake.Choose = always(upstream.Reply{Fault: upstream.CutAfter(4)})
				path, body := streamed(client, to, bodies(to.model)[0])
				resp := r.open(t, "POST", path, body)
				_, err := io.ReadAll(resp.Body)
				require.Error(t, err)
				assert.False(t, r.last(t).Failed)
				assert.Positive(t, r.last(t).Usage.OutputTokens)
			})
		}
	}
}

func TestRewriteTargets(t *testing.T) {
	t.Parallel()
	const messages = `,"messages":[{"role":"user","content":"hi"}]`
	for _, test := range []struct{ name, path, body, want, model string }{
		{"without a scheme", "openai/api.anthropic.com/v1/messages", `{"model":"claude-sonnet-4-5"` + messages + `}`, "https://api.anthropic.com/v1/messages", "claude-sonnet-4-5"},
		{"one slash lost", "openai/https:/api.anthropic.com/v1/messages", `{"model":"claude-sonnet-4-5"` + messages + `}`, "https://api.anthropic.com/v1/messages", "claude-sonnet-4-5"},
		{"percent-encoded", "openai/https%3A%2F%2Fapi.anthropic.com%2Fv1%2Fmessages", `{"model":"claude-sonnet-4-5"` + messages + `}`, "https://api.anthropic.com/v1/messages", "claude-sonnet-4-5"},
		{"the path of an OpenAI SDK", "openai/https://api.anthropic.com/v1/chat/completions", `{"model":"claude-sonnet-4-5"` + messages + `}`, "https://api.anthropic.com/v1/messages", "claude-sonnet-4-5"},
		{"the path of an Anthropic SDK, with its query", "anthropic/https://api.openai.com/v1/messages?beta=true", `{"model":"gpt-4o"` + messages + `}`, "https://api.openai.com/v1/chat/completions", "gpt-4o"},
		{"a base with a path of its own", "anthropic/https://api.groq.com/openai/v1/messages", `{"model":"llama-3.3-70b-versatile"` + messages + `}`, "https://api.groq.com/openai/v1/chat/completions", "llama-3.3-70b-versatile"},
		{"Google's stream", "openai/https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent", `{"model":"ignored","stream":true` + messages + `}`, "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", "gemini-2.5-flash"},
		{"Google's no stream", "openai/https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", `{"model":"ignored"` + messages + `}`, "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent", "gemini-2.5-flash"},
		{"where Google speaks OpenAI's format", "openai/https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", `{"model":"gemini-2.5-flash"` + messages + `}`, "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", "gemini-2.5-flash"},
		{"an ARN at Bedrock", "openai/https://bedrock-runtime.eu-west-1.amazonaws.com/model/arn:aws:bedrock:eu-west-1:1:inference-profile%2Feu.x/converse", `{"model":"ignored","stream":true` + messages + `}`, "https://bedrock-runtime.eu-west-1.amazonaws.com/model/arn:aws:bedrock:eu-west-1:1:inference-profile%2Feu.x/converse-stream", "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.x"},
		{"a model that is part of the method's name", "openai/https://bedrock-runtime.eu-west-1.amazonaws.com/model/c/converse/", `{"model":"ignored"` + messages + `}`, "https://bedrock-runtime.eu-west-1.amazonaws.com/model/c/converse", "c"},
		{"the region is kept", "openai/https://bedrock-runtime.eu-west-1.amazonaws.com/v1/chat/completions", `{"model":"amazon.nova-lite-v1:0"` + messages + `}`, "https://bedrock-runtime.eu-west-1.amazonaws.com/model/amazon.nova-lite-v1:0/converse", "amazon.nova-lite-v1:0"},
		{"Lava's own example", "openai/https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-sonnet-4-5-20250929-v1:0/converse/v1/chat/completions", `{"model":"gpt-4o"` + messages + `}`, "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-sonnet-4-5-20250929-v1:0/converse", "anthropic.claude-sonnet-4-5-20250929-v1:0"},
		{"an escaped model before a suffix", "openai/https://bedrock-runtime.us-east-1.amazonaws.com/model/arn:aws:bedrock:eu-west-1:1:inference-profile%2Feu.x/converse/v1/chat/completions", `{"model":"gpt-4o","stream":true` + messages + `}`, "https://bedrock-runtime.us-east-1.amazonaws.com/model/arn:aws:bedrock:eu-west-1:1:inference-profile%2Feu.x/converse-stream", "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.x"},
		{"the suffix of a client of the same format", "openai/https://api.openai.com/v1/chat/completions/v1/chat/completions", `{"model":"gpt-4o"` + messages + `}`, "https://api.openai.com/v1/chat/completions", "gpt-4o"},
		{"without its version", "openai/https://api.openai.com/v1/chat/completions/chat/completions/", `{"model":"gpt-4o"` + messages + `}`, "https://api.openai.com/v1/chat/completions", "gpt-4o"},
		{"percent-encoded before a suffix", "openai/https%3A%2F%2Fapi.openai.com%2Fv1%2Fchat%2Fcompletions/v1/chat/completions", `{"model":"gpt-4o"` + messages + `}`, "https://api.openai.com/v1/chat/completions", "gpt-4o"},
		{"Anthropic's suffix at Anthropic", "anthropic/https://api.anthropic.com/v1/messages/v1/messages?beta=true", `{"model":"claude-sonnet-4-5"` + messages + `}`, "https://api.anthropic.com/v1/messages?beta=true", "claude-sonnet-4-5"},
		{"Anthropic's suffix at OpenAI", "anthropic/https://api.openai.com/v1/chat/completions/messages", `{"model":"gpt-4o"` + messages + `}`, "https://api.openai.com/v1/chat/completions", "gpt-4o"},
		{"OpenAI's suffix at Anthropic", "openai/https://api.anthropic.com/v1/messages/v1/chat/completions", `{"model":"claude-sonnet-4-5"` + messages + `}`, "https://api.anthropic.com/v1/messages", "claude-sonnet-4-5"},
		{"OpenAI's suffix at Google", "openai/https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent/v1/chat/completions", `{"model":"gpt-4o"` + messages + `}`, "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent", "gemini-2.5-flash"},
		{"OpenAI's suffix where Google speaks its format", "openai/https://generativelanguage.googleapis.com/v1beta/openai/chat/completions/v1/chat/completions", `{"model":"gemini-2.5-flash"` + messages + `}`, "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", "gemini-2.5-flash"},
		{"Bedrock's suffix at Bedrock", "bedrock/https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-lite-v1:0/converse/model/ignored/converse-stream", `{"messages":[{"role":"user","content":[{"text":"hi"}]}]}`, "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-lite-v1:0/converse-stream", "amazon.nova-lite-v1:0"},
		{"Bedrock's suffix at OpenAI", "bedrock/https://api.openai.com/v1/chat/completions/model/gpt-4o/converse", `{"messages":[{"role":"user","content":[{"text":"hi"}]}]}`, "https://api.openai.com/v1/chat/completions", "gpt-4o"},
		// https://api-docs.deepseek.com/guides/anthropic_api: base_url https://api.deepseek.com/anthropic
		{"where DeepSeek speaks Anthropic's format", "anthropic/https://api.deepseek.com/anthropic/v1/messages", `{"model":"deepseek-chat","max_tokens":9` + messages + `}`, "https://api.deepseek.com/anthropic/v1/messages", "deepseek-chat"},
		{"Anthropic's format for OpenAI's clients", "openai/https://api.moonshot.ai/anthropic/v1/messages", `{"model":"kimi-k2-thinking"` + messages + `}`, "https://api.moonshot.ai/anthropic/v1/messages", "kimi-k2-thinking"},
		{"a base of Anthropic's format with OpenAI's suffix", "openai/https://api.moonshot.ai/anthropic/v1/chat/completions", `{"model":"kimi-k2-thinking"` + messages + `}`, "https://api.moonshot.ai/anthropic/v1/messages", "kimi-k2-thinking"},
		{"OpenAI's endpoint of such a provider", "anthropic/https://api.deepseek.com/v1/messages", `{"model":"deepseek-chat","max_tokens":9` + messages + `}`, "https://api.deepseek.com/v1/chat/completions", "deepseek-chat"},
		{"the same format passes", "openai/https://api.openai.com/v1/chat/completions?a=b", `{"model":"gpt-4o",  "logit_bias":{"1":2}` + messages + `}`, "https://api.openai.com/v1/chat/completions?a=b", "gpt-4o"},
		{"other endpoints pass", "openai/https://api.openai.com/v1/embeddings", `{"model":"text-embedding-3-small","input":"x"}`, "https://api.openai.com/v1/embeddings", "text-embedding-3-small"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := &recorder{}
			r := newRig(t, recording(p))
			r.do(t, "POST", gateway.RewritePrefix+test.path, test.body)
			assert.Equal(t, test.want, p.url)
			assert.Equal(t, test.model, r.last(t).Model)
			if test.name == "the same format passes" {
				assert.Equal(t, test.body, p.body)
			}
		})
	}
	for _, test := range []struct{ name, path, body, code, says string }{
		{"no URL", "openai/", "", "invalid_request", "is required"},
		{"unknown format", "cohere/https://api.openai.com/v1/chat/completions", "", "invalid_request", "not one of openai, anthropic, google and bedrock"},
		{"unknown host", "openai/https://example.com/v1/chat/completions", "", "forward_endpoint_not_supported", "example.com"},
		{"http", "openai/http://api.openai.com/v1/chat/completions", "", "invalid_request", "https"},
		{"a password", "openai/https://a:hidden@api.openai.com/v1/chat/completions", "", "invalid_request", "password"},
		{"an endpoint that the provider does not have", "openai/https://api.anthropic.com/v1/responses", `{"model":"claude-sonnet-4-5","input":"Hi"}`, "forward_endpoint_not_supported", "responses can't be translated"},
		{"an endpoint of another format", "anthropic/https://api.openai.com/v1/embeddings", "{}", "forward_endpoint_not_supported", "only conversations"},
		{"a provider of no such format", "openai/https://api.elevenlabs.io/v1/chat/completions", `{"model":"x"}`, "forward_endpoint_not_supported", "ElevenLabs"},
		{"no model", "openai/https://api.anthropic.com/v1/messages", `{"messages":[]}`, "forward_model_invalid", "is required"},
		{"unknown model", "openai/https://api.anthropic.com/v1/messages", `{"model":"gpt-4o","messages":[{"role":"user","content":"x"}]}`, "forward_model_not_supported", "Anthropic has no model"},
		{"what can't be translated is named", "openai/https://api.anthropic.com/v1/messages", `{"model":"claude-sonnet-4-5","logit_bias":{"1":2},"messages":[]}`, "invalid_request", "logit_bias: "},
		{"in the client's words", "google/https://api.anthropic.com/v1/messages", `{"model":"claude-sonnet-4-5","generationConfig":{"temperature":2.5},"contents":[]}`, "invalid_request", "generationConfig.temperature: 2.5 is more than 2"},
		{"broken JSON", "openai/https://api.anthropic.com/v1/messages", `{`, "invalid_request", "body"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			got := r.do(t, "POST", gateway.RewritePrefix+test.path, test.body)
			assert.Equal(t, 400, got.status)
			assert.Equal(t, test.code, got.code(), got.body)
			assert.Contains(t, got.body, test.says)
			assert.NotContains(t, got.body, "hidden")
			assert.Zero(t, r.count())
		})
	}
}

// rewrite sends one request to a gateway in a synctest bubble.
func rewrite(t *testing.T, g *gateway.Gateway, body string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), "POST", rewriteChat, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+goodKey)
	w := httptest.NewRecorder()
	g.Rewrite(w, req)
	return w
}
