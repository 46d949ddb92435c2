package upstream_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// elevenlabs.io/docs/api-reference/voices/search: the search term is for name, description, labels and category, and
// next_page_token continues while has_more is true.
func TestVoicesAreSearched(t *testing.T) {
	t.Parallel()
	const url = "https://api.elevenlabs.io/v2/voices"
	var fake upstream.Fake
	for query, want := range map[string][2]string{
		"":                                {`"Rachel"`, "3"},
		"?search=george":                  {`"George"`, "1"},
		"?search=BRITISH":                 {`"George"`, "1"},
		"?gender=female":                  {`"Rachel"`, "2"},
		"?category=premade":               {`"Rachel"`, "3"},
		"?voice_ids=EXAVITQu4vr4xnSDxMaL": {`"Sarah"`, "1"},
	} {
		got := send(t, &fake, "GET", url+query, "")
		assert.Equal(t, want, [2]string{at(t, got, "voices", 0, "name"), at(t, got, "total_count")}, query)
		assert.Equal(t, "false", at(t, got, "has_more"))
	}
	assert.Equal(t, "[]", at(t, send(t, &fake, "GET", url+"?search=nobody", ""), "voices"))

	first := send(t, &fake, "GET", url+"?page_size=2", "")
	assert.Equal(t, `"Sarah"`, at(t, first, "voices", 1, "name"))
	assert.Equal(t, "true", at(t, first, "has_more"))
	second := send(t, &fake, "GET", url+"?page_size=2&next_page_token="+strings.Trim(at(t, first, "next_page_token"), `"`), "")
	assert.Equal(t, `"George"`, at(t, second, "voices", 0, "name"))
	assert.Equal(t, "false", at(t, second, "has_more"))
	assert.Equal(t, "null", at(t, second, "next_page_token"))
}

// ElevenLabs' client for Node (core/stream/Stream.js) reads each object up to its newline, also the only one.
func TestTimedSpeechEndsWithANewline(t *testing.T) {
	t.Parallel()
	const voice = "https://api.elevenlabs.io/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb"
	for _, text := range []string{"Hi", "Hello there you"} {
		got := send(t, &upstream.Fake{}, "POST", voice+"/stream/with-timestamps", `{"text":"`+text+`"}`)
		lines := strings.SplitAfter(got, "\n")
		assert.Len(t, lines, len(strings.Fields(text))+1, got)
		assert.Empty(t, lines[len(lines)-1])
		assert.Equal(t, `"H"`, at(t, lines[0], "alignment", "characters", 0))
	}
}
