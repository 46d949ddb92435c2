package openai_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/dialect/openai"
)

// The decoded text of a stream is counted, regardless of escapes.
func TestMeterCharacters(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		operation dialect.Operation
		kind      string
		data      string
		want      int64
	}{
		{"text", dialect.ChatCompletions, "", `{"choices":[{"delta":{"content":"Hello"}}]}`, 5},
		{"spaced JSON", dialect.ChatCompletions, "", `{"choices": [{"delta": {"content" : "Hello"}}]}`, 5},
		{"escapes", dialect.ChatCompletions, "", `{"choices":[{"delta":{"content":"a\n\"\u00e9\\"}}]}`, 5},
		{"a surrogate pair is one", dialect.ChatCompletions, "", `{"choices":[{"delta":{"content":"\ud83d\ude00x"}}]}`, 2},
		{"UTF-8", dialect.ChatCompletions, "", `{"choices":[{"delta":{"content":"ü😀"}}]}`, 2},
		{"text that looks like JSON", dialect.ChatCompletions, "", `{"choices":[{"delta":{"content":"{\"content\":\"xx\"}"}}]}`, 16},
		{"null", dialect.ChatCompletions, "", `{"choices":[{"delta":{"content":null}}]}`, 0},
		{"tool arguments", dialect.ChatCompletions, "", `{"choices":[{"delta":{"tool_calls":[{"type":"function","function":{"arguments":"{}"}}]}}]}`, 2},
		{"response delta", dialect.Responses, "response.output_text.delta", `{"type":"response.output_text.delta","delta":"Hello"}`, 5},
		{"response text repeated", dialect.Responses, "response.output_text.done", `{"type":"response.output_text.done","text":"Hello"}`, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := openai.Format{}.NewMeter(test.operation)
			assert.Equal(t, ending.Content, m.Read(test.kind, []byte(test.data)))
			assert.Equal(t, test.want, m.Characters())
			m.Read(test.kind, []byte(test.data))
			assert.Equal(t, 2*test.want, m.Characters(), "the same for later events")
		})
	}
}

func TestMeterClasses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		operation  dialect.Operation
		kind, data string
		want       ending.Class
	}{
		{dialect.ChatCompletions, "", `[DONE]`, ending.Terminal},
		{dialect.ChatCompletions, "", `{"choices":[{"finish_reason":"stop"}]}`, ending.Content},
		{dialect.ChatCompletions, "", `{"choices":[],"usage":{"prompt_tokens":1}}`, ending.UsageOnly},
		{dialect.ChatCompletions, "", `{"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}`, ending.Content},
		{dialect.ChatCompletions, "", `{"choices":[],"prompt_filter_results":[]}`, ending.Content},
		{dialect.ChatCompletions, "", `{"error":{"message":"x"}}`, ending.Failure},
		{dialect.ChatCompletions, "error", `{"message":"x"}`, ending.Failure},
		{dialect.ChatCompletions, "", `{"choices":[],"error":null}`, ending.Content},
		{dialect.Responses, "response.completed", `{"response":{}}`, ending.Terminal},
		{dialect.Responses, "", `{"type":"response.incomplete","response":{}}`, ending.Terminal},
		{dialect.Responses, "", `{"type":"response.failed","response":{"error":{"code":"x"}}}`, ending.Failure},
		{dialect.Responses, "response.created", `{"response":{"error":null}}`, ending.Content},
		{dialect.Other, "", `anything`, ending.Content},
	} {
		assert.Equal(t, test.want, openai.Format{}.NewMeter(test.operation).Read(test.kind, []byte(test.data)), "%s %s", test.kind, test.data)
	}
}

// Events that look like the previous one are read by comparison: the rest must not be treated as text.
func TestMeterReadsEventsAlike(t *testing.T) {
	t.Parallel()
	const before, after = `{"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"`, `"},"finish_reason":null}]}`
	m := openai.Format{}.NewMeter(dialect.ChatCompletions)
	var characters int64
	for _, test := range []struct {
		data       string
		want       ending.Class
		characters int64
	}{
		{before + `Hello` + after, ending.Content, 5},
		{before + ` you` + after, ending.Content, 4},
		{before + `` + after, ending.Content, 0},
		{before + `a \"b\" \\` + after, ending.Content, 7},
		{before + `\ud83d\ude00ü` + after, ending.Content, 2},
		{before + `ab"},"x":{"content":"cd` + after, ending.Content, 4},
		{before + `ab` + after, ending.Content, 2},
		{before + `ab"}}],"error":{"message":"x"},"choices":[{"index":1,"delta":{"content":"cd` + after, ending.Failure, 0},
		{before + `ab"}}],"usage":{"prompt_tokens":3,"completion_tokens":4},"choices":[{"index":1,"delta":{"content":"cd` + after, ending.Content, 4},
		{`{"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5}}`, ending.UsageOnly, 0},
		{`[DONE]`, ending.Terminal, 0},
	} {
		assert.Equal(t, test.want, m.Read("", []byte(test.data)), test.data)
		characters += test.characters
		assert.Equal(t, characters, m.Characters(), test.data)
	}
	u, _ := m.Usage()
	assert.EqualValues(t, 5, u.OutputTokens)
	assert.Equal(t, ending.Failure, m.Read("error", []byte(before+`ab`+after)))
}
