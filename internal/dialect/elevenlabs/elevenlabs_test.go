package elevenlabs_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/elevenlabs"
)

func TestReadFacts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path, body string
		model      string
		characters int64
	}{
		{"/v1/text-to-speech/voice", `{"text":"Grüße","model_id":"eleven_v3"}`, "eleven_v3", 5},
		{"/v1/text-to-dialogue", `{"inputs":[{"text":"Hi"},{"text":"Ho"}]}`, "", 4},
		{"/v1/text-to-speech/voice", `{"text":7}`, "", 0},
		{"/v1/text-to-speech/voice", `{"model":"gpt-4o","text":"x"}`, "", 1},
	} {
		facts, err := dialect.Set{elevenlabs.Format{}}.Find(http.MethodPost, &url.URL{Path: test.path}).ReadFacts("application/json", []byte(test.body))
		require.NoError(t, err)
		assert.Equal(t, test.model, facts.Model, test.body)
		assert.Equal(t, test.characters, facts.Characters, test.body)
	}
}

func TestReadUsage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body string
		want time.Duration
	}{
		{`{"audio_duration_secs":1.5,"words":[{"end":9}]}`, 1500 * time.Millisecond},
		{`{"words":[{"end":0.5},{"end":2}]}`, 2 * time.Second},
		{`{"text":"x"}`, 0},
		{`oops`, 0},
	} {
		u, ok := elevenlabs.Format{}.ReadUsage([]byte(test.body))
		assert.Equal(t, test.want > 0, ok, test.body)
		assert.Equal(t, test.want, u.InputDuration, test.body)
	}
}
