package google

import "github.com/lavapayments/lava-go/internal/dialect"

// Example returns an example of an operation.
func (Format) Example(op dialect.Operation, _ string) (dialect.Example, bool) {
	content := map[string]any{"role": "user", "parts": []any{map[string]any{"text": dialect.ExampleText}}}
	switch op {
	case "", dialect.Generate:
		return dialect.Example{Operation: dialect.Generate, Path: "/models/{model}:generateContent", Body: map[string]any{"contents": []any{content}}}, true
	case dialect.Embed:
		return dialect.Example{Operation: op, Path: "/models/{model}:embedContent", Body: map[string]any{"content": content}}, true
	}
	return dialect.Example{}, false
}
