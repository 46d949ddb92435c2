package google

import (
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// Example returns an example of an operation.
func (Format) Example(op dialect.Operation, model string) (dialect.Example, bool) {
	content := map[string]any{"role": "user", "parts": []any{map[string]any{"text": dialect.ExampleText}}}
	switch op {
	case "", dialect.Generate:
		body := map[string]any{"contents": []any{content}}
		if strings.HasSuffix(model, "-tts") { // these models only speak
			body["generationConfig"] = map[string]any{"responseModalities": []any{"AUDIO"}}
		}
		return dialect.Example{Operation: dialect.Generate, Path: "/models/{model}:generateContent", Body: body}, true
	case dialect.Embed:
		return dialect.Example{Operation: op, Path: "/models/{model}:embedContent", Body: map[string]any{"content": content}}, true
	}
	return dialect.Example{}, false
}
