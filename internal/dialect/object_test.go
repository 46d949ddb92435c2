package dialect_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect"
)

func TestObject(t *testing.T) {
	t.Parallel()
	o, err := dialect.ReadObject([]byte(" {\"Model\":1, \"m\\u006fdel\" : \"a\\\"b\",\"stream\":true,\"nested\":{\"x\":1,\"x\":2}} "))
	require.NoError(t, err)
	require.Equal(t, `a"b`, o.Text("model"))
	require.True(t, o.True("stream"))
	require.Nil(t, o.Get("MODEL"))
	require.Empty(t, o.Text("stream"))
	require.Equal(t, "1", string(o.Get("Model")))

	var many strings.Builder
	for i := range 100 {
		many.WriteString(`"k` + strings.Repeat("x", i) + `":0,`)
	}
	for body, want := range map[string]string{
		``:                                "not a JSON object",
		`null`:                            "not a JSON object",
		`[1]`:                             "not a JSON object",
		`{"a":1}x`:                        "not a JSON object",
		`{"a":1,"b":2,"a":3}`:             `the body has the key "a" twice`,
		`{"a":1,"\u0061":3}`:              `the body has the key "a" twice`,
		`{` + many.String() + `"kxxx":1}`: `the body has the key "kxxx" twice`,
		`{"last":0,` + many.String() + `"last":1}`: `the body has the key "last" twice`,
	} {
		_, err := dialect.ReadObject([]byte(body))
		require.ErrorContains(t, err, want, body)
	}
	o, err = dialect.ReadObject([]byte(`{` + many.String() + `"last":"one"}`))
	require.NoError(t, err)
	require.Equal(t, "one", o.Text("last"))
}
