package dialect

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Providers reject unions at the top level of a tool's schema, and clients want such tools to work:
// github.com/earendil-works/pi/issues/8279, github.com/code-yeongyu/senpi/issues/1947. The expected results are
// described in github.com/cline/cline/pull/12952, github.com/lvndry/jazz/pull/510 and
// github.com/elie222/rakazo/pull/962.
func TestUnionsOfArguments(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, schema, want string }{
		{"all properties, and those required that every branch requires",
			`{"anyOf":[{"type":"object","properties":{"id":{"type":"string"},"a":{"type":"string"}},"required":["id","a"]},{"type":"object","properties":{"id":{"type":"string"},"b":{"type":"number"}},"required":["id","b"]}]}`,
			`{"type":"object","properties":{"id":{"type":"string"},"a":{"type":"string"},"b":{"type":"number"}},"required":["id"],"description":"Give a, or b."}`},
		{"a discriminator keeps all its values",
			`{"type":"object","oneOf":[{"properties":{"command":{"const":"create"}},"required":["command"]},{"properties":{"command":{"const":"delete"}},"required":["command"]},{"properties":{"command":{"const":"list"}},"required":["command"]}]}`,
			`{"type":"object","properties":{"command":{"anyOf":[{"const":"create"},{"const":"delete"},{"const":"list"}]}},"required":["command"]}`},
		{"one of two in addition to properties",
			`{"type":"object","description":"A secret.","properties":{"credential":{"type":"string"},"connectionId":{"type":"string"}},"oneOf":[{"required":["credential"]},{"required":["connectionId"]}]}`,
			`{"type":"object","description":"A secret.\n\nGive credential, or connectionId.","properties":{"credential":{"type":"string"},"connectionId":{"type":"string"}}}`},
		{"all of them",
			`{"type":"object","allOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{"type":"string"}},"required":["b"]}]}`,
			`{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a","b"]}`},
		{"nested",
			`{"oneOf":[{"allOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"b":{"type":"string"}}}]},{"type":"object","properties":{"c":{"type":"string"}}}]}`,
			`{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"},"c":{"type":"string"}}}`},
		{"by reference, and null, which arguments can't be",
			`{"anyOf":[{"$ref":"#/$defs/A"},{"type":"null"}],"$defs":{"A":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}}}`,
			`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"$defs":{"A":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}}}`},
		{"closed if every branch is",
			`{"anyOf":[{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false},{"type":"object","properties":{"b":{"type":"string"}},"additionalProperties":false}]}`,
			`{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"additionalProperties":false}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := Tool{Schema: json.RawMessage(tc.schema)}.Arguments("oneOf", "anyOf", "allOf")
			require.NoError(t, err)
			assert.JSONEq(t, tc.want, string(got))
		})
	}
}

// If a provider accepts unions, they stay; if nothing of one can be kept, the client's error names it.
func TestUnionsThatStay(t *testing.T) {
	t.Parallel()
	const schema = `{"type":"object","properties":{"a":{}},"anyOf":[{"required":["a"]}]}`
	got, err := Tool{Schema: json.RawMessage(schema)}.Arguments()
	require.NoError(t, err)
	assert.JSONEq(t, schema, string(got))

	for _, schema := range []string{
		`{"anyOf":[{"type":"string"},{"type":"null"}]}`,
		`{"anyOf":[{"$ref":"#"}]}`,
		`{"$defs":{"A":{"anyOf":[{"$ref":"#/$defs/A"}]}},"anyOf":[{"$ref":"#/$defs/A"}]}`,
		`{"anyOf":{}}`,
	} {
		_, err := Tool{Schema: json.RawMessage(schema), SchemaAt: "tools[0].parameters"}.Arguments("anyOf")
		var field *FieldError
		require.ErrorAs(t, err, &field, schema)
		assert.ErrorContains(t, err, "anyOf is not allowed at the top level")
	}
}
