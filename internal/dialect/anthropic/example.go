package anthropic

import "github.com/lavapayments/lava-go/internal/dialect"

// Example returns an example of messages.
func (Format) Example(op dialect.Operation, model string) (dialect.Example, bool) {
	return dialect.Example{Operation: dialect.Messages, Path: "/messages", Body: map[string]any{
		"model": model, "max_tokens": 1024, "messages": []any{map[string]any{"role": "user", "content": dialect.ExampleText}},
	}}, op == "" || op == dialect.Messages
}
