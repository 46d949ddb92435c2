package dialect

import "encoding/json"

// Class says what an event of a stream is, for whoever passes it on.
type Class int

// The classes.
const (
	// Content is part of the answer.
	Content Class = iota
	// UsageOnly is an event that an OpenAI stream has because usage was asked
	// for, and would not have otherwise.
	UsageOnly
	// Last may be the last event: the format has no mark for the end.
	Last
	// Terminal is the last event. Clients stop reading here.
	Terminal
	// Failure is an error that the provider reports within the stream; it ends
	// the answer.
	Failure
)

// Stream reads the usage of one stream. Make it with [Endpoint.NewStream].
type Stream struct {
	endpoint Endpoint
	usage    Usage
	reported bool
	text     int64
}

// NewStream returns a reader of an answer of the endpoint.
func (e Endpoint) NewStream() *Stream { return &Stream{endpoint: e} }

// Read takes one event: its type, which may be empty, and its data. It keeps
// neither. What is not understood is Content.
func (s *Stream) Read(event string, data []byte) Class {
	switch s.endpoint.Dialect {
	case Anthropic:
		return s.readAnthropic(event, data)
	case Google:
		return s.readGoogle(data)
	case Bedrock:
		return s.readBedrock(event, data)
	case ElevenLabs:
		return Content
	}
	return s.readOpenAI(event, data)
}

// Usage returns what was reported so far; the second result says whether
// output was reported at all.
func (s *Stream) Usage() (Usage, bool) { return s.usage, s.reported }

// Characters returns how many characters of text the stream brought so far.
func (s *Stream) Characters() int64 { return s.text }

// Estimate completes usage that a provider did not report in full: the input
// from the prompt's text, the output from the characters that were sent. What
// was reported stays.
func (r Request) Estimate(reported Usage, sent int64) Usage {
	u := reported
	if !r.UsesTokens() {
		return u
	}
	if u.InputTokens == 0 {
		u.InputTokens = EstimateTokens(r.PromptCharacters())
	}
	if sent > 0 {
		u.OutputTokens = max(u.OutputTokens, EstimateTokens(sent))
	}
	return u
}

// ReadUsage reads what a JSON answer reports; false if it reports nothing.
func (e Endpoint) ReadUsage(body []byte) (Usage, bool) {
	switch e.Dialect {
	case Anthropic:
		return readAnthropicUsage(body)
	case Google:
		return readGoogleUsage(body)
	case Bedrock:
		return readBedrockUsage(body)
	case ElevenLabs:
		return readElevenLabsUsage(body)
	}
	if e.Operation == Models {
		return Usage{}, false
	}
	return readOpenAIUsage(body)
}

// TextOf counts the characters of generated text in a whole answer; false if it
// is not JSON.
func (e Endpoint) TextOf(body []byte) (int64, bool) {
	keys := chunkText
	switch e.Dialect {
	case Anthropic:
		keys = []string{"text", "thinking"}
	case Google, Bedrock:
		keys = []string{"text"}
	}
	return textLength(body, keys...), json.Valid(body)
}
