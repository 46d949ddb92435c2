package cohere_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/cohere"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
)

// The events of https://docs.cohere.com/v2/docs/streaming: their class, and the length of their text.
func TestMeter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind, data string
		want       ending.Class
		characters int64
	}{
		{"message-start", `{"id":"a","type":"message-start","delta":{"message":{"role":"assistant","content":[]}}}`, ending.Content, 0},
		{"content-start", `{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}`, ending.Content, 0},
		{"content-delta", `{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Héllo"}}}}`, ending.Content, 5},
		{"tool-plan-delta", `{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"I will"}}}`, ending.Content, 6},
		{"tool-call-delta", `{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{}"}}}}}`, ending.Content, 2},
		{"content-end", `{"type":"content-end","index":0}`, ending.Content, 0},
		{"message-end", `{"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":1,"output_tokens":2}}}}`, ending.Last, 0},
		{"", `{"is_finished":true,"event_type":"stream-end","response":{"text":"Hi","meta":{"tokens":{"input_tokens":1,"output_tokens":1}}}}`, ending.Last, 0},
		{"", "", ending.Heartbeat, 0},
		{"", "[DONE]", ending.Terminal, 0},
	} {
		m := cohere.Format{}.NewMeter(dialect.NativeChat)
		assert.Equal(t, test.want, m.Read(test.kind, []byte(test.data)), "%s %s", test.kind, test.data)
		assert.Equal(t, test.characters, m.Characters(), "%s %s", test.kind, test.data)
	}
}
