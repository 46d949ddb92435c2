// Package known lists the wire formats. It links all of them, so the client
// doesn't import it.
package known

import (
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/anthropic"
	"github.com/lavapayments/lava-go/internal/dialect/bedrock"
	"github.com/lavapayments/lava-go/internal/dialect/cohere"
	"github.com/lavapayments/lava-go/internal/dialect/elevenlabs"
	"github.com/lavapayments/lava-go/internal/dialect/google"
	"github.com/lavapayments/lava-go/internal/dialect/openai"
)

// Formats returns the formats, the most common first.
func Formats() dialect.Set {
	return dialect.Set{
		openai.Format{},
		anthropic.Format{},
		google.Format{},
		bedrock.Format{},
		elevenlabs.Format{},
		cohere.Format{},
	}
}
