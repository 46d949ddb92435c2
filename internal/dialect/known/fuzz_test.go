package known_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
)

func unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }

// No request panics a reader or a writer, and the written request follows the rules and can be read again.
func FuzzRequest(f *testing.F) {
	for _, feature := range features {
		for i, format := range ordered {
			if body, err := format.WriteRequest(&feature.request, traits); err == nil {
				f.Add(uint8(i), body)
			}
		}
	}
	for i, name := range []string{"openai", "anthropic", "google", "bedrock"} {
		for _, r := range rulesOf(f, name) {
			f.Add(uint8(i), []byte(r.accepted))
			f.Add(uint8(i), []byte(r.rejected))
		}
	}
	for _, e := range requests {
		for i, format := range ordered {
			if format == e.format {
				f.Add(uint8(i), []byte(e.body))
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		r, err := ordered[int(which)%len(ordered)].ReadRequest(body)
		if err != nil {
			return
		}
		fits(t, r, string(body))
		for _, format := range ordered {
			for _, traits := range []Traits{{}, traits} {
				out, err := format.WriteRequest(r, traits)
				if err != nil {
					continue
				}
				_, err = format.ReadRequest(out)
				require.NoError(t, err, "%s from %s", out, body)
			}
		}
	})
}

// The same for responses and errors.
func FuzzResponse(f *testing.F) {
	for _, a := range answers {
		for i, format := range ordered {
			f.Add(uint8(i), format.WriteResponse(&Response{ID: "x", Choices: a.choices}))
			_, refusal := format.WriteError(Error{Status: 429, Message: "x"})
			f.Add(uint8(i), refusal)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		from := ordered[int(which)%len(ordered)]
		e := from.ReadError(400+int(which), body)
		r, err := from.ReadResponse(body)
		for _, format := range ordered {
			_, refusal := format.WriteError(e)
			require.True(t, json.Valid(refusal))
			if err != nil {
				continue
			}
			_, err := format.ReadResponse(format.WriteResponse(r))
			require.NoError(t, err)
		}
	})
}

// No stream panics a translator, and the result is a stream that the client's own reader accepts.
func FuzzStream(f *testing.F) {
	for i, name := range []string{"openai", "anthropic", "google", "bedrock"} {
		for _, e := range eventsOf(f, formats[name], []byte(written[name])) {
			f.Add(uint8(i), e.Type, e.Data, e.Data)
		}
	}
	f.Add(uint8(0), "", []byte(`{"choices":[{"index":7,"delta":{"tool_calls":[{"index":3,"id":"x","function":{"arguments":"{"}}]}}]}`), []byte(`[DONE]`))
	f.Fuzz(func(t *testing.T, which uint8, kind string, one, two []byte) {
		from := ordered[int(which)%len(ordered)]
		for _, to := range ordered {
			s := NewTranslator(from, to, &Request{WantsUsage: true}, opening)
			var out []byte
			for _, data := range [][]byte{one, two, one} {
				out = s.Event(out, classOf(from, kind, data), kind, data)
			}
			out, err := s.End(out, Usage{})
			if err != nil {
				continue
			}
			for _, e := range eventsOf(t, to, out) {
				if !ending.IsDone(e.Data) {
					require.True(t, json.Valid(e.Data), "%s", e.Data)
				}
			}
		}
	})
}
