package google_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/dialect/google"
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
		{"Google", dialect.Generate, "", `{"candidates":[{"content":{"parts":[{"text":"Hello"}]}}]}`, 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := google.Format{}.NewMeter(test.operation)
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
		{dialect.Generate, "", `{"candidates":[{"finishReason":"STOP"}]}`, ending.Last},
		{dialect.Generate, "", `{"promptFeedback":{"blockReason":"SAFETY"}}`, ending.Last},
		{dialect.Generate, "", `{"error":{"code":503}}`, ending.Failure},
	} {
		assert.Equal(t, test.want, google.Format{}.NewMeter(test.operation).Read(test.kind, []byte(test.data)), "%s %s", test.kind, test.data)
	}
}

// https://github.com/vercel/ai/pull/14937: the header exists even without the field.
func TestTierInHeaders(t *testing.T) {
	t.Parallel()
	header := http.Header{"X-Gemini-Service-Tier": {"flex"}}
	var u dialect.Usage
	assert.False(t, google.Format{}.ReadHeaders(header, &u), "there are no counts")
	assert.Equal(t, "flex", u.Tier)

	u.Tier = "standard"
	google.Format{}.ReadHeaders(header, &u)
	assert.Equal(t, "standard", u.Tier, "the body contains it")
}

// Cached audio counts once (ai.google.dev/api/generate-content, "UsageMetadata": the prompt includes cached content).
func TestCachedAudioCountsOnce(t *testing.T) {
	t.Parallel()
	u, ok := google.Format{}.ReadUsage([]byte(`{"usageMetadata":{"promptTokenCount":1000,"cachedContentTokenCount":800,"candidatesTokenCount":10,
		"promptTokensDetails":[{"modality":"TEXT","tokenCount":100},{"modality":"AUDIO","tokenCount":900}],
		"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":800}]}}`))
	assert.True(t, ok)
	assert.EqualValues(t, 800, u.CachedTokens)
	assert.EqualValues(t, 100, u.AudioInputTokens)
}
