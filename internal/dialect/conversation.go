package dialect

import (
	"encoding/json"
	"time"
)

// Request is a request to a model in neutral form.
type Request struct {
	Model  string
	Stream bool
	// WantsUsage reports whether the client asked for usage in its stream. Only
	// OpenAI's format leaves that open.
	WantsUsage bool
	// Array reports whether the stream is requested as a JSON array, which Google sends without alt=sse.
	Array bool

	System     []Part // Text and CachePoint: the instructions before all messages
	Messages   []Message
	Tools      []Tool
	ToolChoice ToolChoice

	MaxTokens        *int64
	MaxOutput        int64 // the highest MaxTokens that the model accepts; 0 if unknown
	Temperature      *float64
	TopP             *float64
	TopK             *int64
	Seed             *int64
	PresencePenalty  *float64
	FrequencyPenalty *float64
	Stop             []string
	Choices          int64 // responses wanted; 0 means one
	Output           *Output
	Thinking         Thinking
	User             string // the client's id of its end user
}

// Message is one turn of a conversation.
type Message struct {
	Role  Role
	Parts []Part
	At    string // its field in the client's request, for errors: "messages[2]"
}

// Role is who speaks. Results of tools are the user's.
type Role string

// The roles, in the terms of OpenAI, Anthropic and Bedrock. Google's model is the assistant. Messages of Instructor
// are inside the conversation; see [Request.Instruct].
const (
	User       Role = "user"
	Assistant  Role = "assistant"
	Instructor Role = "system"
)

// Part is a piece of a message: one of the types below.
type Part interface{ part() }

// Text is plain text.
type Text struct{ Text string }

// Media is an image, a document or a recording: either Data or URL.
type Media struct {
	Type   string // MIME; "" if only the URL is known
	Data   string // in base64
	URL    string
	Name   string
	Detail string // how closely to look, in OpenAI's words
	Image  bool   // at a URL of no known type
	At     string // its field in the client's request, for errors
}

// Thought is a model's thinking. A signed one is useful only to models of the same maker.
//
// Gemini signs calls and texts instead: that is a thought without text, right before the call or right after the
// text.
type Thought struct {
	Text      string
	Signature Signature
	Redacted  string // Claude's encrypted thinking, in base64, instead of Text
}

// ToolCall is the assistant's call of a tool.
type ToolCall struct {
	ID        string
	Name      string
	Arguments json.RawMessage // an object
	At        string          // its field in the client's request, for errors
}

// ToolResult is what a called tool returned.
type ToolResult struct {
	ID     string // of the call
	Name   string // of the tool; "" if only the id is given
	Parts  []Part // Text, JSON and Media
	Failed bool
	At     string // its field in the client's request, for errors
}

// JSON is a result of a tool that is given as data.
type JSON struct{ Value json.RawMessage }

// CachePoint asks the provider to cache what precedes it.
type CachePoint struct{ TTL string } // "5m", "1h"; "" is the provider's default

func (Text) part()       {}
func (Media) part()      {}
func (Thought) part()    {}
func (ToolCall) part()   {}
func (ToolResult) part() {}
func (JSON) part()       {}
func (CachePoint) part() {}

// At returns a part with the place where the client wrote it.
func At(p Part, place string) Part {
	switch p := p.(type) {
	case Media:
		p.At = place
		return p
	case ToolCall:
		p.At = place
		return p
	case ToolResult:
		p.At = place
		return p
	}
	return p
}

// Tool is a function that the model may call.
type Tool struct {
	Name        string
	Description string
	Schema      json.RawMessage // JSON Schema of the arguments; nil for none
	Strict      *bool
	Cache       *CachePoint // after the tool
	At          string      // the client's field that contains the name: "tools[1].function"
	SchemaAt    string      // the client's field of Schema
}

// ToolChoice is whether the model calls tools. The zero value leaves it to the
// model.
type ToolChoice struct {
	Mode ChoiceMode
	Only []string // only these tools; nil means all
	// Single reports whether the model may make only one call.
	Single bool
}

// ChoiceMode is how freely the model chooses.
type ChoiceMode string

// The modes; "" is as Auto.
const (
	Auto     ChoiceMode = "auto"
	None     ChoiceMode = "none"
	Required ChoiceMode = "required"
)

// Output asks for JSON.
type Output struct {
	Schema      json.RawMessage // nil: any object
	Name        string
	Description string
	Strict      *bool
	At          string // the client's field of Schema
}

// Response is a model's whole response.
type Response struct {
	ID      string
	Model   string
	Created time.Time // when it was requested
	Choices []Choice
	Usage   Usage
}

// Choice is one of the responses to a request.
type Choice struct {
	Parts    []Part
	Stop     Stop
	Sequence string // that stopped it, if known
}

// Stop is why a model stopped.
type Stop string

// The reasons, in Anthropic's words; other words of providers are EndTurn.
const (
	EndTurn       Stop = "end_turn"
	MaxTokens     Stop = "max_tokens"
	StopSequence  Stop = "stop_sequence"
	ToolUse       Stop = "tool_use"
	Refusal       Stop = "refusal" // by the model or a filter
	ContextWindow Stop = "model_context_window_exceeded"
)
