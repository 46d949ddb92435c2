package translate

import (
	"cmp"
	"encoding/json"
	"strings"
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

type openAIMessage struct {
	Role      string           `json:"role"`
	Content   json.RawMessage  `json:"content"`
	Refusal   string           `json:"refusal,omitempty"`
	Reasoning string           `json:"reasoning_content,omitempty"` // not OpenAI's own, but usual
	ToolCalls []openAIToolCall `json:"tool_calls,omitempty"`
	CallID    string           `json:"tool_call_id,omitempty"`

	Audio        json.RawMessage `json:"audio,omitempty"`
	FunctionCall json.RawMessage `json:"function_call,omitempty"`
}

type openAIPart struct {
	Type     string       `json:"type"`
	Text     string       `json:"text,omitempty"`
	Refusal  string       `json:"refusal,omitempty"`
	ImageURL *openAIImage `json:"image_url,omitempty"`
	Audio    *openAIAudio `json:"input_audio,omitempty"`
	File     *openAIFile  `json:"file,omitempty"`
}

type openAIImage struct {
	URL    string `json:"url"`
	Detail string `json:"detail,omitempty"`
}

type openAIAudio struct {
	Data   string `json:"data"`
	Format string `json:"format"`
}

type openAIFile struct {
	Data string `json:"file_data,omitempty"`
	ID   string `json:"file_id,omitempty"`
	Name string `json:"filename,omitempty"`
}

func (p *openAIPart) setText(text string)       { p.Type, p.Text = "text", text }
func (p *openAIPart) plainText() (string, bool) { return p.Text, p.Type == "text" }

type openAIToolCall struct {
	Index    *int           `json:"index,omitempty"` // in streams
	ID       string         `json:"id,omitempty"`
	Type     string         `json:"type,omitempty"`
	Function openAIFunction `json:"function"`
	Extra    *openAIExtra   `json:"extra_content,omitempty"`
}

type openAIFunction struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}

// openAIExtra is where Google puts the signature of a thought when it speaks
// OpenAI's format.
type openAIExtra struct {
	Google struct {
		Signature string `json:"thought_signature"`
	} `json:"google"`
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

// readInto adds a message to a request. Instructions go to the beginning
// wherever they stand, and results of tools that follow each other make one
// message.
func (m openAIMessage) readInto(r *Request, at string) error {
	list, err := m.read(at)
	if err != nil {
		return err
	}
	switch m.Role {
	case "system", "developer":
		r.System = append(r.System, list...)
		return nil
	case "user":
		r.Messages = append(r.Messages, Message{Role: User, Parts: list, At: at})
		return nil
	case "assistant":
		r.Messages = append(r.Messages, Message{Role: Assistant, Parts: list, At: at})
		return nil
	case "tool":
		result := ToolResult{ID: m.CallID, Parts: list}
		if n := len(r.Messages); n > 0 && r.Messages[n-1].Role == User && onlyResults(r.Messages[n-1].Parts) {
			r.Messages[n-1].Parts = append(r.Messages[n-1].Parts, result)
			return nil
		}
		r.Messages = append(r.Messages, Message{Role: User, Parts: []Part{result}, At: at})
		return nil
	}
	return wrong(at+".role", "%s is not one of system, developer, user, assistant and tool", quoted(m.Role))
}

func onlyResults(list []Part) bool {
	for _, p := range list {
		if _, ok := p.(ToolResult); !ok {
			return false
		}
	}
	return len(list) > 0
}

// read returns what a message says, of a request or an answer.
func (m openAIMessage) read(at string) ([]Part, error) {
	var list []Part
	if isSet(m.Audio) {
		return nil, untranslated(at+".audio", "audio", "other providers")
	}
	if isSet(m.FunctionCall) {
		return nil, untranslated(at+".function_call", "function_call", "other providers")
	}
	if m.Reasoning != "" {
		list = append(list, Thought{Text: m.Reasoning})
	}
	content, err := readParts[openAIPart](m.Content)
	if err != nil {
		return nil, wrong(at+".content", "must be a string or a list of parts")
	}
	for i, p := range content {
		part, err := p.read(at + "." + index("content", i))
		if err != nil {
			return nil, err
		}
		if t, ok := part.(Text); !ok || t.Text != "" {
			list = append(list, part)
		}
	}
	if m.Refusal != "" {
		list = append(list, Text{m.Refusal})
	}
	for i, c := range m.ToolCalls {
		if c.Type != "function" && c.Type != "" {
			return nil, untranslated(at+"."+index("tool_calls", i)+".type", "a call of type "+quoted(c.Type), "other providers")
		}
		call := ToolCall{ID: c.ID, Name: c.Function.Name, Arguments: argumentsOf(c.Function.Arguments)}
		if c.Extra != nil {
			call.Signature = c.Extra.Google.Signature
		}
		list = append(list, call)
	}
	return list, nil
}

func (p openAIPart) read(at string) (Part, error) {
	switch {
	case p.Type == "text":
		return Text{p.Text}, nil
	case p.Type == "refusal":
		return Text{p.Refusal}, nil
	case p.Type == "image_url" && p.ImageURL != nil:
		m, ok := mediaFromURL(p.ImageURL.URL)
		if !ok {
			return nil, wrong(at+".image_url.url", "is neither a URL nor a data URL")
		}
		m.Detail, m.Image = p.ImageURL.Detail, m.Type == ""
		return m, nil
	case p.Type == "input_audio" && p.Audio != nil:
		return Media{Type: typeOfFormat("audio", p.Audio.Format), Data: p.Audio.Data}, nil
	case p.Type == "file" && p.File != nil && p.File.ID != "":
		return nil, untranslated(at+".file.file_id", "a file stored at OpenAI", "other providers")
	case p.Type == "file" && p.File != nil:
		m, ok := mediaFromURL(p.File.Data)
		if !ok || m.URL != "" {
			return nil, wrong(at+".file.file_data", "is not a data URL")
		}
		m.Name = p.File.Name
		return m, nil
	}
	return nil, untranslated(at+".type", "a part of type "+quoted(p.Type), "other providers")
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
	out.ToolChoice = writeOpenAIChoice(r.ToolChoice)
	if r.ToolChoice.Single && len(r.Tools) > 0 {
		out.Parallel = new(bool)
	}
	out.ResponseFormat = writeOpenAIOutput(r.Output)
	return marshal(out), nil
}

// joined is a system prompt as one text.
func joined(system []Part) string {
	var texts []string
	for _, p := range system {
		if t, ok := p.(Text); ok {
			texts = append(texts, t.Text)
		}
	}
	return strings.Join(texts, "\n\n")
}

// writeOpenAIMessages writes a message: results of tools are messages of their
// own, before what else it says.
func writeOpenAIMessages(m Message) ([]openAIMessage, error) {
	var list []openAIMessage
	var content []openAIPart
	own := openAIMessage{Role: string(m.Role)}
	for _, p := range m.Parts {
		switch p := p.(type) {
		case ToolResult:
			for _, part := range p.Parts {
				if _, ok := part.(Media); ok {
					return nil, untranslated(m.At, "an image or document in the result of a tool", "openai")
				}
			}
			list = append(list, openAIMessage{Role: "tool", CallID: p.ID, Content: marshal(textOf(p.Parts))})
		case ToolCall:
			own.ToolCalls = append(own.ToolCalls, writeOpenAICall(p))
		case Media:
			part, err := writeOpenAIMedia(p, m.At)
			if err != nil {
				return nil, err
			}
			content = append(content, part)
		case Text:
			content = append(content, openAIPart{Type: "text", Text: p.Text})
		case Thought: // OpenAI's own models take none back
		}
	}
	switch {
	case len(content) > 0:
		own.Content = writeParts(content)
	case len(own.ToolCalls) > 0:
		own.Content = json.RawMessage("null")
	case len(list) > 0:
		return list, nil
	default:
		own.Content = json.RawMessage(`""`)
	}
	return append(list, own), nil
}

func writeOpenAICall(c ToolCall) openAIToolCall {
	call := openAIToolCall{ID: c.ID, Type: "function", Function: openAIFunction{Name: c.Name, Arguments: argumentText(c.Arguments)}}
	if c.Signature != "" {
		call.Extra = &openAIExtra{}
		call.Extra.Google.Signature = c.Signature
	}
	return call
}

func writeOpenAIMedia(m Media, at string) (openAIPart, error) {
	var p openAIPart
	switch {
	case strings.HasPrefix(m.URL, "s3:") || strings.HasPrefix(m.URL, "gs:"):
		return p, untranslated(at, "a file in a cloud's storage", "openai")
	case m.isImage():
		p.Type = "image_url"
		p.ImageURL = &openAIImage{m.dataURL(), m.Detail}
	case m.isAudio() && m.URL == "":
		format := formatOfType(m.Type, "wav", "mp3")
		if format == "" {
			_, format, _ = strings.Cut(m.Type, "/")
		}
		p.Type = "input_audio"
		p.Audio = &openAIAudio{m.Data, format}
	case m.URL == "" && !strings.HasPrefix(m.Type, "video/"):
		p.Type = "file"
		p.File = &openAIFile{Data: m.dataURL(), Name: m.Name}
	default:
		return p, untranslated(at, "a document by its URL, or a film,", "openai")
	}
	return p, nil
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

func nonNull(raw json.RawMessage) json.RawMessage {
	if !isSet(raw) {
		return nil
	}
	return raw
}

// quoted is a value of the client's in a message.
func quoted(s string) string {
	const longest = 60
	if len(s) > longest {
		s = s[:longest] + "..."
	}
	return `"` + s + `"`
}
