package golden

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/eventstream"
)

func TestBody(t *testing.T) {
	t.Parallel()
	const shown = ":event-type messageStart\n:content-type application/json\n:message-type event\n{\"a\": 1}\n\n" +
		":exception-type throttlingException\n:content-type application/json\n:message-type exception\n{}\n\n"
	frames := Frames(shown)
	for _, test := range []struct{ name, mediaType, body, want string }{
		{"JSON keeps its order and its numbers", "application/json; charset=utf-8", `{"b":1.50,"a":"<"}`, "{\n  \"b\": 1.50,\n  \"a\": \"<\"\n}\n"},
		{"broken JSON", "application/json", `{`, `{`},
		{"text", "text/event-stream", "data: x\n\n", "data: x\n\n"},
		{"sound", "audio/mpeg", "\xff\xfb", "(2 bytes, SHA-256 2a07c278aefd14c4aaef1fdb0bc912bb)\n"},
		{"an event stream", eventstream.ContentType, frames, shown},
		{"an event stream that breaks off", eventstream.ContentType, frames[:len(frames)-1],
			":event-type messageStart\n:content-type application/json\n:message-type event\n{\"a\": 1}\n\n(unexpected EOF)\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, Body(test.mediaType, test.body))
		})
	}
}
