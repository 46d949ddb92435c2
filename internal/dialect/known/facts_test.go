package known_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/known"
)

func TestPromptCharacters(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path, body string
		want       int64
	}{
		{"/chat/completions", `{"messages":[{"role":"system","content":"12"},{"role":"user","content":[{"type":"text","text":"345"},{"type":"image_url","image_url":{"url":"data:xxxx"}}]}]}`, 5},
		{"/chat/completions", `{"messages":[{"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","content":"ok"}]}`, 5},
		{"/chat/completions", `{"messages":[],"tools":[{"a":1}]}`, 9},
		{"/messages", `{"system":[{"type":"text","text":"12"}],"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"x","content":"345"}]}]}`, 5},
		{"/messages", `{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"x","name":"f","input":{"a":1}}]}]}`, 8},
		{"/responses", `{"instructions":"12","input":"345"}`, 5},
		{"/embeddings", `{"input":["12","345"]}`, 5},
		{"/embeddings", `{"input":[1,2,3]}`, 12},
		{"/model/x/converse", `{"system":[{"text":"12"}],"messages":[{"role":"user","content":[{"text":"345"},{"toolResult":{"toolUseId":"x","content":[{"text":"6"}]}}]}],"toolConfig":{"tools":[1]}}`, 9},
		{"/models/x:generateContent", `{"systemInstruction":{"parts":[{"text":"12"}]},"contents":[{"parts":[{"text":"345"},{"inlineData":{"data":"xxxx"}}]}]}`, 5},
	} {
		r, err := known.Formats().Find("POST", &url.URL{Path: test.path}).ReadFacts("application/json", []byte(test.body))
		require.NoError(t, err)
		assert.Equal(t, test.want, r.PromptCharacters(), test.body)
	}
}

var endpoints = []string{"/chat/completions", "/completions", "/responses", "/embeddings", "/images/generations", "/audio/speech",
	"/audio/transcriptions", "/messages", "/models/x:generateContent", "/models/x:streamGenerateContent", "/model/x/converse", "/text-to-speech/x", "/speech-to-text", "/other", "/model/x/invoke", "/v2/chat", "/v2/rerank"}

// No response, whatever it is, may panic a reader or lead to a charge that is negative or beyond reason.
func FuzzReadUsage(f *testing.F) {
	for i := range endpoints {
		f.Add(uint8(i), []byte(`{"id":"x","model":"m","usage":{"prompt_tokens":1,"input_tokens":2,"completion_tokens":3,"cache_creation":{"ephemeral_1h_input_tokens":9},"cache_creation_input_tokens":5},"usageMetadata":{"promptTokenCount":4}}`))
		f.Add(uint8(i), []byte(`[{"usageMetadata":{"promptTokenCount":4}}]`))
		f.Add(uint8(i), []byte(`{"audio_duration_secs":1e300,"duration":"x"}`))
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		e := known.Formats().Find("POST", &url.URL{Path: endpoints[int(which)%len(endpoints)]})
		u, _ := e.ReadUsage(body)
		sane(t, u)
		_, _ = e.CountText(body)
		r, _ := e.ReadFacts("application/json", body)
		sane(t, r.Complete(u, false, 10))
	})
}

func FuzzMeter(f *testing.F) {
	f.Add(uint8(0), "", []byte(`{"id":"x","choices":[],"usage":{"prompt_tokens":1}}`))
	f.Add(uint8(2), "response.completed", []byte(`{"response":{"usage":{"input_tokens":1}}}`))
	f.Add(uint8(7), "message_start", []byte(`{"message":{"usage":{"input_tokens":-1,"cache_read_input_tokens":9}}}`))
	f.Add(uint8(8), "", []byte(`{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{}}`))
	f.Add(uint8(0), "", []byte(`{"content":"\u`))
	f.Add(uint8(9), "metadata", []byte(`{"usage":{"inputTokens":-1,"cacheWriteInputTokens":5,"cacheDetails":[{"ttl":"1h","inputTokens":9}]}}`))
	f.Fuzz(func(t *testing.T, which uint8, event string, data []byte) {
		s := known.Formats().Find("POST", &url.URL{Path: endpoints[int(which)%len(endpoints)]}).NewMeter()
		for range 3 {
			s.Read(event, data)
		}
		u, _ := s.Usage()
		sane(t, u)
		assert.GreaterOrEqual(t, s.Characters(), int64(0))
	})
}

func sane(t *testing.T, u dialect.Usage) {
	t.Helper()
	for _, n := range []int64{u.InputTokens, u.OutputTokens, u.CachedTokens, u.CacheWriteTokens, u.CacheWrite1hTokens,
		u.AudioInputTokens, u.ImageInputTokens, u.AudioOutputTokens, u.ImageOutputTokens, u.InputCharacters, int64(u.InputDuration)} {
		if n < 0 || n > 1e17 {
			t.Errorf("%+v", u)
		}
	}
}

// FuzzFacts reads requests of all kinds, including forms.
func FuzzFacts(f *testing.F) {
	f.Add(uint8(0), "application/json", []byte(`{"model":"m","messages":[{"content":[{"text":"x"}]}],"stream_options":{"include_usage":1}}`))
	f.Add(uint8(6), "multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nRIFF0000WAVEdata\r\n--b--"))
	f.Fuzz(func(t *testing.T, which uint8, kind string, body []byte) {
		e := known.Formats().Find("POST", &url.URL{Path: endpoints[int(which)%len(endpoints)]})
		r, _ := e.ReadFacts(kind, body)
		assert.GreaterOrEqual(t, dialect.AudioDuration(r.Audio), dialect.AudioDuration(nil))
		_, _ = r.AskForUsage()
		_, _ = r.WithModel("m")
		assert.GreaterOrEqual(t, r.PromptCharacters(), int64(0))
	})
}
