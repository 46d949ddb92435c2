// Package elevenlabs is the wire format of ElevenLabs: text to speech and speech to
// text. It has no conversations.
package elevenlabs

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// Format is the format.
type Format struct{}

// Name returns the format's name.
func (Format) Name() dialect.Name { return "elevenlabs" }

// Headers returns the format's headers.
func (Format) Headers() dialect.Headers { return headers }

var headers = dialect.Headers{Credential: dialect.Credential{Header: "Xi-Api-Key"}, Prefix: "Xi-"}

// Find returns the endpoint that a URL names: /text-to-speech/{voice} with what may
// follow it, a dialogue, or a transcription.
func (f Format) Find(u *url.URL) (dialect.Endpoint, bool) {
	path := strings.TrimSuffix(u.Path, "/")
	e := dialect.Endpoint{Format: f, Operation: dialect.Speech}
	switch {
	case strings.HasSuffix(path, "/speech-to-text"):
		e.Operation = dialect.Transcription
		return e, true
	case strings.HasSuffix(path, "/text-to-dialogue"):
		return e, true
	case strings.HasSuffix(path, "/text-to-dialogue/stream"):
		e.Stream = true
		return e, true
	}
	_, rest, ok := dialect.CutLast(path, "/text-to-speech/")
	if !ok || rest == "" {
		return dialect.Endpoint{}, false
	}
	_, variant, _ := strings.Cut(rest, "/")
	e.Stream = strings.HasPrefix(variant, "stream")
	return e, true
}

// ReadFacts reads the model and the length of the text to be spoken.
func (Format) ReadFacts(f *dialect.Facts, body dialect.Object) error {
	if err := f.SetModel(body.Get("model_id")); err != nil {
		return err
	}
	n := utf8.RuneCountInString(body.Text("text"))            // a text of another type counts 0
	for line := range jsonscan.Elements(body.Get("inputs")) { // a dialogue
		if o, err := dialect.ReadObject(line); err == nil {
			n += utf8.RuneCountInString(o.Text("text"))
		}
	}
	f.Characters = int64(n)
	return nil
}

// CountPrompt returns 0: speech is not billed by tokens.
func (Format) CountPrompt([]byte) int64 { return 0 }

// ReadUsage reads the length of a transcribed recording: its own field, or the end of the last word.
func (Format) ReadUsage(body []byte) (dialect.Usage, bool) {
	var a struct {
		ID       string  `json:"transcription_id"`
		Duration float64 `json:"audio_duration_secs"`
		Words    []struct {
			End float64 `json:"end"`
		} `json:"words"`
	}
	if wire.DecodeResponse(body, &a) != nil {
		return dialect.Usage{}, false
	}
	u := dialect.Usage{ResponseID: a.ID, InputDuration: dialect.Seconds(a.Duration)}
	if u.InputDuration == 0 && len(a.Words) > 0 {
		u.InputDuration = dialect.Seconds(a.Words[len(a.Words)-1].End)
	}
	return u, u.InputDuration > 0
}

// CountText counts the text of a transcription.
func (Format) CountText(body []byte) int64 { return jsonscan.Characters(body, "text") }

// meter reads streams, which report nothing.
type meter struct{ dialect.Tally }

// NewMeter returns a reader of a stream.
func (Format) NewMeter(dialect.Operation) dialect.Meter { return &meter{} }

// Read parses an event: speech has no terminal event.
func (*meter) Read(string, []byte) ending.Class { return ending.Content }
