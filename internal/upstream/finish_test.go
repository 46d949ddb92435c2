package upstream_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// limited are a request in each format with a limit of five tokens, whole and streamed, and the finish reason of a
// truncated response: the values are from the official SDKs' types.
var limited = []struct {
	name, url, body     string
	streamURL, streamed string
	finish              []string
	filtered            string
	refused             string
}{
	{"chat completions", chatURL, `{"model":"gpt-4o","max_tokens":5,"messages":[{"role":"user","content":"x"}]}`,
		chatURL, `{"model":"gpt-4o","max_completion_tokens":5,"stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"x"}]}`,
		[]string{`"finish_reason":"length"`, `"completion_tokens":5`}, `"finish_reason":"content_filter"`, `"refusal":"I can't."`},
	{"text completions", openAIBase + "/completions", `{"model":"gpt-3.5-turbo-instruct","max_tokens":5,"prompt":"x"}`,
		openAIBase + "/completions", `{"model":"gpt-3.5-turbo-instruct","max_tokens":5,"stream":true,"stream_options":{"include_usage":true},"prompt":"x"}`,
		[]string{`"finish_reason":"length"`, `"completion_tokens":5`}, `"finish_reason":"content_filter"`, `"finish_reason":"stop"`},
	{"responses", openAIBase + "/responses", `{"model":"gpt-4o","max_output_tokens":5,"input":"x"}`,
		openAIBase + "/responses", `{"model":"gpt-4o","max_output_tokens":5,"stream":true,"input":"x"}`,
		[]string{`"status":"incomplete"`, `"incomplete_details":{"reason":"max_output_tokens"}`, `"output_tokens":5`},
		`"incomplete_details":{"reason":"content_filter"}`, `{"refusal":"I can't.","type":"refusal"}`},
	{"messages", messagesURL, `{"model":"claude-sonnet-4-5","max_tokens":5,"messages":[{"role":"user","content":"x"}]}`,
		messagesURL, `{"model":"claude-sonnet-4-5","max_tokens":5,"stream":true,"messages":[{"role":"user","content":"x"}]}`,
		[]string{`"stop_reason":"max_tokens"`, `"output_tokens":5`}, `"stop_reason":"refusal"`, `"stop_reason":"refusal"`},
	{"generateContent", generateURL, `{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"maxOutputTokens":5}}`,
		streamURL, `{"contents":[{"parts":[{"text":"x"}]}],"generation_config":{"max_output_tokens":5}}`,
		[]string{`"finishReason":"MAX_TOKENS"`, `"candidatesTokenCount":5`}, `"finishReason":"SAFETY"`, `"finishReason":"SAFETY"`},
	{"Converse", converseURL, `{"messages":[{"role":"user","content":[{"text":"x"}]}],"inferenceConfig":{"maxTokens":5}}`,
		converseURL + "-stream", `{"messages":[{"role":"user","content":[{"text":"x"}]}],"inferenceConfig":{"maxTokens":5}}`,
		[]string{`"stopReason":"max_tokens"`, `"outputTokens":5`}, `"stopReason":"content_filtered"`, `"stopReason":"content_filtered"`},
	{"Cohere's chat", cohereBase + "/chat", `{"model":"command-a","max_tokens":5,"messages":[{"role":"user","content":"x"}]}`,
		cohereBase + "/chat", `{"model":"command-a","max_tokens":5,"stream":true,"messages":[{"role":"user","content":"x"}]}`,
		[]string{`"finish_reason":"MAX_TOKENS"`, `"output_tokens":5`}, `"finish_reason":"ERROR"`, `"finish_reason":"COMPLETE"`},
	{"Titan", invokeURL("amazon.titan-text-lite-v1", "invoke"), `{"inputText":"x","textGenerationConfig":{"maxTokenCount":5}}`, "", "",
		[]string{`"completionReason":"LENGTH"`, `"tokenCount":5`}, `"completionReason":"CONTENT_FILTERED"`, `"completionReason":"FINISH"`},
	{"Llama", invokeURL("meta.llama3-8b-instruct-v1:0", "invoke"), `{"prompt":"x","max_gen_len":5}`, "", "",
		[]string{`"stop_reason":"length"`, `"generation_token_count":5`}, "", ""},
}

// A response has at most as many tokens as the request allows, and reports the truncation.
func TestOutputLimit(t *testing.T) {
	t.Parallel()
	const said, kept = "One two three four five six seven.", "One two three four f" // five times four characters
	fake := &upstream.Fake{Lenient: without("openai.ranges")}
	fake.Choose = always(upstream.Reply{Text: said, ChunkSize: 100})
	for _, l := range limited {
		for url, body := range map[string]string{l.url: l.body, l.streamURL: l.streamed, l.url + "?": l.streamed} {
			if body == "" {
				continue
			}
			url = strings.TrimSuffix(url, "?")
			if url == l.url && body == l.streamed && l.streamURL != l.url {
				continue
			}
			resp, got := ask(t, fake, "POST", url, body)
			require.Equal(t, 200, resp.StatusCode, got)
			assert.Contains(t, got, `"`+kept+`"`, l.name)
			assert.NotContains(t, got, kept+"i", l.name)
			for _, want := range l.finish {
				assert.Contains(t, got, want, "%s: %s", l.name, body)
			}
		}
	}
}

// Below the limit, nothing is truncated; thoughts count, and come first.
func TestOutputLimitCounts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		reply                    upstream.Reply
		limit, content, finish   string
		completion, thoughtCount string
	}{
		{upstream.Reply{Text: "12345678"}, "2", `"12345678"`, `"stop"`, "2", "0"},
		{upstream.Reply{Text: "123456789"}, "2", `"12345678"`, `"length"`, "2", "0"},
		{upstream.Reply{Text: "äöüßäöüßä"}, "2", `"äöüßäöüß"`, `"length"`, "2", "0"},
		{upstream.Reply{Reasoning: "12345678", Text: "12345"}, "3", `"1234"`, `"length"`, "3", "2"},
		{upstream.Reply{Reasoning: "123456789", Text: "1"}, "2", `""`, `"length"`, "2", "2"},
		{upstream.Reply{Text: "12345", FinishReason: upstream.FinishStop}, "1", `"1234"`, `"stop"`, "1", "0"},
		{upstream.Reply{Text: "12345", Usage: &upstream.Usage{OutputTokens: 7}}, "1", `"1234"`, `"length"`, "7", "0"},
	} {
		fake := &upstream.Fake{}
		fake.Choose = always(test.reply)
		_, got := ask(t, fake, "POST", chatURL, `{"model":"gpt-4o","max_tokens":`+test.limit+`,"messages":[{"role":"user","content":"x"}]}`)
		assert.Equal(t, test.content, at(t, got, "choices", 0, "message", "content"))
		assert.Equal(t, test.finish, at(t, got, "choices", 0, "finish_reason"))
		assert.Equal(t, test.completion, at(t, got, "usage", "completion_tokens"))
		assert.Equal(t, test.thoughtCount, at(t, got, "usage", "completion_tokens_details", "reasoning_tokens"))
	}
}

var toolID = regexp.MustCompile(`"toolu_[^"]*"`)

// A truncated call is incomplete or missing.
func TestOutputLimitCutsCalls(t *testing.T) {
	t.Parallel()
	const tools = `"tools":[{"name":"weather","input_schema":{"type":"object"}}]`
	fake := &upstream.Fake{}
	fake.Choose = always(upstream.Reply{ToolCalls: []upstream.ToolCall{{Name: "weather", Arguments: `{"city":"Reykjavík"}`}, {Name: "weather", Arguments: "{}"}}})
	for limit, want := range map[string]string{
		"1":  `[]`,
		"3":  `[{"id":"?","input":{},"name":"weather","type":"tool_use"}]`,
		"7":  `[{"id":"?","input":{"city":"Reykjavík"},"name":"weather","type":"tool_use"}]`,
		"50": `[{"id":"?","input":{"city":"Reykjavík"},"name":"weather","type":"tool_use"},{"id":"?","input":{},"name":"weather","type":"tool_use"}]`,
	} {
		_, got := ask(t, fake, "POST", messagesURL, `{"model":"claude-sonnet-4-5","max_tokens":`+limit+`,`+tools+`,"messages":[{"role":"user","content":"x"}]}`)
		assert.JSONEq(t, want, toolID.ReplaceAllString(at(t, got, "content"), `"?"`), limit)
		assert.Equal(t, limit == "50", at(t, got, "stop_reason") == `"tool_use"`, limit)
	}
	_, got := ask(t, fake, "POST", messagesURL, `{"model":"claude-sonnet-4-5","stream":true,"max_tokens":4,`+tools+`,"messages":[{"role":"user","content":"x"}]}`)
	assert.Contains(t, got, `"partial_json":"{\"city\":\""`, "as much as fits")
}

// Reasons to stop are in each format's own words; a provider's own reason is unchanged.
func TestFinishReasons(t *testing.T) {
	t.Parallel()
	for _, l := range limited {
		fake := &upstream.Fake{Lenient: without("openai.ranges")}
		for want, reply := range map[string]upstream.Reply{
			l.filtered: {FinishReason: upstream.FinishContentFilter}, l.refused: {FinishReason: upstream.FinishRefusal, Text: "I can't.", ChunkSize: 100},
		} {
			fake.Choose = always(reply)
			_, got := ask(t, fake, "POST", l.url, l.body)
			assert.Contains(t, got, want, l.name)
			if l.streamed != "" {
				_, got = ask(t, fake, "POST", l.streamURL, l.streamed)
				assert.Contains(t, got, want, l.name)
			}
		}
	}
	fake := &upstream.Fake{}
	fake.Choose = always(upstream.Reply{FinishReason: "pause_turn"})
	_, got := ask(t, fake, "POST", messagesURL, askClaude)
	assert.Equal(t, `"pause_turn"`, at(t, got, "stop_reason"))
}
