package upstream

import (
	"net/http"
	"strings"
	"time"
)

// Reply is how a fake responds to a call. The zero Reply changes nothing.
type Reply struct {
	// Text is what the model says, or what was heard in a recording.
	Text string
	// Reasoning is what a reasoning model thinks first, where the format shows
	// it.
	Reasoning string
	// ToolCalls are the tools that the model calls, in order.
	ToolCalls []ToolCall
	// FinishReason is why the model stops; empty means by rule.
	FinishReason FinishReason
	// Candidates are what the model says in each of several choices, instead of the four
	// above. The last stands for those that are missing.
	Candidates []Candidate
	// Usage is what the provider reports; nil counts it by rule.
	Usage *Usage
	// NoUsage leaves usage out of the response.
	NoUsage bool
	// Body is the whole body of the response, instead of one in the provider's
	// shape; ContentType is its type, by default application/json.
	Body        []byte
	ContentType string

	// Status is the response's status. From 400 on the response is an error in the
	// provider's shape, with Message or a usual text for that status.
	Status  int
	Message string
	// Header is added to the response's header.
	Header http.Header

	// Latency is the time to the first byte, ChunkDelay that between the chunks
	// of a stream.
	Latency    time.Duration
	ChunkDelay time.Duration
	// ChunkSize is how many characters of text a chunk of a stream holds; 0
	// means one word.
	ChunkSize int
	// Fault breaks the response off, FaultDelay after the last of what comes before it.
	Fault      Fault
	FaultDelay time.Duration
	// Images are what the model draws, in order; the last stands for those that are
	// missing. None means one pixel each.
	Images [][]byte
}

// Candidate is one of several choices, as the fields of [Reply] of these names have one.
type Candidate struct {
	Text         string
	Reasoning    string
	ToolCalls    []ToolCall
	FinishReason FinishReason
}

// candidate is the reply for the nth choice, from 0.
func (r Reply) candidate(n int) Reply {
	if len(r.Candidates) > 0 {
		said := r.Candidates[min(n, len(r.Candidates)-1)]
		r.Text, r.Reasoning, r.ToolCalls, r.FinishReason = said.Text, said.Reasoning, said.ToolCalls, said.FinishReason
	}
	return r
}

// ToolCall is a call of a tool that the model asks for.
type ToolCall struct {
	Name string
	// Arguments is a JSON object; empty means one made up from the tool's
	// schema. Where it is no JSON, formats that have an object here have {}.
	Arguments string
}

// Usage is what a fake provider reports, in the terms of all formats: the input
// includes what was read from or written to a cache, the output includes
// reasoning.
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

// imageType is the media type of the nth image. What is no image of a known kind is said
// to be a PNG.
func (r Reply) imageType(n int) string {
	if len(r.Images) > 0 {
		if kind := http.DetectContentType(r.Images[min(n, len(r.Images)-1)]); strings.HasPrefix(kind, "image/") {
			return kind
		}
	}
	return "image/png"
}

// Fault is how a response breaks off. The zero Fault is none. In a response that
// is no stream, a fault after any chunk strikes in the middle of the body.
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

// CutAfter cuts the connection after n chunks of text, or after all of them if there
// are fewer, but before the stream's end; after none, before the response begins. A
// chunk of text is one that the user sees: thoughts, calls of tools and what only
// frames them don't count, in any format.
func CutAfter(n int) Fault { return Fault{cut, n} }

// StallAfter sends n chunks of text and then nothing more, until the caller
// gives up; after none, not even the response's header.
func StallAfter(n int) Fault { return Fault{stall, n} }

// ErrorAfter sends n chunks of text and then the error that the provider's
// streams have for it. It does nothing to responses that are no stream.
func ErrorAfter(n int) Fault { return Fault{fail, n} }
