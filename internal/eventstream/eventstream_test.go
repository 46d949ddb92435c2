package eventstream_test

import (
	"bytes"
	"encoding/hex"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/eventstream"
)

// The frames in the tests of Amazon's SDKs.
var documented = []struct {
	name, frame string
	message     eventstream.Message
}{
	{"empty", "000000100000000005c248eb7d98c8ff", eventstream.Message{}},
	{"payload", "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936", eventstream.Message{Payload: []byte("{'foo':'bar'}")}},
	{"a text header", "0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1",
		eventstream.Message{Headers: []eventstream.Header{{Name: "content-type", Value: "application/json"}}, Payload: []byte("{'foo':'bar'}")}},
}

func TestDocumentedFrames(t *testing.T) {
	t.Parallel()
	for _, test := range documented {
		t.Run(test.name, func(t *testing.T) {
			frame, err := hex.DecodeString(test.frame)
			require.NoError(t, err)
			assert.Equal(t, test.frame, hex.EncodeToString(eventstream.Append(nil, test.message)))
			m, raw, err := eventstream.NewReader(iotest.OneByteReader(bytes.NewReader(frame)), 1<<20).Next()
			require.NoError(t, err)
			assert.Equal(t, frame, raw)
			assert.Equal(t, test.message.Headers, m.Headers)
			assert.Equal(t, string(test.message.Payload), string(m.Payload))
		})
	}
}

func TestReader(t *testing.T) {
	t.Parallel()
	stream := eventstream.AppendEvent(nil, "messageStart", []byte(`{"role":"assistant"}`))
	stream = eventstream.AppendException(stream, "throttlingException", []byte(`{"message":"slow down"}`))
	r := eventstream.NewReader(bytes.NewReader(stream), 1<<20)
	m, _, err := r.Next()
	require.NoError(t, err)
	assert.Equal(t, "messageStart", m.Header(eventstream.EventType))
	assert.Equal(t, "event", m.Header(eventstream.MessageType))
	m, _, err = r.Next()
	require.NoError(t, err)
	assert.Equal(t, "throttlingException", m.Header(eventstream.ExceptionType))
	assert.Empty(t, m.Header(eventstream.EventType))
	_, _, err = r.Next()
	assert.ErrorIs(t, err, io.EOF)
}

func TestReaderFaults(t *testing.T) {
	t.Parallel()
	good := eventstream.AppendEvent(nil, "x", []byte(strings.Repeat("y", 100_000)))
	for _, at := range []int{4, 8, 20, len(good) - 1} {
		bad := bytes.Clone(good)
		bad[at] ^= 1
		_, _, err := eventstream.NewReader(bytes.NewReader(bad), 1<<20).Next()
		require.ErrorIs(t, err, eventstream.ErrCorrupt, "byte %d", at)
	}
	for _, n := range []int{1, 12, 30, len(good) - 1} {
		_, raw, err := eventstream.NewReader(bytes.NewReader(good[:n]), 1<<20).Next()
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%d bytes", n)
		assert.Equal(t, good[:n], raw)
	}
	_, _, err := eventstream.NewReader(bytes.NewReader(good), 1000).Next()
	assert.ErrorIs(t, err, eventstream.ErrCorrupt)
}

// A frame that was read can be written again without a difference; nothing panics.
func FuzzReader(f *testing.F) {
	for _, d := range documented {
		b, _ := hex.DecodeString(d.frame)
		f.Add(b)
	}
	f.Add(eventstream.AppendEvent(nil, "x", []byte("{}")))
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := eventstream.NewReader(bytes.NewReader(stream), 1<<16)
		for {
			m, _, err := r.Next()
			if err != nil {
				return
			}
			again, _, err := eventstream.NewReader(bytes.NewReader(eventstream.Append(nil, m)), 1<<17).Next()
			require.NoError(t, err)
			assert.Equal(t, m, again)
		}
	})
}

func FuzzAppend(f *testing.F) {
	f.Add("name", "value", []byte("payload"))
	f.Fuzz(func(t *testing.T, name, value string, payload []byte) {
		if name == "" || len(name) > 255 || len(value) > 65_535 {
			return
		}
		m := eventstream.Message{Headers: []eventstream.Header{{Name: name, Value: value}}, Payload: payload}
		again, _, err := eventstream.NewReader(bytes.NewReader(eventstream.Append(nil, m)), 1<<30).Next()
		require.NoError(t, err)
		assert.Equal(t, value, again.Header(name))
		assert.Equal(t, string(payload), string(again.Payload))
	})
}

// https://smithy.io/2.0/aws/amazon-eventstream.html: errors that aren't in a service's model are sent in headers,
// without a payload.
func TestErrorMessages(t *testing.T) {
	t.Parallel()
	m := eventstream.Message{Headers: []eventstream.Header{
		{Name: ":error-code", Value: "InternalFailure"}, {Name: ":error-message", Value: "it broke"}, {Name: ":message-type", Value: "error"},
	}}
	kind, data := m.Event()
	assert.Equal(t, "error", kind)
	assert.JSONEq(t, `{"code":"InternalFailure","message":"it broke"}`, string(data))

	m = eventstream.Message{Headers: []eventstream.Header{{Name: ":exception-type", Value: "throttlingException"}}, Payload: []byte(`{}`)}
	kind, data = m.Event()
	assert.Equal(t, "throttlingException", kind)
	assert.Equal(t, `{}`, string(data))
}
