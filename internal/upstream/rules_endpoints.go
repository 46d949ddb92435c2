package upstream

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// offered are the operations of OpenAI's format that providers have, according to their references and their own
// SDKs. A provider that is not listed is assumed to have all.
var offered = map[string][]dialect.Operation{
	"cerebras":   {dialect.ChatCompletions, dialect.Completions},
	"cohere":     {dialect.ChatCompletions, dialect.Embeddings},
	"deepseek":   {dialect.ChatCompletions, dialect.Completions, dialect.Responses},
	"groq":       {dialect.ChatCompletions, dialect.Responses, dialect.Embeddings, dialect.Speech, dialect.Transcription},
	"mistral":    {dialect.ChatCompletions, dialect.Completions, dialect.Embeddings, dialect.Moderation, dialect.Speech, dialect.Transcription},
	"perplexity": {dialect.ChatCompletions, dialect.Responses, dialect.Embeddings},
	"together":   {dialect.ChatCompletions, dialect.Completions, dialect.Embeddings, dialect.Images, dialect.Speech, dialect.Transcription},
}

// offerable are the operations that offered is about.
var offerable = []dialect.Operation{
	dialect.ChatCompletions, dialect.Completions, dialect.Responses, dialect.Embeddings, dialect.Images, dialect.Speech,
	dialect.Transcription, dialect.Moderation,
}

// addEndpointRules adds a rule for each operation that a provider does not offer.
func addEndpointRules(rules map[api][]rule) map[api][]rule {
	for provider, operations := range offered {
		for _, operation := range offerable {
			if !slices.Contains(operations, operation) {
				rules[api{provider, operation}] = []rule{{Rule(provider + ".endpoint"), noEndpoint}}
			}
		}
	}
	return rules
}

// noEndpoint is the rule of an operation that the provider does not offer.
func noEndpoint(c *call) *refusal {
	switch c.provider.ID {
	case "groq":
		return &refusal{status: http.StatusNotFound, body: object{"error": object{
			"message": fmt.Sprintf("Unknown request URL: %s %s. Please check the URL for typos, or see the docs at https://console.groq.com/docs/", c.method, c.path),
			"type":    "invalid_request_error", "code": "unknown_url",
		}}}
	case "mistral":
		return &refusal{status: http.StatusNotFound, body: object{"message": "no Route matched with those values", "request_id": c.id("", 0)}}
	}
	return &refusal{status: http.StatusNotFound, message: "Not Found"}
}
