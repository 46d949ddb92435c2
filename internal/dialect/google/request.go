package google

import (
	"encoding/json"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

type request struct {
	Model             string            `json:"model,omitempty"` // clients may send it, although it is in the path
	SystemInstruction *content          `json:"systemInstruction,omitempty"`
	Contents          repeated[content] `json:"contents"`
	Tools             repeated[tool]    `json:"tools,omitempty"`
	ToolConfig        *toolConfig       `json:"toolConfig,omitempty"`
	Generation        *generation       `json:"generationConfig,omitempty"`

	CachedContent string `json:"cachedContent,omitempty"`
}

type tool struct {
	Declarations repeated[function] `json:"functionDeclarations,omitempty"`

	GoogleSearch  json.RawMessage `json:"googleSearch,omitempty"`
	Retrieval     json.RawMessage `json:"googleSearchRetrieval,omitempty"`
	CodeExecution json.RawMessage `json:"codeExecution,omitempty"`
	URLContext    json.RawMessage `json:"urlContext,omitempty"`
	GoogleMaps    json.RawMessage `json:"googleMaps,omitempty"`
	FileSearch    json.RawMessage `json:"fileSearch,omitempty"`
	ComputerUse   json.RawMessage `json:"computerUse,omitempty"`
}

type function struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters,omitempty"` // Google's own kind of schema
	JSONSchema  json.RawMessage `json:"parametersJsonSchema,omitempty"`
}

type toolConfig struct {
	Calling *calling `json:"functionCallingConfig,omitempty"`
}

type calling struct {
	Mode    string           `json:"mode,omitempty"`
	Allowed repeated[string] `json:"allowedFunctionNames,omitempty"`
}

type generation struct {
	MaxOutputTokens  *int64           `json:"maxOutputTokens,omitempty"`
	Temperature      *float64         `json:"temperature,omitempty"`
	TopP             *float64         `json:"topP,omitempty"`
	TopK             *float64         `json:"topK,omitempty"`
	Seed             *int64           `json:"seed,omitempty"`
	PresencePenalty  *float64         `json:"presencePenalty,omitempty"`
	FrequencyPenalty *float64         `json:"frequencyPenalty,omitempty"`
	StopSequences    repeated[string] `json:"stopSequences,omitempty"`
	CandidateCount   int64            `json:"candidateCount,omitempty"`
	MIMEType         string           `json:"responseMimeType,omitempty"`
	Schema           json.RawMessage  `json:"responseSchema,omitempty"`
	JSONSchema       json.RawMessage  `json:"responseJsonSchema,omitempty"`
	Thinking         *thinking        `json:"thinkingConfig,omitempty"`
	Modalities       repeated[string] `json:"responseModalities,omitempty"`
	Logprobs         bool             `json:"responseLogprobs,omitempty"`
	Speech           json.RawMessage  `json:"speechConfig,omitempty"`
}

type thinking struct {
	Include *bool  `json:"includeThoughts,omitempty"`
	Budget  *int64 `json:"thinkingBudget,omitempty"`
	Level   string `json:"thinkingLevel,omitempty"`
}

// check rejects what has no counterpart in any format.
func (r *request) check() error {
	if r.CachedContent != "" {
		return dialect.Untranslated("cachedContent", "content cached at Google", "other providers")
	}
	for i, t := range r.Tools {
		for _, f := range []struct {
			name string
			raw  json.RawMessage
		}{
			{"googleSearch", t.GoogleSearch}, {"googleSearchRetrieval", t.Retrieval}, {"codeExecution", t.CodeExecution},
			{"urlContext", t.URLContext}, {"googleMaps", t.GoogleMaps}, {"fileSearch", t.FileSearch}, {"computerUse", t.ComputerUse},
		} {
			if wire.IsSet(f.raw) {
				return dialect.Untranslated(wire.Index("tools", i)+"."+f.name, "Google's own tool", "other providers")
			}
		}
	}
	g := r.Generation
	switch {
	case g == nil:
	case g.Logprobs:
		return dialect.Untranslated("generationConfig.responseLogprobs", "responseLogprobs", "other providers")
	case wire.IsSet(g.Speech):
		return dialect.Untranslated("generationConfig.speechConfig", "speech", "other providers")
	case len(g.Modalities) > 1 || len(g.Modalities) == 1 && !strings.EqualFold(g.Modalities[0], "TEXT"):
		return dialect.Untranslated("generationConfig.responseModalities", "a response that is not text", "other providers")
	}
	return nil
}

// ReadRequest reads a request to generate content.
func (Format) ReadRequest(body []byte) (*dialect.Request, error) {
	var in request
	if err := wire.DecodeRequest(camelCase(body), &in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	r := &dialect.Request{Model: strings.TrimPrefix(in.Model, "models/"), WantsUsage: true}
	if in.SystemInstruction != nil {
		for _, p := range in.SystemInstruction.Parts {
			if wire.Value(p.Text) != "" {
				r.System = append(r.System, dialect.Text{Text: *p.Text})
			}
		}
	}
	ids := callIDs{}
	for i, c := range in.Contents {
		at := wire.Index("contents", i)
		m := dialect.Message{Role: dialect.User, At: at}
		switch c.Role {
		case "", "user", "function":
		case "model":
			m.Role = dialect.Assistant
		default:
			return nil, dialect.Wrong(at+".role", "%s is not one of user and model", wire.Quoted(c.Role))
		}
		for j, p := range c.Parts {
			part, err := p.read(at + "." + wire.Index("parts", j))
			if err != nil {
				return nil, err
			}
			if part != nil {
				part = dialect.At(ids.complete(part), at+"."+wire.Index("parts", j))
			}
			m.Parts = appendRead(m.Parts, part, p.ThoughtSignature)
		}
		r.Messages = append(r.Messages, m)
	}
	for i, t := range in.Tools {
		for j, f := range t.Declarations {
			r.Tools = append(r.Tools, f.read(wire.Index(wire.Index("tools", i)+".functionDeclarations", j)))
		}
	}
	var err error
	if in.ToolConfig != nil && in.ToolConfig.Calling != nil {
		r.ToolChoice, err = in.ToolConfig.Calling.read()
	}
	if in.Generation != nil {
		in.Generation.readInto(r)
	}
	return r, err
}

func (f function) read(at string) dialect.Tool {
	t := dialect.Tool{Name: f.Name, Description: f.Description, Schema: wire.NonNull(f.JSONSchema), At: at, SchemaAt: at + ".parametersJsonSchema"}
	if t.Schema == nil {
		t.Schema, t.SchemaAt = jsonSchema(f.Parameters), at+".parameters"
	}
	return t
}

func (g *generation) readInto(r *dialect.Request) {
	r.MaxTokens, r.Temperature, r.TopP, r.Seed = g.MaxOutputTokens, g.Temperature, g.TopP, g.Seed
	r.PresencePenalty, r.FrequencyPenalty, r.Stop, r.Choices = g.PresencePenalty, g.FrequencyPenalty, g.StopSequences, g.CandidateCount
	if g.TopK != nil {
		n := int64(*g.TopK)
		r.TopK = &n
	}
	if g.MIMEType == "application/json" {
		r.Output = &dialect.Output{Schema: wire.NonNull(g.JSONSchema), At: "generationConfig.responseJsonSchema"}
		if r.Output.Schema == nil {
			r.Output.Schema, r.Output.At = jsonSchema(g.Schema), "generationConfig.responseSchema"
		}
	}
	if t := g.Thinking; t != nil {
		r.Thinking.Show = t.Include
		switch {
		case t.Level != "":
			r.Thinking.Mode, r.Thinking.Effort = dialect.ThinkingOn, dialect.Effort(strings.ToLower(t.Level))
		case t.Budget == nil:
		case *t.Budget == 0:
			r.Thinking.Mode = dialect.ThinkingOff
		case *t.Budget < 0:
			r.Thinking.Mode = dialect.ThinkingAdaptive
		default:
			r.Thinking.Mode, r.Thinking.Budget = dialect.ThinkingOn, *t.Budget
		}
	}
}

func (c *calling) read() (dialect.ToolChoice, error) {
	out := dialect.ToolChoice{Only: c.Allowed}
	switch strings.ToUpper(c.Mode) { // Google's examples have "any" too
	case "", "MODE_UNSPECIFIED":
	case "AUTO", "VALIDATED":
		out.Mode = dialect.Auto
	case "ANY":
		out.Mode = dialect.Required
	case "NONE":
		out.Mode = dialect.None
	default:
		return out, dialect.Wrong("toolConfig.functionCallingConfig.mode", "%s is not one of AUTO, ANY, NONE and VALIDATED", wire.Quoted(c.Mode))
	}
	return out, nil
}

// limits are Google's. The sources are the comment on FunctionDeclaration.Name in google.golang.org/genai, and
// ai.google.dev/api/generate-content on GenerationConfig.
var limits = dialect.Limits{
	Format: "google", MaxToolName: 128, ToolNameChars: ".:", LetterFirst: true, ModelsMedia: true, MaxStops: 5, MaxTemperature: 2, MaxChoices: 8,
}

// Limits returns the format's limits.
func (Format) Limits() dialect.Limits { return limits }

// WriteRequest writes a request to generate content. Model and stream are the
// path's.
func (Format) WriteRequest(asked *dialect.Request, _ dialect.Traits) ([]byte, error) {
	r, err := asked.Fit(limits)
	if err != nil {
		return nil, err
	}
	out := request{}
	if out.Generation, err = writeGeneration(r); err != nil {
		return nil, err
	}
	if text := r.SystemText(); text != "" && instructsAsUser(r.Model) {
		first := dialect.Message{Role: dialect.User, Parts: []dialect.Part{dialect.Text{Text: text}}}
		r.Messages = dialect.JoinTurns(append([]dialect.Message{first}, r.Messages...))
	} else if text != "" {
		out.SystemInstruction = &content{Parts: []part{{Text: &text}}}
	}
	if out.Contents, err = writeContents(r); err != nil {
		return nil, err
	}
	if err := out.writeTools(r); err != nil {
		return nil, err
	}
	return wire.Marshal(out), nil
}

func (out *request) writeTools(r *dialect.Request) error {
	c := r.ToolChoice
	switch {
	case len(r.Tools) == 0:
		return nil
	case c.Single && c.Mode != dialect.None && c.Mode != dialect.Required:
		return dialect.Untranslated("parallel_tool_calls", "one tool call at a time", "google")
	}
	var t tool
	for _, f := range r.Tools {
		declared := function{Name: f.Name, Description: f.Description}
		if f.Schema != nil {
			schema, err := f.Arguments()
			if err != nil {
				return err
			}
			if declared.JSONSchema, err = references(schema, f.SchemaAt); err != nil {
				return err
			}
		}
		t.Declarations = append(t.Declarations, declared)
	}
	out.Tools = []tool{t}
	if c.Mode != "" || c.Only != nil {
		out.ToolConfig = &toolConfig{writeCalling(c)}
	}
	return nil
}

// instructsAsUser reports whether a model accepts instructions only from the user: "Developer instruction is not
// enabled for models/gemma-3-27b-it" (github.com/0xPlaygrounds/rig/issues/788).
func instructsAsUser(model string) bool {
	return dialect.ContainsOneOf(model, "gemma-1", "gemma-2", "gemma-3")
}

func writeContents(r *dialect.Request) ([]content, error) {
	var out []content
	for _, m := range r.Messages {
		c := content{Role: "user"}
		if m.Role == dialect.Assistant {
			c.Role = "model"
		}
		var err error
		if c.Parts, err = writeParts(m.Parts, true); err != nil {
			return nil, err
		}
		if dialect.NeedsSignatures(r.Model) {
			signCalls(c.Parts)
		}
		if len(c.Parts) == 0 {
			continue
		}
		if call := calledIn(m); call != nil && len(out) == 0 {
			return nil, dialect.Wrong(call.At, "google requires a user message before a tool call")
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, dialect.Wrong("messages", "at least one message must not be blank")
	}
	return out, nil
}

// calledIn returns the first call of a message, or nil.
func calledIn(m dialect.Message) *dialect.ToolCall {
	for _, p := range m.Parts {
		if call, ok := p.(dialect.ToolCall); ok {
			return &call
		}
	}
	return nil
}

func writeCalling(c dialect.ToolChoice) *calling {
	out := &calling{Mode: "AUTO", Allowed: c.Only}
	switch {
	case c.Mode == dialect.None:
		out.Mode, out.Allowed = "NONE", nil
	case c.Mode == dialect.Required:
		out.Mode = "ANY"
	case c.Only != nil:
		out.Mode = "VALIDATED" // AUTO rejects names
	}
	return out
}

// takesPenalties reports whether a model supports presence and frequency penalties. Among the Gemini models, only
// 2.0 does ("Penalty is not enabled for models/gemini-2.5-flash", github.com/vercel/ai/issues/8943).
func takesPenalties(model string) bool {
	return !strings.Contains(model, "gemini-") || strings.Contains(model, "gemini-2.0")
}

func writeGeneration(r *dialect.Request) (*generation, error) {
	g := &generation{
		MaxOutputTokens: r.MaxTokens, Temperature: r.Temperature, TopP: r.TopP, Seed: r.Seed,
		StopSequences: r.Stop, CandidateCount: r.Choices, Thinking: writeThinking(r.Thinking, r.Model),
	}
	if takesPenalties(r.Model) {
		g.PresencePenalty, g.FrequencyPenalty = r.PresencePenalty, r.FrequencyPenalty
	}
	if r.Seed != nil && int64(int32(*r.Seed)) != *r.Seed { //nolint:gosec // that is the question
		return nil, dialect.Wrong("seed", "%d has more than 32 bits, the maximum of google", *r.Seed)
	}
	if r.TopK != nil && *r.TopK > 0 {
		k := float64(*r.TopK)
		g.TopK = &k
	}
	if r.Output != nil {
		if calls := len(r.Tools) > 0 && r.ToolChoice.Mode != dialect.None; calls && generationOf(r.Model) < 3 {
			return nil, dialect.Wrong("response_format", "%s does not support JSON together with tools: use Gemini 3 or later", r.Model)
		}
		g.MIMEType = "application/json"
		var err error
		if g.JSONSchema, err = references(r.Output.Schema, r.Output.At); err != nil {
			return nil, err
		}
	}
	if string(wire.Marshal(g)) == "{}" {
		return nil, nil
	}
	return g, nil
}
