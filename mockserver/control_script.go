package mockserver

import (
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

var scriptVerbs = []verb{
	{"script.list", "", "GET", "script", "Script", "lists the scripted replies, and how often each was used", "", with(listScript)},
	{"script.add", "script", "POST", "script", "Script", "adds a scripted reply for fake providers, after those that exist; with a key, for the merchant's requests", `"Rayleigh scattering." prompt_contains=sky times=1`, with(addReply)},
	{"script.reset", "", "DELETE", "script", "ResetScript", "removes scripted replies; with a key, those for the merchant's requests", "", with(resetScript)},
}

// replyInput is a [Reply] in JSON.
type replyInput struct {
	Text           string           `json:"text,omitempty" positional:"true" about:"what the model says, or the transcript of a recording"`
	Times          int              `json:"times,omitempty" about:"how many requests get this reply; 0 means no limit"`
	Provider       string           `json:"provider,omitempty" about:"only for this provider's requests, such as openai"`
	Model          string           `json:"model,omitempty" about:"only for this model"`
	Operation      Operation        `json:"operation,omitempty" about:"only for this operation, such as chat"`
	Customer       string           `json:"customer,omitempty" about:"only for requests of the customer with this id or reference id"`
	PromptContains string           `json:"prompt_contains,omitempty" about:"only for requests with a text that contains this"`
	Tool           string           `json:"tool,omitempty" about:"only for requests that offer this tool"`
	Reasoning      string           `json:"reasoning,omitempty" about:"what the model thinks first"`
	ToolCalls      []toolCallInput  `json:"tool_calls,omitempty" about:"the tools that the model calls"`
	FinishReason   FinishReason     `json:"finish_reason,omitempty" about:"why the model stops, such as content_filter"`
	Candidates     []candidateInput `json:"candidates,omitempty" about:"what the model says in each of several choices, instead of the four arguments above"`
	Images         [][]byte         `json:"images,omitempty" about:"images that the model generates, in base64"`
	Usage          *usageInput      `json:"usage,omitempty" about:"the usage that the provider reports"`
	NoUsage        bool             `json:"no_usage,omitempty" about:"omits the usage"`
	Body           json.RawMessage  `json:"body,omitempty" about:"the whole body in JSON, instead of the provider's"`
	BodyText       string           `json:"body_text,omitempty" about:"the whole body as text"`
	ContentType    string           `json:"content_type,omitempty" about:"the Content-Type of that body"`
	Status         int              `json:"status,omitempty" about:"the response's status; from 400 up, the body is an error in the provider's format"`
	Message        string           `json:"message,omitempty" about:"the message of that error"`
	Header         http.Header      `json:"header,omitempty" about:"headers to add to the response: names with lists of values"`
	Latency        duration         `json:"latency,omitempty" about:"the time to the first byte"`
	ChunkDelay     duration         `json:"chunk_delay,omitempty" about:"the time between the chunks of a stream"`
	ChunkSize      int              `json:"chunk_size,omitempty" about:"the number of characters in a chunk; by default a chunk is a word"`
	Fault          string           `json:"fault,omitempty" about:"how the response breaks off" allowed:"cut stall error"`
	FaultAfter     int              `json:"fault_after,omitempty" about:"the number of text chunks before the fault"`
	FaultDelay     duration         `json:"fault_delay,omitempty" about:"the time between those chunks and the fault"`
}

type toolCallInput struct {
	Name      string          `json:"name" about:"the tool's name"`
	Arguments json.RawMessage `json:"arguments,omitempty" about:"an object; by default made up from the tool's schema"`
}

type candidateInput struct {
	Text         string          `json:"text,omitempty" about:"what the model says"`
	Reasoning    string          `json:"reasoning,omitempty" about:"what the model thinks first"`
	ToolCalls    []toolCallInput `json:"tool_calls,omitempty" about:"the tools that the model calls"`
	FinishReason FinishReason    `json:"finish_reason,omitempty" about:"why the model stops"`
}

type usageInput struct {
	InputTokens      int64    `json:"input_tokens,omitempty" about:"input tokens, including cached ones"`
	OutputTokens     int64    `json:"output_tokens,omitempty" about:"output tokens, including reasoning"`
	CachedTokens     int64    `json:"cached_tokens,omitempty" about:"input tokens read from the cache"`
	CacheWriteTokens int64    `json:"cache_write_tokens,omitempty" about:"input tokens written to the cache"`
	ReasoningTokens  int64    `json:"reasoning_tokens,omitempty" about:"output tokens used for reasoning"`
	Duration         duration `json:"duration,omitempty" about:"the length of a transcribed recording"`
}

// text returns the arguments as [ToolCall] has them. Arguments that aren't JSON are in a string.
func (in toolCallInput) text() string {
	text := string(in.Arguments)
	_ = json.Unmarshal(in.Arguments, &text) // an object stays unchanged
	return text
}

// encodeReply is the reply in JSON, without its function.
func encodeReply(r Reply) replyInput {
	in := replyInput{
		Text: r.Text, Times: r.Times, Provider: r.Provider, Model: r.Model, Operation: r.Operation, Customer: r.Customer,
		PromptContains: r.PromptContains, Tool: r.Tool, Reasoning: r.Reasoning, ToolCalls: encodeCalls(r.ToolCalls), FinishReason: r.FinishReason, Images: r.Images, NoUsage: r.NoUsage, BodyText: string(r.Body),
		ContentType: r.ContentType, Status: r.Status, Message: r.Message, Header: r.Header, Latency: duration(r.Latency),
		ChunkDelay: duration(r.ChunkDelay), ChunkSize: r.ChunkSize, Fault: r.Fault.kind, FaultAfter: r.Fault.after, FaultDelay: duration(r.FaultDelay),
	}
	for _, c := range r.Candidates {
		in.Candidates = append(in.Candidates, candidateInput{c.Text, c.Reasoning, encodeCalls(c.ToolCalls), c.FinishReason})
	}
	if u := r.Usage; u != nil {
		in.Usage = &usageInput{u.InputTokens, u.OutputTokens, u.CachedTokens, u.CacheWriteTokens, u.ReasoningTokens, duration(u.Duration)}
	}
	return in
}

func encodeCalls(calls []ToolCall) (in []toolCallInput) {
	for _, call := range calls {
		arguments := json.RawMessage(call.Arguments)
		if !json.Valid(arguments) {
			arguments, _ = json.Marshal(call.Arguments) // a string
		}
		in = append(in, toolCallInput{call.Name, arguments})
	}
	return in
}

func decodeCalls(in []toolCallInput) (calls []ToolCall) {
	for _, call := range in {
		calls = append(calls, ToolCall{call.Name, call.text()})
	}
	return calls
}

func (in replyInput) reply() Reply {
	r := Reply{
		Provider: in.Provider, Model: in.Model, Operation: in.Operation, Customer: in.Customer, PromptContains: in.PromptContains, Tool: in.Tool,
		Times: in.Times, Text: in.Text, Reasoning: in.Reasoning, ToolCalls: decodeCalls(in.ToolCalls), FinishReason: in.FinishReason, Images: in.Images, NoUsage: in.NoUsage, Body: in.Body, ContentType: in.ContentType,
		Status: in.Status, Message: in.Message, Header: in.Header, Latency: time.Duration(in.Latency), ChunkDelay: time.Duration(in.ChunkDelay),
		ChunkSize: in.ChunkSize, Fault: Fault{in.Fault, in.FaultAfter}, FaultDelay: time.Duration(in.FaultDelay),
	}
	if in.BodyText != "" {
		r.Body = []byte(in.BodyText)
	}
	for _, c := range in.Candidates {
		r.Candidates = append(r.Candidates, Candidate{c.Text, c.Reasoning, decodeCalls(c.ToolCalls), c.FinishReason})
	}
	if u := in.Usage; u != nil {
		r.Usage = &ReportedUsage{u.InputTokens, u.OutputTokens, u.CachedTokens, u.CacheWriteTokens, u.ReasoningTokens, time.Duration(u.Duration)}
	}
	return r
}

type scriptBody struct {
	ID         string          `json:"id"`
	MerchantID string          `json:"merchant_id,omitzero"` // whose requests it is for; absent: all merchants'
	Used       int             `json:"used"`
	Reply      json.RawMessage `json:"reply"`
}

func listScript(c *controlCall, _ none) (dataBody[scriptBody], error) {
	body := dataBody[scriptBody]{[]scriptBody{}}
	for _, r := range c.engine.Replies() {
		if whose := c.selected(); whose == "" || r.MerchantID == "" || r.MerchantID == whose {
			body.Data = append(body.Data, scriptBody{r.Name(), r.MerchantID, r.Used, c.server.maskBody(nil, r.Data)})
		}
	}
	return body, nil
}

func addReply(c *controlCall, in replyInput) (armedBy, error) {
	if reflect.ValueOf(in).IsZero() {
		return armedBy{}, billing.Invalid("text", "nothing is scripted: give what the model says or how it fails (status, fault), or only times to keep the default response")
	}
	if in.Body != nil && in.BodyText != "" {
		return armedBy{}, billing.Invalid("body_text", "can't be combined with body")
	}
	if in.FaultAfter != 0 && in.Fault == "" {
		return armedBy{}, billing.Invalid("fault", "is required with fault_after: one of cut, stall, error")
	}
	armed, err := c.server.script(c.selected(), []Reply{in.reply()})
	if err != nil {
		return armedBy{}, err
	}
	return respondArmed(armed[0], nil)
}

func resetScript(c *controlCall, _ none) (successBody, error) {
	c.server.dropReplies(c.selected())
	return successBody{Success: true}, nil
}
