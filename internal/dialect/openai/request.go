package openai

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
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

type output struct {
	Type   string  `json:"type"`
	Schema *schema `json:"json_schema,omitempty"`
}

type schema struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Schema      json.RawMessage `json:"schema,omitempty"`
	Strict      *bool           `json:"strict,omitempty"`
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
	for i, t := range in.Tools {
		if t.Type != "function" {
			return nil, dialect.Untranslated(wire.Index("tools", i)+".type", "a tool of type "+wire.Quoted(t.Type), "other providers")
		}
		f := t.Function
		at := wire.Index("tools", i) + ".function"
		r.Tools = append(r.Tools, dialect.Tool{
			Name: f.Name, Description: f.Description, Schema: wire.NonNull(f.Parameters), Strict: f.Strict, Cache: t.Cache.point(), At: at, SchemaAt: at + ".parameters",
		})
	}
	var err error
	if r.ToolChoice, err = readChoice(in.ToolChoice); err != nil {
		return nil, err
	}
	r.ToolChoice.Single = in.Parallel != nil && !*in.Parallel
	r.Output, err = in.ResponseFormat.read()
	return r, err
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

func (o *output) read() (*dialect.Output, error) {
	switch {
	case o == nil || o.Type == "text":
		return nil, nil
	case o.Type == "json_object":
		return &dialect.Output{}, nil
	case o.Type == "json_schema" && o.Schema != nil:
		s := o.Schema
		return &dialect.Output{Schema: wire.NonNull(s.Schema), Name: s.Name, Description: s.Description, Strict: s.Strict, At: "response_format.json_schema.schema"}, nil
	}
	return nil, dialect.Wrong("response_format.type", "%s is not one of text, json_object and json_schema with its schema", wire.Quoted(o.Type))
}

// limits are OpenAI's own, which other servers of the format have adopted or exceed. The sources are the comments on
// FunctionDefinition.Name, Stop, Temperature and N in openai-go, and for ids the servers' message: "string too long.
// Expected a string with maximum length 40" (github.com/BerriAI/litellm/issues/17343).
var limits = dialect.Limits{Format: "openai", CallID: 40, ToolName: 64, SystemAlone: true, Instructions: dialect.Anywhere, Stops: 4, Hottest: 2, Choices: 128}

// Limits returns the format's limits.
func (Format) Limits() dialect.Limits { return limits }

// limitsOf returns the limits of a server.
func limitsOf(traits dialect.Traits) dialect.Limits {
	l := limits
	if traits.CallID > 0 {
		l.CallID, l.ExactCallID = traits.CallID, true
	}
	if traits.ResultsLast || traits.Alternates { // instructions may not be the last message or a turn, either
		l.Instructions = dialect.InNoTurn
	}
	if traits.Hottest > 0 {
		l.Hottest = traits.Hottest
	}
	if traits.OneChoice {
		l.Choices = 1
	}
	l.UserFirst = traits.Alternates // "After the (optional) system message(s), user or tool message(s) should alternate with assistant message(s)" (Perplexity)
	return l
}

// WriteRequest writes a chat completion's request. Usage of a stream is left to
// the caller to ask for, since not all servers take the option.
func (Format) WriteRequest(asked *dialect.Request, traits dialect.Traits) ([]byte, error) {
	traits = traits.For(asked.Model)
	r, err := asked.Fit(limitsOf(traits))
	if err != nil {
		return nil, err
	}
	if traits.JSONAlone && r.Output != nil && len(r.Tools) > 0 {
		return nil, errJSONAlone
	}
	if traits.OnlySchemas && r.Output != nil && r.Output.Schema == nil {
		return nil, errOnlySchemas
	}
	if len(r.Tools) > 0 && slices.Contains(traits.Refuses, "tools") {
		return nil, refused("tools")
	}
	family := familyAt(r.Model, traits)
	if traits.NoSchemas {
		r.AskForJSON()
	}
	if dialect.RefusesForce(r.Model) {
		r.AskForCall()
	}
	if !traits.Original {
		onlyAllowed(r, family)
	}
	out := request{
		Model: r.Model, Stream: r.Stream, Temperature: r.Temperature, TopP: r.TopP, Seed: r.Seed, N: r.Choices, Stop: r.Stop,
		FrequencyPenalty: r.FrequencyPenalty, PresencePenalty: r.PresencePenalty, User: userID(r.User), Effort: r.Thinking.AsEffort(),
	}
	out.leaveOut(traits.Refuses)
	if traits.RandomSeed {
		out.Seed, out.RandomSeed = nil, out.Seed
	}
	if traits.Original {
		out.MaxCompletion = r.MaxTokens
	} else {
		out.MaxTokens = r.MaxTokens
	}
	system, err := writeSystem(r, traits)
	if err != nil {
		return nil, err
	}
	out.Messages = append(out.Messages, system...)
	messages := dialect.MoveMedia(r.Messages, noMedia) // results can only be text
	if traits.Alternates {
		messages = dialect.JoinTurns(messages)
	}
	for _, m := range messages {
		list, err := writeMessages(m, traits)
		if err != nil {
			return nil, err
		}
		out.Messages = append(out.Messages, list...)
	}
	if traits.ResultsLast {
		out.Messages = joinResults(out.Messages)
	}
	if last := len(out.Messages) - 1; traits.MarksPrefix && last >= 0 {
		out.Messages[last].Prefix = out.Messages[last].Role == "assistant"
	}
	if traits.Thoughts == inDetails {
		keepOwn(out.Messages, r.Model)
	}
	if traits.NeedsThoughts {
		standIn(out.Messages)
	}
	if dialect.NeedsSignatures(r.Model) {
		signCalls(out.Messages, traits.Thoughts)
	}
	for _, t := range r.Tools {
		tool, err := writeTool(t)
		if err != nil {
			return nil, err
		}
		out.Tools = append(out.Tools, tool)
	}
	if traits.SameStrict {
		equalize(out.Tools)
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
	return wire.Marshal(out), nil
}

var (
	errJSONAlone   = dialect.Wrong("response_format", "the provider does not support JSON together with tools")
	errOnlySchemas = dialect.Wrong("response_format", "the provider does not support JSON without a schema")
)

// leaveOut removes hints that a provider rejects.
func (r *request) leaveOut(refused []string) {
	for _, name := range refused {
		switch name {
		case "user":
			r.User = ""
		case "seed":
			r.Seed = nil
		case "frequency_penalty":
			r.FrequencyPenalty = nil
		}
	}
}

// writeSystem writes the instructions before the conversation, as one text if none of them is to be cached.
func writeSystem(r *dialect.Request, traits dialect.Traits) ([]message, error) {
	text := r.SystemText()
	switch {
	case text == "":
		return nil, nil
	case traits.CachePoints && dialect.HasCachePoint(r.System):
		return writeMessages(dialect.Message{Role: dialect.Instructor, Parts: r.System}, traits)
	}
	return []message{{Role: "system", Content: wire.Marshal(text)}}, nil
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

func noMedia(dialect.ToolResult, dialect.Media) bool { return false }

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

// strictly returns a schema and whether it is strict, which is unset if OpenAI's strict mode would reject the schema.
func strictly(schema json.RawMessage, strict *bool) (json.RawMessage, *bool) {
	if !wire.Value(strict) {
		return schema, strict
	}
	if closed, ok := strictSchema(schema); ok {
		return closed, strict
	}
	return schema, nil
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

// writeOutput writes the requested form of JSON. A schema must be of an object; OpenAI says "schema must be a JSON
// Schema of 'type: \"object\"'".
func writeOutput(r *dialect.Request) (*output, error) {
	o := r.Output
	switch {
	case o == nil:
		return nil, nil
	case o.Schema == nil && mentionsJSON(r):
		return &output{Type: "json_object"}, nil
	case o.Schema == nil:
		return &output{Type: "json_schema", Schema: &schema{Name: outputName, Schema: json.RawMessage(`{"type":"object"}`)}}, nil
	}
	root, err := dialect.ObjectSchema(o.Schema, o.At, unions...)
	if err != nil {
		return nil, err
	}
	if root, err = sound(root, o.At); err != nil {
		return nil, err
	}
	root, strict := strictly(root, o.Strict)
	return &output{Type: "json_schema", Schema: &schema{limits.CleanName(cmp.Or(o.Name, outputName)), o.Description, root, strict}}, nil
}

// outputName is the name of a schema without one.
const outputName = "answer"

// mentionsJSON reports whether the prompt contains the word, without which OpenAI refuses to write JSON without a
// schema: "'messages' must contain the word 'json' in some form".
func mentionsJSON(r *dialect.Request) bool {
	mentions := func(text string) bool { return strings.Contains(strings.ToLower(text), "json") }
	if mentions(r.SystemText()) {
		return true
	}
	for _, m := range r.Messages {
		if mentions(dialect.TextOf(m.Parts)) {
			return true
		}
	}
	return false
}
