package known_test

import (
	"testing"

	. "github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
)

// Most events of a stream are a piece of text.
func BenchmarkEvent(b *testing.B) {
	chunk := []byte(`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"gpt-4o-mini","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}],"usage":null}`)
	delta := []byte(`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" word"}}`)
	for _, test := range []struct {
		name     string
		from, to Chat
		data     []byte
	}{{"OpenAI to Anthropic", OpenAI, Anthropic, chunk}, {"Anthropic to OpenAI", Anthropic, OpenAI, delta}, {"OpenAI to Google", OpenAI, Google, chunk}, {"OpenAI to Bedrock", OpenAI, Bedrock, chunk}} {
		b.Run(test.name, func(b *testing.B) {
			s := NewTranslator(test.from, test.to, &Request{}, opening)
			var out []byte
			b.ReportAllocs()
			for b.Loop() {
				out = s.Event(out[:0], ending.Content, "", test.data)
			}
		})
	}
}
