package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

func TestAppendString(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": `""`, " word": `" word"`, "a\nb": `"a\nb"`, `say "hi" \`: `"say \"hi\" \\"`, "<b> & c": `"<b> & c"`,
		"naïve 日本 😀": `"naïve 日本 😀"`, "é\n": `"é\n"`, "\x01\x7f": "\"\\u0001\x7f\"", "日\u2028": `"日\u2028"`, "\ufffd": "\"\ufffd\"",
	} {
		assert.Equal(t, want, string(jsonscan.AppendString(nil, text)), "%q", text)
		assert.Equal(t, "x"+want, string(jsonscan.AppendString([]byte("x"), text)), "%q", text)
	}
}

// Go 1.27 writes the replacement of invalid UTF-8 as it is, earlier versions as an escape.
func TestAppendInvalidString(t *testing.T) {
	t.Parallel()
	var s string
	require.NoError(t, json.Unmarshal(jsonscan.AppendString(nil, "a\xffb"), &s))
	assert.Equal(t, "a\ufffdb", s)
}

func FuzzAppendString(f *testing.F) {
	f.Add("a\u2028\"\\\x00é")
	f.Fuzz(func(t *testing.T, s string) {
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		require.NoError(t, enc.Encode(s))
		require.Equal(t, want.String(), string(jsonscan.AppendString(nil, s))+"\n")
	})
}
