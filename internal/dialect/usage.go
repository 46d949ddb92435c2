package dialect

import "time"

// Usage is what a provider reports for one request, in one vocabulary for all
// dialects. The totals are InputTokens and OutputTokens; the other token counts
// are parts of them, because they have prices of their own.
type Usage struct {
	// InputTokens counts all tokens of the prompt, those read from and written
	// to a cache included. Anthropic reports the three apart; OpenAI and Google
	// report the sum (assumption input-tokens-total).
	InputTokens int64
	// OutputTokens counts all generated tokens, reasoning included.
	OutputTokens int64

	CachedTokens       int64 // read from a cache
	CacheWriteTokens   int64 // written to a cache that lives five minutes
	CacheWrite1hTokens int64 // written to a cache that lives an hour
	ReasoningTokens    int64 // generated before the answer, and part of the output
	AudioInputTokens   int64
	ImageInputTokens   int64
	AudioOutputTokens  int64
	ImageOutputTokens  int64

	InputCharacters int64 // text to be spoken
	InputDuration   time.Duration
	Images          int64 // images made

	// Batch says that the provider's price for batch or flexible processing
	// applies.
	Batch bool
	// Model is the model that answered, as the provider names it.
	Model string
	// ResponseID is the provider's id of the answer.
	ResponseID string
}

// EstimateTokens is how many tokens a text of so many characters is taken for
// where nobody reports a count: one per four characters, rounded up, and at
// least one (assumption token-estimate).
func EstimateTokens(characters int64) int64 { return max(1, (characters+3)/4) }
