package translate

import (
	"bytes"
	"encoding/json"
	"fmt"
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

type googleContent struct {
	Role  string       `json:"role,omitempty"`
	Parts []googlePart `json:"parts"`
}

// UnmarshalJSON takes the shorter forms too that Google's servers take: a part
// for a list of them.
func (c *googleContent) UnmarshalJSON(b []byte) error {
	var in struct {
		Role  string          `json:"role"`
		Parts json.RawMessage `json:"parts"`
	}
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	c.Role = in.Role
	if len(in.Parts) > 0 && in.Parts[0] == '{' {
		c.Parts = make([]googlePart, 1)
		return json.Unmarshal(in.Parts, &c.Parts[0])
	}
	if len(in.Parts) == 0 {
		return nil
	}
	return json.Unmarshal(in.Parts, &c.Parts)
}

type googlePart struct {
	Text             *string         `json:"text,omitempty"`
	Thought          bool            `json:"thought,omitempty"`
	ThoughtSignature string          `json:"thoughtSignature,omitempty"`
	InlineData       *googleBlob     `json:"inlineData,omitempty"`
	FileData         *googleFile     `json:"fileData,omitempty"`
	FunctionCall     *googleCall     `json:"functionCall,omitempty"`
	FunctionResponse *googleResponse `json:"functionResponse,omitempty"`
	ExecutableCode   json.RawMessage `json:"executableCode,omitempty"`
	CodeResult       json.RawMessage `json:"codeExecutionResult,omitempty"`
}

type googleBlob struct {
	MIMEType string `json:"mimeType"`
	Data     string `json:"data"`
	Name     string `json:"displayName,omitempty"`
}

type googleFile struct {
	MIMEType string `json:"mimeType,omitempty"`
	URI      string `json:"fileUri"`
	Name     string `json:"displayName,omitempty"`
}

type googleCall struct {
	ID   string          `json:"id,omitempty"`
	Name string          `json:"name"`
	Args json.RawMessage `json:"args,omitempty"`
}

type googleResponse struct {
	ID       string          `json:"id,omitempty"`
	Name     string          `json:"name"`
	Response json.RawMessage `json:"response"`
	Parts    []googlePart    `json:"parts,omitempty"`
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

// read returns what a part says, nil if nothing.
func (p googlePart) read(at string) (Part, error) {
	switch {
	case isSet(p.ExecutableCode), isSet(p.CodeResult):
		return nil, untranslated(at, "code that Google ran", "other providers")
	case p.FunctionCall != nil:
		return ToolCall{ID: p.FunctionCall.ID, Name: p.FunctionCall.Name, Arguments: objectOf(p.FunctionCall.Args), Signature: p.ThoughtSignature}, nil
	case p.FunctionResponse != nil:
		return p.FunctionResponse.read(at)
	case p.InlineData != nil:
		return Media{Type: p.InlineData.MIMEType, Data: p.InlineData.Data, Name: p.InlineData.Name}, nil
	case p.FileData != nil:
		return Media{Type: p.FileData.MIMEType, URL: p.FileData.URI, Name: p.FileData.Name}, nil
	case p.Thought:
		return Thought{Text: value(p.Text), Signature: p.ThoughtSignature}, nil
	case value(p.Text) != "":
		return Text{*p.Text}, nil
	}
	return nil, nil
}

// The results of tools are objects at Google. Text is put under "output", or
// under "error" if the tool failed, which are the keys that Google recommends.

func (f *googleResponse) read(at string) (Part, error) {
	out := ToolResult{ID: f.ID, Name: f.Name}
	var wrapped struct {
		Output *string `json:"output"`
		Error  *string `json:"error"`
	}
	raw := objectOf(f.Response)
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(raw, &fields) // an object, so it is one
	switch {
	case len(fields) == 1 && json.Unmarshal(raw, &wrapped) == nil && wrapped.Output != nil:
		out.Parts = []Part{Text{*wrapped.Output}}
	case len(fields) == 1 && wrapped.Error != nil:
		out.Parts, out.Failed = []Part{Text{*wrapped.Error}}, true
	default:
		out.Parts = []Part{JSON{raw}}
	}
	for i, p := range f.Parts {
		part, err := p.read(at + ".functionResponse." + index("parts", i))
		if err != nil {
			return nil, err
		}
		if part != nil {
			out.Parts = append(out.Parts, part)
		}
	}
	return out, nil
}

func writeGoogleResult(t ToolResult, name, at string) (*googleResponse, error) {
	out := &googleResponse{ID: t.ID, Name: name}
	var texts []Part
	for _, p := range t.Parts {
		if m, ok := p.(Media); ok {
			part, err := m.google(at)
			if err != nil {
				return nil, err
			}
			out.Parts = append(out.Parts, part)
			continue
		}
		texts = append(texts, p)
	}
	text := textOf(texts)
	trimmed := strings.TrimSpace(text)
	switch {
	case t.Failed:
		out.Response = marshal(object{"error": text})
	case strings.HasPrefix(trimmed, "{") && json.Valid([]byte(trimmed)):
		out.Response = json.RawMessage(trimmed)
	default:
		out.Response = marshal(object{"output": text})
	}
	return out, nil
}

// callIDs gives ids to calls and results that have none, as is usual at Google:
// results answer the calls of their name in order.
type callIDs map[string]*struct{ called, answered int }

func (ids callIDs) complete(p Part) Part {
	of := func(name string) *struct{ called, answered int } {
		if ids[name] == nil {
			ids[name] = &struct{ called, answered int }{}
		}
		return ids[name]
	}
	switch p := p.(type) {
	case ToolCall:
		n := of(p.Name)
		n.called++
		if p.ID == "" {
			p.ID = madeID(p.Name, n.called)
		}
		return p
	case ToolResult:
		n := of(p.Name)
		n.answered++
		if p.ID == "" {
			p.ID = madeID(p.Name, n.answered)
		}
		return p
	}
	return p
}

// madeID has only what all providers take in an id.
func madeID(name string, n int) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, name)
	return fmt.Sprintf("call_%.40s_%d", clean, n)
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
	if len(r.Tools) > 0 {
		var t googleTool
		for _, f := range r.Tools {
			t.Declarations = append(t.Declarations, googleFunction{Name: f.Name, Description: f.Description, JSONSchema: f.Schema})
		}
		out.Tools = []googleTool{t}
	}
	if c := r.ToolChoice; c.Single && len(r.Tools) > 0 && c.Mode != None {
		return nil, untranslated("parallel_tool_calls", "one tool call at a time", "google")
	} else if c.Mode != "" || c.Only != nil {
		out.ToolConfig = &googleToolConfig{c.google()}
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

// writeGooglePart writes a part; some have no counterpart and are left out.
func writeGooglePart(p Part, names map[string]string, at string) ([]googlePart, error) {
	var out googlePart
	switch p := p.(type) {
	case Text:
		out.Text = &p.Text
	case JSON:
		text := string(p.Value)
		out.Text = &text
	case Thought:
		if p.Redacted != "" || p.Signature == "" && names != nil {
			return nil, nil
		}
		out.Text, out.Thought, out.ThoughtSignature = &p.Text, true, p.Signature
	case ToolCall:
		if names != nil {
			names[p.ID] = p.Name
		}
		out.FunctionCall, out.ThoughtSignature = &googleCall{p.ID, p.Name, p.Arguments}, p.Signature
	case ToolResult:
		name := p.Name
		if name == "" {
			name = names[p.ID]
		}
		if name == "" {
			return nil, wrong(at, "answers the call %s, which is not in the messages before it", quoted(p.ID))
		}
		var err error
		if out.FunctionResponse, err = writeGoogleResult(p, name, at); err != nil {
			return nil, err
		}
	case Media:
		var err error
		if out, err = p.google(at); err != nil {
			return nil, err
		}
	default:
		return nil, nil
	}
	return []googlePart{out}, nil
}

func (m Media) google(at string) (googlePart, error) {
	if m.URL == "" {
		return googlePart{InlineData: &googleBlob{m.Type, m.Data, m.Name}}, nil
	}
	if strings.HasPrefix(m.URL, "s3:") {
		return googlePart{}, untranslated(at, "a file in Amazon's storage", "google")
	}
	return googlePart{FileData: &googleFile{m.Type, m.URL, m.Name}}, nil
}

// camelCase renames the fields of a request that are written with underscores,
// which Google takes as well. What is the client's own, such as arguments and
// schemas, stays.
func camelCase(body []byte) []byte {
	if !bytes.Contains(body, []byte("_")) {
		return body
	}
	var fields map[string]json.RawMessage
	var list []json.RawMessage
	switch trimmed := bytes.TrimLeft(body, " \t\r\n"); {
	case len(trimmed) == 0:
		return body
	case trimmed[0] == '{' && json.Unmarshal(body, &fields) == nil:
		out := make(map[string]json.RawMessage, len(fields))
		for name, raw := range fields {
			name = camel(name)
			switch name {
			case "args", "response", "parameters", "parametersJsonSchema", "responseSchema", "responseJsonSchema", "text", "data":
			default:
				raw = camelCase(raw)
			}
			out[name] = raw
		}
		return marshal(out)
	case trimmed[0] == '[' && json.Unmarshal(body, &list) == nil:
		for i := range list {
			list[i] = camelCase(list[i])
		}
		return marshal(list)
	}
	return body
}

func camel(name string) string {
	parts := strings.Split(name, "_")
	for i := 1; i < len(parts); i++ {
		if parts[i] != "" {
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
	}
	return strings.Join(parts, "")
}

// jsonSchema makes a JSON Schema of Google's own kind, which follows OpenAPI 3.0:
// types are upper-case, null is a flag, and numbers may be written as text.
func jsonSchema(raw json.RawMessage) json.RawMessage {
	if !isSet(raw) {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return raw
	}
	return marshal(standardSchema(v))
}

func standardSchema(v any) any {
	s, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(s))
	for key, v := range s {
		switch key {
		case "nullable", "propertyOrdering":
			continue
		case "type":
			if name, ok := v.(string); ok {
				v = strings.ToLower(name)
			}
		case "items":
			v = standardSchema(v)
		case "properties", "anyOf":
			v = standardSchemas(v)
		case "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties":
			if text, ok := v.(string); ok && json.Valid([]byte(text)) {
				v = json.RawMessage(text)
			}
		}
		out[key] = v
	}
	if s["nullable"] == true {
		if name, ok := out["type"].(string); ok {
			out["type"] = []string{name, "null"}
		}
	}
	return out
}

func standardSchemas(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, s := range v {
			out[name] = standardSchema(s)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = standardSchema(s)
		}
		return out
	}
	return v
}
