package upstream

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The encoder of fakes writes what encoding/json writes.
func FuzzMarshal(f *testing.F) {
	for _, seed := range []string{`{"b":[1,-2.5e-7,1e21,true,null,{}],"a":"<\u2028é\ud800\"\\\u0001"}`, `[]`, `"\ufffd"`,
		`{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"10":0,"11":0,"12":0,"13":0,"14":0,"15":0,"16":0,"17":0,"18":0}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		if json.Unmarshal(data, &v) != nil {
			return
		}
		if list, ok := v.([]any); ok { // in the types of responses too
			texts, objects := make([]string, 0, len(list)), make([]object, 0, len(list))
			for _, one := range list {
				switch one := one.(type) {
				case string:
					texts = append(texts, one)
				case object:
					objects = append(objects, one)
				}
			}
			v = object{"list": list, "texts": texts, "objects": objects, "none": []string(nil), "no object": object(nil),
				"int": len(list), "int64": int64(-len(list)), "usage": openAIUsage(Usage{InputTokens: 1}), "raw": json.RawMessage(`{"a": 1}`)}
		}
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			t.Skip(err)
		}
		assert.Equal(t, want.String(), string(marshal(v))+"\n")
	})
}
