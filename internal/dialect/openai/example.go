package openai

import (
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// Example returns an example of an operation.
func (Format) Example(op dialect.Operation, model string) (dialect.Example, bool) {
	body := map[string]any{"model": model}
	e := dialect.Example{Operation: op, Body: body}
	switch op {
	case "", dialect.ChatCompletions:
		e.Operation, e.Path = dialect.ChatCompletions, "/chat/completions"
		body["messages"] = []any{map[string]any{"role": "user", "content": dialect.ExampleText}}
		if strings.HasPrefix(model, "gpt-") && strings.Contains(model, "audio") { // which only hear or speak
			body["modalities"], body["audio"] = []any{"text", "audio"}, map[string]any{"voice": "alloy", "format": "wav"}
		}
	case dialect.Completions:
		e.Path = "/completions"
		body["prompt"] = dialect.ExampleText
	case dialect.Responses:
		e.Path = "/responses"
		body["input"] = dialect.ExampleText
	case dialect.Embeddings:
		e.Path = "/embeddings"
		body["input"] = dialect.ExampleText
	case dialect.Images:
		e.Path = "/images/generations"
		body["prompt"], body["n"] = "A lighthouse", 1
	case dialect.Speech:
		e.Path = "/audio/speech"
		body["input"], body["voice"] = dialect.ExampleText, "alloy"
	case dialect.Transcription:
		e.Path, e.Form = "/audio/transcriptions", true
		body["file"] = dialect.ExampleAudio
	default:
		return dialect.Example{}, false
	}
	return e, true
}
