package bedrock

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/anthropic"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

type request struct {
	ModelID    string      `json:"modelId,omitempty"` // clients may write it, though the path has it
	System     []block     `json:"system,omitempty"`
	Messages   []message   `json:"messages"`
	Inference  *inference  `json:"inferenceConfig,omitempty"`
	ToolConfig *toolConfig `json:"toolConfig,omitempty"`
	Output     *output     `json:"outputConfig,omitempty"`
	Additional *additional `json:"additionalModelRequestFields,omitempty"`

	Guardrail json.RawMessage `json:"guardrailConfig,omitempty"`
	Variables json.RawMessage `json:"promptVariables,omitempty"`
}

type inference struct {
	MaxTokens     *int64   `json:"maxTokens,omitempty"`
	Temperature   *float64 `json:"temperature,omitempty"`
	TopP          *float64 `json:"topP,omitempty"`
	StopSequences []string `json:"stopSequences,omitempty"`
}

type toolConfig struct {
	Tools  []tool  `json:"tools"`
	Choice *choice `json:"toolChoice,omitempty"`
}

type tool struct {
	Spec       *toolSpec       `json:"toolSpec,omitempty"`
	CachePoint *cachePoint     `json:"cachePoint,omitempty"`
	System     json.RawMessage `json:"systemTool,omitempty"`
}

type toolSpec struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Schema      struct {
		JSON json.RawMessage `json:"json"`
	} `json:"inputSchema"`
	Strict *bool `json:"strict,omitempty"`
}

type choice struct {
	Auto *struct{} `json:"auto,omitempty"`
	Any  *struct{} `json:"any,omitempty"`
	Tool *named    `json:"tool,omitempty"`
}

type named struct {
	Name string `json:"name"`
}

type output struct {
	Format *outputFormat `json:"textFormat,omitempty"`
}

type outputFormat struct {
	Type      string `json:"type"`
	Structure struct {
		Schema struct {
			Schema      string `json:"schema"` // JSON as text
			Name        string `json:"name,omitempty"`
			Description string `json:"description,omitempty"`
		} `json:"jsonSchema"`
	} `json:"structure"`
}

// additional are settings that Converse leaves to the model, here those of
// Claude.
type additional struct {
	TopK     *int64              `json:"top_k,omitempty"`
	Thinking *anthropic.Thinking `json:"thinking,omitempty"`
	Output   *anthropic.Output   `json:"output_config,omitempty"`
}

// ReadRequest reads a request to converse.
func (Format) ReadRequest(body []byte) (*dialect.Request, error) {
	var in request
	if err := wire.DecodeRequest(body, &in); err != nil {
		return nil, err
	}
	switch {
	case wire.IsSet(in.Guardrail):
		return nil, dialect.Untranslated("guardrailConfig", "a guardrail", "other providers")
	case wire.IsSet(in.Variables):
		return nil, dialect.Untranslated("promptVariables", "a stored prompt", "other providers")
	}
	r := &dialect.Request{Model: in.ModelID, WantsUsage: true}
	var err error
	if r.System, err = readBlocks(in.System, "system"); err != nil {
		return nil, err
	}
	for i, m := range in.Messages {
		at := wire.Index("messages", i)
		list, err := readBlocks(m.Content, at+".content")
		if err != nil {
			return nil, err
		}
		if m.Role != "user" && m.Role != "assistant" {
			return nil, dialect.Wrong(at+".role", "%s is not one of user and assistant", wire.Quoted(m.Role))
		}
		r.Messages = append(r.Messages, dialect.Message{Role: dialect.Role(m.Role), Parts: list, At: at})
	}
	if i := in.Inference; i != nil {
		r.MaxTokens, r.Temperature, r.TopP, r.Stop = i.MaxTokens, i.Temperature, i.TopP, i.StopSequences
	}
	if err := in.ToolConfig.readInto(r); err != nil {
		return nil, err
	}
	if a := in.Additional; a != nil {
		r.TopK, r.Thinking = a.TopK, a.Thinking.Read()
		if a.Output != nil {
			r.Thinking.Effort = a.Output.Effort
		}
	}
	if in.Output != nil && in.Output.Format != nil {
		s := in.Output.Format.Structure.Schema
		if !json.Valid([]byte(s.Schema)) {
			return nil, dialect.Wrong("outputConfig.textFormat.structure.jsonSchema.schema", "is not JSON")
		}
		r.Output = &dialect.Output{Schema: json.RawMessage(s.Schema), Name: s.Name, Description: s.Description}
	}
	return r, nil
}

func (c *toolConfig) readInto(r *dialect.Request) error {
	if c == nil {
		return nil
	}
	for i, t := range c.Tools {
		switch {
		case t.Spec != nil:
			r.Tools = append(r.Tools, dialect.Tool{Name: t.Spec.Name, Description: t.Spec.Description, Schema: wire.NonNull(t.Spec.Schema.JSON), Strict: t.Spec.Strict})
		case t.CachePoint != nil:
			if n := len(r.Tools); n > 0 {
				r.Tools[n-1].Cache = &dialect.CachePoint{TTL: t.CachePoint.TTL}
			}
		default:
			return dialect.Untranslated(wire.Index("toolConfig.tools", i), "Bedrock's own tool", "other providers")
		}
	}
	switch choice := c.Choice; {
	case choice == nil:
	case choice.Tool != nil:
		r.ToolChoice = dialect.ToolChoice{Mode: dialect.Required, Only: []string{choice.Tool.Name}}
	case choice.Any != nil:
		r.ToolChoice.Mode = dialect.Required
	case choice.Auto != nil:
		r.ToolChoice.Mode = dialect.Auto
	}
	return nil
}

// WriteRequest writes a request to converse. Model and stream are the path's.
func (Format) WriteRequest(r *dialect.Request, _ dialect.Traits) ([]byte, error) {
	switch {
	case r.Choices > 1:
		return nil, dialect.Untranslated("n", "more than one response", "bedrock")
	case r.Temperature != nil && *r.Temperature > 1:
		return nil, dialect.Wrong("temperature", "%g is more than 1, which is the most at Bedrock", *r.Temperature)
	case r.Output != nil && r.Output.Schema == nil:
		return nil, dialect.Untranslated("response_format", "JSON without a schema", "bedrock")
	case r.ToolChoice.Single && len(r.Tools) > 0 && r.ToolChoice.Mode != dialect.None:
		return nil, dialect.Untranslated("parallel_tool_calls", "one tool call at a time", "bedrock")
	}
	out := request{Messages: []message{}}
	var err error
	if out.System, err = writeBlocks(r.System, "system"); err != nil {
		return nil, err
	}
	for _, m := range dialect.JoinTurns(r.Messages) {
		content, err := writeBlocks(dialect.ThoughtsBy(dialect.Claude, m.Parts), m.At)
		if err != nil {
			return nil, err
		}
		if len(content) > 0 {
			out.Messages = append(out.Messages, message{Role: string(m.Role), Content: content})
		}
	}
	if out.ToolConfig, err = writeTools(r); err != nil {
		return nil, err
	}
	limit := r.MaxTokens
	settings := additional{TopK: r.TopK}
	var effort dialect.Effort
	if settings.Thinking, effort = anthropic.WriteThinking(r, &limit); effort != "" {
		settings.Output = &anthropic.Output{Effort: effort}
	}
	if settings.Thinking == nil || settings.Thinking.Budget == 0 {
		limit = r.MaxTokens
	}
	if settings != (additional{}) {
		out.Additional = &settings
	}
	if limit != nil || r.Temperature != nil || r.TopP != nil || len(r.Stop) > 0 {
		out.Inference = &inference{MaxTokens: limit, Temperature: r.Temperature, TopP: r.TopP, StopSequences: r.Stop}
	}
	if r.Output != nil {
		f := &outputFormat{Type: "json_schema"}
		s := &f.Structure.Schema
		s.Schema, s.Name, s.Description = string(r.Output.Schema), r.Output.Name, r.Output.Description
		out.Output = &output{f}
	}
	return wire.Marshal(out), nil
}

// writeTools writes the tools. That none may be called can only be said by
// leaving them out, which a conversation with calls in it does not allow.
func writeTools(r *dialect.Request) (*toolConfig, error) {
	if len(r.Tools) == 0 {
		return nil, nil
	}
	if r.ToolChoice.Mode == dialect.None {
		for _, m := range r.Messages {
			for _, p := range m.Parts {
				if _, ok := p.(dialect.ToolCall); ok {
					return nil, dialect.Untranslated("tool_choice", `"none" after tool calls`, "bedrock")
				}
			}
		}
		return nil, nil
	}
	out := &toolConfig{}
	for _, t := range r.AllowedTools() {
		spec := &toolSpec{Name: t.Name, Description: t.Description, Strict: t.Strict}
		spec.Schema.JSON = t.Schema
		if t.Schema == nil {
			spec.Schema.JSON = dialect.NoArguments
		}
		out.Tools = append(out.Tools, tool{Spec: spec})
		if t.Cache != nil {
			out.Tools = append(out.Tools, tool{CachePoint: &cachePoint{"default", t.Cache.TTL}})
		}
	}
	switch c := r.ToolChoice; {
	case c.Mode == dialect.Required && len(c.Only) == 1:
		out.Choice = &choice{Tool: &named{c.Only[0]}}
	case c.Mode == dialect.Required:
		out.Choice = &choice{Any: &struct{}{}}
	case c.Mode == dialect.Auto:
		out.Choice = &choice{Auto: &struct{}{}}
	}
	return out, nil
}
