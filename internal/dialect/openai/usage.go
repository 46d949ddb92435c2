package openai

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

// usageReport is the usage object of all of OpenAI's endpoints: chat and text
// completions and embeddings say prompt and completion, responses, images and
// transcriptions say input and output. Decoded over an earlier report, it keeps the
// larger counts.
type usageReport struct {
	PromptTokens     wire.Count `json:"prompt_tokens"`
	CompletionTokens wire.Count `json:"completion_tokens"`
	InputTokens      wire.Count `json:"input_tokens"`
	OutputTokens     wire.Count `json:"output_tokens"`
	TotalTokens      wire.Count `json:"total_tokens"`

	Type    string  `json:"type"`    // "tokens" or "duration": transcriptions
	Seconds float64 `json:"seconds"` // with "duration"

	PromptDetails     details `json:"prompt_tokens_details"`
	CompletionDetails details `json:"completion_tokens_details"`
	InputDetails      details `json:"input_tokens_details"`
	InputDetail       details `json:"input_token_details"` // transcriptions
	OutputDetails     details `json:"output_tokens_details"`

	Cost      wire.Dollars `json:"cost"`              // OpenRouter, Perplexity
	CostTicks wire.Ticks   `json:"cost_in_usd_ticks"` // xAI: docs.x.ai/developers/cost-tracking

	Sources     wire.Count `json:"num_sources_used"`           // xAI's searches
	ServerTools wire.Count `json:"num_server_side_tools_used"` // xAI
	Queries     wire.Count `json:"num_search_queries"`         // Perplexity

	CacheHitTokens wire.Count `json:"prompt_cache_hit_tokens"` // DeepSeek
	CachedTokens   wire.Count `json:"cached_tokens"`           // Moonshot, Together
}

type details struct {
	CachedTokens     wire.Count `json:"cached_tokens"`
	CacheWriteTokens wire.Count `json:"cache_write_tokens"`
	AudioTokens      wire.Count `json:"audio_tokens"`
	ImageTokens      wire.Count `json:"image_tokens"`
	ReasoningTokens  wire.Count `json:"reasoning_tokens"`
}

func (d details) plus(o details) details {
	return details{
		CachedTokens:     d.CachedTokens + o.CachedTokens,
		CacheWriteTokens: d.CacheWriteTokens + o.CacheWriteTokens,
		AudioTokens:      d.AudioTokens + o.AudioTokens,
		ImageTokens:      d.ImageTokens + o.ImageTokens,
		ReasoningTokens:  d.ReasoningTokens + o.ReasoningTokens,
	}
}

// report is what all of OpenAI's responses and events have in common. Usage is at the
// top; Moonshot puts it into the last choice of a stream, Groq into a field of its own.
type report struct {
	ID          string          `json:"id"`
	Model       string          `json:"model"`
	ServiceTier string          `json:"service_tier"`
	Usage       json.RawMessage `json:"usage"`
	Choices     []struct {
		Usage json.RawMessage `json:"usage"`
	} `json:"choices"`
	Groq struct {
		Usage json.RawMessage `json:"usage"`
	} `json:"x_groq"`
	Output   []outputItem `json:"output"`   // of Responses
	Duration any          `json:"duration"` // verbose transcriptions: a number, or text
	Data     []struct {
		B64JSON json.RawMessage `json:"b64_json"`
		URL     json.RawMessage `json:"url"`
	} `json:"data"`
}

// outputItem is what a model did or said, as Responses has it.
type outputItem struct {
	Type   string `json:"type"`
	Action struct {
		Type string `json:"type"`
	} `json:"action"`
}

// searches counts the searches of the web in a response. To open a page that was found costs
// nothing (platform.openai.com/docs/pricing, "Built-in tools").
func (a report) searches() int64 {
	n := int64(0)
	for _, item := range a.Output {
		if item.Type == "web_search_call" && (item.Action.Type == "" || item.Action.Type == "search") {
			n++
		}
	}
	return n
}

// readUsage decodes the usage, wherever it is; false if there is none.
func (a report) readUsage(into *usageReport) bool {
	places := append(make([]json.RawMessage, 0, 8), a.Usage, a.Groq.Usage)
	for _, c := range a.Choices {
		places = append(places, c.Usage)
	}
	found := false
	for _, usage := range places {
		if len(usage) > 0 && usage[0] == '{' {
			_ = wire.DecodeResponse(usage, into) // it is part of valid JSON
			found = true
		}
	}
	return found
}

// ReadUsage reads what a response of any of OpenAI's endpoints reports.
func (Format) ReadUsage(body []byte) (dialect.Usage, bool) {
	var a report
	if wire.DecodeResponse(body, &a) != nil {
		return dialect.Usage{}, false
	}
	var t usageReport
	reported := a.readUsage(&t)
	u := a.about()
	t.applyTo(&u)
	if u.WebSearches == 0 && citesWeb(body) {
		u.WebSearches = 1
	}
	for _, d := range a.Data {
		if len(d.B64JSON)+len(d.URL) > 0 {
			u.Images++
		}
	}
	if u.Images > 0 {
		onlyImages(&u, &t)
	}
	return u, reported || u.Images > 0 || u.InputDuration > 0
}

// onlyImages takes the output for images where its details don't say otherwise: they
// have a price of their own, and the endpoints for images may not break the output down.
func onlyImages(u *dialect.Usage, t *usageReport) {
	if t.OutputDetails == (details{}) && t.CompletionDetails == (details{}) {
		u.ImageOutputTokens = u.OutputTokens
	}
}

// about is what a response says of itself besides its usage.
func (a report) about() dialect.Usage {
	u := dialect.Usage{Model: a.Model, ResponseID: a.ID, Tier: a.ServiceTier, WebSearches: a.searches()}
	switch d := a.Duration.(type) {
	case float64:
		u.InputDuration = dialect.Seconds(d)
	case string:
		var f float64
		if json.Unmarshal([]byte(d), &f) == nil {
			u.InputDuration = dialect.Seconds(f)
		}
	}
	return u
}

// applyTo sets what t reports.
func (t *usageReport) applyTo(u *dialect.Usage) {
	in := t.PromptDetails.plus(t.InputDetails).plus(t.InputDetail)
	out := t.CompletionDetails.plus(t.OutputDetails)
	input, output, total := t.PromptTokens+t.InputTokens, t.CompletionTokens+t.OutputTokens, t.TotalTokens
	cached := max(in.CachedTokens, t.CacheHitTokens, t.CachedTokens)
	switch rest := total - input - output; {
	case input == 0 && total > output: // embeddings of some providers report no more
		input = total - output
	case output == 0 && total > input:
		output = total - input
	case rest > 0 && rest == out.ReasoningTokens:
		// xAI reports reasoning beside completion_tokens, OpenAI within it. Where it
		// is beside, it makes up the difference to the total.
		output += rest
	case rest > 0 && rest == cached+in.CacheWriteTokens: // likewise for the cache
		input += rest
	}
	u.InputTokens = dialect.Count(input.Int())
	u.OutputTokens = dialect.Count(output.Int())
	u.CachedTokens = dialect.Count(cached.Int())
	u.CacheWriteTokens = dialect.Count(in.CacheWriteTokens.Int())
	u.AudioInputTokens = dialect.Count(in.AudioTokens.Int())
	u.ImageInputTokens = dialect.Count(in.ImageTokens.Int())
	u.ReasoningTokens = dialect.Count(out.ReasoningTokens.Int())
	u.AudioOutputTokens = dialect.Count(out.AudioTokens.Int())
	u.ImageOutputTokens = dialect.Count(out.ImageTokens.Int())
	u.Cost = max(int64(t.Cost), int64(t.CostTicks))
	u.WebSearches = max(u.WebSearches, dialect.Count(max(t.Sources, t.ServerTools, t.Queries).Int()))
	if t.Type == "duration" {
		u.InputDuration = dialect.Seconds(t.Seconds)
	}
}
