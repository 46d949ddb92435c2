package openai

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

type request struct {
	Model            string          `json:"model"`
	Messages         []message       `json:"messages"`
	Tools            []tool          `json:"tools,omitempty"`
	ToolChoice       json.RawMessage `json:"tool_choice,omitempty"`
	Parallel         *bool           `json:"parallel_tool_calls,omitempty"`
	MaxTokens        *int64          `json:"max_tokens,omitempty"`
	MaxCompletion    *int64          `json:"max_completion_tokens,omitempty"`
	Temperature      *float64        `json:"temperature,omitempty"`
	TopP             *float64        `json:"top_p,omitempty"`
	FrequencyPenalty *float64        `json:"frequency_penalty,omitempty"`
	PresencePenalty  *float64        `json:"presence_penalty,omitempty"`
	Seed             *int64          `json:"seed,omitempty"`
	RandomSeed       *int64          `json:"random_seed,omitempty"`
	N                int64           `json:"n,omitempty"`
	Stop             wire.StringList `json:"stop,omitempty"`
	ResponseFormat   *output         `json:"response_format,omitempty"`
	Effort           dialect.Effort  `json:"reasoning_effort,omitempty"`
	User             string          `json:"user,omitempty"`
	Stream           bool            `json:"stream,omitempty"`
	StreamOptions    *struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options,omitempty"`

	only
}

// only are fields that have no counterpart in other formats, and without which the response would be different.
type only struct {
	LogitBias    json.RawMessage `json:"logit_bias,omitempty"`
	Logprobs     bool            `json:"logprobs,omitempty"`
	Modalities   []string        `json:"modalities,omitempty"`
	Functions    json.RawMessage `json:"functions,omitempty"`
	FunctionCall json.RawMessage `json:"function_call,omitempty"`
	WebSearch    json.RawMessage `json:"web_search_options,omitempty"`
}

func (o only) check() error {
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"logit_bias", wire.IsSet(o.LogitBias) && string(o.LogitBias) != "{}"},
		{"logprobs", o.Logprobs},
		{"modalities", len(o.Modalities) > 1 || len(o.Modalities) == 1 && o.Modalities[0] != "text"},
		{"functions", wire.IsSet(o.Functions)},
		{"function_call", wire.IsSet(o.FunctionCall)},
		{"web_search_options", wire.IsSet(o.WebSearch)},
	} {
		if f.set {
			return dialect.Untranslated(f.name, f.name, "other providers")
		}
	}
	return nil
}

// ReadRequest reads a chat completion's request.
func (Format) ReadRequest(body []byte) (*dialect.Request, error) {
	var in request
	if err := wire.DecodeRequest(body, &in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	r := &dialect.Request{
		Model: in.Model, Stream: in.Stream, MaxTokens: in.MaxTokens, Temperature: in.Temperature, TopP: in.TopP, Seed: in.Seed,
		PresencePenalty: in.PresencePenalty, FrequencyPenalty: in.FrequencyPenalty, Stop: in.Stop, Choices: in.N, User: in.User,
	}
	if in.MaxCompletion != nil {
		r.MaxTokens = in.MaxCompletion
	}
	r.WantsUsage = in.StreamOptions != nil && in.StreamOptions.IncludeUsage
	switch in.Effort {
	case "":
	case "none":
		r.Thinking.Mode = dialect.ThinkingOff
	default:
		r.Thinking = dialect.Thinking{Mode: dialect.ThinkingOn, Effort: in.Effort}
	}
	for i, m := range in.Messages {
		if err := m.readInto(r, wire.Index("messages", i)); err != nil {
			return nil, err
		}
	}
	var err error
	if r.Tools, err = readTools(in.Tools); err != nil {
		return nil, err
	}
	if r.ToolChoice, err = readChoice(in.ToolChoice); err != nil {
		return nil, err
	}
	r.ToolChoice.Single = in.Parallel != nil && !*in.Parallel
	r.Output, err = in.ResponseFormat.read()
	return r, err
}

// WriteRequest writes a chat completion's request. Usage of a stream is left to
// the caller to ask for, since not all servers take the option.
func (Format) WriteRequest(asked *dialect.Request, traits dialect.Traits) ([]byte, error) {
	traits = traits.For(asked.Model)
	r, err := asked.Fit(limitsOf(traits))
	if err != nil {
		return nil, err
	}
	family := familyAt(r.Model, traits)
	if err := fitOutput(r, traits); err != nil {
		return nil, err
	}
	fitChoice(r, traits, family)
	out := writeSettings(r, traits)
	if out.Messages, err = writeConversation(r, traits); err != nil {
		return nil, err
	}
	if out.Tools, err = writeTools(r.Tools, traits); err != nil {
		return nil, err
	}
	if len(r.Tools) > 0 { // OpenAI rejects these without tools
		out.ToolChoice = writeChoice(r.ToolChoice)
		if r.ToolChoice.Single {
			out.Parallel = new(bool)
		}
	}
	if out.ResponseFormat, err = writeOutput(r); err != nil {
		return nil, err
	}
	if err := family.apply(&out); err != nil {
		return nil, err
	}
	return leaveOut(wire.Marshal(out), traits.Refuses)
}

// writeSettings writes the fields that are neither messages nor tools nor the output's form.
func writeSettings(r *dialect.Request, traits dialect.Traits) request {
	out := request{
		Model: r.Model, Stream: r.Stream, Temperature: r.Temperature, TopP: r.TopP, Seed: r.Seed, N: r.Choices, Stop: r.Stop,
		FrequencyPenalty: r.FrequencyPenalty, PresencePenalty: r.PresencePenalty, User: userID(r.User), Effort: r.Thinking.AsEffort(),
	}
	if traits.RandomSeed {
		out.Seed, out.RandomSeed = nil, out.Seed
	}
	if traits.Original {
		out.MaxCompletion = r.MaxTokens
	} else {
		out.MaxTokens = r.MaxTokens
	}
	return out
}

// leaveOut returns a request without the fields that a provider refuses.
func leaveOut(body []byte, names []string) ([]byte, error) {
	for key := range jsonscan.Fields(body) {
		if slices.Contains(names, string(key)) {
			o, _ := readRaw(body, nil)
			err := o.leaveOut(names)
			return o.written(nil), err
		}
	}
	return body, nil
}

// userID returns the end user's id. OpenAI accepts 64 characters and recommends a hash (the comment on
// SafetyIdentifier in openai-go); Claude Code's ids are longer. "Invalid 'user': string too long. Expected a string
// with maximum length 64".
func userID(id string) string {
	const longest = 64
	if len(id) <= longest {
		return id
	}
	hash := sha256.Sum256([]byte(id))
	return hex.EncodeToString(hash[:])
}
