package dialect

import (
	"slices"
	"time"
)

// Usage is the usage that a provider reports for a request, in the same terms for all formats. The totals are
// InputTokens and OutputTokens; the other token counts are parts of them, because they have their own prices.
type Usage struct {
	// InputTokens counts all tokens of the prompt, including those read from and written to a cache. Anthropic
	// reports the three separately; OpenAI and Google report the sum (assumption input-tokens-total).
	InputTokens int64
	// OutputTokens counts all generated tokens, including reasoning.
	OutputTokens int64

	CachedTokens       int64 // read from a cache
	CacheWriteTokens   int64 // written to a cache that lives five minutes
	CacheWrite1hTokens int64 // written to a cache that lives an hour
	ReasoningTokens    int64 // generated before the response, and part of the output
	AudioInputTokens   int64
	ImageInputTokens   int64
	AudioOutputTokens  int64
	ImageOutputTokens  int64

	InputCharacters int64 // text to speak
	InputDuration   time.Duration
	Images          int64 // generated images
	Searches        int64 // search units of a reranking
	// Fees are the tools that the provider ran and bills in addition to tokens, in its own words: "web_search",
	// "code_interpreter". See [Usage.AddFee].
	Fees []string

	// Others are the usage of other models for the response, each under its Model. They aren't included in the counts
	// above.
	Others []Usage

	// The tokens that the provider counts but does not bill.
	UnbilledInputTokens  int64
	UnbilledOutputTokens int64

	// Cost is the total that the provider reports to have charged, in 10⁻¹⁰ dollars; 0 if unknown.
	Cost int64

	// Tier is the way of processing that the request was priced by, in the provider's words: "flex", "priority",
	// "batch"; "" if unknown. Several are joined, as in "batch+us".
	Tier string
	// Sum means that the counts are those of several requests, so that they don't show whether one was long.
	Sum bool
	// Later means that what the request has created reports its usage when it has ended and is retrieved, by its
	// ResponseID.
	Later bool
	// Model is the model that responded, in the provider's words.
	Model string
	// Substitute is the model with which the provider replaced the one that was asked for; "" if it did not.
	Substitute string
	// ResponseID is the provider's id of the response.
	ResponseID string
}

// AddFee adds a tool that the provider bills in addition to tokens.
func (u *Usage) AddFee(tool string) {
	if !slices.Contains(u.Fees, tool) {
		u.Fees = append(u.Fees, tool)
	}
}

// WebSearch is the fee of searches, which all providers have.
const WebSearch = "web_search"

// EstimateTokens estimates the number of tokens of a text if no count is reported: one per four characters, rounded
// up, and at least one (assumption token-estimate).
func EstimateTokens(characters int64) int64 { return max(1, (characters+3)/4) }

// Count keeps a nonsensical report from becoming a negative charge or an overflow.
func Count(n int64) int64 { return min(max(n, 0), maxCount) }

// maxCount limits what one request may report.
const maxCount = 1_000_000_000

// Seconds returns a reported duration; 0 if it is invalid.
func Seconds(s float64) time.Duration {
	if s > 0 && s < 1e7 {
		return time.Duration(s * float64(time.Second)).Round(time.Microsecond)
	}
	return 0
}
