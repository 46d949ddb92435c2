package jsonscan_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	const data = `{"a" : 1, "b": {"c":["d", {"e":"f\":"}]}, "g":"h:"}`
	var got []string
	for key, value := range jsonscan.Keys([]byte(data)) {
		got = append(got, string(key)+"="+data[value:value+1])
	}
	assert.Equal(t, []string{"a=1", "b={", "c=[", `e="`, `g="`}, got)
}

func TestFields(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		data string
		want []string
	}{
		{`{}`, nil},
		{` { "a" : 1 , "b":{"c":[1,2]},"d":[{}], "e":"}\"," ,"f":null}`, []string{"a", "1", "b", `{"c":[1,2]}`, "d", "[{}]", "e", `"}\","`, "f", "null"}},
		{`{"a":-1.5e3}`, []string{"a", "-1.5e3"}},
		{`{"\u0061":1,"b\"\\":2,"\ud83d\ude00":3}`, []string{"a", "1", `b"\`, "2", "😀", "3"}}, // RFC 8259, section 8.3
		{`{"\x":1}`, []string{`\x`, "1"}},
		{`{"a\`, nil},
		{`{"a\"`, nil},
		{`[1]`, nil},
		{`"a"`, nil},
		{``, nil},
		{`{"a"`, nil},
		{`{"a":`, nil},
		{`{"a":}`, nil},
		{`{"a":1`, []string{"a", "1"}},
		{`{"a":"x`, []string{"a", `"x`}},
		{`{"a":[1,`, []string{"a", "[1,"}},
		{`{"a":1 "b":2}`, []string{"a", "1"}},
	} {
		var got []string
		for key, value := range jsonscan.Fields([]byte(test.data)) {
			got = append(got, string(key), string(value))
		}
		assert.Equal(t, test.want, got, test.data)
	}
}

func TestElements(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		data string
		want []string
	}{
		{`[]`, nil},
		{`[ 1, "a,]" ,{"b":[2]},[3] ]`, []string{"1", `"a,]"`, `{"b":[2]}`, "[3]"}},
		{`{}`, nil},
		{`[1,`, []string{"1"}},
		{`[,]`, nil},
	} {
		var got []string
		for e := range jsonscan.Elements([]byte(test.data)) {
			got = append(got, string(e))
		}
		assert.Equal(t, test.want, got, test.data)
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	s, ok := jsonscan.String([]byte(`{"a":"b\"c"}`), 5)
	assert.True(t, ok)
	assert.Equal(t, `b\"c`, string(s))
	_, ok = jsonscan.String([]byte(`{"a":1}`), 5)
	assert.False(t, ok)
	_, ok = jsonscan.String(nil, 0)
	assert.False(t, ok)
}

// For valid JSON, the iterators return what the decoder does; for anything else, they end.
func FuzzWalks(f *testing.F) {
	f.Add([]byte(`{"a":{"b":[1,"x\\"]},"c":null}`))
	f.Add([]byte(`[1, {"a":2}, "b"]`))
	f.Add([]byte(`{"a":[}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		fields := map[string]json.RawMessage{}
		for key, value := range jsonscan.Fields(data) {
			fields[string([]rune(string(key)))] = slices.Clone(value) // as decoders treat invalid UTF-8
		}
		var elements []json.RawMessage
		for e := range jsonscan.Elements(data) {
			elements = append(elements, slices.Clone(e))
		}
		for range jsonscan.Keys(data) {
		}
		if !json.Valid(data) {
			return
		}
		switch data[slices.IndexFunc(data, func(b byte) bool { return b != ' ' && b != '\t' && b != '\n' && b != '\r' })] {
		case '{':
			want := map[string]json.RawMessage{}
			require.NoError(t, json.Unmarshal(data, &want))
			assert.Equal(t, want, fields)
		case '[':
			var want []json.RawMessage
			require.NoError(t, json.Unmarshal(data, &want))
			assert.ElementsMatch(t, want, elements)
		}
	})
}
