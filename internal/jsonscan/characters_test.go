package jsonscan_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// The decoded text is counted, regardless of escapes.
func TestCharacters(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, data string
		want       int64
	}{
		{"text", `{"a":[{"text":"Hello"}]}`, 5},
		{"spaced JSON", `{"text" : "Hello"}`, 5},
		{"several", `{"text":"Hello","b":{"other":"x"}}`, 6},
		{"another key", `{"name":"Hello"}`, 0},
		{"escapes", `{"text":"a\n\"\u00e9\\"}`, 5},
		{"a surrogate pair is one", `{"text":"\ud83d\ude00x"}`, 2},
		{"UTF-8", `{"text":"ü😀"}`, 2},
		{"text that looks like JSON", `{"text":"{\"text\":\"xx\"}"}`, 13},
		{"null", `{"text":null}`, 0},
		{"a truncated escape", `{"text":"\u`, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, jsonscan.Characters([]byte(test.data), "text", "other"))
		})
	}
}

// Keys written with escapes are the same keys: the text under them is generated, and charged.
func TestCharactersUnderEscapedKeys(t *testing.T) {
	t.Parallel()
	assert.Equal(t, int64(5), jsonscan.Characters([]byte(`{"a":{"c\u006fntent":"Hello","\"content":"no"},"content\\":"no"}`), "content"))
}
