package translate

import (
	"encoding/json"
	"strings"
)

// google is the format of Google's generateContent.
type google struct{}

type googleRequest struct {
	Model             string            `json:"model,omitempty"` // clients may write it, though the path has it
	SystemInstruction *googleContent    `json:"systemInstruction,omitempty"`
	Contents          []googleContent   `json:"contents"`
	Tools             []googleTool      `json:"tools,omitempty"`
	ToolConfig        *googleToolConfig `json:"toolConfig,omitempty"`
	Generation        *googleGeneration `json:"generationConfig,omitempty"`

	CachedContent string `json:"cachedContent,omitempty"`
}

type googleTool struct {
	Declarations []googleFunction `json:"functionDeclarations,omitempty"`

	GoogleSearch  json.RawMessage `json:"googleSearch,omitempty"`
	Retrieval     json.RawMessage `json:"googleSearchRetrieval,omitempty"`
	CodeExecution json.RawMessage `json:"codeExecution,omitempty"`
	URLContext    json.RawMessage `json:"urlContext,omitempty"`
	GoogleMaps    json.RawMessage `json:"googleMaps,omitempty"`
	FileSearch    json.RawMessage `json:"fileSearch,omitempty"`
	ComputerUse   json.RawMessage `json:"computerUse,omitempty"`
}

type googleFunction struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters,omitempty"` // Google's own kind of schema
	JSONSchema  json.RawMessage `json:"parametersJsonSchema,omitempty"`
}

type googleToolConfig struct {
	Calling *googleCalling `json:"functionCallingConfig,omitempty"`
}

type googleCalling struct {
	Mode    string   `json:"mode,omitempty"`
	Allowed []string `json:"allowedFunctionNames,omitempty"`
}

type googleGeneration struct {
	MaxOutputTokens  *int64          `json:"maxOutputTokens,omitempty"`
	Temperature      *float64        `json:"temperature,omitempty"`
	TopP             *float64        `json:"topP,omitempty"`
	TopK             *float64        `json:"topK,omitempty"`
	Seed             *int64          `json:"seed,omitempty"`
	PresencePenalty  *float64        `json:"presencePenalty,omitempty"`
	FrequencyPenalty *float64        `json:"frequencyPenalty,omitempty"`
	StopSequences    []string        `json:"stopSequences,omitempty"`
	CandidateCount   int64           `json:"candidateCount,omitempty"`
	MIMEType         string          `json:"responseMimeType,omitempty"`
	Schema           json.RawMessage `json:"responseSchema,omitempty"`
	JSONSchema       json.RawMessage `json:"responseJsonSchema,omitempty"`
	Thinking         *googleThinking `json:"thinkingConfig,omitempty"`
	Modalities       []string        `json:"responseModalities,omitempty"`
	Logprobs         bool            `json:"responseLogprobs,omitempty"`
	Speech           json.RawMessage `json:"speechConfig,omitempty"`
}

type googleThinking struct {
	Include *bool  `json:"includeThoughts,omitempty"`
	Budget  *int64 `json:"thinkingBudget,omitempty"`
	Level   string `json:"thinkingLevel,omitempty"`
}

// check refuses what has no counterpart anywhere.
func (r *googleRequest) check() error {
	if r.CachedContent != "" {
		return untranslated("cachedContent", "content cached at Google", "other providers")
	}
	for i, t := range r.Tools {
		for _, f := range []struct {
			name string
			raw  json.RawMessage
		}{
			{"googleSearch", t.GoogleSearch}, {"googleSearchRetrieval", t.Retrieval}, {"codeExecution", t.CodeExecution},
			{"urlContext", t.URLContext}, {"googleMaps", t.GoogleMaps}, {"fileSearch", t.FileSearch}, {"computerUse", t.ComputerUse},
		} {
			if isSet(f.raw) {
				return untranslated(index("tools", i)+"."+f.name, "Google's own tool", "other providers")
			}
		}
	}
	g := r.Generation
	switch {
	case g == nil:
	case g.Logprobs:
		return untranslated("generationConfig.responseLogprobs", "responseLogprobs", "other providers")
	case isSet(g.Speech):
		return untranslated("generationConfig.speechConfig", "speech", "other providers")
	case len(g.Modalities) > 1 || len(g.Modalities) == 1 && g.Modalities[0] != "TEXT":
		return untranslated("generationConfig.responseModalities", "an answer that is not text", "other providers")
	}
	return nil
}

// ReadRequest reads a request to generate content.
func (google) ReadRequest(body []byte) (*Request, error) {
	var in googleRequest
	if err := decode(camelCase(body), &in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	r := &Request{Model: strings.TrimPrefix(in.Model, "models/"), WantsUsage: true}
	if in.SystemInstruction != nil {
		for _, p := range in.SystemInstruction.Parts {
			if value(p.Text) != "" {
				r.System = append(r.System, Text{*p.Text})
			}
		}
	}
	ids := callIDs{}
	for i, c := range in.Contents {
		at := index("contents", i)
		m := Message{Role: User, At: at}
		switch c.Role {
		case "", "user", "function":
		case "model":
			m.Role = Assistant
		default:
			return nil, wrong(at+".role", "%s is not one of user and model", quoted(c.Role))
		}
		for j, p := range c.Parts {
			part, err := p.read(at + "." + index("parts", j))
			if err != nil {
				return nil, err
			}
			if part != nil {
				m.Parts = append(m.Parts, ids.complete(part))
			}
		}
		r.Messages = append(r.Messages, m)
	}
	for _, t := range in.Tools {
		for _, f := range t.Declarations {
			schema := nonNull(f.JSONSchema)
			if schema == nil {
				schema = jsonSchema(f.Parameters)
			}
			r.Tools = append(r.Tools, Tool{Name: f.Name, Description: f.Description, Schema: schema})
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

func (g *googleGeneration) readInto(r *Request) {
	r.MaxTokens, r.Temperature, r.TopP, r.Seed = g.MaxOutputTokens, g.Temperature, g.TopP, g.Seed
	r.PresencePenalty, r.FrequencyPenalty, r.Stop, r.Choices = g.PresencePenalty, g.FrequencyPenalty, g.StopSequences, g.CandidateCount
	if g.TopK != nil {
		n := int64(*g.TopK)
		r.TopK = &n
	}
	if g.MIMEType == "application/json" {
		r.Output = &Output{Schema: nonNull(g.JSONSchema)}
		if r.Output.Schema == nil {
			r.Output.Schema = jsonSchema(g.Schema)
		}
	}
	if t := g.Thinking; t != nil {
		r.Thinking.Show = t.Include
		switch {
		case t.Level != "":
			r.Thinking.Mode, r.Thinking.Effort = ThinkingOn, Effort(strings.ToLower(t.Level))
		case t.Budget == nil:
		case *t.Budget == 0:
			r.Thinking.Mode = ThinkingOff
		case *t.Budget < 0:
			r.Thinking.Mode = ThinkingAdaptive
		default:
			r.Thinking.Mode, r.Thinking.Budget = ThinkingOn, *t.Budget
		}
	}
}

func (c *googleCalling) read() (ToolChoice, error) {
	out := ToolChoice{Only: c.Allowed}
	switch c.Mode {
	case "", "MODE_UNSPECIFIED":
	case "AUTO", "VALIDATED":
		out.Mode = Auto
	case "ANY":
		out.Mode = Required
	case "NONE":
		out.Mode = None
	default:
		return out, wrong("toolConfig.functionCallingConfig.mode", "%s is not one of AUTO, ANY, NONE and VALIDATED", quoted(c.Mode))
	}
	return out, nil
}

// WriteRequest writes a request to generate content. Model and stream are the
// path's.
func (google) WriteRequest(r *Request) ([]byte, error) {
	out := googleRequest{Contents: []googleContent{}, Generation: writeGoogleGeneration(r)}
	if text := joined(r.System); text != "" {
		out.SystemInstruction = &googleContent{Parts: []googlePart{{Text: &text}}}
	}
	names := map[string]string{} // of tools, by the ids of their calls
	for _, m := range r.Messages {
		c := googleContent{Role: "user"}
		if m.Role == Assistant {
			c.Role = "model"
		}
		for _, p := range m.Parts {
			parts, err := writeGooglePart(p, names, m.At)
			if err != nil {
				return nil, err
			}
			c.Parts = append(c.Parts, parts...)
		}
		if len(c.Parts) > 0 {
			out.Contents = append(out.Contents, c)
		}
	}
	if c := r.ToolChoice; len(r.Tools) > 0 {
		if c.Single && c.Mode != None {
			return nil, untranslated("parallel_tool_calls", "one tool call at a time", "google")
		}
		var t googleTool
		for _, f := range r.Tools {
			t.Declarations = append(t.Declarations, googleFunction{Name: f.Name, Description: f.Description, JSONSchema: f.Schema})
		}
		out.Tools = []googleTool{t}
		if c.Mode != "" || c.Only != nil {
			out.ToolConfig = &googleToolConfig{c.google()}
		}
	}
	return marshal(out), nil
}

func (c ToolChoice) google() *googleCalling {
	out := &googleCalling{Mode: "AUTO", Allowed: c.Only}
	switch {
	case c.Mode == None:
		out.Mode, out.Allowed = "NONE", nil
	case c.Mode == Required:
		out.Mode = "ANY"
	case c.Only != nil:
		out.Mode = "VALIDATED" // AUTO takes no names
	}
	return out
}

func writeGoogleGeneration(r *Request) *googleGeneration {
	g := &googleGeneration{
		MaxOutputTokens: r.MaxTokens, Temperature: r.Temperature, TopP: r.TopP, Seed: r.Seed, PresencePenalty: r.PresencePenalty,
		FrequencyPenalty: r.FrequencyPenalty, StopSequences: r.Stop, CandidateCount: r.Choices, Thinking: r.Thinking.google(r.Model),
	}
	if r.TopK != nil {
		k := float64(*r.TopK)
		g.TopK = &k
	}
	if r.Output != nil {
		g.MIMEType, g.JSONSchema = "application/json", r.Output.Schema
	}
	if string(marshal(g)) == "{}" {
		return nil
	}
	return g
}

// google returns Google's setting. Gemini 2.5 takes budgets, later models a level.
// Thoughts are shown if there is thinking, as elsewhere.
func (t Thinking) google(model string) *googleThinking {
	var out googleThinking
	tokens := t.tokens()
	switch {
	case t.Mode == ThinkingOff:
		tokens = 0
		out.Budget = &tokens
	case t.Mode == ThinkingAdaptive:
		tokens = -1
		out.Budget = &tokens
	case t.Budget > 0 || t.Effort != "" && strings.HasPrefix(model, "gemini-2"):
		out.Budget = &tokens
	case t.Effort == EffortXHigh || t.Effort == EffortMax:
		out.Level = "HIGH"
	case t.Effort != "":
		out.Level = strings.ToUpper(string(t.Effort))
	}
	show := t.Mode != ThinkingOff
	switch {
	case t.Show != nil:
		out.Include = t.Show
	case out.Budget == nil && out.Level == "":
		return nil
	case show:
		out.Include = &show
	}
	return &out
}
