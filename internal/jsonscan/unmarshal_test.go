package jsonscan_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

type tier struct {
	Rate  string            `json:"rate"`
	Extra map[string]string `json:"extra"`
	Raw   json.RawMessage   `json:"raw"`
}

type shared struct {
	Kind string `json:"kind"`
}

type document struct {
	shared

	Name   string          `json:"name"`
	Tiers  []*tier         `json:"tiers"`
	Any    any             `json:"any"`
	ByName map[string]tier `json:"by_name"`
	NoTag  int
	None   int `json:"-"`
}

func TestUnmarshal(t *testing.T) {
	t.Parallel()
	const data = ` {"name":"{\"Name\":1,\"Name\":2}","kind":"b","NoTag":1,"None":2,"-":3,"tiers":[{"rate":"1","extra":{"Rate":"1","rate":"2"},"raw":{"A":1,"a":[2]}},null],` +
		`"any":{"Name":"x","name":{"name":"y"}},"by_name":{"Rate":{"rate":"5"},"rate":{}},"":0}`
	var got document
	require.NoError(t, jsonscan.Unmarshal([]byte(data), &got))
	assert.Equal(t, document{
		shared: shared{"b"}, Name: `{"Name":1,"Name":2}`, NoTag: 1,
		Tiers:  []*tier{{Rate: "1", Extra: map[string]string{"Rate": "1", "rate": "2"}, Raw: json.RawMessage(`{"A":1,"a":[2]}`)}, nil},
		Any:    map[string]any{"Name": "x", "name": map[string]any{"name": "y"}},
		ByName: map[string]tier{"Rate": {Rate: "5"}, "rate": {}},
	}, got)
}

// U+212A and U+017F are letters that encoding/json treats as k and s.
func TestUnmarshalRejectsKeys(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 40 {
		many.WriteString(`"k` + strings.Repeat("x", i) + `":0,`)
	}
	for _, test := range []struct{ data, path, problem string }{
		{`{"Name":"a"}`, "Name", `is not a field; "name" is`},
		{`{"name":"a","NAME":"b"}`, "NAME", `is not a field; "name" is`},
		{`{"\u004eame":"b"}`, "Name", `is not a field; "name" is`},
		{`{"Kind":"a"}`, "Kind", `is not a field; "kind" is`},
		{`{"notag":1}`, "notag", `is not a field; "NoTag" is`},
		{"{\"\u212aind\":\"b\"}", "\u212aind", `is not a field; "kind" is`},
		{"{\"tier\u017f\":[]}", "tier\u017f", `is not a field; "tiers" is`},
		{`{"tiers":[{"rate":"1"},{"RATE":"9"}]}`, "tiers[1].RATE", `is not a field; "rate" is`},
		{`{"by_name":{"a":{"Rate":"1"}}}`, "by_name.a.Rate", `is not a field; "rate" is`},
		{`{"name":"a","name":"b"}`, "name", "appears twice"},
		{`{"name":"a","n\u0061me":"b"}`, "name", "appears twice"},
		{`{"":1,"":2}`, "", "appears twice"},
		{`{"tiers":[{},{"rate":"1","rate":"9"}]}`, "tiers[1].rate", "appears twice"},
		{`{"tiers":[{"raw":{"a":[[0,{"b":1,"b":2}]]}}]}`, "tiers[0].raw.a[0][1].b", "appears twice"},
		{`{"unknown":{"a":1,"a":1}}`, "unknown.a", "appears twice"},
		{`{"any":{` + many.String() + `"kxxx":1}}`, "any.kxxx", "appears twice"},
		{`{"last":0,` + many.String() + `"last":1}`, "last", "appears twice"},
	} {
		var key *jsonscan.KeyError
		require.ErrorAs(t, jsonscan.Unmarshal([]byte(test.data), new(document)), &key, test.data)
		assert.Equal(t, jsonscan.KeyError{Path: test.path, Problem: test.problem}, *key)
	}
	require.NoError(t, jsonscan.Unmarshal([]byte(`{`+many.String()+`"any":{`+many.String()+`"k0":1}}`), new(document)))
	var syntax *json.SyntaxError
	for _, bad := range []string{``, `{"a":1,"a":2`, `{"a":1,"a":2}}`, strings.Repeat("[", 1<<20), strings.Repeat(`{"a":`, 1<<20)} {
		assert.ErrorAs(t, jsonscan.Unmarshal([]byte(bad), new(any)), &syntax, "%.20s", bad)
	}
}

// If no key appears twice, the result is that of encoding/json.
func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte(`{"name":"a","tiers":[{"rate":"1","extra":{"a":"b"},"raw":[1,{"x":null}]}],"any":[[],{}]}`))
	f.Add([]byte(`{"a":[}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got, want any
		err := jsonscan.Unmarshal(data, &got)
		if key := new(jsonscan.KeyError); errors.As(err, &key) {
			require.True(t, json.Valid(data))
			return
		}
		require.Equal(t, json.Unmarshal(data, &want), err)
		require.Equal(t, want, got)
	})
}

// oneOrMany is one item or a list, and decodes itself, as parts of some formats do.
type oneOrMany []struct {
	Text string `json:"text"`
}

func (m *oneOrMany) UnmarshalJSON(b []byte) error {
	type list oneOrMany
	if b[0] == '[' {
		return json.Unmarshal(b, (*list)(m))
	}
	*m = make(oneOrMany, 1)
	return json.Unmarshal(b, &(*m)[0])
}

// The field with the wrong type has the same path with every version of Go.
func TestUnmarshalNamesTheWrongField(t *testing.T) {
	t.Parallel()
	type body struct {
		N     int                         `json:"n"`
		Tiers []struct{ Rate string }     `json:"tiers"`
		Parts oneOrMany                   `json:"parts"`
		Named map[string]*struct{ A int } `json:"named"`
	}
	for data, want := range map[string]string{
		`{"n":"1"}`: "n", `{"n":1,"tiers":[{"Rate":"1"},{"Rate":2}]}`: "tiers.Rate", `{"tiers":{}}`: "tiers", `{"parts":[{"text":1}]}`: "parts.text",
		`{"parts":{"text":1}}`: "parts.text", `{"named":{"x":{"A":"1"}}}`: "named.x.A", `{"tiers":[{"Rate":1}],"n":"1"}`: "tiers.Rate", `[]`: "",
	} {
		var wrongType *json.UnmarshalTypeError
		require.ErrorAs(t, jsonscan.Unmarshal([]byte(data), new(body)), &wrongType, data)
		assert.Equal(t, want, wrongType.Field, data)
	}
}
