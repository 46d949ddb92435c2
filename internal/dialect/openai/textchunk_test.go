package openai_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/openai"
)

// Chunks with a piece of text, and similar ones, from documentation or reports. Decoding a chunk and finding its text
// give the same result.
var textChunks = []string{
	`{"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"content":"Hello"},"logprobs":null,"finish_reason":null}]}`,
	`{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi","refusal":null,"tool_calls":[],"reasoning_content":""},"finish_reason":null}],"usage":null}`,
	`{"choices":[{"index":0,"delta":{"content":"日本\u0021"}}]}`,
	`{"choices":[{"index":0,"delta":{"content":"cut ` + "\xe6\x97" + `"}}]}`,
	`{"choices":[{"index":0,"delta":{"content":""}}]}`,
	`{"choices":[{"index":1,"delta":{"content":"x"}}]}`,
	`{"choices":[{"index":0,"delta":{"content":"x"}},{"index":1,"delta":{"content":"y"}}]}`,
	`{"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}`,
	`{"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":""}]}`,
	`{"choices":[{"index":0,"delta":{"content":"x","reasoning_content":"y"}}]}`,
	`{"choices":[{"index":0,"delta":{"content":"x","reasoning_details":[{"type":"reasoning.text","text":"y"}]}}]}`,
	`{"choices":[{"index":0,"delta":{"content":"x","tool_calls":[{"index":0,"id":"call_1","function":{"name":"f","arguments":""}}]}}]}`,
	`{"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"x"}]}}]}`,
	`{"choices":[{"index":0,"message":{"content":"x"}}]}`,
	`{"choices":[{"index":0,"delta":null,"message":{"content":"x"}}]}`,
	`{"choices":[{"delta":{"content":"x"},"Finish_Reason":"length"}]}`,
	`{"choices":[{"delta":{"content":"x","Content":"y"}}]}`,
	`{"choices":[{"delta":{"content":"x","content":null}}]}`,
	`{"choices":[{"delta":{"content":"x","content":"y"}}]}`,
	`{"choices":[{"delta":{"content":"x"}}],"Choices":[{"delta":{"content":"y"}}]}`,
	`{"choices":[{"delta":{"content":"x"}}],"\u0063hoices":[{"delta":{"content":"y"}}]}`,
	`{"choices":[{"delta":{"content":"x"}}],"choices":[]}`,
	`{"choices":[{"delta":{"content":"x"}}],"id":7,"model":null}`,
	`{"choices":[{"index":"0","delta":{"content":"x"}}]}`,
	`[DONE]`, `{}`, `null`,
}

func sameAsDecoded(t *testing.T, chunk string) {
	t.Helper()
	read := openai.Format{}.NewReader()
	_ = read.Read(nil, "", []byte(`{"id":"x"}`)) // from here on, text is found without decoding
	decoded := openai.Format{}.NewReader().Read(nil, "", []byte(chunk))
	if len(decoded) > 0 && decoded[0].Kind == dialect.Begin {
		decoded = decoded[1:]
	}
	got := read.Read(nil, "", []byte(chunk))
	require.Len(t, got, len(decoded), chunk)
	for i := range got {
		assert.Equal(t, decoded[i], got[i], chunk)
	}
}

func TestTextChunks(t *testing.T) {
	t.Parallel()
	for _, chunk := range textChunks {
		sameAsDecoded(t, chunk)
	}
}

func FuzzTextChunk(f *testing.F) {
	for _, chunk := range textChunks {
		f.Add(chunk)
	}
	f.Fuzz(func(t *testing.T, chunk string) {
		if json.Valid([]byte(chunk)) {
			sameAsDecoded(t, chunk)
		}
	})
}
