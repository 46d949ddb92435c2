package openai

import (
	"encoding/json"
	"slices"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

type tool struct {
	Type     string `json:"type"`
	Function struct {
		Name        string          `json:"name"`
		Description string          `json:"description,omitempty"`
		Parameters  json.RawMessage `json:"parameters,omitempty"`
		Strict      *bool           `json:"strict,omitempty"`
	} `json:"function"`
	Cache *cache `json:"cache_control,omitempty"`
}

func readTools(tools []tool) ([]dialect.Tool, error) {
	var list []dialect.Tool
	for i, t := range tools {
		if t.Type != "function" {
			return nil, dialect.Untranslated(wire.Index("tools", i)+".type", "a tool of type "+wire.Quoted(t.Type), "other providers")
		}
		f := t.Function
		at := wire.Index("tools", i) + ".function"
		list = append(list, dialect.Tool{
			Name: f.Name, Description: f.Description, Schema: wire.NonNull(f.Parameters), Strict: f.Strict, Cache: t.Cache.point(), At: at, SchemaAt: at + ".parameters",
		})
	}
	return list, nil
}

func readChoice(raw json.RawMessage) (dialect.ToolChoice, error) {
	if !wire.IsSet(raw) {
		return dialect.ToolChoice{}, nil
	}
	if raw[0] == '"' {
		var mode dialect.ChoiceMode
		_ = json.Unmarshal(raw, &mode)
		switch mode {
		case dialect.Auto, dialect.None, dialect.Required:
			return dialect.ToolChoice{Mode: mode}, nil
		}
		return dialect.ToolChoice{}, dialect.Wrong("tool_choice", "%s is not one of auto, none and required", wire.Quoted(string(mode)))
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
			Mode  dialect.ChoiceMode `json:"mode"`
			Tools []named            `json:"tools"`
		} `json:"allowed_tools"`
	}
	if err := wire.DecodeRequest(raw, &choice); err != nil {
		return dialect.ToolChoice{}, dialect.Wrong("tool_choice", "must be a string or an object")
	}
	switch choice.Type {
	case "function":
		return dialect.ToolChoice{Mode: dialect.Required, Only: []string{choice.Function.Name}}, nil
	case "allowed_tools":
		c := dialect.ToolChoice{Mode: choice.Allowed.Mode, Only: []string{}}
		for _, t := range choice.Allowed.Tools {
			c.Only = append(c.Only, t.Function.Name)
		}
		return c, nil
	}
	return dialect.ToolChoice{}, dialect.Untranslated("tool_choice.type", "a choice of type "+wire.Quoted(choice.Type), "other providers")
}

// fitChoice replaces a choice of tools that the provider or the model can't be given. It changes r.
func fitChoice(r *dialect.Request, traits dialect.Traits, f family) {
	if dialect.RefusesForce(r.Model) {
		r.AskForCall()
	}
	if !traits.Original {
		onlyAllowed(r, f)
	}
}

// onlyAllowed removes the tools that the choice doesn't allow, for servers that adopted OpenAI's format before it had
// allowed_tools: "tool_choice: expected one of `none`, `auto`, `required` or a tool" (DeepSeek). It changes r.
func onlyAllowed(r *dialect.Request, f family) {
	c := &r.ToolChoice
	if len(c.Only) == 0 || c.Mode == dialect.Required && len(c.Only) == 1 && !f.unnamed {
		return
	}
	r.Tools, c.Only = r.AllowedTools(), nil
	if c.Mode == "" {
		c.Mode = dialect.Auto
	}
}

func writeTools(tools []dialect.Tool, traits dialect.Traits) ([]tool, error) {
	var list []tool
	for _, t := range tools {
		out, err := writeTool(t)
		if err != nil {
			return nil, err
		}
		list = append(list, out)
	}
	if traits.SameStrict {
		equalize(list)
	}
	return list, nil
}

func writeTool(t dialect.Tool) (tool, error) {
	out := tool{Type: "function"}
	f := &out.Function
	f.Name, f.Description = t.Name, t.Description
	if f.Strict = t.Strict; t.Schema == nil { // a function without arguments
		return out, nil
	}
	schema, err := t.Arguments(unions...)
	if err != nil {
		return out, err
	}
	if schema, err = sound(schema, t.SchemaAt); err != nil {
		return out, err
	}
	f.Parameters, f.Strict = strictly(schema, t.Strict)
	return out, nil
}

// equalize makes no tool strict if not all are.
func equalize(tools []tool) {
	isStrict := func(t tool) bool { return wire.Value(t.Function.Strict) }
	if !slices.ContainsFunc(tools, func(t tool) bool { return !isStrict(t) }) {
		return
	}
	for i := range tools {
		if isStrict(tools[i]) {
			tools[i].Function.Strict = nil
		}
	}
}

func writeChoice(c dialect.ToolChoice) json.RawMessage {
	function := func(name string) wire.Object {
		return wire.Object{"type": "function", "function": wire.Object{"name": name}}
	}
	switch {
	case c.Mode == "" && c.Only == nil:
		return nil
	case c.Only == nil || c.Mode == dialect.None:
		return wire.Marshal(c.Mode)
	case c.Mode == dialect.Required && len(c.Only) == 1:
		return wire.Marshal(function(c.Only[0]))
	}
	tools := []wire.Object{}
	for _, name := range c.Only {
		tools = append(tools, function(name))
	}
	mode := c.Mode
	if mode == "" {
		mode = dialect.Auto
	}
	return wire.Marshal(wire.Object{"type": "allowed_tools", "allowed_tools": wire.Object{"mode": mode, "tools": tools}})
}
