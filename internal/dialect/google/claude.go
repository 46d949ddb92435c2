package google

import (
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/anthropic"
)

// claude is the format of Claude at Vertex AI: Anthropic's, with Google's paths and credentials
// (platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai).
type claude struct{ anthropic.Format }

// Headers returns Google's headers. The version is in the body.
func (claude) Headers() dialect.Headers { return headers }

// findClaude completes the endpoint of a method of Claude, one of which is named like a model. Streams can also be
// requested in the body.
func findClaude(e dialect.Endpoint, model, method string) dialect.Endpoint {
	switch {
	case method != "rawPredict" && method != "streamRawPredict":
	case model == "count-tokens":
		e.Format, e.Operation = claude{}, dialect.CountTokens
	default:
		e.Format, e.Operation, e.NeedsModel, e.UsesTokens = claude{}, dialect.Messages, true, true
	}
	e.Model = model
	return e
}
