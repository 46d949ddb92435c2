package dialect

import (
	"cmp"
	"encoding/json"
	"errors"
	"time"
)

// openAIUsage is the usage object of all of OpenAI's endpoints: chat and text
// completions and embeddings say prompt and completion, responses, images and
// transcriptions say input and output.
type openAIUsage struct {
	PromptTokens     int64 `json:"prompt_tokens"`
	CompletionTokens int64 `json:"completion_tokens"`
	InputTokens      int64 `json:"input_tokens"`
	OutputTokens     int64 `json:"output_tokens"`
	TotalTokens      int64 `json:"total_tokens"`

	Type    string  `json:"type"`    // "tokens" or "duration": transcriptions
	Seconds float64 `json:"seconds"` // with "duration"

	PromptDetails     openAIDetails `json:"prompt_tokens_details"`
	CompletionDetails openAIDetails `json:"completion_tokens_details"`
	InputDetails      openAIDetails `json:"input_tokens_details"`
	InputDetail       openAIDetails `json:"input_token_details"` // transcriptions
	OutputDetails     openAIDetails `json:"output_tokens_details"`

	CacheHitTokens int64 `json:"prompt_cache_hit_tokens"` // DeepSeek
}

type openAIDetails struct {
	CachedTokens     int64 `json:"cached_tokens"`
	CacheWriteTokens int64 `json:"cache_write_tokens"`
	AudioTokens      int64 `json:"audio_tokens"`
	ImageTokens      int64 `json:"image_tokens"`
	ReasoningTokens  int64 `json:"reasoning_tokens"`
}

func (d openAIDetails) plus(o openAIDetails) openAIDetails {
	return openAIDetails{
		CachedTokens:     d.CachedTokens + o.CachedTokens,
		CacheWriteTokens: d.CacheWriteTokens + o.CacheWriteTokens,
		AudioTokens:      d.AudioTokens + o.AudioTokens,
		ImageTokens:      d.ImageTokens + o.ImageTokens,
		ReasoningTokens:  d.ReasoningTokens + o.ReasoningTokens,
	}
}

// openAIAnswer is what all of OpenAI's answers and events have in common.
type openAIAnswer struct {
	ID          string       `json:"id"`
	Model       string       `json:"model"`
	ServiceTier string       `json:"service_tier"`
	Usage       *openAIUsage `json:"usage"`
	Choices     *[]struct{}  `json:"choices"`
	Duration    any          `json:"duration"` // verbose transcriptions: a number, or text
	Data        []struct {
		B64JSON json.RawMessage `json:"b64_json"`
		URL     json.RawMessage `json:"url"`
	} `json:"data"`
}

func readOpenAIUsage(body []byte) (Usage, bool) {
	var a openAIAnswer
	if !decode(body, &a) {
		return Usage{}, false
	}
	u := a.usage()
	for _, d := range a.Data {
		if len(d.B64JSON)+len(d.URL) > 0 {
			u.Images++
		}
	}
	return u, a.Usage != nil || u.Images > 0 || u.InputDuration > 0
}

func (a openAIAnswer) usage() Usage {
	u := Usage{Model: a.Model, ResponseID: a.ID, Batch: a.ServiceTier == "flex" || a.ServiceTier == "batch"}
	switch d := a.Duration.(type) {
	case float64:
		u.InputDuration = seconds(d)
	case json.Number:
		f, _ := d.Float64()
		u.InputDuration = seconds(f)
	case string:
		var f float64
		if json.Unmarshal([]byte(d), &f) == nil {
			u.InputDuration = seconds(f)
		}
	}
	if a.Usage == nil {
		return u
	}
	t := a.Usage
	in := t.PromptDetails.plus(t.InputDetails).plus(t.InputDetail)
	out := t.CompletionDetails.plus(t.OutputDetails)
	u.InputTokens = count(t.PromptTokens + t.InputTokens)
	u.OutputTokens = count(t.CompletionTokens + t.OutputTokens)
	// xAI reports reasoning beside completion_tokens, OpenAI within it. Where
	// it is beside, it makes up the difference to the total.
	if rest := t.TotalTokens - u.InputTokens - u.OutputTokens; rest > 0 && rest == out.ReasoningTokens {
		u.OutputTokens += rest
	}
	u.CachedTokens = count(max(in.CachedTokens, t.CacheHitTokens))
	u.CacheWriteTokens = count(in.CacheWriteTokens)
	u.AudioInputTokens = count(in.AudioTokens)
	u.ImageInputTokens = count(in.ImageTokens)
	u.ReasoningTokens = count(out.ReasoningTokens)
	u.AudioOutputTokens = count(out.AudioTokens)
	u.ImageOutputTokens = count(out.ImageTokens)
	if t.Type == "duration" {
		u.InputDuration = seconds(t.Seconds)
	}
	return u
}

// openAIEvent is an event of a stream: a chunk of a completion, or a typed
// event, which may hold the whole response.
type openAIEvent struct {
	openAIAnswer
	Response *openAIAnswer `json:"response"`
}

// Where generated text stands: in the chunks of completions and in whole
// answers; and in typed events, whose other keys repeat it.
var (
	chunkText = []string{"content", "text", "arguments", "refusal", "reasoning_content", "reasoning"}
	eventText = []string{"delta"}
)

func (s *Stream) readOpenAI(event string, data []byte) Class {
	if string(data) == "[DONE]" {
		return Terminal
	}
	keys := chunkText
	if s.endpoint.Operation == Responses || s.endpoint.Operation == Transcription {
		keys = eventText
	}
	var text int64
	var typed, usage bool
	for key, value := range members(data) {
		switch string(key) {
		case "type", "error":
			typed = true
		case "usage":
			usage = usage || data[value] == '{'
		default:
			text += textAt(data, key, value, keys)
		}
	}
	class := Content
	if event != "" || typed { // chunks of completions have neither
		class = openAIClass(event, data)
	}
	if s.usage.ResponseID == "" || class != Content || usage {
		class = s.decodeOpenAI(data, class)
	}
	if class == Content {
		s.text += text
	}
	return class
}

// decodeOpenAI reads the first event, for its id and model, and those with
// usage.
func (s *Stream) decodeOpenAI(data []byte, class Class) Class {
	var e openAIEvent
	if !decode(data, &e) {
		return class
	}
	answer := e.openAIAnswer
	if e.Response != nil {
		answer = *e.Response
	}
	u := answer.usage()
	u.ResponseID = cmp.Or(u.ResponseID, s.usage.ResponseID)
	u.Model = cmp.Or(u.Model, s.usage.Model)
	if answer.Usage == nil {
		s.usage.ResponseID, s.usage.Model = u.ResponseID, u.Model
		return class
	}
	s.usage, s.reported = u, true // cumulative where it comes more than once
	if e.Choices != nil && len(*e.Choices) == 0 {
		return UsageOnly
	}
	return class
}

// openAIClass tells by an event's type whether it ends the stream.
func openAIClass(event string, data []byte) Class {
	if event == "" {
		var typed struct {
			Type  string          `json:"type"`
			Error json.RawMessage `json:"error"`
		}
		if !decode(data, &typed) {
			return Content
		}
		if len(typed.Error) > 0 && typed.Error[0] == '{' && typed.Type == "" {
			return Failure
		}
		event = typed.Type
	}
	switch event {
	case "error", "response.failed":
		return Failure
	case "response.completed", "response.incomplete", "speech.audio.done", "transcript.text.done",
		"image_generation.completed", "image_edit.completed":
		return Terminal
	}
	return Content
}

// decode reads what fits: a field of an unexpected type is left out, the others
// are still read.
func decode(data []byte, v any) bool {
	err := json.Unmarshal(data, v)
	var wrongType *json.UnmarshalTypeError
	return err == nil || errors.As(err, &wrongType)
}

// count keeps a nonsensical report from making a negative charge or an
// overflow.
func count(n int64) int64 { return min(max(n, 0), maxCount) }

// maxCount bounds what one request may report.
const maxCount = 1_000_000_000

func seconds(s float64) time.Duration {
	if s > 0 && s < 1e7 {
		return time.Duration(s * float64(time.Second)).Round(time.Microsecond)
	}
	return 0
}
