package elevenlabs

import "github.com/lavapayments/lava-go/internal/dialect"

// Example returns an example of an operation. The voice is one that every account has.
func (Format) Example(op dialect.Operation, model string) (dialect.Example, bool) {
	body := map[string]any{"model_id": model}
	switch op {
	case "", dialect.Speech:
		body["text"] = dialect.ExampleText
		return dialect.Example{Operation: dialect.Speech, Path: "/text-to-speech/21m00Tcm4TlvDq8ikWAM", Body: body}, true
	case dialect.Transcription:
		body["file"] = dialect.ExampleAudio
		return dialect.Example{Operation: op, Path: "/speech-to-text", Body: body, Form: true}, true
	}
	return dialect.Example{}, false
}
