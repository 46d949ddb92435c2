package translate

import (
	"encoding/json"
)

// bedrock is the format of Bedrock's Converse.
type bedrock struct{}

type bedrockRequest struct {
	ModelID    string             `json:"modelId,omitempty"` // clients may write it, though the path has it
	System     []bedrockBlock     `json:"system,omitempty"`
	Messages   []bedrockMessage   `json:"messages"`
	Inference  *bedrockInference  `json:"inferenceConfig,omitempty"`
	ToolConfig *bedrockToolConfig `json:"toolConfig,omitempty"`
	Output     *bedrockOutput     `json:"outputConfig,omitempty"`
	Additional *bedrockAdditional `json:"additionalModelRequestFields,omitempty"`

	Guardrail json.RawMessage `json:"guardrailConfig,omitempty"`
	Variables json.RawMessage `json:"promptVariables,omitempty"`
}

type bedrockInference struct {
	MaxTokens     *int64   `json:"maxTokens,omitempty"`
	Temperature   *float64 `json:"temperature,omitempty"`
	TopP          *float64 `json:"topP,omitempty"`
	StopSequences []string `json:"stopSequences,omitempty"`
}

type bedrockToolConfig struct {
	Tools  []bedrockTool  `json:"tools"`
	Choice *bedrockChoice `json:"toolChoice,omitempty"`
}

type bedrockTool struct {
	Spec       *bedrockToolSpec   `json:"toolSpec,omitempty"`
	CachePoint *bedrockCachePoint `json:"cachePoint,omitempty"`
	System     json.RawMessage    `json:"systemTool,omitempty"`
}

type bedrockToolSpec struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Schema      struct {
		JSON json.RawMessage `json:"json"`
	} `json:"inputSchema"`
	Strict *bool `json:"strict,omitempty"`
}

type bedrockChoice struct {
	Auto *struct{}     `json:"auto,omitempty"`
	Any  *struct{}     `json:"any,omitempty"`
	Tool *bedrockNamed `json:"tool,omitempty"`
}

type bedrockNamed struct {
	Name string `json:"name"`
}

type bedrockOutput struct {
	Format *bedrockOutputFormat `json:"textFormat,omitempty"`
}

type bedrockOutputFormat struct {
	Type      string `json:"type"`
	Structure struct {
		Schema struct {
			Schema      string `json:"schema"` // JSON as text
			Name        string `json:"name,omitempty"`
			Description string `json:"description,omitempty"`
		} `json:"jsonSchema"`
	} `json:"structure"`
}

// bedrockAdditional are settings that Converse leaves to the model, here those of
// Claude.
type bedrockAdditional struct {
	TopK     *int64             `json:"top_k,omitempty"`
	Thinking *anthropicThinking `json:"thinking,omitempty"`
	Output   *anthropicOutput   `json:"output_config,omitempty"`
}

// ReadRequest reads a request to converse.
func (bedrock) ReadRequest(body []byte) (*Request, error) {
	var in bedrockRequest
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	switch {
	case isSet(in.Guardrail):
		return nil, untranslated("guardrailConfig", "a guardrail", "other providers")
	case isSet(in.Variables):
		return nil, untranslated("promptVariables", "a stored prompt", "other providers")
	}
	r := &Request{Model: in.ModelID, WantsUsage: true}
	var err error
	if r.System, err = readBedrockBlocks(in.System, "system"); err != nil {
		return nil, err
	}
	for i, m := range in.Messages {
		at := index("messages", i)
		list, err := readBedrockBlocks(m.Content, at+".content")
		if err != nil {
			return nil, err
		}
		if m.Role != "user" && m.Role != "assistant" {
			return nil, wrong(at+".role", "%s is not one of user and assistant", quoted(m.Role))
		}
		r.Messages = append(r.Messages, Message{Role: Role(m.Role), Parts: list, At: at})
	}
	if i := in.Inference; i != nil {
		r.MaxTokens, r.Temperature, r.TopP, r.Stop = i.MaxTokens, i.Temperature, i.TopP, i.StopSequences
	}
	if err := in.ToolConfig.readInto(r); err != nil {
		return nil, err
	}
	if a := in.Additional; a != nil {
		r.TopK, r.Thinking = a.TopK, a.Thinking.read()
		if a.Output != nil {
			r.Thinking.Effort = a.Output.Effort
		}
	}
	if in.Output != nil && in.Output.Format != nil {
		s := in.Output.Format.Structure.Schema
		if !json.Valid([]byte(s.Schema)) {
			return nil, wrong("outputConfig.textFormat.structure.jsonSchema.schema", "is not JSON")
		}
		r.Output = &Output{Schema: json.RawMessage(s.Schema), Name: s.Name, Description: s.Description}
	}
	return r, nil
}

func (c *bedrockToolConfig) readInto(r *Request) error {
	if c == nil {
		return nil
	}
	for i, t := range c.Tools {
		switch {
		case t.Spec != nil:
			r.Tools = append(r.Tools, Tool{Name: t.Spec.Name, Description: t.Spec.Description, Schema: nonNull(t.Spec.Schema.JSON), Strict: t.Spec.Strict})
		case t.CachePoint != nil:
			if n := len(r.Tools); n > 0 {
				r.Tools[n-1].Cache = &CachePoint{TTL: t.CachePoint.TTL}
			}
		default:
			return untranslated(index("toolConfig.tools", i), "Bedrock's own tool", "other providers")
		}
	}
	switch choice := c.Choice; {
	case choice == nil:
	case choice.Tool != nil:
		r.ToolChoice = ToolChoice{Mode: Required, Only: []string{choice.Tool.Name}}
	case choice.Any != nil:
		r.ToolChoice.Mode = Required
	case choice.Auto != nil:
		r.ToolChoice.Mode = Auto
	}
	return nil
}

// WriteRequest writes a request to converse. Model and stream are the path's.
func (bedrock) WriteRequest(r *Request) ([]byte, error) {
	switch {
	case r.Choices > 1:
		return nil, untranslated("n", "more than one answer", "bedrock")
	case r.Temperature != nil && *r.Temperature > 1:
		return nil, wrong("temperature", "%g is more than 1, which is the most at Bedrock", *r.Temperature)
	case r.Output != nil && r.Output.Schema == nil:
		return nil, untranslated("response_format", "JSON without a schema", "bedrock")
	case r.ToolChoice.Single && len(r.Tools) > 0 && r.ToolChoice.Mode != None:
		return nil, untranslated("parallel_tool_calls", "one tool call at a time", "bedrock")
	}
	out := bedrockRequest{Messages: []bedrockMessage{}}
	var err error
	if out.System, err = writeBedrockBlocks(r.System, "system"); err != nil {
		return nil, err
	}
	for _, m := range joinedTurns(r.Messages) {
		content, err := writeBedrockBlocks(signedOnly(m.Parts), m.At)
		if err != nil {
			return nil, err
		}
		if len(content) > 0 {
			out.Messages = append(out.Messages, bedrockMessage{Role: string(m.Role), Content: content})
		}
	}
	if out.ToolConfig, err = writeBedrockTools(r); err != nil {
		return nil, err
	}
	thinking := r.claudeThinking()
	limit := r.MaxTokens
	settings := bedrockAdditional{TopK: r.TopK, Thinking: thinking.anthropic(&limit)}
	if effort := r.Thinking.Effort; effort != "" && r.Thinking.fromAnthropic() {
		settings.Output = &anthropicOutput{Effort: effort}
	}
	if settings.Thinking == nil || settings.Thinking.Budget == 0 {
		limit = r.MaxTokens
	}
	if settings != (bedrockAdditional{}) {
		out.Additional = &settings
	}
	if limit != nil || r.Temperature != nil || r.TopP != nil || len(r.Stop) > 0 {
		out.Inference = &bedrockInference{MaxTokens: limit, Temperature: r.Temperature, TopP: r.TopP, StopSequences: r.Stop}
	}
	if r.Output != nil {
		f := &bedrockOutputFormat{Type: "json_schema"}
		s := &f.Structure.Schema
		s.Schema, s.Name, s.Description = string(r.Output.Schema), r.Output.Name, r.Output.Description
		out.Output = &bedrockOutput{f}
	}
	return marshal(out), nil
}

// writeBedrockTools writes the tools. That none may be called can only be said by
// leaving them out, which a conversation with calls in it does not allow.
func writeBedrockTools(r *Request) (*bedrockToolConfig, error) {
	if len(r.Tools) == 0 {
		return nil, nil
	}
	if r.ToolChoice.Mode == None {
		for _, m := range r.Messages {
			for _, p := range m.Parts {
				if _, ok := p.(ToolCall); ok {
					return nil, untranslated("tool_choice", `"none" after tool calls`, "bedrock")
				}
			}
		}
		return nil, nil
	}
	out := &bedrockToolConfig{}
	for _, t := range r.onlyAllowedTools() {
		spec := &bedrockToolSpec{Name: t.Name, Description: t.Description, Strict: t.Strict}
		spec.Schema.JSON = t.Schema
		if t.Schema == nil {
			spec.Schema.JSON = noArguments
		}
		out.Tools = append(out.Tools, bedrockTool{Spec: spec})
		if t.Cache != nil {
			out.Tools = append(out.Tools, bedrockTool{CachePoint: &bedrockCachePoint{"default", t.Cache.TTL}})
		}
	}
	switch c := r.ToolChoice; {
	case c.Mode == Required && len(c.Only) == 1:
		out.Choice = &bedrockChoice{Tool: &bedrockNamed{c.Only[0]}}
	case c.Mode == Required:
		out.Choice = &bedrockChoice{Any: &struct{}{}}
	case c.Mode == Auto:
		out.Choice = &bedrockChoice{Auto: &struct{}{}}
	}
	return out, nil
}
