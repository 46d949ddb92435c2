package mockserver

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lavapayments/lava-go/internal/billing"
)

var callVerbs = []verb{
	{"calls.list", "calls", "GET", "calls", "Calls LatestCalls WaitForCalls", "lists the latest 10,000 calls to Lava with their results and effects; with wait, waits for one", "customer=ada", with(getCalls)},
	{"calls.get", "", "GET", "calls/{id}", "Call", "shows a call, with its headers and bodies and what reached the providers", "$CALL_ID", with(getCall)},
	{"provider_calls.list", "provider_calls", "GET", "provider_calls", "ProviderCalls", "lists what reached the providers, decoded", "customer=ada", with(getProviderCalls)},
}

type callsInput struct {
	After    int      `json:"after,omitempty" about:"a position in the list; only calls that ended after it"`
	Wait     duration `json:"wait,omitempty" about:"how long to wait for a call if there is none, such as 30s; at most 60s"`
	Endpoint string   `json:"endpoint,omitempty" about:"only calls to this endpoint, such as customers.create"`
	Customer string   `json:"customer,omitempty" about:"only calls about the customer with this id or reference id"`
	Contains string   `json:"contains,omitempty" about:"only calls with this text, in upper or lower case, in the path, the error or a body"`
	Latest   int      `json:"latest,omitempty" about:"only the latest calls, this many"`
}

type callsBody struct {
	Data     []callBody `json:"data"`
	Position int        `json:"position"` // of the latest call; pass it as after
}

const longestWait = time.Minute

// getCalls lists calls. Without a key, it lists those of all merchants. With a key, it
// also lists calls without a known merchant, because these help to find out why a call
// failed.
func getCalls(c *controlCall, in callsInput) (callsBody, error) {
	wait := time.Duration(in.Wait)
	switch {
	case in.After < 0:
		return callsBody{}, billing.Invalid("after", "%d is negative", in.After)
	case in.Latest < 0:
		return callsBody{}, billing.Invalid("latest", "%d is negative", in.Latest)
	case wait > longestWait:
		return callsBody{}, billing.Invalid("wait", "%s is more than %s", wait, longestWait)
	case in.Endpoint != "":
		if err := Endpoint(in.Endpoint).check(); err != nil {
			return callsBody{}, billing.Invalid("endpoint", "%s", err)
		}
	}
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	body, about, contained := callsBody{Data: []callBody{}, Position: in.After}, c.isAbout(in.Customer), strings.ToLower(in.Contains)
	for {
		all, more := c.server.callsAfter(body.Position)
		for _, call := range all {
			body.Position = call.Position
			if c.sees(call) && (in.Endpoint == "" || in.Endpoint == string(call.Endpoint)) && about(call.CustomerID, call.ReferenceID) &&
				(contained == "" || call.contains(contained)) {
				body.Data = append(body.Data, encodeCall(call))
			}
		}
		if n := len(body.Data); in.Latest > 0 && n > in.Latest {
			body.Data = body.Data[n-in.Latest:]
		}
		if len(body.Data) > 0 || wait == 0 {
			return body, nil
		}
		select {
		case <-more:
		case <-timeout.C:
			return body, nil
		case <-c.server.closing:
			return body, errClosed()
		case <-c.r.Context().Done():
			return body, c.r.Context().Err()
		}
	}
}

// isAbout returns a function that reports whether a customer's ids match the requested one: an id, or the reference
// id that the customer has now. Without a requested one, all match.
func (c *controlCall) isAbout(asked string) func(customer, reference string) bool {
	id := asked
	if known, err := c.engine.Customer(c.merchant, asked); err == nil {
		id = known.ID
	}
	return func(customer, reference string) bool {
		return asked == "" || customer == id || reference == asked
	}
}

// sees reports whether a control request may see a call.
func (c *controlCall) sees(call Call) bool {
	return c.selected() == "" || call.MerchantID == "" || call.MerchantID == c.merchant
}

type callInput struct {
	ID string `json:"id" positional:"true" about:"the call's id: the x-lava-request-id of its response"`
}

type oneCallBody struct {
	callBody
	RequestHeader  http.Header        `json:"request_header"`
	Request        any                `json:"request_body"` // JSON unchanged, other text as a string
	ResponseHeader http.Header        `json:"response_header"`
	Response       any                `json:"response_body"`
	Tries          []providerCallBody `json:"providers"`
}

func getCall(c *controlCall, in callInput) (oneCallBody, error) {
	call, ok := c.server.Call(in.ID)
	if !ok || !c.sees(call) {
		return oneCallBody{}, billing.Errorf(billing.CodeNotFound, "", "no call %.60q is kept", in.ID)
	}
	body := oneCallBody{callBody: encodeCall(call), Request: bodyValue(call.RequestBody()), Response: bodyValue(call.ResponseBody()), Tries: []providerCallBody{}}
	body.RequestHeader, body.ResponseHeader = call.headers()
	for _, try := range call.Tries() {
		body.Tries = append(body.Tries, encodeProviderCall(try))
	}
	return body, nil
}

// bodyValue returns a body as a JSON value: nil, JSON, or text.
func bodyValue(body []byte) any {
	switch {
	case len(body) == 0:
		return nil
	case json.Valid(body):
		return json.RawMessage(body)
	case utf8.Valid(body):
		return string(body)
	}
	return body // in base64
}

type callBody struct {
	ID             string     `json:"call_id"`
	Position       int        `json:"position"`
	At             instant    `json:"at"`
	Took           float64    `json:"took_ms"`
	Method         string     `json:"method"`
	Path           string     `json:"path"`
	Endpoint       Endpoint   `json:"endpoint"`
	Status         int        `json:"status"`
	MerchantID     string     `json:"merchant_id,omitzero"`
	CustomerID     string     `json:"customer_id,omitzero"`
	ReferenceID    string     `json:"reference_id,omitzero"`
	IdempotencyKey string     `json:"idempotency_key,omitzero"`
	Replayed       bool       `json:"replayed,omitzero"`
	Error          *errorBody `json:"error,omitzero"`
	Hint           string     `json:"hint,omitzero"`
	Failure        string     `json:"failure,omitzero"`
	threadBody
	Due  *threadBody `json:"due,omitzero"`
	Line string      `json:"line"` // what the command line prints
}

type errorBody struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Param   string `json:"param,omitzero"`
}

type threadBody struct {
	Events        []string `json:"events,omitempty"`
	LedgerEntries []string `json:"ledger_entries,omitempty"`
	Payments      []string `json:"payments,omitempty"`
	Deliveries    []string `json:"deliveries,omitempty"`
	ProviderCalls []string `json:"provider_calls,omitempty"`
}

func (t Thread) isEmpty() bool {
	return len(t.Events)+len(t.LedgerEntries)+len(t.Payments)+len(t.Deliveries)+len(t.ProviderCalls) == 0
}

func encodeCall(c Call) callBody {
	body := callBody{
		ID: c.ID, Position: c.Position, At: instant(c.At), Took: milliseconds(c.Took), Method: c.Method, Path: c.Path,
		Endpoint: c.Endpoint, Status: c.Status, MerchantID: c.MerchantID, CustomerID: c.CustomerID, ReferenceID: c.ReferenceID, IdempotencyKey: c.IdempotencyKey,
		Replayed: c.Replayed, Hint: c.Hint, Failure: c.Failure, threadBody: threadBody(c.Thread), Line: c.ID + " " + c.String(),
	}
	if c.Error != nil {
		body.Error = &errorBody{c.Error.Code, c.Error.Message, c.Error.Param}
	}
	if !c.Due.isEmpty() {
		body.Due = (*threadBody)(&c.Due)
	}
	return body
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

type providerCallBody struct {
	ID       string             `json:"provider_call_id"`
	CallID   string             `json:"call_id"`
	Attempt  int                `json:"attempt"`
	At       instant            `json:"at"`
	Took     float64            `json:"took_ms"`
	Provider string             `json:"provider"`
	Host     string             `json:"host"`
	Method   string             `json:"method"`
	URL      string             `json:"url"`
	Header   http.Header        `json:"header"`
	Status   int                `json:"status"`
	Error    string             `json:"error,omitzero"`
	Usage    *providerUsageBody `json:"usage,omitzero"`
	Model    string             `json:"model,omitzero"`
	Stream   bool               `json:"stream,omitzero"`
	System   string             `json:"system,omitzero"`
	Messages []messageBody      `json:"messages"`
	Tools    []toolBody         `json:"tools"`
	Body     any                `json:"body"`
}

type providerUsageBody struct {
	InputTokens     int64   `json:"input_tokens"`
	OutputTokens    int64   `json:"output_tokens"`
	InputCharacters int64   `json:"input_characters,omitzero"`
	InputSeconds    float64 `json:"input_seconds,omitzero"`
}

type messageBody struct {
	Role        string           `json:"role"`
	Text        string           `json:"text"`
	ToolCalls   []toolCallBody   `json:"tool_calls,omitempty"`
	ToolResults []toolResultBody `json:"tool_results,omitempty"`
	Media       []mediaBody      `json:"media,omitempty"`
}

type toolCallBody struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

type toolResultBody struct {
	ID     string `json:"id,omitzero"`
	Name   string `json:"name,omitzero"`
	Text   string `json:"text"`
	Failed bool   `json:"failed,omitzero"`
}

type mediaBody struct {
	Type string `json:"type,omitzero"`
	URL  string `json:"url,omitzero"`
	Data string `json:"data,omitzero"`
}

type toolBody struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitzero"`
	Schema      json.RawMessage `json:"schema,omitzero"`
}

func encodeProviderCall(c ProviderCall) providerCallBody {
	body := providerCallBody{
		ID: c.ID, CallID: c.CallID, Attempt: c.Attempt, At: instant(c.At), Took: milliseconds(c.Took), Provider: c.Provider, Host: c.Host,
		Method: c.Method, URL: c.URL, Header: c.Header, Status: c.Status, Error: c.Error,
		Model: c.Model, Stream: c.Stream, System: c.System, Messages: []messageBody{}, Tools: []toolBody{}, Body: bodyValue(c.Body()),
	}
	if u := c.Usage; u != nil {
		body.Usage = &providerUsageBody{u.InputTokens, u.OutputTokens, u.InputCharacters, u.InputDuration.Seconds()}
	}
	for _, m := range c.Messages {
		out := messageBody{Role: m.Role, Text: m.Text}
		for _, call := range m.ToolCalls {
			out.ToolCalls = append(out.ToolCalls, toolCallBody(call))
		}
		for _, result := range m.ToolResults {
			out.ToolResults = append(out.ToolResults, toolResultBody(result))
		}
		for _, media := range m.Media {
			out.Media = append(out.Media, mediaBody(media))
		}
		body.Messages = append(body.Messages, out)
	}
	for _, tool := range c.Tools {
		body.Tools = append(body.Tools, toolBody(tool))
	}
	return body
}

func getProviderCalls(c *controlCall, in callsInput) (dataBody[providerCallBody], error) {
	calls, err := getCalls(c, in)
	if err != nil {
		return dataBody[providerCallBody]{}, err
	}
	shown := map[string]bool{}
	for _, call := range calls.Data {
		shown[call.ID] = true
	}
	body := dataBody[providerCallBody]{[]providerCallBody{}}
	for _, try := range c.server.ProviderCalls() {
		if shown[try.CallID] {
			body.Data = append(body.Data, encodeProviderCall(try))
		}
	}
	return body, nil
}
