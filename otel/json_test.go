package lavaotel

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Scanning finds the same values in a document as encoding/json, and no input makes a scan panic.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{
		`{"a":1,"b":"x\"y","c":{"d":["}","]"]},"e":null}`, ` { "a" : [ 1 , 2 ] , "b" : -1.5e3 } `, `{}`, `[]`, `[[],{}]`, `{"a":"\\"}`, `{"a":"\\\""}`,
		`[1,"two",{"three":3}]`, `{"a":`, `{"a"`, `{"a":1`, `{"a":"`, `{,}`, `}`, `"`, `{"a":}`, `{"":{}}`, "{\"a\":\t\r\n1}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		found := map[string]string{}
		for key, value := range members(data) {
			found[string(key)] = string(value)
			text(value)
			count(value)
		}
		var c completion
		c.document(data)

		want := map[string]json.RawMessage{}
		if json.Unmarshal(data, &want) == nil {
			keys := map[string]bool{}
			for key := range want {
				keys[key] = true
			}
			for key, value := range found {
				var plain string
				require.NoError(t, json.Unmarshal([]byte(`"`+key+`"`), &plain))
				assert.True(t, keys[plain])
				delete(keys, plain)
				if len(found) == len(want) && plain == key { // no key is repeated in another spelling
					assert.Equal(t, string(want[key]), value)
				}
			}
			assert.Empty(t, keys)
		}
		list := []json.RawMessage{}
		if json.Unmarshal(data, &list) == nil {
			var got []json.RawMessage
			for value := range elements(data) {
				got = append(got, value)
			}
			assert.Len(t, got, len(list))
		}
	})
}

// A count is a nonnegative integer in any notation.
func TestCount(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]int64{"0": 0, "12": 12, "12.0": 12, "1e3": 1000, "-1": -1, "null": -1, `"12"`: -1, "1e300": -1, "NaN": -1, "": -1} {
		n, ok := count([]byte(value))
		assert.Equal(t, want >= 0, ok, value)
		if ok {
			assert.Equal(t, want, n, value)
		}
	}
}
