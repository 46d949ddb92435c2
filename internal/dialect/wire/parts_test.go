package wire_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

type part struct {
	Text  string `json:"text,omitempty"`
	Image string `json:"image,omitempty"`
}

func (p *part) SetText(text string)       { p.Text = text }
func (p *part) PlainText() (string, bool) { return p.Text, p.Image == "" }

func TestParts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		content string
		want    []part
	}{
		{`"Hello"`, []part{{Text: "Hello"}}},
		{`[{"image":"x"}]`, []part{{Image: "x"}}},
		{`[{"text":"a"},{"text":"b"}]`, []part{{Text: "a"}, {Text: "b"}}},
	} {
		list, err := wire.ReadParts[part]([]byte(test.content), "content", "parts")
		require.NoError(t, err)
		assert.Equal(t, test.want, list)
		assert.JSONEq(t, test.content, string(wire.WriteParts(list)))
	}
	for _, nothing := range []string{``, `null`} {
		list, err := wire.ReadParts[part]([]byte(nothing), "content", "parts")
		require.NoError(t, err)
		assert.Empty(t, list)
	}
	_, err := wire.ReadParts[part]([]byte(`7`), "content", "parts")
	assert.Error(t, err)
}

// Arguments are text in some formats and an object in others. A model's invalid arguments survive both.
func TestArguments(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, object, again string }{
		{`{"a": 1}`, `{"a": 1}`, `{"a": 1}`},
		{``, `{}`, `{}`},
		{`{"a":`, `{"INVALID_JSON":"{\"a\":"}`, `{"a":`},
		{`[1]`, `{"INVALID_JSON":"[1]"}`, `[1]`},
	} {
		object := dialect.ArgumentsOf(test.text)
		assert.Equal(t, test.object, string(object))
		assert.Equal(t, test.again, wire.ArgumentText(object))
	}
	assert.Equal(t, `{}`, wire.ArgumentText(nil))
	assert.Equal(t, `{}`, string(wire.ObjectOf(json.RawMessage(`null`))))
	assert.Equal(t, `{"a":1}`, string(wire.ObjectOf(json.RawMessage(`{"a":1}`))))
	assert.Equal(t, `{"INVALID_JSON":"7"}`, string(wire.ObjectOf(json.RawMessage(`7`))))
}
