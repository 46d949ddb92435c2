package openai

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

// usageReport is the usage object of all of OpenAI's endpoints: chat and text
// completions and embeddings say prompt and completion, responses, images and
// transcriptions say input and output.
type usageReport struct {
	PromptTokens     int64 `json:"prompt_tokens"`
	CompletionTokens int64 `json:"completion_tokens"`
	InputTokens      int64 `json:"input_tokens"`
	OutputTokens     int64 `json:"output_tokens"`
	TotalTokens      int64 `json:"total_tokens"`

	Type    string  `json:"type"`    // "tokens" or "duration": transcriptions
	Seconds float64 `json:"seconds"` // with "duration"

	PromptDetails     details `json:"prompt_tokens_details"`
	CompletionDetails details `json:"completion_tokens_details"`
	InputDetails      details `json:"input_tokens_details"`
	InputDetail       details `json:"input_token_details"` // transcriptions
	OutputDetails     details `json:"output_tokens_details"`

	CacheHitTokens int64 `json:"prompt_cache_hit_tokens"` // DeepSeek
}

type details struct {
	CachedTokens     int64 `json:"cached_tokens"`
	CacheWriteTokens int64 `json:"cache_write_tokens"`
	AudioTokens      int64 `json:"audio_tokens"`
	ImageTokens      int64 `json:"image_tokens"`
	ReasoningTokens  int64 `json:"reasoning_tokens"`
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

// report is what all of OpenAI's responses and events have in common.
type report struct {
	ID          string       `json:"id"`
	Model       string       `json:"model"`
	ServiceTier string       `json:"service_tier"`
	Usage       *usageReport `json:"usage"`
	Duration    any          `json:"duration"` // verbose transcriptions: a number, or text
	Data        []struct {
		B64JSON json.RawMessage `json:"b64_json"`
		URL     json.RawMessage `json:"url"`
	} `json:"data"`
}

// ReadUsage reads what a response of any of OpenAI's endpoints reports.
func (Format) ReadUsage(body []byte) (dialect.Usage, bool) {
	var a report
	if wire.DecodeResponse(body, &a) != nil {
		return dialect.Usage{}, false
	}
	u := a.usage()
	for _, d := range a.Data {
		if len(d.B64JSON)+len(d.URL) > 0 {
			u.Images++
		}
	}
	return u, a.Usage != nil || u.Images > 0 || u.InputDuration > 0
}

func (a report) usage() dialect.Usage {
	u := dialect.Usage{Model: a.Model, ResponseID: a.ID, Batch: a.ServiceTier == "flex" || a.ServiceTier == "batch"}
	switch d := a.Duration.(type) {
	case float64:
		u.InputDuration = dialect.Seconds(d)
	case json.Number:
		f, _ := d.Float64()
		u.InputDuration = dialect.Seconds(f)
	case string:
		var f float64
		if json.Unmarshal([]byte(d), &f) == nil {
			u.InputDuration = dialect.Seconds(f)
		}
	}
	if a.Usage == nil {
		return u
	}
	t := a.Usage
	in := t.PromptDetails.plus(t.InputDetails).plus(t.InputDetail)
	out := t.CompletionDetails.plus(t.OutputDetails)
	u.InputTokens = dialect.Count(t.PromptTokens + t.InputTokens)
	u.OutputTokens = dialect.Count(t.CompletionTokens + t.OutputTokens)
	// xAI reports reasoning beside completion_tokens, OpenAI within it. Where
	// it is beside, it makes up the difference to the total.
	if rest := t.TotalTokens - u.InputTokens - u.OutputTokens; rest > 0 && rest == out.ReasoningTokens {
		u.OutputTokens += rest
	}
	u.CachedTokens = dialect.Count(max(in.CachedTokens, t.CacheHitTokens))
	u.CacheWriteTokens = dialect.Count(in.CacheWriteTokens)
	u.AudioInputTokens = dialect.Count(in.AudioTokens)
	u.ImageInputTokens = dialect.Count(in.ImageTokens)
	u.ReasoningTokens = dialect.Count(out.ReasoningTokens)
	u.AudioOutputTokens = dialect.Count(out.AudioTokens)
	u.ImageOutputTokens = dialect.Count(out.ImageTokens)
	if t.Type == "duration" {
		u.InputDuration = dialect.Seconds(t.Seconds)
	}
	return u
}
