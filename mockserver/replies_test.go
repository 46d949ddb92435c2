package mockserver_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
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
		require.Contains(t, string(sendAs(t, s, shop.token(t), "POST", chatPath, chatBody).body), "sky", "the default response again")
		require.Equal(t, "22", shop.credits(t).TotalRemaining.String())
	})
}

// ask sends a chat for a customer and returns the response's body.
func ask(t *testing.T, s *mockserver.Server, client *lava.Client, customer, meter, prompt string) string {
	t.Helper()
	token, err := client.GenerateForwardToken(lava.ForCustomer{CustomerID: customer, MeterSlug: meter})
	require.NoError(t, err)
	a := sendAs(t, s, token.Reveal(), "POST", chatPath, `{"model":"gpt-4o-mini","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"`+prompt+`"}]}`)
	return string(a.body)
}

// Customers who share a server get their own replies, in any order of requests.
func TestRepliesForSome(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	bob, err := shop.client.Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: "bob"})
	require.NoError(t, err)
	say := func(customer, prompt string) string {
		return ask(t, s, shop.client, customer, shop.meter.MeterSlug, prompt)
	}
	s.Script(
		mockserver.Reply{Customer: shop.customer, PromptContains: "weather", Text: "Sunny."},
		mockserver.Reply{PromptContains: "Be brief", Customer: shop.customer, Text: "Brief."},
		mockserver.Reply{Customer: "bob", Text: "never, for bob has no credit"},
		mockserver.Reply{Func: func(c mockserver.ProviderCall) (mockserver.Reply, bool) {
			return mockserver.Reply{Text: "You said: " + c.LastUserText()}, c.Host == "api.openai.com" && c.CallID != ""
		}},
	)
	require.Contains(t, say(shop.customer, "the weather?"), "Sunny.")
	require.Contains(t, say(shop.customer, "the time?"), "Brief.")
	require.Contains(t, say(bob.CustomerID, "hello"), "error")
	require.Contains(t, string(send(t, s, "POST", "/v1/chat/completions", `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"and I?"}]}`).body), "You said: and I?")
	s.ResetScript()

	s.Script(mockserver.Reply{PromptContains: "18 degrees", Text: "Take a coat."})
	result := `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Will I be cold?"},
		{"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{}"}}]},
		{"role":"tool","tool_call_id":"call_1","content":"18 degrees"}]}`
	require.Contains(t, string(send(t, s, "POST", "/v1/chat/completions", result).body), "Take a coat.", "tool results are part of the text sent to the model")
	s.ResetScript()

	s.Script(mockserver.Reply{Tool: "weather", Text: "A tool is offered."})
	offers := `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Will I be cold?"}],"tools":[{"type":"function","function":{"name":"weather"}}]}`
	require.NotContains(t, string(send(t, s, "POST", "/v1/chat/completions", result).body), "A tool is offered.", "it was called earlier, and is not offered now")
	require.Contains(t, string(send(t, s, "POST", "/v1/chat/completions", offers).body), "A tool is offered.")
	s.ResetScript()

	other := s.NewMerchant()
	other.Script(mockserver.Reply{Text: "For the other merchant."})
	hello := `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hello"}]}`
	require.NotContains(t, string(send(t, s, "POST", "/v1/chat/completions", hello).body), "other merchant")
	require.Contains(t, string(sendAs(t, s, other.SecretKey(), "POST", "/v1/chat/completions", hello).body), "other merchant")
}

// test is a test for which a server is started, and records how it ended.
type test struct {
	mockserver.TB
	cleanups []func()
	errors   []string
	fatal    string
}

func (t *test) Helper()             {}
func (t *test) Cleanup(f func())    { t.cleanups = append(t.cleanups, f) }
func (t *test) Failed() bool        { return len(t.errors) > 0 }
func (t *test) Logf(string, ...any) {}
func (t *test) Errorf(format string, a ...any) {
	t.errors = append(t.errors, fmt.Sprintf(format, a...))
}
func (t *test) Fatalf(format string, a ...any) { t.fatal = fmt.Sprintf(format, a...) }

func (t *test) end() {
	for _, f := range t.cleanups {
		f()
	}
}

// An unused reply fails the test, because its case was not tested.
func TestUnusedReplies(t *testing.T) {
	t.Parallel()
	run := &test{}
	s := mockserver.Start(run, mockserver.InMemory())
	s.Script(mockserver.Reply{Times: 2, Status: 503}, mockserver.Reply{Text: "used"}, mockserver.Reply{Provider: "anthropic", Text: "unused"})
	body := `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hello"}]}`
	for range 3 {
		send(t, s, "POST", "/v1/chat/completions", body)
	}
	run.end()
	require.Len(t, run.errors, 1)
	require.Contains(t, run.errors[0], `Script: reply 3 was used 0 times of 1: {"text":"unused","provider":"anthropic"}`)
}

// An invalid reply is rejected when it is scripted, with the field and what is allowed.
func TestNonsenseReplies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		reply mockserver.Reply
		want  string
	}{
		{mockserver.Reply{Status: 42}, "status: 42 is not the status of a response"},
		{mockserver.Reply{Times: -1}, "times: -1 is negative"},
		{mockserver.Reply{Provider: "opnai"}, `provider: "opnai" is neither the id of a provider nor a host such as "llm.example.com"; did you mean "openai"?`},
		{mockserver.Reply{Provider: "https://api.openai.com/v1"}, `provider: "https://api.openai.com/v1" is neither`},
		{mockserver.Reply{Provider: "api.openai.com"}, `use that id`},
		{mockserver.Reply{Operation: "chatt"}, `operation: "chatt" is not an operation; did you mean`},
		{mockserver.Reply{Text: "a", Body: []byte("b")}, "body: is the whole body"},
		{mockserver.Reply{ContentType: "text/plain"}, "content_type: needs body"},
		{mockserver.Reply{Message: "slow down"}, "message: needs a status of 400"},
		{mockserver.Reply{Status: 500, Text: "a"}, "status: 500 is an error"},
		{mockserver.Reply{Status: 500, FinishReason: mockserver.FinishStop}, "status: 500 is an error"},
		{mockserver.Reply{Status: 204}, "status: 204 has no body, but a provider's response has one: for an empty body, use Body: []byte{}"},
		{mockserver.Reply{Status: 304}, "status: 304 has no body"},
		{mockserver.Reply{Usage: &mockserver.ReportedUsage{OutputTokens: -1}}, "usage: counts must not be negative"},
		{mockserver.Reply{NoUsage: true, Usage: &mockserver.ReportedUsage{}}, "usage: can't be combined with no_usage"},
		{mockserver.Reply{Latency: -1}, "must not be negative"},
		{mockserver.Reply{Fault: mockserver.CutAfter(-1)}, "must not be negative"},
		{mockserver.Reply{FaultDelay: time.Second}, "fault_delay: needs fault"},
		{mockserver.Reply{ToolCalls: []mockserver.ToolCall{{}}}, "tool_calls[0].name: is required"},
	} {
		run := &test{}
		s := mockserver.Start(run, mockserver.InMemory())
		s.Script(mockserver.Reply{}, tt.reply)
		require.Contains(t, run.fatal, "mockserver: Script: replies[1]: ", tt.want)
		require.Contains(t, run.fatal, tt.want)
		run.end()
		require.Empty(t, run.errors, "nothing was scripted")
	}
	s, err := mockserver.New(mockserver.InMemory())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	require.Panics(t, func() { s.Script(mockserver.Reply{Status: 42}) })
}

// Other languages can script what Go can, and snapshots contain it.
func TestControlScript(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	body := `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hello"}],"tools":[{"type":"function","function":{"name":"weather"}}]}`
	for _, reply := range []string{
		`{"times":1,"status":429,"message":"slow down","header":{"Retry-After":["7"]}}`,
		`{"times":1,"tool_calls":[{"name":"weather","arguments":{"city":"Oslo"}}],"usage":{"input_tokens":1000,"output_tokens":5}}`,
		`{"times":1,"body":{"hello":"world"}}`,
		`{"text":"the end","latency":"1ms"}`,
	} {
		a := send(t, s, "POST", "/_mock/script", reply)
		require.Equal(t, 200, a.status, "%s", a.body)
	}
	snapshot, err := s.Snapshot()
	require.NoError(t, err)
	for range 2 {
		a := send(t, s, "POST", "/v1/chat/completions", body)
		require.Equal(t, 429, a.status)
		require.Equal(t, "7", a.header.Get("Retry-After"))
		require.Contains(t, string(send(t, s, "POST", "/v1/chat/completions", body).body), `{\"city\":\"Oslo\"}`)
		require.JSONEq(t, `{"hello":"world"}`, string(send(t, s, "POST", "/v1/chat/completions", body).body))
		require.Contains(t, string(send(t, s, "POST", "/v1/chat/completions", body).body), "the end")
		list := send(t, s, "GET", "/_mock/script", "").object(t)["data"].([]any)
		require.EqualValues(t, 1, list[0].(map[string]any)["used"])
		require.NoError(t, s.Restore(snapshot))
	}
	for _, tt := range []struct{ body, message string }{
		{`{"status":42}`, "status: 42 is not"},
		{`{"tool_calls":[{"nme":"x"}]}`, `there is no field \"tool_calls[0].nme\"; did you mean \"name\"?`},
		{`{"latency":"soon"}`, `latency: \"soon\" is not a duration`},
		{`{"fault":"cutt"}`, `did you mean \"cut\"?`},
		{`{"fault_after":3}`, "fault: is required"},
	} {
		a := send(t, s, "POST", "/_mock/script", tt.body)
		require.Equal(t, 400, a.status)
		require.Contains(t, string(a.body), tt.message)
	}
	require.Equal(t, 200, send(t, s, "DELETE", "/_mock/script", "").status)
	require.Empty(t, send(t, s, "GET", "/_mock/script", "").object(t)["data"])
}

// The application gets the image that a test chooses.
func TestScriptedImages(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	s.Script(mockserver.Reply{Images: [][]byte{[]byte("one"), []byte("two")}})
	for path, body := range map[string]string{
		"https://api.openai.com/v1/images/generations":                                                   `{"model":"gpt-image-1","prompt":"a cat","n":2}`,
		"https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash-image:generateContent": `{"contents":[{"role":"user","parts":[{"text":"a cat"}]}]}`,
	} {
		a := send(t, s, "POST", "/v1/forward?u="+path, body)
		require.Equal(t, 200, a.status, "%s", a.body)
		require.Contains(t, string(a.body), "b25l") // "one" and "two" in base64
		require.Contains(t, string(a.body), "dHdv")
	}
}

// A reply survives encoding to JSON, in which the engine keeps it, with all fields.
func TestRepliesInSnapshots(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	s.Script(mockserver.Reply{Times: 1, Text: "I can't.", FinishReason: "content_filter", Usage: &mockserver.ReportedUsage{InputTokens: 7, OutputTokens: 3}, Header: http.Header{"X-From": {"script"}}})
	snapshot, err := s.Snapshot()
	require.NoError(t, err)
	body := `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hello"}]}`
	first := send(t, s, "POST", "/v1/chat/completions", body)
	require.NoError(t, s.Restore(snapshot))
	again := send(t, s, "POST", "/v1/chat/completions", body)
	for _, a := range []answer{first, again} {
		require.Equal(t, "script", a.header.Get("X-From"))
		require.Contains(t, string(a.body), `"finish_reason":"content_filter"`)
		require.Contains(t, string(a.body), `"prompt_tokens":7`)
	}
}

// A prompt is found anywhere: the data of an image may be larger than what is kept of a body.
func TestPromptsBehindALargeImage(t *testing.T) {
	t.Parallel()
	const prompt = "What is in \"this\" picture?"
	png := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00"), make([]byte, 400<<10)...)
	body, err := json.Marshal(map[string]any{"model": "gpt-4o-mini", "messages": []any{map[string]any{"role": "user", "content": []any{
		map[string]any{"type": "image_url", "image_url": map[string]any{"url": "data:image/png;base64," + base64.StdEncoding.EncodeToString(png)}},
		map[string]any{"type": "text", "text": prompt},
	}}}})
	require.NoError(t, err)
	s := mockserver.Start(t)
	s.Script(
		mockserver.Reply{PromptContains: prompt, Times: 1, Text: "A dot."},
		mockserver.Reply{Func: func(c mockserver.ProviderCall) (mockserver.Reply, bool) {
			return mockserver.Reply{Text: "Asked: " + c.LastUserText()}, true
		}},
	)
	require.Contains(t, string(send(t, s, "POST", "/v1/chat/completions", string(body)).body), "A dot.")
	require.Contains(t, string(send(t, s, "POST", "/v1/chat/completions", string(body)).body), `Asked: What is in \"this\" picture?`)
}
