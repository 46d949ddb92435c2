package dialect

import (
	"slices"
	"time"
)

// Usage is what a provider reports for one request, in one vocabulary for all
// formats. The totals are InputTokens and OutputTokens; the other token counts
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
	ReasoningTokens    int64 // generated before the response, and part of the output
	AudioInputTokens   int64
	ImageInputTokens   int64
	AudioOutputTokens  int64
	ImageOutputTokens  int64

	InputCharacters int64 // text to be spoken
	InputDuration   time.Duration
	Images          int64 // images made
	Searches        int64 // search units of a reranking
	// Fees are the tools that the provider ran and bills beside the tokens, in its own
	// words: "web_search", "code_interpreter". See [Usage.AddFee].
	Fees []string

	// Others are what other models did for the response, each under its Model. They are no
	// part of the counts above.
	Others []Usage

	// Of the tokens, those that the provider counts and does not bill.
	UnbilledInputTokens  int64
	UnbilledOutputTokens int64

	// Cost is what the provider says it charged for all of it, in 10⁻¹⁰ dollars; 0 if it
	// does not say.
	Cost int64

	// Tier is the way of processing that the request was priced by, as the provider
	// names it: "flex", "priority", "batch"; "" if it does not say. Several are joined, as
	// in "batch+us".
	Tier string
	// Model is the model that responded, as the provider names it.
	Model string
	// ResponseID is the provider's id of the response.
	ResponseID string
}

// AddFee adds a tool to those that the provider bills beside the tokens.
func (u *Usage) AddFee(tool string) {
	if !slices.Contains(u.Fees, tool) {
		u.Fees = append(u.Fees, tool)
	}
}

// WebSearch is the fee of searches, which all providers have.
const WebSearch = "web_search"

// EstimateTokens is how many tokens a text of so many characters is taken for
// where nobody reports a count: one per four characters, rounded up, and at
// least one (assumption token-estimate).
func EstimateTokens(characters int64) int64 { return max(1, (characters+3)/4) }

// Count keeps a nonsensical report from becoming a negative charge or an overflow.
func Count(n int64) int64 { return min(max(n, 0), maxCount) }

// maxCount bounds what one request may report.
const maxCount = 1_000_000_000

// Seconds is a reported duration; 0 if it makes no sense.
func Seconds(s float64) time.Duration {
	if s > 0 && s < 1e7 {
		return time.Duration(s * float64(time.Second)).Round(time.Microsecond)
	}
	return 0
}
