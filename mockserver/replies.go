package mockserver

import (
	"net/http"
	"time"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// Reply says which requests to fake providers it responds to, and how. The zero
// Reply responds to every request as a fake provider does by itself.
type Reply struct {
	// What follows chooses the requests; what is empty chooses all. Provider is an id such
	// as "openai", or the host of one that has none. Customer is the id or reference id of
	// who is charged. PromptContains is a part of any text that the model is sent, results of
	// tools among them.
	Provider       string
	Model          string
	Operation      Operation
	Customer       string
	PromptContains string
	// Func chooses too: it returns the reply to a request, of which only what a reply says
	// is used, or false if it is for another. It may be called at the same time for
	// several requests, and must not call the server. If it panics or returns a reply that
	// makes no sense, the response is an error that says so. No snapshot has a reply with a
	// Func, or with a Body that is no text.
	Func func(ProviderCall) (Reply, bool)
	// Times is how many requests it responds to; 0 is no end. After that the next
	// reply that matches has its turn.
	Times int

	// Text is what the model says, or what was heard in a recording.
	Text string
	// Reasoning is what a reasoning model thinks first, where the format shows it.
	Reasoning string
	// ToolCalls are the tools that the model calls, in order.
	ToolCalls []ToolCall
	// FinishReason is why the model stops, such as [FinishContentFilter]. By default it
	// stops when it has said everything or called its tools, or at the request's limit
	// (max_tokens and the like), to which whatever it says is cut.
	FinishReason FinishReason
	// Candidates are what the model says in each of several choices, instead of the four
	// fields above: for requests that ask for several, by OpenAI's n or Google's
	// candidateCount. A request that asks for more gets the last again, and one that asks
	// for fewer is rejected by the rule "script.candidates", as no provider returns more.
	// Without them all choices say the same.
	Candidates []Candidate
	// Images are what the model draws, in order, as files such as PNG: OpenAI's images, also
	// by the tool image_generation, and those of Gemini's models that draw. By default they
	// are one pixel each, and the tool draws none.
	Images [][]byte
	// Usage is what the provider reports. By default it is counted from the texts,
	// at about four characters a token.
	Usage *ReportedUsage
	// NoUsage leaves usage out of the response.
	NoUsage bool
	// Body is the whole body, instead of one in the provider's shape. Its type is
	// ContentType, by default application/json.
	Body        []byte
	ContentType string

	// Status is the response's status, by default 200. From 400 on the response is an
	// error in the provider's own shape, with Message or a usual text.
	Status  int
	Message string
	// Header is added to the response's header.
	Header http.Header

	// Latency is the time to the first byte, ChunkDelay that between the chunks of
	// a stream. Both take Go's time, not the server's.
	Latency    time.Duration
	ChunkDelay time.Duration
	// ChunkSize is how many characters of text a chunk of a stream holds, by
	// default a word.
	ChunkSize int
	// Fault breaks the response off, FaultDelay after the last of what comes before it.
	Fault      Fault
	FaultDelay time.Duration
}

// Candidate is one of several choices, as the fields of [Reply] of the same names have
// one.
type Candidate struct {
	Text         string
	Reasoning    string
	ToolCalls    []ToolCall
	FinishReason FinishReason
}

// ToolCall is a call of a tool that the model asks for.
type ToolCall struct {
	Name string
	// Arguments is a JSON object, by default one made up from the tool's schema. Where
	// it is no JSON, formats that have an object here, not a string, have {}.
	Arguments string
}

// FinishReason is why a model stops. The constants are translated for each format;
// anything else is a provider's own word, such as "pause_turn", and is sent as it is.
type FinishReason string

// The reasons that each format has its word for.
const (
	FinishStop      = FinishReason(upstream.FinishStop)      // nothing is left to say
	FinishLength    = FinishReason(upstream.FinishLength)    // the limit is reached: length, max_tokens, MAX_TOKENS, incomplete
	FinishToolCalls = FinishReason(upstream.FinishToolCalls) // tools are to be called
	// FinishContentFilter is for what a filter holds back: content_filter, SAFETY,
	// content_filtered, Anthropic's refusal. Without Text nothing is said.
	FinishContentFilter = FinishReason(upstream.FinishContentFilter)
	// FinishRefusal is for a model that refuses, with Text as its words: a message's
	// refusal at OpenAI, refusal at Anthropic, elsewhere as FinishContentFilter.
	FinishRefusal = FinishReason(upstream.FinishRefusal)
)

// ReportedUsage is what a fake provider reports, in the terms of all formats:
// the input includes what was read from or written to a cache, the output
// includes reasoning.
type ReportedUsage struct {
	InputTokens      int64
	OutputTokens     int64
	CachedTokens     int64
	CacheWriteTokens int64
	ReasoningTokens  int64
	Duration         time.Duration // of a transcribed recording
}

func (u ReportedUsage) counts() []int64 {
	return []int64{u.InputTokens, u.OutputTokens, u.CachedTokens, u.CacheWriteTokens, u.ReasoningTokens, int64(u.Duration)}
}

// Fault is how a response breaks off. The zero Fault is none.
type Fault struct {
	kind  string // "cut", "stall" or "error"
	after int
}

// upstream is the fault as fakes know it.
func (f Fault) upstream() upstream.Fault {
	switch f.kind {
	case "cut":
		return upstream.CutAfter(f.after)
	case "stall":
		return upstream.StallAfter(f.after)
	case "error":
		return upstream.ErrorAfter(f.after)
	}
	return upstream.Fault{}
}

// CutAfter cuts the connection after n chunks of text, or after all of them if there
// are fewer, but before the stream's end; after none, before the response begins. A
// chunk of text is one that the user sees: thoughts, calls of tools and what only
// frames them don't count, in any format.
func CutAfter(n int) Fault { return Fault{"cut", n} }

// StallAfter sends n chunks of text and then nothing more, until the caller
// gives up.
func StallAfter(n int) Fault { return Fault{"stall", n} }

// ErrorAfter sends n chunks of text of a stream, and then the error that the
// provider's streams have for it.
func ErrorAfter(n int) Fault { return Fault{"error", n} }

// Operation is what an endpoint of a provider does.
type Operation string

// The operations that fake providers know.
const (
	OperationChat          = Operation(dialect.ChatCompletions) // OpenAI chat completions
	OperationCompletions   = Operation(dialect.Completions)     // OpenAI's older text completions
	OperationResponses     = Operation(dialect.Responses)       // OpenAI responses
	OperationEmbeddings    = Operation(dialect.Embeddings)      // OpenAI embeddings
	OperationImages        = Operation(dialect.Images)          // OpenAI images
	OperationSpeech        = Operation(dialect.Speech)          // text to speech
	OperationTranscription = Operation(dialect.Transcription)   // speech to text
	OperationMessages      = Operation(dialect.Messages)        // Anthropic messages
	OperationGenerate      = Operation(dialect.Generate)        // Google generateContent, streamed or not
	OperationConverse      = Operation(dialect.Converse)        // Bedrock Converse, streamed or not
	OperationEmbed         = Operation(dialect.Embed)           // Google embedContent
	OperationModels        = Operation(dialect.Models)          // lists of models
	OperationCountTokens   = Operation(dialect.CountTokens)     // Anthropic's and Google's count of tokens
)

func (r Reply) upstream() upstream.Reply {
	out := upstream.Reply{
		Text: r.Text, Reasoning: r.Reasoning, ToolCalls: upstreamCalls(r.ToolCalls), FinishReason: upstream.FinishReason(r.FinishReason),
		Images: r.Images, Usage: (*upstream.Usage)(r.Usage), NoUsage: r.NoUsage,
		Body: r.Body, ContentType: r.ContentType, Status: r.Status, Message: r.Message, Header: r.Header,
		Latency: r.Latency, ChunkDelay: r.ChunkDelay, ChunkSize: r.ChunkSize, Fault: r.Fault.upstream(), FaultDelay: r.FaultDelay,
	}
	for _, c := range r.Candidates {
		out.Candidates = append(out.Candidates, upstream.Candidate{
			Text: c.Text, Reasoning: c.Reasoning, ToolCalls: upstreamCalls(c.ToolCalls), FinishReason: upstream.FinishReason(c.FinishReason),
		})
	}
	return out
}

func upstreamCalls(calls []ToolCall) (out []upstream.ToolCall) {
	for _, call := range calls {
		out = append(out, upstream.ToolCall(call))
	}
	return out
}

// matches reports whether the reply is for an operation of a provider's model.
func (r *Reply) matches(provider string, facts dialect.Facts) bool {
	return (r.Provider == "" || r.Provider == provider) &&
		(r.Model == "" || r.Model == facts.Model) &&
		(r.Operation == "" || r.Operation == Operation(facts.Operation))
}
