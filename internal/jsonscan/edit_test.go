package jsonscan_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

func TestSetField(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, object, want string }{
		{"added to an empty object", `{}`, `{"k":1}`},
		{"added to an empty object with spaces", "{ \n}", "{ \n\"k\":1}"},
		{"added at the end", `{"a":1}`, `{"a":1,"k":1}`},
		{"replaced", `{ "k" : [2, {"k":3}] , "a":"k" }`, `{ "k" : 1 , "a":"k" }`},
		{"the last of two", `{"k":2,"k":3}`, `{"k":2,"k":1}`},
		{"an escaped name is the same name", `{"\u006b":2}`, `{"\u006b":1}`},
		{"nested keys don't count", `{"a":{"k":2}}`, `{"a":{"k":2},"k":1}`},
		{"big numbers are unchanged", `{"n":12345678901234567890.10}`, `{"n":12345678901234567890.10,"k":1}`},
		{"space after", "{\"a\":1} \n", "{\"a\":1,\"k\":1} \n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := jsonscan.SetField([]byte(test.object), "k", []byte("1"))
			require.NoError(t, err)
			assert.Equal(t, test.want, string(got))
		})
	}
	for _, bad := range []string{``, `[]`, `{"a":1`, `{"a":1}}`, `{"a":1} x`, `null`} {
		_, err := jsonscan.SetField([]byte(bad), "k", []byte("1"))
		assert.Error(t, err, bad)
	}
}

// SetField changes only one field, or fails.
func FuzzSetField(f *testing.F) {
	f.Add([]byte(`{"a":1,"stream_options":null}`))
	f.Add([]byte(`{ }`))
	f.Fuzz(func(t *testing.T, object []byte) {
		out, err := jsonscan.SetField(object, "k", []byte(`"v"`))
		if err != nil {
			return
		}
		var before, after map[string]json.RawMessage
		if json.Unmarshal(object, &before) != nil {
			return // the decoder of tokens is more lenient
		}
		require.NoError(t, json.Unmarshal(out, &after), "%q from %q", out, object)
		assert.Equal(t, `"v"`, string(after["k"]))
		delete(before, "k")
		delete(after, "k")
		assert.Equal(t, before, after)
	})
}
