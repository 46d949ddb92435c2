package jsonscan_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

func TestValid(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		data string
		want bool
	}{ // RFC 8259
		{`{"Image":{"Width":800,"Title":"View","IDs":[116,943],"Animated":false,"x":null}}`, true}, // section 13
		{" \t\r\n[ ] ", true},
		{`"\ud834\udd1e \" \\ \/ \b \f \n \r \t"`, true},
		{`-0.5e+10`, true},
		{`0`, true},
		{`{}`, true},
		{`[[],{"a":[]}]`, true},
		{"\"\x7f\xff\"", true}, // encoding/json replaces what is not UTF-8
		{``, false},
		{` `, false},
		{`{`, false},
		{`{"a"}`, false},
		{`{"a":}`, false},
		{`{"a":1,}`, false},
		{`{a:1}`, false},
		{`{"a":1]`, false},
		{`[1}`, false},
		{`[1,]`, false},
		{`[1 2]`, false},
		{`{} {}`, false},
		{`01`, false},
		{`-`, false},
		{`1.`, false},
		{`.5`, false},
		{`1e`, false},
		{`+1`, false},
		{`tru`, false},
		{`nulll`, false},
		{`"a`, false},
		{`"\x"`, false},
		{`"\u12g4"`, false},
		{`"\u123`, false},
		{`"\`, false},
		{"\"\n\"", false},
		{"\ufeff{}", false},
		{strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), true},
		{strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001), false},
		{strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000), true},
		{strings.Repeat(`{"a":`, 10_001) + "1" + strings.Repeat("}", 10_001), false},
	} {
		assert.Equal(t, test.want, jsonscan.Valid([]byte(test.data)), "%.100s", test.data)
		assert.Equal(t, test.want, json.Valid([]byte(test.data)), "%.100s", test.data)
	}
}

// FuzzValid compares the result with that of encoding/json.
func FuzzValid(f *testing.F) {
	for _, data := range []string{`{"a":[1,-2.5e3,"b\u00e9"],"c":{"d":null}}`, `[true,false,{}]`, `"\`, `[0,01]`, `{"a":1,}`, "[\"\x01\"]"} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		assert.Equal(t, json.Valid(data), jsonscan.Valid(data))
	})
}

func BenchmarkValid(b *testing.B) {
	data := []byte(`{"model":"gpt-4o-mini","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"Write one sentence about billing."}],"temperature":0.7,"max_tokens":100}`)
	b.Run("jsonscan", func(b *testing.B) {
		for b.Loop() {
			jsonscan.Valid(data)
		}
	})
	b.Run("encoding", func(b *testing.B) {
		for b.Loop() {
			json.Valid(data)
		}
	})
}
