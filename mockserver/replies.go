package mockserver

import (
	"net/http"
	"time"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// Reply is a scripted response of a fake provider, with the requests that it matches. The
// zero Reply matches every request and responds like an unscripted fake provider.
type Reply struct {
	// The following fields match requests; an empty field matches all. Provider is an id such
	// as "openai", or the host of a provider without an id. Customer is the id or reference
	// id of the customer who is charged. PromptContains matches a part of any text that is
	// sent to the model, including tool results. Tool is the name of a tool that the request
	// offers: agents also send requests without tools, for example for a title.
	Provider       string
	Model          string
	Operation      Operation
	Customer       string
	PromptContains string
	Tool           string
	// Func matches requests too: it returns the reply to a request, or false if it does not
	// match. Only the fields of that reply that describe the response are used. Func may be
	// called concurrently for several requests, and must not call the server. If it panics or
	// returns an invalid reply, the response is an error that says so. Snapshots omit replies
	// with a Func, or with a Body that is not text.
	Func func(ProviderCall) (Reply, bool)
	// Times is how many requests the reply is used for; 0 is no limit. After that, the next
	// matching reply is used.
	Times int

	// Text is what the model says, or the transcript of a recording.
	Text string
	// Reasoning is what a reasoning model thinks first, if the format shows it.
	Reasoning string
	// ToolCalls are the tools that the model calls, in order.
	ToolCalls []ToolCall
	// FinishReason is why the model stops, such as [FinishContentFilter]. By default, it
	// stops when it has said everything or called its tools, or at the request's limit
	// (max_tokens and the like). Every reply is cut to that limit.
	FinishReason FinishReason
	// Candidates are what the model says in each of several choices, instead of the four
	// fields above. They are for requests with OpenAI's n or Google's candidateCount. If a
	// request asks for more choices, the last candidate is repeated. If it asks for fewer,
	// it is rejected by the rule "script.candidates", because no provider returns more than
	// requested. Without Candidates, all choices are the same.
	Candidates []Candidate
	// Images are the images that the model generates, in order, as files such as PNG:
	// OpenAI's images, including those of the tool image_generation, and those of Gemini's
	// image models. By default, each image is one pixel, and the tool generates none.
	Images [][]byte
	// Usage is what the provider reports. By default, it is counted from the texts, at
	// about four characters per token.
	Usage *ReportedUsage
	// NoUsage leaves usage out of the response.
	NoUsage bool
	// Body is the whole body, which replaces the body in the provider's format. Its type
	// is ContentType, by default application/json.
	Body        []byte
	ContentType string

	// Status is the response's status, by default 200. With 400 or above, the response is
	// an error in the provider's own format, with Message or a typical text.
	Status  int
	Message string
	// Header is added to the response's header.
	Header http.Header

	// Latency is the time to the first byte, and ChunkDelay the time between the chunks
	// of a stream. Both use Go's time, not the server's.
	Latency    time.Duration
	ChunkDelay time.Duration
	// ChunkSize is how many characters of text a chunk of a stream has. By default, a
	// chunk is a word.
	ChunkSize int
	// Fault interrupts the response, FaultDelay after the last part before it.
	Fault      Fault
	FaultDelay time.Duration
}

// Candidate is one of several choices. Its fields are those of [Reply] with the same
// names.
type Candidate struct {
	Text         string
	Reasoning    string
	ToolCalls    []ToolCall
	FinishReason FinishReason
}

// ToolCall is a tool call that the model requests.
type ToolCall struct {
	Name string
	// Arguments is a JSON object, by default one generated from the tool's schema. If
	// it is not valid JSON, formats whose arguments are an object, not a string, send
	// {}.
	Arguments string
}

// FinishReason is why a model stops. The constants are translated for each format.
// Any other value is a provider's own word, such as "pause_turn", and is sent
// unchanged.
type FinishReason string

// The reasons that exist in each format.
const (
	FinishStop      = FinishReason(upstream.FinishStop)      // nothing is left to say
	FinishLength    = FinishReason(upstream.FinishLength)    // the limit is reached: length, max_tokens, MAX_TOKENS, incomplete
	FinishToolCalls = FinishReason(upstream.FinishToolCalls) // tools are to be called
	// FinishContentFilter is for filtered content: content_filter, SAFETY,
	// content_filtered, Anthropic's refusal. Without Text, the model says nothing.
	FinishContentFilter = FinishReason(upstream.FinishContentFilter)
	// FinishRefusal is for a model that refuses, in the words of Text: a message's
	// refusal for OpenAI, refusal for Anthropic, and the same as FinishContentFilter
	// for other formats.
	FinishRefusal = FinishReason(upstream.FinishRefusal)
)

// ReportedUsage is the usage that a fake provider reports, independent of the
// format: the input includes tokens that were read from or written to a cache, and
// the output includes reasoning.
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

// Fault is how a response breaks off. The zero value means no fault.
type Fault struct {
	kind  string // "cut", "stall" or "error"
	after int
}

// upstream converts the fault to that of the fakes.
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
// are fewer, but before the stream's end. CutAfter(0) cuts it before the response
// begins. Only chunks of visible text count: in all formats, thoughts, tool calls
// and events that only frame them don't.
func CutAfter(n int) Fault { return Fault{"cut", n} }

// StallAfter sends n chunks of text and then nothing until the caller gives up.
func StallAfter(n int) Fault { return Fault{"stall", n} }

// ErrorAfter sends n chunks of text of a stream, and then an error in the format of
// the provider's streams.
func ErrorAfter(n int) Fault { return Fault{"error", n} }

// Operation is the operation of a provider's endpoint.
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
	OperationEmbed         = Operation(dialect.Embed)           // Google embedContent, Voyage's multimodal embeddings
	OperationModels        = Operation(dialect.Models)          // lists of models
	OperationCountTokens   = Operation(dialect.CountTokens)     // counts of tokens
	OperationModeration    = Operation(dialect.Moderation)      // OpenAI's and Mistral's moderations
	OperationOther         = Operation(dialect.Other)           // anything else, such as files and batches
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
