package upstream_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// streams are a stream in each format, and the beginning of its chunks of text.
var streams = []struct{ name, url, body, text, end string }{
	{"chat completions", chatURL, streamOpenAI, `"delta":{"content":"`, "[DONE]"},
	{"responses", openAIBase + "/responses", `{"model":"gpt-4o","stream":true,"input":"x"}`, `event: response.output_text.delta`, "response.completed"},
	{"Anthropic", messagesURL, streamClaude, `"type":"text_delta"`, "message_stop"},
	{"Google", streamURL, askGemini, `"parts":[{"text":"w`, "STOP"},
	{"Google, an array", strings.TrimSuffix(streamURL, "?alt=sse"), askGemini, `"parts":[{"text":"w`, "STOP"},
	{"Bedrock", converseURL + "-stream", askNova, `"delta":{"text":"`, "messageStop"},
}

// "After two chunks of text" means the same in each format, whatever precedes and separates them.
func TestFaultsCountTextInEachFormat(t *testing.T) {
	t.Parallel()
	for _, s := range streams {
		for after, want := range map[int]int{1: 1, 2: 2, 3: 3, 9: 3} {
			fake := &upstream.Fake{Lenient: without(upstream.ScriptTools)}
			fake.Choose = always(upstream.Reply{Text: "w1w2w3", ChunkSize: 2, Fault: upstream.CutAfter(after),
				ToolCalls: []upstream.ToolCall{{Name: "weather", Arguments: `{"city":"Rome"}`}}})
			body, err := read(t, fake, s.url, s.body)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, s.name)
			assert.Equal(t, want, strings.Count(body, s.text), "%s, cut after %d: %s", s.name, after, body)
			assert.NotContains(t, body, s.end, s.name)

			fake.Choose = always(upstream.Reply{Text: "w1w2w3", ChunkSize: 2, Fault: upstream.ErrorAfter(after)})
			body, err = read(t, fake, s.url, s.body)
			require.NoError(t, err, s.name)
			assert.Equal(t, want, strings.Count(body, s.text), "%s, error after %d: %s", s.name, after, body)
			assert.NotContains(t, body, s.end, s.name)
		}
	}
}

// A failed response has the next number, and none of the unsent text.
func TestFailedResponse(t *testing.T) {
	t.Parallel()
	fake := &upstream.Fake{}
	fake.Choose = always(upstream.Reply{Text: "one two three", Fault: upstream.ErrorAfter(1)})
	body, err := read(t, fake, openAIBase+"/responses", `{"model":"gpt-4o","stream":true,"input":"x"}`)
	require.NoError(t, err)
	events := strings.Split(strings.TrimSpace(body), "\n\n")
	_, last, _ := strings.Cut(events[len(events)-1], "data: ")
	assert.Equal(t, "5", at(t, last, "sequence_number"), "after created, in_progress, item, part and one delta")
	assert.Len(t, events, 6)
	assert.JSONEq(t, `[]`, at(t, last, "response", "output"))
	assert.JSONEq(t, `{"code":"server_error","message":"The server had an error while processing your request."}`, at(t, last, "response", "error"))
}

// The ids of responses distinguish equal requests, and times are the clock's.
func TestIDsAndTimes(t *testing.T) {
	t.Parallel()
	now, request := time.Unix(1_800_000_000, 0), "req_1"
	fake := &upstream.Fake{Now: func() time.Time { return now }, RequestID: func(context.Context) string { return request }}
	_, first := ask(t, fake, "POST", chatURL, askOpenAI)
	_, again := ask(t, fake, "POST", chatURL, askOpenAI)
	assert.Equal(t, first, again)
	assert.Equal(t, "1800000000", at(t, first, "created"))

	request, now = "req_2", now.Add(time.Hour)
	_, second := ask(t, fake, "POST", chatURL, askOpenAI)
	assert.NotEqual(t, at(t, first, "id"), at(t, second, "id"))
	assert.Equal(t, "1800003600", at(t, second, "created"))
	assert.Equal(t, at(t, first, "choices"), at(t, second, "choices"))
}

// read returns the data of a response until it ended or broke off.
func read(t *testing.T, rt http.RoundTripper, target, body string) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Anthropic-Version", "2023-06-01")
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(resp.Body)
	return string(b), errors.Join(err, resp.Body.Close())
}
