package upstream

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// offered are the operations that providers have, of those in offerable, according to their references and their own
// SDKs. A provider that is not listed is assumed to have all.
var offered = map[string][]dialect.Operation{
	"anthropic":  {dialect.ChatCompletions},
	"cerebras":   {dialect.ChatCompletions, dialect.Completions},
	"cohere":     {dialect.ChatCompletions, dialect.Embeddings},
	"deepseek":   {dialect.ChatCompletions, dialect.Completions, dialect.Responses},
	"groq":       {dialect.ChatCompletions, dialect.Responses, dialect.Embeddings, dialect.Speech, dialect.Transcription},
	"mistral":    {dialect.ChatCompletions, dialect.Completions, dialect.Embeddings, dialect.Moderation, dialect.Speech, dialect.Transcription},
	"openai":     openAIOperations,
	"perplexity": {dialect.ChatCompletions, dialect.Responses, dialect.Embeddings},
	"together":   {dialect.ChatCompletions, dialect.Completions, dialect.Embeddings, dialect.Images, dialect.Speech, dialect.Transcription},
}

// offerable are the operations of OpenAI's format, and those that only Google and Amazon have.
var (
	openAIOperations = []dialect.Operation{
		dialect.ChatCompletions, dialect.Completions, dialect.Responses, dialect.Embeddings, dialect.Images, dialect.Speech,
		dialect.Transcription, dialect.Moderation,
	}
	offerable = slices.Concat(openAIOperations, []dialect.Operation{dialect.Generate, dialect.Converse, dialect.Invoke})
)

// addEndpointRules adds a rule for each operation that a provider does not offer. Several formats count tokens: only
// Google's count is known to be missing at others.
func addEndpointRules(rules map[api][]rule) map[api][]rule {
	for provider, operations := range offered {
		name := Rule(provider + ".endpoint")
		for _, operation := range offerable {
			if !slices.Contains(operations, operation) {
				rules[api{provider, operation}] = []rule{{name, noEndpoint}}
			}
		}
		count := api{provider, dialect.CountTokens}
		rules[count] = slices.Concat([]rule{{name, noGoogleCount}}, rules[count])
	}
	return rules
}

func noGoogleCount(c *call) *refusal {
	if strings.HasSuffix(c.path, ":countTokens") {
		return noEndpoint(c)
	}
	return nil
}

// noEndpoint is the rule of an operation that the provider does not offer.
func noEndpoint(c *call) *refusal {
	switch c.provider.ID {
	case "anthropic":
		return &refusal{status: http.StatusNotFound, body: object{"type": "error", "error": object{"type": "not_found_error", "message": "Not Found"}}}
	case "openai":
		return &refusal{status: http.StatusNotFound, body: object{"error": object{
			"message": fmt.Sprintf("Invalid URL (%s %s)", c.method, c.path), "type": "invalid_request_error", "param": nil, "code": nil,
		}}}
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
