package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMetadata(t *testing.T) {
	t.Parallel()
	pairs := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"k%d":"v"`, i)
		}
		return "{" + b.String()[1:] + "}"
	}
	const q = "%22"
	for _, test := range []struct {
		name, query string
		header      []string
		want        map[string]string
		says        string // part of the error
	}{
		{name: "none"},
		{name: "header", header: []string{"x-lava-metadata", `{"User":"u 1","x":"ü"}`}, want: map[string]string{"User": "u 1", "x": "ü"}},
		{name: "query", query: "&metadata={" + q + "a" + q + ":" + q + "b" + q + "}", want: map[string]string{"a": "b"}},
		{name: "single headers", header: []string{"x-lava-metadata-User_ID", "7", "x-lava-metadata-plan", "pro"}, want: map[string]string{"user_id": "7", "plan": "pro"}},
		{name: "all, the more specific wins", query: "&metadata={" + q + "a" + q + ":" + q + "1" + q + "," + q + "b" + q + ":" + q + "1" + q + "," + q + "c" + q + ":" + q + "1" + q + "}",
			header: []string{"x-lava-metadata", `{"b":"2","c":"2"}`, "x-lava-metadata-c", "3"}, want: map[string]string{"a": "1", "b": "2", "c": "3"}},
		{name: "100 pairs", header: []string{"x-lava-metadata", pairs(100)}, want: nil},
		{name: "101 pairs", header: []string{"x-lava-metadata", pairs(101)}, says: "at most 100"},
		{name: "not JSON", header: []string{"x-lava-metadata", "user=7"}, says: "x-lava-metadata: must be a JSON object"},
		{name: "a key twice", header: []string{"x-lava-metadata", `{"a":"1","a":"2"}`}, says: `x-lava-metadata: the key \"a\" appears twice`},
		{name: "a number", header: []string{"x-lava-metadata", `{"a":1}`}, says: "values are strings"},
		{name: "query not JSON", query: "&metadata=x", says: "metadata: must be a JSON object"},
		{name: "a dash in a key", header: []string{"x-lava-metadata-user-id", "7"}, says: `the key \"user-id\" is not 1 to 255 letters, digits or underscores`},
		{name: "an empty key", header: []string{"x-lava-metadata", `{"":"x"}`}, says: `the key \"\" is not 1 to 255 letters`},
		{name: "an empty value", header: []string{"x-lava-metadata", `{"a":""}`}, says: "has 0 characters, 1 to 255 are allowed"},
		{name: "a long value", header: []string{"x-lava-metadata", `{"a":"` + strings.Repeat("x", 256) + `"}`}, says: "has 256 characters, 1 to 255 are allowed"},
		{name: "a long key", header: []string{"x-lava-metadata", `{"` + strings.Repeat("x", 256) + `":"a"}`}, says: "is not 1 to 255 letters"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			got := r.do(t, "POST", chatPath+test.query, chatBody, test.header...)
			if test.says != "" {
				assert.Equal(t, 400, got.status)
				assert.Contains(t, got.body, test.says)
				assert.Zero(t, r.count())
				return
			}
			require.Equal(t, 200, got.status, got.body)
			if test.want != nil || len(test.header) == 0 {
				assert.Equal(t, test.want, r.last(t).Metadata)
			} else {
				assert.Len(t, r.last(t).Metadata, 100)
			}
		})
	}
}
