package translate

import (
	"cmp"
	"encoding/json"
)

// openAI is the format of OpenAI's chat completions.
type openAI struct{ like bool }

type openAIRequest struct {
	Model            string          `json:"model"`
	Messages         []openAIMessage `json:"messages"`
	Tools            []openAITool    `json:"tools,omitempty"`
	ToolChoice       json.RawMessage `json:"tool_choice,omitempty"`
	Parallel         *bool           `json:"parallel_tool_calls,omitempty"`
	MaxTokens        *int64          `json:"max_tokens,omitempty"`
	MaxCompletion    *int64          `json:"max_completion_tokens,omitempty"`
	Temperature      *float64        `json:"temperature,omitempty"`
	TopP             *float64        `json:"top_p,omitempty"`
	FrequencyPenalty *float64        `json:"frequency_penalty,omitempty"`
	PresencePenalty  *float64        `json:"presence_penalty,omitempty"`
	Seed             *int64          `json:"seed,omitempty"`
	N                int64           `json:"n,omitempty"`
	Stop             stringList      `json:"stop,omitempty"`
	ResponseFormat   *openAIOutput   `json:"response_format,omitempty"`
	Effort           Effort          `json:"reasoning_effort,omitempty"`
	User             string          `json:"user,omitempty"`
	Stream           bool            `json:"stream,omitempty"`
	StreamOptions    *struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options,omitempty"`

	openAIOnly
}

// openAIOnly are fields that have no counterpart anywhere, and without which the
// answer would be another.
type openAIOnly struct {
	LogitBias    json.RawMessage `json:"logit_bias,omitempty"`
	Logprobs     bool            `json:"logprobs,omitempty"`
	Modalities   []string        `json:"modalities,omitempty"`
	Functions    json.RawMessage `json:"functions,omitempty"`
	FunctionCall json.RawMessage `json:"function_call,omitempty"`
	WebSearch    json.RawMessage `json:"web_search_options,omitempty"`
}

func (o openAIOnly) check() error {
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"logit_bias", isSet(o.LogitBias) && string(o.LogitBias) != "{}"},
		{"logprobs", o.Logprobs},
		{"modalities", len(o.Modalities) > 1 || len(o.Modalities) == 1 && o.Modalities[0] != "text"},
		{"functions", isSet(o.Functions)},
		{"function_call", isSet(o.FunctionCall)},
		{"web_search_options", isSet(o.WebSearch)},
	} {
		if f.set {
			return untranslated(f.name, f.name, "other providers")
		}
	}
	return nil
}

type openAITool struct {
	Type     string `json:"type"`
	Function struct {
		Name        string          `json:"name"`
		Description string          `json:"description,omitempty"`
		Parameters  json.RawMessage `json:"parameters,omitempty"`
		Strict      *bool           `json:"strict,omitempty"`
	} `json:"function"`
}

type openAIOutput struct {
	Type   string        `json:"type"`
	Schema *openAISchema `json:"json_schema,omitempty"`
}

type openAISchema struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Schema      json.RawMessage `json:"schema,omitempty"`
	Strict      *bool           `json:"strict,omitempty"`
}

// ReadRequest reads a chat completion's request.
func (openAI) ReadRequest(body []byte) (*Request, error) {
	var in openAIRequest
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	r := &Request{
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
		r.Thinking.Mode = ThinkingOff
	default:
		r.Thinking = Thinking{Mode: ThinkingOn, Effort: in.Effort}
	}
	for i, m := range in.Messages {
		if err := m.readInto(r, index("messages", i)); err != nil {
			return nil, err
		}
	}
	for i, t := range in.Tools {
		if t.Type != "function" {
			return nil, untranslated(index("tools", i)+".type", "a tool of type "+quoted(t.Type), "other providers")
		}
		f := t.Function
		r.Tools = append(r.Tools, Tool{Name: f.Name, Description: f.Description, Schema: nonNull(f.Parameters), Strict: f.Strict})
	}
	var err error
	if r.ToolChoice, err = readOpenAIChoice(in.ToolChoice); err != nil {
		return nil, err
	}
	r.ToolChoice.Single = in.Parallel != nil && !*in.Parallel
	r.Output, err = in.ResponseFormat.read()
	return r, err
}

func readOpenAIChoice(raw json.RawMessage) (ToolChoice, error) {
	if !isSet(raw) {
		return ToolChoice{}, nil
	}
	if raw[0] == '"' {
		var mode ChoiceMode
		_ = json.Unmarshal(raw, &mode)
		switch mode {
		case Auto, None, Required:
			return ToolChoice{Mode: mode}, nil
		}
		return ToolChoice{}, wrong("tool_choice", "%s is not one of auto, none and required", quoted(string(mode)))
	}
	type named struct {
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
	}
	var choice struct {
		named
		Type    string `json:"type"`
		Allowed struct {
			Mode  ChoiceMode `json:"mode"`
			Tools []named    `json:"tools"`
		} `json:"allowed_tools"`
	}
	if err := decode(raw, &choice); err != nil {
		return ToolChoice{}, wrong("tool_choice", "must be a string or an object")
	}
	switch choice.Type {
	case "function":
		return ToolChoice{Mode: Required, Only: []string{choice.Function.Name}}, nil
	case "allowed_tools":
		c := ToolChoice{Mode: choice.Allowed.Mode, Only: []string{}}
		for _, t := range choice.Allowed.Tools {
			c.Only = append(c.Only, t.Function.Name)
		}
		return c, nil
	}
	return ToolChoice{}, untranslated("tool_choice.type", "a choice of type "+quoted(choice.Type), "other providers")
}

func (o *openAIOutput) read() (*Output, error) {
	switch {
	case o == nil || o.Type == "text":
		return nil, nil
	case o.Type == "json_object":
		return &Output{}, nil
	case o.Type == "json_schema" && o.Schema != nil:
		s := o.Schema
		return &Output{Schema: nonNull(s.Schema), Name: s.Name, Description: s.Description, Strict: s.Strict}, nil
	}
	return nil, wrong("response_format.type", "%s is not one of text, json_object and json_schema with its schema", quoted(o.Type))
}

// WriteRequest writes a chat completion's request. Usage of a stream is left to
// the caller to ask for, since not all servers take the option.
func (f openAI) WriteRequest(r *Request) ([]byte, error) {
	out := openAIRequest{
		Model: r.Model, Stream: r.Stream, Temperature: r.Temperature, TopP: r.TopP, Seed: r.Seed, N: r.Choices, Stop: r.Stop,
		FrequencyPenalty: r.FrequencyPenalty, PresencePenalty: r.PresencePenalty, User: r.User, Effort: r.Thinking.effort(),
	}
	out.Messages = []openAIMessage{}
	if f.like {
		out.MaxTokens = r.MaxTokens
	} else {
		out.MaxCompletion = r.MaxTokens
	}
	if text := textOf(r.System); text != "" {
		out.Messages = append(out.Messages, openAIMessage{Role: "system", Content: marshal(joined(r.System))})
	}
	for _, m := range r.Messages {
		list, err := writeOpenAIMessages(m)
		if err != nil {
			return nil, err
		}
		out.Messages = append(out.Messages, list...)
	}
	for _, t := range r.Tools {
		tool := openAITool{Type: "function"}
		tool.Function.Name, tool.Function.Description = t.Name, t.Description
		tool.Function.Parameters, tool.Function.Strict = t.Schema, t.Strict
		out.Tools = append(out.Tools, tool)
	}
	if len(r.Tools) > 0 { // else OpenAI refuses these
		out.ToolChoice = writeOpenAIChoice(r.ToolChoice)
		if r.ToolChoice.Single {
			out.Parallel = new(bool)
		}
	}
	out.ResponseFormat = writeOpenAIOutput(r.Output)
	return marshal(out), nil
}

func writeOpenAIChoice(c ToolChoice) json.RawMessage {
	function := func(name string) object {
		return object{"type": "function", "function": object{"name": name}}
	}
	switch {
	case c.Mode == "" && c.Only == nil:
		return nil
	case c.Only == nil || c.Mode == None:
		return marshal(c.Mode)
	case c.Mode == Required && len(c.Only) == 1:
		return marshal(function(c.Only[0]))
	}
	tools := []object{}
	for _, name := range c.Only {
		tools = append(tools, function(name))
	}
	mode := c.Mode
	if mode == "" {
		mode = Auto
	}
	return marshal(object{"type": "allowed_tools", "allowed_tools": object{"mode": mode, "tools": tools}})
}

func writeOpenAIOutput(o *Output) *openAIOutput {
	switch {
	case o == nil:
		return nil
	case o.Schema == nil:
		return &openAIOutput{Type: "json_object"}
	}
	return &openAIOutput{Type: "json_schema", Schema: &openAISchema{cmp.Or(o.Name, "answer"), o.Description, o.Schema, o.Strict}}
}
