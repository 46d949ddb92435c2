package upstream

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A fake generates the simplest value that a schema allows. e2e checks with a JSON Schema library that it is valid.
func TestExample(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]string{
		`{"type":"number","maximum":0.5}`:                                                                  `0`,
		`{"type":"number","minimum":0,"maximum":0.5}`:                                                      `0`,
		`{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":0.5}`:                                    `0.25`,
		`{"type":"integer","exclusiveMaximum":-3}`:                                                         `-4`,
		`{"type":"integer","minimum":10,"exclusiveMinimum":true}`:                                          `11`,
		`{"type":"number","multipleOf":0.1,"minimum":0.25,"maximum":0.39}`:                                 `0.3`,
		`{"type":"INTEGER","minimum":"7"}`:                                                                 `7`,
		`{"type":["null","string"]}`:                                                                       `"string"`,
		`{"type":"STRING","nullable":true,"maxLength":"3"}`:                                                `"str"`,
		`{"anyOf":[{"type":"null"},{"type":"boolean"}]}`:                                                   `true`,
		`{"type":"string","pattern":"^[A-Z]{2}-\\d{3}$"}`:                                                  `"AA-000"`,
		`{"type":"string","format":"ipv4"}`:                                                                `"192.0.2.1"`,
		`{"type":"array","items":{"type":"integer"},"minItems":3}`:                                         `[1,1,1]`,
		`{"type":"array","items":{"enum":["a","b"]},"minItems":2,"uniqueItems":true}`:                      `["a","b"]`,
		`{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false,"minItems":2}`: `["string",1]`,
		`{"allOf":[{"type":"number","minimum":2},{"maximum":3}]}`:                                          `2`,
		`{"$ref":"#/$defs/a~1b","$defs":{"a/b":{"const":null}}}`:                                           `null`,
		`{"default":5,"type":"string"}`:                                                                    `"string"`,
		`{}`:                                                                                               `"string"`,
		`{"type":"object","required":["a"],"dependentRequired":{"a":["b"]},"properties":{"a":{"type":"null"},"b":{"type":"boolean"}}}`: `{"a":null,"b":true}`,
		`{"type":"object","minProperties":2,"additionalProperties":{"type":"integer"}}`:                                                `{"key1":1,"key2":1}`,
		// The recursion of schemas that contain themselves ends where possible.
		`{"type":"object","required":["next"],"properties":{"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}}}`:                                                          `{"next":{"next":null}}`,
		`{"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","required":["children"],"properties":{"children":{"type":"array","items":{"$ref":"#/$defs/tree"}}}}}}`: `{"children":[]}`,
	} {
		var decoded any
		require.NoError(t, json.Unmarshal([]byte(schema), &decoded))
		assert.JSONEq(t, want, string(marshal(example(decoded))), schema)
	}
}

// An unsatisfiable schema still gets an example, quickly.
func TestExampleOfTheImpossible(t *testing.T) {
	t.Parallel()
	for _, schema := range []string{
		`{"$ref":"#"}`,
		`{"type":"object","required":["self"],"properties":{"self":{"$ref":"#"}}}`,
		`{"type":"array","minItems":2,"items":{"$ref":"#"}}`,
		`{"type":"array","minItems":1000000000,"items":{"type":"array","minItems":1000000000}}`,
		`{"allOf":[{"type":"string"},{"type":"integer"}]}`,
		`{"type":"object","required":["a"],"additionalProperties":false}`,
		`{"anyOf":[{"allOf":[{"$ref":"#"},{"$ref":"#"}]},{"anyOf":[{"$ref":"#"},{"$ref":"#"}]}]}`,
		`{"type":"string","minLength":1e300,"pattern":"^(a+)+$"}`,
		`{"type":"number","minimum":1e308,"maximum":-1e308,"multipleOf":1e-300}`,
		`false`,
	} {
		var decoded any
		require.NoError(t, json.Unmarshal([]byte(schema), &decoded))
		assert.True(t, json.Valid(marshal(example(decoded))), schema)
	}
}
