package bedrock_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/bedrock"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
)

// The decoded text of a stream is counted, regardless of escapes.
func TestMeterCharacters(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		operation dialect.Operation
		kind      string
		data      string
		want      int64
	}{
		{"Bedrock", dialect.Converse, "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"Hello"},"p":"abc"}`, 5},
		{"Bedrock's tools", dialect.Converse, "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"toolUse":{"input":"{}"}}}`, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := bedrock.Format{}.NewMeter(test.operation)
			assert.Equal(t, ending.Content, m.Read(test.kind, []byte(test.data)))
			assert.Equal(t, test.want, m.Characters())
			m.Read(test.kind, []byte(test.data))
			assert.Equal(t, 2*test.want, m.Characters(), "the same for later events")
		})
	}
}

func TestMeterClasses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		operation  dialect.Operation
		kind, data string
		want       ending.Class
	}{
		{dialect.Converse, "messageStop", `{"stopReason":"end_turn"}`, ending.Content},
		{dialect.Converse, "metadata", `{"usage":{}}`, ending.Terminal},
		{dialect.Converse, "throttlingException", `{}`, ending.Failure},
	} {
		assert.Equal(t, test.want, bedrock.Format{}.NewMeter(test.operation).Read(test.kind, []byte(test.data)), "%s %s", test.kind, test.data)
	}
}
