package upstream_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// The request is that of developers.openai.com/api/docs/guides/audio; openai-go's ChatCompletionAudio requires id, data,
// expires_at and transcript. The content of a spoken message is null.
func TestSpokenChat(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	const request = `"model":"gpt-4o-audio-preview","modalities":["text","audio"],"messages":[{"role":"user","content":"Is a golden retriever a good family dog?"}]`
	const said = `"This is a mock response to: Is a golden retriever a good family dog?"`
	got := send(t, f, "POST", chatURL, `{`+request+`,"audio":{"voice":"alloy","format":"wav"}}`)
	message := at(t, got, "choices", 0, "message")
	assert.Equal(t, "null", at(t, message, "content"))
	assert.Equal(t, said, at(t, message, "audio", "transcript"))
	assert.NotEqual(t, `""`, at(t, message, "audio", "data"))
	assert.Equal(t, "1767229200", at(t, message, "audio", "expires_at"))
	assert.Equal(t, at(t, got, "usage", "completion_tokens"), at(t, got, "usage", "completion_tokens_details", "audio_tokens"))

	// The next request refers to it.
	send(t, f, "POST", chatURL, strings.Replace(`{`+request+`,"audio":{"voice":"alloy","format":"wav"}}`, `"}]`,
		`"},{"role":"assistant","audio":{"id":`+at(t, message, "audio", "id")+`}},{"role":"user","content":"Why do you say they are loyal?"}]`, 1))

	stream := send(t, f, "POST", chatURL, `{`+request+`,"audio":{"voice":"alloy","format":"pcm16"},"stream":true}`)
	transcript, sound := "", ""
	for line := range strings.Lines(stream) {
		var chunk struct {
			Choices []struct {
				Delta struct {
					Audio struct{ Transcript, Data string }
				}
			}
		}
		if _, data, _ := strings.Cut(line, "data: "); json.Unmarshal([]byte(data), &chunk) == nil && len(chunk.Choices) > 0 {
			audio := chunk.Choices[0].Delta.Audio
			transcript, sound = transcript+audio.Transcript, sound+audio.Data
		}
	}
	assert.Equal(t, said, `"`+transcript+`"`)
	assert.NotEmpty(t, sound)

	// Models that can speak are silent unless they are asked to speak.
	got = send(t, f, "POST", chatURL, `{"model":"gpt-4o","modalities":["text"],"messages":[{"role":"user","content":"Hi"}]}`)
	assert.NotContains(t, got, `"audio":`)
}
