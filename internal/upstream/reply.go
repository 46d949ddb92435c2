package upstream

import (
	"net/http"
	"strings"
	"time"
)

// Reply is how a fake responds to a call. The zero Reply changes nothing.
type Reply struct {
	// Text is the model's text, or the transcript of a recording.
	Text string
	// Reasoning is a reasoning model's thoughts, if the format shows them.
	Reasoning string
	// ToolCalls are the tools that the model calls, in order.
	ToolCalls []ToolCall
	// FinishReason is why the model stops; empty means the default.
	FinishReason FinishReason
	// Candidates are the model's choices, instead of the four fields above. The last one is repeated if more are
	// requested.
	Candidates []Candidate
	// Usage is what the provider reports; nil counts it by the default rule.
	Usage *Usage
	// NoUsage leaves usage out of the response.
	NoUsage bool
	// Body is the whole body of the response, instead of one in the provider's format; ContentType is its type, by
	// default application/json.
	Body        []byte
	ContentType string

	// Status is the response's status. From 400 on, the response is an error in the provider's format, with Message
	// or a typical text for that status.
	Status  int
	Message string
	// Header is added to the response's header.
	Header http.Header

	// Latency is the time to the first byte, and ChunkDelay the time between the chunks of a stream.
	Latency    time.Duration
	ChunkDelay time.Duration
	// ChunkSize is the number of characters of text in a chunk of a stream; 0 means one word.
	ChunkSize int
	// Fault interrupts the response, FaultDelay after the last part before it.
	Fault      Fault
	FaultDelay time.Duration
	// Images are the generated images, in order; the last one is repeated if more are requested. None means one pixel
	// each.
	Images [][]byte
}

// Candidate is one of several choices, as the fields of [Reply] of these names have one.
type Candidate struct {
	Text         string
	Reasoning    string
	ToolCalls    []ToolCall
	FinishReason FinishReason
}

// candidate returns the reply for the nth choice, from 0.
func (r Reply) candidate(n int) Reply {
	if len(r.Candidates) > 0 {
		said := r.Candidates[min(n, len(r.Candidates)-1)]
		r.Text, r.Reasoning, r.ToolCalls, r.FinishReason = said.Text, said.Reasoning, said.ToolCalls, said.FinishReason
	}
	return r
}

// ToolCall is a tool call by the model.
type ToolCall struct {
	Name string
	// Arguments is a JSON object; empty means one generated from the tool's schema. If it isn't JSON, formats that
	// require an object here send {}.
	Arguments string
}

// Usage is what a fake provider reports, in the terms of all formats: the input includes cache reads and writes, and
// the output includes reasoning.
type Usage struct {
	InputTokens      int64
	OutputTokens     int64
	CachedTokens     int64
	CacheWriteTokens int64
	ReasoningTokens  int64
	// Duration is the length of a transcribed recording.
	Duration time.Duration
}

// image returns the nth image in base64, from 0.
func (r Reply) image(n int) string {
	if len(r.Images) == 0 {
		return pixel
	}
	return base64Of(r.Images[min(n, len(r.Images)-1)])
}

// imageType returns the media type of the nth image. An image of an unknown kind counts as a PNG.
func (r Reply) imageType(n int) string {
	if len(r.Images) > 0 {
		if kind := http.DetectContentType(r.Images[min(n, len(r.Images)-1)]); strings.HasPrefix(kind, "image/") {
			return kind
		}
	}
	return "image/png"
}

// Fault is how a response is interrupted. The zero value means no fault. In a response that isn't streamed, a fault
// after any chunk strikes in the middle of the body.
type Fault struct {
	kind  faultKind
	after int
}

type faultKind int

const (
	cut faultKind = iota + 1
	stall
	fail
)

// CutAfter cuts the connection after n chunks of text, or after all of them if there are fewer, but before the
// stream's end; if n is 0, before the response begins. A chunk of text is one that the user sees: thoughts, tool
// calls and framing don't count, in any format.
func CutAfter(n int) Fault { return Fault{cut, n} }

// StallAfter sends n chunks of text and then nothing more, until the caller gives up; if n is 0, not even the
// response's header.
func StallAfter(n int) Fault { return Fault{stall, n} }

// ErrorAfter sends n chunks of text and then the error of the provider's streams. It has no effect on responses that
// aren't streamed.
func ErrorAfter(n int) Fault { return Fault{fail, n} }
