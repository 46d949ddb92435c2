package bedrock

import "github.com/lavapayments/lava-go/internal/dialect"

// Example returns an example of Converse.
func (Format) Example(op dialect.Operation, _ string) (dialect.Example, bool) {
	return dialect.Example{Operation: dialect.Converse, Path: "/model/{model}/converse", Body: map[string]any{
		"messages": []any{map[string]any{"role": "user", "content": []any{map[string]any{"text": dialect.ExampleText}}}},
	}}, op == "" || op == dialect.Converse
}
