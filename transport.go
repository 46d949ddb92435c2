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
	"time"

	"github.com/lavapayments/lava-go/internal/exchange"
)

// Transport sends the traffic of a provider's own SDK through Lava's gateway.
// It is safe for concurrent use.
type Transport struct {
	client *Client
	params TransportParams
	token  Secret // of the payer in the params; zero if each call must name its own
}

// TransportParams are the defaults of a [Transport], for requests whose context sets no
// others. All are optional.
type TransportParams struct {
	// Payer pays if the context names no payer: see [ContextWithPayer]. BY DEFAULT THE
	// MERCHANT PAYS, without an error: wherever customers pay, create the client with
	// [WithRequiredPayer].
	Payer    Payer
	Metadata map[string]string // see [ContextWithMetadata]

	// Format, if set, is the SDK's format. Lava translates between it and the
	// provider's own: with [FormatOpenAI] and the base URL
	// https://api.anthropic.com/v1, OpenAI's SDK can call Anthropic.
	Format GatewayFormat
	// Fallbacks are tried in order when the provider fails. They require a Format. See
	// [ContextWithFallbacks].
	Fallbacks []Fallback
}

// Transport returns an [http.RoundTripper] for the HTTP client of a provider's SDK. The
// SDK keeps its own address and may have any key: the transport removes credentials and
// cloud signatures, and sends a forward token instead.
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
// One SDK client serves all customers: the context of a call sets the payer, metadata and fallbacks. If the context
// names no payer, the Payer of the params pays, and without one THE MERCHANT PAYS, silently. With
// [WithRequiredPayer], such a call returns [ErrNoPayer] and nothing is sent. [AsError] finds Lava's error in the
// SDK's.
//
// The transport retries nothing, and prevents net/http from retrying. If an SDK retries a
// request that reached the provider, both are billed.
//
// For an SDK that takes only a base URL, use [Client.RewriteURL]. A library that takes
// neither uses [http.DefaultTransport]: after [New], replace it with a RoundTripper that
// passes requests for the providers' hosts to this transport, and others to the original
// one.
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
	began := time.Now()
	resp, err := t.client.http.Send(out)
	t.observe(out, began, resp, err)
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

// observe reports an attempt, as [exchange.Client] does for other calls.
func (t *Transport) observe(sent *http.Request, began time.Time, resp *http.Response, err error) {
	if t.client.http.Observe == nil {
		return
	}
	outcome := exchange.Outcome{Attempt: 1, Took: time.Since(began)}
	if err != nil {
		outcome.Failure = exchange.NoResponse(err)
	} else {
		outcome.Response = exchange.Response{Status: resp.StatusCode, Header: resp.Header}
	}
	req := asRequest(sent)
	req.Route = gatewayRoute(t.params.Format)
	t.client.http.Observe(sent.Context(), &req.Request, outcome)
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
	// The SDK's own headers take precedence, because they are specific to the call.
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
		return nil, errors.New("lava: the provider SDK's base URL is Lava's: keep the provider's base URL, the transport replaces it")
	}
	target := *provider
	target.User = nil
	google := t.params.Format == FormatGoogle || strings.HasSuffix(target.Hostname(), ".googleapis.com")
	target.RawQuery = withoutCredentials(target.RawQuery, google)
	return t.client.gatewayURL(target.String(), t.params.Format)
}

// credentialWords are the words that mark a header or query parameter as a
// credential. Every provider, cloud, gateway and proxy has its own names, but they
// consist of these words. An allowlist of known names would break SDKs: they may
// change their headers for versions, betas and organizations at any time, and any
// SDK may use a transport.
var credentialWords = []string{
	"auth", "authorization", "apikey", "cookie", "credential", "credentials", "jwt", "key", "password", "secret", "sig", "signature", "token",
}

// isCredential reports whether a header contains a credential or a part of a
// cloud's signature. Amazon's signature is spread over headers that begin with
// X-Amz-; Bedrock's settings begin with X-Amzn-. An idempotency key is not a
// credential, and the caller chooses the names in Lava's metadata headers.
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

// isCredentialParam is isCredential for a query parameter. The parameter key is a
// credential only in Google's format, and page tokens are not credentials.
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

// withoutCredentials removes the parameters that contain credentials from a query
// and leaves the rest unchanged.
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

// RewriteURL returns the base URL for an SDK that uses the given format and takes no
// HTTP client. It is the address of Lava's gateway, which translates for the provider
// at the address. Lava removes what the SDK appends to its base URL, such as
// /chat/completions. The address must not have a query. Use a forward token, which
// names the payer, as the SDK's key: see [Client.GenerateForwardToken].
//
//	base, err := client.RewriteURL(lava.FormatOpenAI, "https://api.anthropic.com/v1")
//
// You can set these headers in the SDK: x-lava-metadata is a JSON object whose values
// are strings, {"team":"a"}; x-lava-fallbacks is a JSON array of at most five entries,
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
		return "", errors.New("lava: gateway: the address of a base URL must not have a query, because SDKs append their paths to it")
	}
	return u.String(), nil
}

// Format implements [fmt.Formatter]: every verb prints only Lava's address.
func (t Transport) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "lava.Transport{%v}", t.client) }

// LogValue implements [slog.LogValuer] with only Lava's address.
func (t Transport) LogValue() slog.Value { return t.client.LogValue() }

type errorContextKey struct{}

// sentContextKey is the context key of what was sent to the gateway, in the context
// of a response's request. It identifies an error in the middle of a stream.
type sentContextKey struct{}

// keepError reads the error in a gateway response and keeps it in the context of
// the response's request, which SDKs keep, so that [AsError] finds it in the SDK's
// own error. Returning it as an error would cause retries: without a response, SDKs
// treat any error as a broken connection.
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

// withRequestID adds the request id to one of Lava's errors, for SDKs whose errors
// keep only the body. It is nil for other errors.
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

// asRequest returns what errors need of a request that was not prepared here.
func asRequest(sent *http.Request) *request {
	return &request{Request: exchange.Request{Method: sent.Method, URL: *sent.URL, Header: sent.Header}}
}

// AsError returns the API error in err: the [*Error] of this package's calls, or the error of a
// provider's SDK that goes through Lava, with [Client.Transport] or with Lava's address as its
// base URL. It is nil if there is none, and a nil Error matches none of the cases:
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
// It recognizes the errors of OpenAI's, Anthropic's and Google's SDKs by their fields. Google's
// errors keep no response, so it finds only Lava's own errors in them. OpenAI's SDK can't read
// a provider's body whose error is not an object, such as {"error":"too long"}: the SDK's error
// then has no response, and AsError returns nil. Lava's own errors never look like that.
//
// AsError finds an error in the middle of a stream if the SDK keeps its response, as
// Anthropic's does: its Status is then the stream's, 200, and its Code is the event's. OpenAI's
// SDK keeps only a text, "received error while streaming: …", and a stream that was cut off is
// "unexpected EOF" in both: AsError returns nil for these. So give the switch a default for
// errors that are neither Lava's nor a provider's response.
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

// fromResponse returns the error that a [Transport] has kept. Without one, it
// returns the error in an SDK's response from Lava's own address.
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
		raw = `{"error":` + raw + `}` // OpenAI's SDK keeps only its content
	}
	sent, ok := resp.Request.Context().Value(sentContextKey{}).(*request)
	if !ok {
		sent = asRequest(resp.Request)
	}
	return sent.failed(exchange.Reject(exchange.Response{
		Status: resp.StatusCode, Header: resp.Header, Body: []byte(raw), Attempts: 1,
	}))
}
