package e2e
import (
 _ "github.com/openai/openai-go/v3"
 _ "github.com/anthropics/anthropic-sdk-go"
 _ "google.golang.org/genai"
 _ "github.com/lavapayments/lava-go"
 _ "github.com/stretchr/testify/require"
)
