package known_test

import (
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/anthropic"
	"github.com/lavapayments/lava-go/internal/dialect/bedrock"
	"github.com/lavapayments/lava-go/internal/dialect/google"
	"github.com/lavapayments/lava-go/internal/dialect/openai"
)

// The formats that can be translated, by the names used in these tests.
var (
	OpenAI    dialect.Chat = openai.Format{}
	Anthropic dialect.Chat = anthropic.Format{}
	Google    dialect.Chat = google.Format{}
	Bedrock   dialect.Chat = bedrock.Format{}

	ordered = []dialect.Chat{OpenAI, Anthropic, Google, Bedrock}
	formats = map[string]dialect.Chat{"openai": OpenAI, "anthropic": Anthropic, "google": Google, "bedrock": Bedrock}

	traits = dialect.Traits{Original: true}
)
