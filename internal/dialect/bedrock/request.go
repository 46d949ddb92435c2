package bedrock

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/anthropic"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

type request struct {
	ModelID    string      `json:"modelId,omitempty"` // clients may send it, although it is in the path
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

// additional are settings that Converse passes to the model, here those of Claude.
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
		switch m.Role {
		case "system": // in the API reference, since Claude 4.8
			r.Instruct(list, at)
		case "user", "assistant":
			r.Messages = append(r.Messages, dialect.Message{Role: dialect.Role(m.Role), Parts: list, At: at})
		default:
			return nil, dialect.Wrong(at+".role", "%s is not one of user, assistant and system", wire.Quoted(m.Role))
		}
	}
	if i := in.Inference; i != nil {
		r.MaxTokens, r.Temperature, r.TopP, r.Stop = i.MaxTokens, i.Temperature, i.TopP, i.StopSequences
	}
	if err := in.ToolConfig.readInto(r); err != nil {
		return nil, err
	}
	if a := in.Additional; a != nil {
		r.TopK, r.Thinking = a.TopK, a.Thinking.Read()
		a.Output.ReadInto(r, "additionalModelRequestFields.output_config")
	}
	if in.Output != nil && in.Output.Format != nil {
		const at = "outputConfig.textFormat.structure.jsonSchema.schema"
		s := in.Output.Format.Structure.Schema
		if !json.Valid([]byte(s.Schema)) {
			return nil, dialect.Wrong(at, "is not JSON")
		}
		r.Output = &dialect.Output{Schema: json.RawMessage(s.Schema), Name: s.Name, Description: s.Description, At: at}
	}
	return r, nil
}

func (c *toolConfig) readInto(r *dialect.Request) error {
	if c == nil {
		return nil
	}
	for i, t := range c.Tools {
		at := wire.Index("toolConfig.tools", i) + ".toolSpec"
		switch {
		case t.Spec != nil:
			r.Tools = append(r.Tools, dialect.Tool{
				Name: t.Spec.Name, Description: t.Spec.Description, Schema: wire.NonNull(t.Spec.Schema.JSON), Strict: t.Spec.Strict,
				At: at, SchemaAt: at + ".inputSchema.json",
			})
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

// limits are Bedrock's. The sources are the API reference of ToolUseBlock, ToolSpecification and
// InferenceConfiguration, and the server's messages: "The text field in the ContentBlock object at
// messages.0.content.0 is blank", "A conversation must start with a user message".
var limits = dialect.Limits{
	Format: "bedrock", MaxCallID: 64, MaxToolName: 64, NoBlanks: true, Thoughts: dialect.Claude, UserFirst: true, MaxTemperature: 1, MaxChoices: 1,
}

// Limits returns the format's limits.
func (Format) Limits() dialect.Limits { return limits }

// WriteRequest writes a request to converse. Model and stream are the path's.
func (Format) WriteRequest(asked *dialect.Request, _ dialect.Traits) ([]byte, error) {
	r, err := asked.Fit(limits)
	if err != nil {
		return nil, err
	}
	if c := r.ToolChoice; c.Single && len(r.Tools) > 0 && c.Mode != dialect.None && c.Mode != dialect.Required {
		return nil, dialect.Untranslated("parallel_tool_calls", "one tool call at a time", "bedrock")
	}
	claude := !isOthers(r.Model)
	fitModel(r)
	if err := fitFeatures(r); err != nil {
		return nil, err
	}
	if !offersTools(r) { // "The toolConfig field must be defined when using toolUse and toolResult content blocks"
		r.Messages = dialect.TellCalls(r.Messages)
	}
	r.Messages = dialect.MoveMedia(r.Messages, mayBeResult(r.Model))
	if claude {
		if r, err = anthropic.FitClaude(r); err != nil {
			return nil, err
		}
	}
	out := request{}
	documents := documentNames{}
	if out.System, err = documents.writeBlocks(r.System); err != nil {
		return nil, err
	}
	turns := dialect.JoinTurns(r.Messages)
	if resultsAlone(r.Model) {
		turns = dialect.ApartFromResults(turns)
	}
	for _, m := range turns {
		if err := checkImages(m.Parts); err != nil {
			return nil, err
		}
		content, err := documents.writeBlocks(m.Parts)
		if err != nil {
			return nil, err
		}
		content = behindNoThoughts(besideDocuments(content))
		out.Messages = append(out.Messages, message{Role: string(m.Role), Content: content})
	}
	if out.ToolConfig, err = writeTools(r, claude); err != nil {
		return nil, err
	}
	if claude {
		settings := additional{TopK: r.TopK, Thinking: anthropic.WriteThinking(r.Thinking)}
		if r.Thinking.Effort != "" {
			settings.Output = &anthropic.Output{Effort: r.Thinking.Effort}
		}
		if settings != (additional{}) {
			out.Additional = &settings
		}
	}
	if r.MaxTokens != nil || r.Temperature != nil || r.TopP != nil || len(r.Stop) > 0 {
		out.Inference = &inference{MaxTokens: r.MaxTokens, Temperature: r.Temperature, TopP: r.TopP, StopSequences: r.Stop}
	}
	if out.Output, err = writeOutput(r, claude); err != nil {
		return nil, err
	}
	return wire.Marshal(out), nil
}

// makersOf is what models of makers other than Anthropic reject, by the maker's name in the id; the first match
// applies. Unlisted models may accept both.
var makersOf = []struct {
	name string
	// forces is the support of forced calls, of any tool or of one: the API reference of ToolChoice, and "This
	// model doesn't support the toolConfig.toolChoice.any field" (github.com/strands-agents/harness-sdk/pull/2075).
	forcesAny, forcesOne bool
	// caches is the support of cache points, also after tools: the user guide's "Prompt caching for faster
	// model inference", and "You invoked an unsupported model or your request did not allow prompt caching"
	// (github.com/BerriAI/litellm/pull/39210).
	caches, cachesTools bool
}{
	{"amazon.nova", true, true, true, false},
	{"mistral.mistral-large", true, false, false, false},
	{"amazon.titan", false, false, false, false},
	{"mistral.", false, false, false, false}, {"meta.", false, false, false, false}, {"cohere.", false, false, false, false},
	{"ai21.", false, false, false, false}, {"deepseek.", false, false, false, false}, {"qwen.", true, true, false, false},
	{"openai.", true, true, false, false}, {"nvidia.", true, true, false, false},
}

// fitModel adapts a request to its model: tool calls that can't be forced are requested in the prompt, and cache
// points that the model rejects are dropped.
func fitModel(r *dialect.Request) {
	for _, maker := range makersOf {
		if !strings.Contains(r.Model, maker.name) {
			continue
		}
		one := len(r.ToolChoice.Only) == 1
		switch {
		case !maker.forcesAny && r.ToolChoice.Mode == dialect.Required:
			r.AskForCall()
			r.ToolChoice.Mode = ""
		case !maker.forcesAny && r.ToolChoice.Mode == dialect.Auto:
			r.ToolChoice.Mode = "" // the default
		case !maker.forcesOne && one && r.ToolChoice.Mode == dialect.Required:
			r.Tools, r.ToolChoice.Only = r.ChosenTools(), nil
		}
		if !maker.caches {
			r.System = dialect.WithoutCachePoints(r.System)
			for i := range r.Messages {
				r.Messages[i].Parts = dialect.WithoutCachePoints(r.Messages[i].Parts)
			}
		}
		if !maker.cachesTools {
			r.Tools = slices.Clone(r.Tools)
			for i := range r.Tools {
				r.Tools[i].Cache = nil
			}
		}
		return
	}
}

// isOthers reports whether a model isn't Claude. Ids begin with the maker's name, or with a region and that; the id
// of a custom inference profile has none.
func isOthers(model string) bool {
	name := model[strings.LastIndexByte(model, '/')+1:]
	return strings.Contains(name, ".") && !strings.Contains(name, "anthropic.") && !strings.Contains(name, "claude")
}

// mayBeResult returns which media a tool result may contain: images "only supported by Amazon Nova and Anthropic
// Claude 3 and 4 models", and no recordings, according to the API reference of ToolResultContentBlock. Other models
// respond with "This model doesn't support the image field" (github.com/anomalyco/opencode/pull/50272).
func mayBeResult(model string) func(dialect.ToolResult, dialect.Media) bool {
	sees := !isOthers(model) || strings.Contains(model, "amazon.nova")
	return func(_ dialect.ToolResult, m dialect.Media) bool {
		return !m.IsAudio() && (sees || !m.IsImage() && !m.IsVideo())
	}
}

// resultsAlone reports whether a turn with the results of tools can have nothing else: "Conversation blocks and tool
// result blocks cannot be provided in the same turn" (github.com/strands-agents/harness-sdk/issues/1223 for Llama 4,
// github.com/langchain-ai/langchain-aws/issues/141 for Mistral Large).
func resultsAlone(model string) bool {
	return strings.Contains(model, "meta.") || strings.Contains(model, "mistral.")
}

// offersTools reports whether a tool may be called. The only way to forbid calls is to omit the tools.
func offersTools(r *dialect.Request) bool {
	return len(r.Tools) > 0 && r.ToolChoice.Mode != dialect.None
}

// besideDocuments adds a text to documents without one: "If you include a ContentBlock with a document field in the
// array, you must also include a ContentBlock with a text field", according to the API reference of Message.
func besideDocuments(content []block) []block {
	has := func(is func(block) bool) bool { return slices.ContainsFunc(content, is) }
	if has(func(b block) bool { return b.Document != nil }) && !has(func(b block) bool { return b.Text != nil }) {
		text := "See the document."
		content = append(content, block{Text: &text})
	}
	return content
}

// behindNoThoughts moves cache points that follow thoughts to before them: "Cache point cannot be inserted after
// reasoning block" (github.com/anomalyco/opencode/issues/36517). If nothing precedes the thoughts, the points are
// dropped.
func behindNoThoughts(content []block) []block {
	var out []block
	for _, b := range content {
		at := len(out)
		for b.CachePoint != nil && at > 0 && out[at-1].Reasoning != nil {
			at--
		}
		if at < len(out) && (at == 0 || out[at-1].CachePoint != nil) {
			continue
		}
		out = slices.Insert(out, at, b)
	}
	return out
}

func writeOutput(r *dialect.Request, claude bool) (*output, error) {
	if r.Output == nil {
		return nil, nil
	}
	if r.Output.Schema == nil {
		return nil, dialect.Untranslated("response_format", "JSON without a schema", "bedrock")
	}
	written := r.Output.Schema
	if claude {
		var err error
		if written, err = anthropic.OutputSchema(r.Output); err != nil {
			return nil, err
		}
	}
	f := &outputFormat{Type: "json_schema"}
	s := &f.Structure.Schema
	s.Schema, s.Name, s.Description = string(written), limits.CleanName(r.Output.Name), r.Output.Description
	return &output{f}, nil
}

// writeTools returns the tools; nil if none may be called.
func writeTools(r *dialect.Request, claude bool) (*toolConfig, error) {
	if !offersTools(r) {
		return nil, nil
	}
	out := &toolConfig{}
	for _, t := range r.AllowedTools() {
		spec := &toolSpec{Name: t.Name, Description: t.Description, Strict: t.Strict}
		var err error
		if claude {
			spec.Schema.JSON, err = anthropic.Arguments(t)
		} else {
			spec.Schema.JSON, err = t.Arguments()
		}
		if err == nil && strings.Contains(r.Model, "amazon.nova") {
			spec.Schema.JSON, err = dialect.Inlined(spec.Schema.JSON, t.SchemaAt)
		}
		if err != nil {
			return nil, err
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
