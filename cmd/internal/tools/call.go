package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/lavapayments/lava-go"
)

// A result has a limit, because an agent must read all of it. Clients have limits too: the official SDK for JavaScript
// closes the connection at 10 MiB.
const (
	maxText  = 256 << 10 // it is sent twice, as text and as structured content
	maxMedia = 4 << 20   // before base64
)

// cutText returns the beginning of a text that is too long for an agent.
func cutText(text string) (beginning string, truncated bool) {
	if len(text) <= maxText {
		return text, false
	}
	return strings.ToValidUTF8(text[:maxText], ""), true
}

type callArgs struct {
	URL            string            `json:"url" jsonschema:"the provider's own address, such as https://api.openai.com/v1/embeddings; get_provider_docs shows them"`
	Method         method            `json:"method,omitzero" jsonschema:"POST by default if there is a body, else GET"`
	Headers        map[string]string `json:"headers,omitzero" jsonschema:"more headers for the provider, such as anthropic-version; the authorization is made by this tool"`
	Body           map[string]any    `json:"body,omitzero" jsonschema:"what the provider gets, as a JSON object in its own format"`
	CustomerID     string            `json:"customer_id,omitzero" jsonschema:"the customer whose credits are charged (or your own reference id of the customer); needs meter_slug. Without a customer the merchant pays"`
	MeterSlug      string            `json:"meter_slug,omitzero" jsonschema:"the meter that measures the request and sets the customer's price; list_meters shows them"`
	DisableBilling bool              `json:"disable_billing,omitzero" jsonschema:"count the usage for the customer, but neither check nor charge credits"`
	Metadata       map[string]string `json:"metadata,omitzero" jsonschema:"is kept with the record of the request, to filter by"`
}

type callResult struct {
	Status      int             `json:"status" jsonschema:"the HTTP status of the provider's response"`
	ContentType string          `json:"content_type,omitzero"`
	Body        json.RawMessage `json:"body,omitzero" jsonschema:"the provider's response: JSON as it is, text as a string; images and audio are content of their own"`
	Truncated   bool            `json:"truncated,omitzero" jsonschema:"the response is longer, and body is its beginning, as a string"`
	RequestID   string          `json:"request_id,omitzero" jsonschema:"Lava's id of the request"`
}

func addCall(t toolbox) {
	addHandler(t, tool{
		name:  "call",
		title: "Call a provider",
		description: "Send a request to any endpoint of any provider through Lava's gateway, in the provider's own format. " +
			"With customer_id and meter_slug, it is charged to a customer's credits; with meter_slug alone, it is metered and the merchant pays; " +
			"with neither, the merchant pays.",
		effect: effect{destructive: true, openWorld: true}, // some endpoints of providers delete things
	}, func(ctx context.Context, _ *mcp.CallToolRequest, in callArgs) (*mcp.CallToolResult, callResult, error) {
		client, err := t.account.Client()
		if err != nil {
			return nil, callResult{}, err
		}
		params, err := in.params()
		if err != nil {
			return nil, callResult{}, err
		}
		response, err := client.Gateway(ctx, in.URL, params)
		if err != nil {
			return nil, callResult{}, err
		}
		result, out := show(response)
		return result, out, nil
	})
}

// madeByCall are the headers that the tool or its transport sets.
var madeByCall = []string{"Authorization", "Accept-Encoding", "Connection", "Content-Length", "Host", "Transfer-Encoding"}

// params converts the arguments to those of a gateway call.
func (in callArgs) params() (lava.GatewayParams, error) {
	if u, err := url.Parse(in.URL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return lava.GatewayParams{}, errors.New("url: must be a provider's full address, such as https://api.openai.com/v1/chat/completions")
	}
	payer, err := in.payer()
	if err != nil {
		return lava.GatewayParams{}, err
	}
	params := lava.GatewayParams{Method: string(in.Method), SetHeader: in.setHeader, Payer: payer, Metadata: in.Metadata}
	for name, value := range in.Headers {
		if !isHeader(name, value) {
			return params, fmt.Errorf("headers: %.64q has a name or a value that HTTP does not allow", name)
		}
		if slices.Contains(madeByCall, http.CanonicalHeaderKey(name)) {
			return params, fmt.Errorf("headers: %s is set by this tool: leave it out", name)
		}
	}
	if in.Body != nil {
		params.Body = in.Body
	}
	if params.Method == "" && in.Body == nil {
		params.Method = http.MethodGet
	}
	return params, nil
}

// isHeader reports whether HTTP allows a header.
func isHeader(name, value string) bool {
	isToken := name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
	return isToken && !strings.ContainsFunc(value, func(r rune) bool { return r != '\t' && unicode.IsControl(r) })
}

func (in callArgs) setHeader(header http.Header) {
	for name, value := range in.Headers {
		header.Set(name, value)
	}
}

// payer returns who pays.
func (in callArgs) payer() (lava.Payer, error) {
	switch {
	case in.CustomerID != "" && in.MeterSlug == "":
		return nil, errors.New("meter_slug: is required with customer_id, because a meter sets the customer's price; list_meters shows the meters")
	case in.CustomerID != "":
		return lava.ForCustomer{CustomerID: in.CustomerID, MeterSlug: in.MeterSlug, DisableBilling: in.DisableBilling}, nil
	case in.DisableBilling:
		return nil, errors.New("disable_billing: needs customer_id; without a customer, nobody is billed")
	case in.MeterSlug != "":
		return lava.ForMeter{MeterSlug: in.MeterSlug}, nil
	}
	return lava.ForMerchant{}, nil
}

// show converts a provider's response to a form that an agent can read.
func show(response *lava.Response) (*mcp.CallToolResult, callResult) {
	out := callResult{
		Status:      response.Status,
		ContentType: response.Header().Get("Content-Type"),
		RequestID:   response.Header().Get("X-Lava-Request-Id"),
	}
	kind, _, _ := mime.ParseMediaType(out.ContentType)
	switch tooLarge := len(response.Body()) > maxMedia; {
	case strings.HasPrefix(kind, "image/") && !tooLarge:
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.ImageContent{Data: response.Body(), MIMEType: kind}}}, out
	case strings.HasPrefix(kind, "audio/") && !tooLarge:
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.AudioContent{Data: response.Body(), MIMEType: kind}}}, out
	case len(response.Body()) == 0:
		return say(fmt.Sprintf("Status %d, no body.", out.Status)), out
	case !utf8.Valid(response.Body()):
		return say(fmt.Sprintf("Status %d, %d bytes of %s, which can't be shown.", out.Status, len(response.Body()), out.ContentType)), out
	}
	var text string
	text, out.Truncated = cutText(string(response.Body()))
	if !out.Truncated && json.Valid(response.Body()) {
		out.Body = response.Body()
	} else {
		out.Body, _ = json.Marshal(text) // can't fail for a string
	}
	return say(text), out
}
