package lava

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go/internal/exchange"
)

// Transport sends the traffic of a provider's own SDK through Lava's gateway.
// It is safe for concurrent use.
type Transport struct {
	client *Client
	params TransportParams
	token  Secret // of the payer in the params; zero if each call is to name its own
}

// TransportParams are what a [Transport] does with each request whose context says
// nothing else. All are optional.
type TransportParams struct {
	// Payer pays where the context names nobody: see [ContextWithPayer]. BY DEFAULT
	// THAT IS THE MERCHANT, without an error: where customers pay, make the client with
	// [WithRequiredPayer].
	Payer    Payer
	Metadata map[string]string // see [ContextWithMetadata]

	// Format, if set, is the format that the SDK speaks, and Lava translates between
	// it and the provider's own: with [FormatOpenAI] and the base URL
	// https://api.anthropic.com/v1 OpenAI's SDK speaks with Anthropic.
	Format GatewayFormat
	// Fallbacks are tried in order when the provider fails. They need a Format. See
	// [ContextWithFallbacks].
	Fallbacks []Fallback
}

// Transport returns an [http.RoundTripper] for the HTTP client of a provider's
// SDK. The SDK keeps its own address, and may have any key: credentials and the
// signatures of clouds are left out, and a forward token is sent instead.
//
//	client, err := lava.New(lava.WithRequiredPayer())
//	...
//	transport, err := client.Transport(lava.TransportParams{})
//	...
//	ai := openai.NewClient(
//		option.WithHTTPClient(&http.Client{Transport: transport}),
//		option.WithAPIKey("replaced by lava"),
//	)
//	ctx = lava.ContextWithPayer(ctx, lava.ForCustomer{CustomerID: id, MeterSlug: "chat"})
//	completion, err := ai.Chat.Completions.New(ctx, params)
//
// One SDK client serves all customers: the context of a call says who pays, with
// which metadata and fallbacks. A call whose context names no payer is paid by the
// Payer of the params, and without one BY THE MERCHANT, in silence:
// [WithRequiredPayer] makes that an [ErrNoPayer], and nothing is sent. [AsError] finds
// Lava's error in the SDK's.
//
// Nothing is retried here, and net/http is kept from it. An SDK's own retries are
// billed like any request where the first one reached the provider.
//
// An SDK that takes only a base URL works with [Client.RewriteURL]. A library that
// takes neither uses [http.DefaultTransport]: replace that, after [New], by a
// RoundTripper that gives requests for the providers' hosts to this one, and others
// to the transport that was there.
func (c *Client) Transport(params TransportParams) (*Transport, error) {
	if len(params.Fallbacks) > 0 && params.Format == "" {
		return nil, errFallbacksNeedFormat
	}
	if params.Format != "" {
		if err := params.Format.check(); err != nil {
			return nil, err
		}
	}
	token, err := c.GenerateForwardToken(params.Payer)
	if err != nil && !errors.Is(err, ErrNoPayer) { // the context of each call may name one
		return nil, err
	}
	return &Transport{client: c, params: params, token: token}, nil
}

// RoundTrip implements [http.RoundTripper].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	out, err := t.outgoing(req)
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	exchange.Once(out)
	resp, err := t.client.http.Send(out)
	if err != nil {
		return nil, err
	}
	keepResponse(req.Context(), exchange.Response{Status: resp.StatusCode, Header: resp.Header.Clone(), Attempts: 1})
	resp.Request = req
	if resp.StatusCode >= http.StatusBadRequest {
		keepError(resp, out)
	} else {
		resp.Request = req.WithContext(context.WithValue(req.Context(), sentContextKey{}, asRequest(out)))
	}
	return resp, nil
}

// outgoing returns the request to the gateway for an SDK's request.
func (t *Transport) outgoing(req *http.Request) (*http.Request, error) {
	ctx := req.Context()
	token := t.token.Reveal()
	if payer := contextPayer(ctx); payer != nil || token == "" {
		var err error
		if token, err = t.client.forwardToken(payer); err != nil {
			return nil, err
		}
	}
	target, err := t.gatewayURL(req.URL)
	if err != nil {
		return nil, err
	}
	out := req.Clone(ctx)
	out.URL, out.Host = target, target.Host
	if out.Header == nil {
		out.Header = make(http.Header)
	}
	for name := range out.Header {
		if isCredential(name) {
			delete(out.Header, name)
		}
	}
	out.Header.Set("Authorization", "Bearer "+token)
	// What the SDK was told to send is nearer to the call than what is set here.
	if out.Header.Get(metadataHeader) == "" {
		if err := setMetadata(out.Header, t.params.Metadata, contextMetadata(ctx)); err != nil {
			return nil, err
		}
	}
	if t.params.Format != "" && out.Header.Get(fallbacksHeader) == "" {
		if err := setFallbacks(out.Header, contextFallbacks(ctx), t.params.Fallbacks); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (t *Transport) gatewayURL(provider *url.URL) (*url.URL, error) {
	if provider.Host == t.client.base.Host {
		return nil, errors.New("lava: the provider SDK's base URL is Lava's own: leave the provider's, the transport replaces it")
	}
	target := *provider
	target.User = nil
	google := t.params.Format == FormatGoogle || strings.HasSuffix(target.Hostname(), ".googleapis.com")
	target.RawQuery = withoutCredentials(target.RawQuery, google)
	return t.client.gatewayURL(target.String(), t.params.Format)
}

// credentialWords are the words by which names of headers and of query parameters
// say that they hold a credential: every provider, cloud, gateway and proxy has
// names of its own, but they are of these words. To let only known names through
// instead would break SDKs: what theirs say of versions, betas and organizations is
// theirs to change, and any SDK may be in front of a transport.
var credentialWords = []string{
	"auth", "authorization", "apikey", "cookie", "credential", "credentials", "jwt", "key", "password", "secret", "sig", "signature", "token",
}

// isCredential reports whether a header holds a credential or a part of a cloud's
// signature. Amazon's signature is spread over headers that begin with X-Amz-;
// those of Bedrock's own settings begin with X-Amzn-. An idempotency key is none,
// and Lava's own headers are metadata of the caller's naming.
func isCredential(header string) bool {
	switch header = strings.ToLower(header); {
	case strings.HasPrefix(header, "x-lava-"), strings.HasSuffix(header, "idempotency-key"):
		return false
	case strings.HasPrefix(header, "x-amz-"), header == "x-ms-client-principal":
		return true
	}
	return hasCredentialWord(header)
}

func hasCredentialWord(name string) bool {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	return slices.ContainsFunc(words, func(word string) bool { return slices.Contains(credentialWords, word) })
}

// isCredentialParam is isCredential for a query parameter. The parameter key is one
// only where Google's format is spoken, and tokens of pages are none.
func isCredentialParam(name string, google bool) bool {
	switch name = strings.ToLower(name); name {
	case "key", "$key":
		return google
	case "awsaccesskeyid":
		return true
	case "page_token", "page-token", "next_token", "next-token", "continuation_token", "continuation-token":
		return false
	}
	return strings.HasPrefix(name, "x-amz-") || strings.HasPrefix(name, "x-goog-") || hasCredentialWord(name)
}

// withoutCredentials removes the parameters that hold credentials from a query, and
// leaves the rest as it is.
func withoutCredentials(query string, google bool) string {
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		if !isCredentialParam(name, google) {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}

// RewriteURL returns the base URL for an SDK that speaks a format and takes no HTTP
// client: Lava's gateway, which translates for the provider at the address. What the
// SDK appends to its base URL, such as /chat/completions, Lava takes off again. The
// address has no query. The SDK's key is a forward token, which says who pays: see
// [Client.GenerateForwardToken].
//
//	base, err := client.RewriteURL(lava.FormatOpenAI, "https://api.anthropic.com/v1")
//
// Headers that the SDK may be told to send: x-lava-metadata is a JSON object whose
// values are strings, {"team":"a"}; x-lava-fallbacks is a JSON array of at most five,
// [{"url":"https://api.openai.com/v1","model":"gpt-4o-mini"}].
func (c *Client) RewriteURL(format GatewayFormat, address string) (string, error) {
	if err := format.check(); err != nil {
		return "", err
	}
	u, err := c.gatewayURL(address, format)
	if err != nil {
		return "", err
	}
	if u.RawQuery != "" || u.ForceQuery {
		return "", errors.New("lava: gateway: the address of a base URL must have no query, because SDKs append their paths to it")
	}
	return u.String(), nil
}

// Format implements [fmt.Formatter]: every verb prints the address of Lava only.
func (t Transport) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "lava.Transport{%v}", t.client) }

// LogValue implements [slog.LogValuer] with the address of Lava only.
func (t Transport) LogValue() slog.Value { return t.client.LogValue() }

type errorContextKey struct{}

// sentContextKey is for what was sent to the gateway, in the context of a response's
// request: an error in the middle of a stream is known by it.
type sentContextKey struct{}

// keepError reads the error that a response of the gateway is, for [AsError] to
// find behind the SDK's own: in the context of the response's request, which SDKs
// keep. To return it as an error instead would let them retry: without a response
// they take anything for a broken connection.
func keepError(resp *http.Response, sent *http.Request) {
	head, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	var rest io.Reader = resp.Body
	if err != nil {
		rest = brokenReader{err}
	}
	failed := asRequest(sent).failed(exchange.Reject(exchange.Response{Status: resp.StatusCode, Header: resp.Header, Body: head, Attempts: 1}))
	resp.Request = resp.Request.WithContext(context.WithValue(resp.Request.Context(), errorContextKey{}, failed))
	if failed.Provider == "" && len(head) < maxErrorBody {
		if named := withRequestID(head, failed.RequestID); named != nil {
			head = named
			resp.ContentLength = int64(len(head))
			resp.Header.Set("Content-Length", strconv.Itoa(len(head)))
		}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), rest), resp.Body}
}

// withRequestID adds the request id to an error of Lava's, for SDKs whose errors
// keep the body only; nil if it is no such error.
func withRequestID(body []byte, id string) []byte {
	var envelope map[string]map[string]any
	if id == "" || json.Unmarshal(body, &envelope) != nil || envelope["error"] == nil {
		return nil
	}
	envelope["error"]["request_id"] = id
	named, err := json.Marshal(envelope)
	if err != nil {
		return nil
	}
	return named
}

type brokenReader struct{ err error }

func (r brokenReader) Read([]byte) (int, error) { return 0, r.err }

// asRequest returns what errors need to know of a request that was not prepared here.
func asRequest(sent *http.Request) *request {
	return &request{Request: exchange.Request{Method: sent.Method, URL: *sent.URL, Header: sent.Header}}
}

// AsError returns the error of the API that is in err, or behind it: the [*Error]
// of this package's calls, and that of a provider's SDK which goes through Lava, by
// [Client.Transport] or with Lava's address as its base URL. It is nil if there is
// none, and a nil Error is none of the cases:
//
//	_, err := ai.Chat.Completions.New(ctx, params)
//	switch failed := lava.AsError(err); {
//	case errors.Is(failed, lava.ErrInsufficientCredits): // the customer buys more
//	case errors.Is(failed, lava.ErrInsufficientBalance): // we fund our wallet
//	case errors.Is(failed, lava.ErrSpendLimitExceeded): // we raise the key's limit
//	case errors.Is(failed, lava.ErrProvider): // failed.Provider says which
//	default: // failed may be nil: a stream that broke off, a network error, the context's end
//	}
//
// It knows the errors of OpenAI's, Anthropic's and Google's SDKs by their shape. Of
// Google's, which keep no response, it finds Lava's own errors only. A provider's body
// whose error is no object, such as {"error":"too long"}, is one that OpenAI's SDK
// can't read: the SDK's error then has no response, and AsError returns nil. Lava's own
// errors never look so.
//
// An error in the middle of a stream is found where the SDK keeps its response, as
// Anthropic's does: its Status is then the stream's, 200, and its Code the event's.
// OpenAI's SDK keeps only a text, "received error while streaming: …", and a stream
// that was cut is "unexpected EOF" in both: AsError returns nil for these. So give the
// switch a default for errors that are neither Lava's nor a provider's response.
func AsError(err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	for err != nil {
		if found := fromSDK(err); found != nil {
			return found
		}
		if many, ok := err.(interface{ Unwrap() []error }); ok { // as errors.As walks the tree
			for _, err := range many.Unwrap() {
				if found := AsError(err); found != nil {
					return found
				}
			}
			return nil
		}
		err = errors.Unwrap(err)
	}
	return nil
}

// fromSDK reads the error of an SDK by the names of its fields.
func fromSDK(err error) *Error {
	v := reflect.ValueOf(err)
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	if field := v.FieldByName("Response"); field.IsValid() && field.CanInterface() {
		resp, _ := reflect.TypeAssert[*http.Response](field) //nolint:bodyclose // it is the SDK's to close
		return fromResponse(err, resp)
	}
	code, message := v.FieldByName("Code"), v.FieldByName("Message")
	if code.Kind() != reflect.Int || message.Kind() != reflect.String {
		return nil
	}
	resp := exchange.Response{Status: int(code.Int()), Body: []byte(message.String())}
	if !parseErrorBody(resp.Body).isLavas(resp) || resp.OK() {
		return nil
	}
	return new(request).failed(exchange.Reject(resp))
}

// fromResponse returns the error that a [Transport] has kept; without one, the
// error that an SDK's response from Lava's own address is.
func fromResponse(err error, resp *http.Response) *Error {
	if resp == nil || resp.Request == nil {
		return nil
	}
	if kept, ok := resp.Request.Context().Value(errorContextKey{}).(*Error); ok {
		return kept
	}
	body, ok := err.(interface{ RawJSON() string }) // the SDK's own error
	if !ok || resp.Header.Get(requestIDHeader) == "" {
		return nil
	}
	raw := cmp.Or(body.RawJSON(), "null")
	var envelope struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal([]byte(raw), &envelope) == nil && envelope.Error == nil {
		raw = `{"error":` + raw + `}` // OpenAI's SDK keeps what is in it
	}
	sent, ok := resp.Request.Context().Value(sentContextKey{}).(*request)
	if !ok {
		sent = asRequest(resp.Request)
	}
	return sent.failed(exchange.Reject(exchange.Response{
		Status: resp.StatusCode, Header: resp.Header, Body: []byte(raw), Attempts: 1,
	}))
}
