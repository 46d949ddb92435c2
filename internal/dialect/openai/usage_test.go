package openai_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/openai"
)

// A field of an unexpected type affects only that field.
func TestUsageOfUnexpectedTypes(t *testing.T) {
	t.Parallel()
	u, ok := openai.Format{}.ReadUsage([]byte(`{"id":7,"model":"m","usage":{"prompt_tokens":["5"],"completion_tokens":6}}`))
	assert.True(t, ok)
	assert.Equal(t, dialect.Usage{Model: "m", OutputTokens: 6}, u)
}

// Providers of OpenAI's format put usage in other places and other forms.
func TestUsageOfOtherProviders(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, body string
		want       dialect.Usage
	}{
		// https://github.com/Tracer-Cloud/opensre/pull/2814, https://github.com/maximhq/bifrost/pull/760
		{"counts with a fraction", `{"usage":{"prompt_tokens":512.0,"completion_tokens":8.0,"total_tokens":520.0}}`,
			dialect.Usage{InputTokens: 512, OutputTokens: 8}},
		// https://console.groq.com/docs/api-reference: x_groq of the last chunk.
		{"Groq", `{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"req_01","usage":{"queue_time":0.03,"prompt_tokens":18,"completion_tokens":556,"total_tokens":574}}}`,
			dialect.Usage{ResponseID: "c", InputTokens: 18, OutputTokens: 556}},
		// https://github.com/higress-group/higress/pull/1568
		{"Moonshot", `{"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":1336,"completion_tokens":31,"total_tokens":1367,"cached_tokens":1024}}]}`,
			dialect.Usage{InputTokens: 1336, OutputTokens: 31, CachedTokens: 1024}},
		// https://docs.voyageai.com/reference/embeddings-api: there is only the total.
		{"Voyage", `{"object":"list","data":[{"object":"embedding","embedding":[0.1],"index":0}],"model":"voyage-3","usage":{"total_tokens":10}}`,
			dialect.Usage{Model: "voyage-3", InputTokens: 10}},
		// RFC 8259, section 8.3: strings are compared by their decoded value.
		{"keys with escapes", `{"\u0075sage":{"prompt\u005ftokens":5,"completion_tokens":8,"prompt_tokens_details":{"cached\u005Ftokens":2}}}`,
			dialect.Usage{InputTokens: 5, OutputTokens: 8, CachedTokens: 2}},
		{"the total says what is missing", `{"usage":{"prompt_tokens":"?","completion_tokens":8,"total_tokens":20}}`,
			dialect.Usage{InputTokens: 12, OutputTokens: 8}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			u, ok := openai.Format{}.ReadUsage([]byte(test.body))
			assert.True(t, ok)
			assert.Equal(t, test.want, u)

			m := openai.Format{}.NewMeter(dialect.ChatCompletions)
			m.Read("", []byte(test.body))
			u, ok = m.Usage()
			assert.True(t, ok, "in a stream too")
			assert.Equal(t, test.want, u)
		})
	}
}
