package openai

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// usageReport is the usage object of all of OpenAI's endpoints: chat and text completions and embeddings use the
// names prompt and completion, responses, images and transcriptions input and output. Read over an earlier report, it
// keeps the larger counts.
type usageReport struct {
	prompt, completion, input, output, total wire.Count

	kind    string  // "tokens" or "duration": transcriptions
	seconds float64 // with "duration"

	promptDetails, completionDetails, inputDetails, outputDetails details

	inputDetail details // transcriptions

	cost  wire.Dollars // OpenRouter, Perplexity
	ticks wire.Ticks   // xAI: docs.x.ai/developers/cost-tracking
	// upstream is what OpenRouter's client owes to another provider for a request with its own key, in addition to
	// cost. Without such a key, it is part of the cost.
	upstream wire.Dollars
	ownKey   string // "true" or "false"; "" if unknown

	sources     wire.Count // xAI's searches
	serverTools wire.Count // xAI
	queries     wire.Count // Perplexity

	cacheHit wire.Count // DeepSeek
	cached   wire.Count // Moonshot, Together, Mistral
}

// read reads a usage object. Each response has one: decoding it by reflection was 10 % of the work of a small
// response, and the scan is a fifth of that.
func (t *usageReport) read(usage []byte) {
	for key, value := range jsonscan.Fields(usage) {
		switch string(key) {
		case "prompt_tokens":
			t.prompt.Read(value)
		case "completion_tokens":
			t.completion.Read(value)
		case "input_tokens":
			t.input.Read(value)
		case "output_tokens":
			t.output.Read(value)
		case "total_tokens":
			t.total.Read(value)
		case "type":
			t.kind, _ = jsonscan.Text(value)
		case "seconds":
			_ = json.Unmarshal(value, &t.seconds) // a value of another type is ignored
		case "prompt_tokens_details":
			t.promptDetails.read(value)
		case "completion_tokens_details":
			t.completionDetails.read(value)
		case "input_tokens_details":
			t.inputDetails.read(value)
		case "input_token_details":
			t.inputDetail.read(value)
		case "output_tokens_details":
			t.outputDetails.read(value)
		case "cost":
			_ = t.cost.UnmarshalJSON(value) // accepts anything
		case "cost_details":
			_ = t.upstream.UnmarshalJSON(jsonscan.Field(value, "upstream_inference_cost")) // likewise
		case "is_byok":
			t.ownKey = string(value)
		case "cost_in_usd_ticks":
			_ = t.ticks.UnmarshalJSON(value) // likewise
		case "num_sources_used":
			t.sources.Read(value)
		case "num_server_side_tools_used":
			t.serverTools.Read(value)
		case "num_search_queries":
			t.queries.Read(value)
		case "prompt_cache_hit_tokens":
			t.cacheHit.Read(value)
		case "cached_tokens", "num_cached_tokens":
			t.cached.Read(value)
		}
	}
}

type details struct {
	CachedTokens, CacheWriteTokens, AudioTokens, ImageTokens, ReasoningTokens wire.Count
}

func (d *details) read(object []byte) {
	for key, value := range jsonscan.Fields(object) {
		switch string(key) {
		case "cached_tokens":
			d.CachedTokens.Read(value)
		case "cache_write_tokens":
			d.CacheWriteTokens.Read(value)
		case "audio_tokens":
			d.AudioTokens.Read(value)
		case "image_tokens":
			d.ImageTokens.Read(value)
		case "reasoning_tokens":
			d.ReasoningTokens.Read(value)
		}
	}
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
	about    dialect.Usage // id, model, tier, duration and fees
	images   int64
	reported bool   // there was usage
	kind     []byte // of object: "response", "batch"
	status   []byte
}

// readReport reads valid JSON, and its usage into counts. Usage is at the top level; Moonshot puts it into the last
// choice of a stream, Groq into its own field. Values of unexpected types are ignored.
func readReport(data []byte, counts *usageReport) report {
	var r report
	for key, value := range jsonscan.Fields(data) {
		switch string(key) {
		case "id":
			r.about.ResponseID, _ = jsonscan.Text(value)
		case "model":
			r.about.Model, _ = jsonscan.Text(value)
		case "service_tier":
			r.about.Tier, _ = jsonscan.Text(value)
		case "status":
			r.status = value
		case "object":
			r.kind = value
		case "usage":
			r.readUsage(value, counts)
		case "choices":
			for choice := range jsonscan.Elements(value) {
				r.readUsage(jsonscan.Field(choice, "usage"), counts)
			}
		case "x_groq":
			r.readUsage(jsonscan.Field(value, "usage"), counts)
		case "output": // in Responses
			addFees(&r.about, value)
		case "tool_usage":
			if jsonscan.Field(jsonscan.Field(value, "image_gen"), "output_tokens") != nil {
				r.about.AddFee(imageGeneration)
			}
		case "duration": // verbose transcriptions: a number, or text
			var seconds float64
			if json.Unmarshal(bytes.Trim(value, `"`), &seconds) == nil {
				r.about.InputDuration = dialect.Seconds(seconds)
			}
		case "data":
			for image := range jsonscan.Elements(value) {
				if jsonscan.Field(image, "b64_json") != nil || jsonscan.Field(image, "url") != nil {
					r.images++
				}
			}
		}
	}
	return r
}

// feesOf maps types of items to the fees for tools that the provider ran. Unlisted ones cost only tokens, such as
// computer use (platform.openai.com/docs/pricing, "Built-in tools").
var feesOf = map[string]string{
	"web_search_call": dialect.WebSearch, "file_search_call": "file_search", "code_interpreter_call": "code_interpreter",
	"image_generation_call": imageGeneration,
}

const imageGeneration = "image_generation"

// addFees adds the fees for tools that the provider ran. Opening a page that was found is free, and a shell costs
// something if OpenAI runs it.
func addFees(u *dialect.Usage, output []byte) {
	for item := range jsonscan.Elements(output) {
		kind, _ := jsonscan.Text(jsonscan.Field(item, "type"))
		action, _ := jsonscan.Text(jsonscan.Field(jsonscan.Field(item, "action"), "type"))
		place, _ := jsonscan.Text(jsonscan.Field(jsonscan.Field(item, "environment"), "type"))
		fee, known := feesOf[kind]
		switch {
		case kind == "shell_call" && place == "container_reference":
			u.AddFee("shell")
		case !known, kind == "web_search_call" && action != "" && action != "search":
		default:
			u.AddFee(fee)
		}
	}
}

func (r *report) readUsage(usage []byte, counts *usageReport) {
	if len(usage) > 0 && usage[0] == '{' {
		counts.read(usage)
		r.reported = true
	}
}

// ReadUsage reads the usage in a response of any of OpenAI's endpoints.
func (Format) ReadUsage(body []byte) (dialect.Usage, bool) {
	if !jsonscan.Valid(body) {
		return dialect.Usage{}, false
	}
	var t usageReport
	r := readReport(body, &t)
	u := r.about
	switch string(r.kind) {
	case `"response"`:
		u.Later = slices.Contains([]string{`"queued"`, `"in_progress"`}, string(r.status))
	case `"batch"`:
		u.Later, u.Tier = slices.Contains([]string{`"validating"`, `"in_progress"`, `"finalizing"`, `"cancelling"`}, string(r.status)), "batch"
		u.Sum = true
	}
	if u.Later {
		return u, false
	}
	t.applyTo(&u)
	if citesWeb(body) {
		u.AddFee(dialect.WebSearch)
	}
	if u.Images = r.images; u.Images > 0 {
		onlyImages(&u, &t)
	}
	return u, r.reported || u.Images > 0 || u.InputDuration > 0
}

// onlyImages counts the output as images unless its details say otherwise: images have their own price, and the image
// endpoints may not break the output down.
func onlyImages(u *dialect.Usage, t *usageReport) {
	if t.outputDetails == (details{}) && t.completionDetails == (details{}) {
		u.ImageOutputTokens = u.OutputTokens
	}
}

// charged returns the total cost of a request (assumption openrouter-byok).
func (t *usageReport) charged() int64 {
	if t.ownKey == "true" || t.ownKey == "" && t.cost < t.upstream {
		return int64(t.cost + t.upstream)
	}
	return int64(t.cost)
}

// applyTo sets the reported counts.
func (t *usageReport) applyTo(u *dialect.Usage) {
	in := t.promptDetails.plus(t.inputDetails).plus(t.inputDetail)
	out := t.completionDetails.plus(t.outputDetails)
	input, output, total := t.prompt+t.input, t.completion+t.output, t.total
	cached := max(in.CachedTokens, t.cacheHit, t.cached)
	switch rest := total - input - output; {
	case input == 0 && total > output: // embeddings of some providers report no more
		input = total - output
	case output == 0 && total > input:
		output = total - input
	case rest > 0 && rest == out.ReasoningTokens:
		// xAI reports reasoning in addition to completion_tokens, OpenAI as part of it. In the former case, it makes
		// up the difference to the total.
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
	u.Cost = max(t.charged(), int64(t.ticks))
	if max(t.sources, t.serverTools, t.queries) > 0 {
		u.AddFee(dialect.WebSearch)
	}
	if t.kind == "duration" {
		u.InputDuration = dialect.Seconds(t.seconds)
	}
}
