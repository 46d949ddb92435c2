package wire_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

func TestMarshal(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `{"a":"<b> & c"}`, string(wire.Marshal(wire.Object{"a": "<b> & c"})))
	assert.Equal(t, "x1", string(wire.Append([]byte("x"), 1)))
	assert.Equal(t, "event: ping\ndata: {}\n\n", string(wire.AppendEvent(nil, "ping", wire.Object{})))
	assert.Equal(t, "data: 1\n\n", string(wire.AppendEvent(nil, "", 1)))
}

// Errors name what is wrong with a request.
func TestDecodeRequest(t *testing.T) {
	t.Parallel()
	type request struct {
		A int             `json:"a"`
		B wire.StringList `json:"b"`
	}
	for _, test := range []struct{ body, field string }{
		{`{"a":"x"}`, "a"},
		{`[]`, "body"},
		{`{`, "body"},
		{`{"a":1,"a":2}`, "a"},
		{`{"x":[{"y":1,"y":2}]}`, "x[0].y"},
	} {
		var r request
		var field *dialect.FieldError
		require.ErrorAs(t, wire.DecodeRequest([]byte(test.body), &r), &field)
		assert.Equal(t, test.field, field.Field, test.body)
	}
	for body, want := range map[string]wire.StringList{
		`{"b":"x"}`: {"x"}, `{"b":["x","y"]}`: {"x", "y"}, `{"b":null}`: nil,
	} {
		var r request
		require.NoError(t, wire.DecodeRequest([]byte(body), &r))
		assert.Equal(t, want, r.B, body)
	}
}

// In a response, only fields of unexpected types are ignored.
func TestDecodeResponse(t *testing.T) {
	t.Parallel()
	var r struct{ A, B int }
	require.NoError(t, wire.DecodeResponse([]byte(`{"a":"x","b":2}`), &r))
	assert.Equal(t, 2, r.B)
	assert.Error(t, wire.DecodeResponse([]byte(`<html>`), &r))
}

func TestOptionalFields(t *testing.T) {
	t.Parallel()
	assert.False(t, wire.IsSet(nil))
	assert.False(t, wire.IsSet(json.RawMessage("null")))
	assert.True(t, wire.IsSet(json.RawMessage("0")))
	assert.Nil(t, wire.NonNull(json.RawMessage("null")))
	assert.Equal(t, json.RawMessage("{}"), wire.NonNull(json.RawMessage("{}")))
	assert.Zero(t, wire.Value[int](nil))
	assert.Equal(t, "messages[2]", wire.Index("messages", 2))
	assert.Len(t, wire.Quoted(string(make([]byte, 100))), 65)
}
