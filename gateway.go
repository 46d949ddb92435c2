package lava

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/exchange"
)

const (
	defaultGatewayTimeout = 10 * time.Minute
	defaultIdleTimeout    = 2 * time.Minute

	metadataHeader  = "X-Lava-Metadata"
	fallbacksHeader = "X-Lava-Fallbacks"
)

// GatewayParams describe a request to a provider through Lava's gateway.
type GatewayParams struct {
	Method string // by default POST

	// SetHeader, if not nil, sets header fields for the provider. This package sets
	// Authorization. SetHeader is a function because any field may contain a
	// provider's credential, and the values in a function are never printed: see
	// [Secret].
	SetHeader func(http.Header)

	// Body is the request body for the provider. A []byte, string or [io.Reader] is sent unchanged, any other value
	// as JSON. A reader can be sent only once.
	Body any

	Payer    Payer             // by default the context's payer, then the merchant; see [WithRequiredPayer]
	Metadata map[string]string // kept with the request's record, for filters; added to the context's metadata

	// Format, if set, is the format of the request and the response. Lava
	// translates between it and the provider's own.
	Format GatewayFormat
	// Fallbacks are tried in order when the provider fails. They require a Format.
	// The default is the context's fallbacks, then the account's.
	Fallbacks []Fallback

	// Timeout limits a whole Gateway call. The default is 10 minutes.
	Timeout time.Duration
	// IdleTimeout limits the time between two events of a stream. The default is 2 minutes.
	IdleTimeout time.Duration
	// IsLast reports whether an event is the last of a stream. Set it for a
	// provider whose streams don't end like those of OpenAI, Anthropic, Google and
	// Amazon.
	IsLast func(StreamEvent) bool
}

// LogValue implements [slog.LogValuer] without header and body.
func (p GatewayParams) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("method", cmp.Or(p.Method, http.MethodPost)),
		slog.String("payer", fmt.Sprintf("%+v", p.Payer)),
		slog.Any("metadata", p.Metadata),
		slog.String("format", string(p.Format)),
	)
}

// GatewayFormat is the format of a provider's API.
type GatewayFormat string

// The formats that Lava translates.
const (
	FormatOpenAI    GatewayFormat = "openai"
	FormatAnthropic GatewayFormat = "anthropic"
	FormatGoogle    GatewayFormat = "google"
	FormatBedrock   GatewayFormat = "bedrock"
)

// Gateway sends a request to a provider through Lava, which meters and bills it,
// and returns the provider's response. The address is the provider's own, such as
// https://api.openai.com/v1/chat/completions.
//
// Any status other than 2xx is an [*Error], whose Provider distinguishes the
// provider's errors from Lava's own. The call is never sent twice, since it would
// be billed again.
//
//lava:operation POST /forward
//lava:operation POST /rewrite/{format}/{url}
func (c *Client) Gateway(ctx context.Context, address string, params GatewayParams) (*Response, error) {
	req, err := c.prepareGateway(ctx, address, params)
	if err != nil {
		return nil, err
	}
	resp, failure := c.http.Do(ctx, &req.Request)
	if failure != nil {
		keepFailed(ctx, failure)
		return nil, req.failed(failure)
	}
	defer resp.Release()
	keepResponse(ctx, resp)
	return newResponse(resp), nil
}

// prepareGateway turns a gateway call into a request.
func (c *Client) prepareGateway(ctx context.Context, address string, params GatewayParams) (*request, error) {
	target, err := c.gatewayURL(address, params.Format)
	if err != nil {
		return nil, err
	}
	payer := params.Payer
	if payer == nil {
		payer = contextPayer(ctx)
	}
	payer, err = c.payer(payer)
	if err != nil {
		return nil, err
	}
	claims, err := gatewayClaims(payer)
	if err != nil {
		return nil, err
	}
	token, err := c.sign(claims)
	if err != nil {
		return nil, err
	}
	if len(params.Fallbacks) > 0 && params.Format == "" {
		return nil, errFallbacksNeedFormat
	}
	req := &request{
		Request: exchange.Request{
			Method:  cmp.Or(params.Method, http.MethodPost),
			URL:     *target,
			Route:   gatewayRoute(params.Format),
			Header:  make(http.Header, 4),
			Retries: exchange.Never,
			Timeout: exchange.NewTimeout(cmp.Or(params.Timeout, defaultGatewayTimeout)),
		},
		secrets: []string{claims.ProviderKey},
	}
	req.Header.Set("User-Agent", userAgent())
	contentType, err := req.setBody(params.Body)
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if params.SetHeader != nil {
		header := http.Header{}
		params.SetHeader(header)
		req.addHeader(header)
	}
	if err := setMetadata(req.Header, contextMetadata(ctx), params.Metadata); err != nil {
		return nil, err
	}
	if params.Format != "" {
		if err := setFallbacks(req.Header, params.Fallbacks, contextFallbacks(ctx)); err != nil {
			return nil, err
		}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return req, nil
}

// addHeader adds the caller's fields, which replace those of this package.
func (req *request) addHeader(header http.Header) {
	for name, values := range header {
		name = http.CanonicalHeaderKey(name)
		if isCredential(name) {
			req.secrets = append(req.secrets, values...)
		}
		if strings.HasSuffix(name, "Idempotency-Key") {
			name = strings.ToLower(name) // see exchange.IdempotencyKey
		}
		req.Header[name] = values
	}
}

// setMetadata sets the header to the pairs of both maps; the second takes
// precedence.
func setMetadata(header http.Header, general, particular map[string]string) error {
	pairs := maps.Clone(general)
	if pairs == nil {
		pairs = particular
	} else {
		maps.Copy(pairs, particular)
	}
	return setJSONHeader(header, metadataHeader, pairs, len(pairs))
}

// setFallbacks sets the header to the first chain that has an entry.
func setFallbacks(header http.Header, chains ...[]Fallback) error {
	for _, chain := range chains {
		if len(chain) > 0 {
			return setJSONHeader(header, fallbacksHeader, chain, len(chain))
		}
	}
	return nil
}

// setBody sets the body and returns its content type, if known.
func (req *request) setBody(body any) (contentType string, err error) {
	switch body := body.(type) {
	case nil:
	case []byte:
		req.Body = body
	case string:
		req.Body = []byte(body)
	case io.Reader:
		req.Stream = body
	default:
		if req.Body, err = json.Marshal(body); err != nil {
			return "", fmt.Errorf("lava: gateway: the body can't be written as JSON: %w", err)
		}
		return "application/json", nil
	}
	return "", nil
}

// setJSONHeader sets a header to a value of n parts, unless n is 0. A header is
// ASCII, so other characters are escaped, as JSON allows.
func setJSONHeader(header http.Header, name string, value any, n int) error {
	if n == 0 {
		return nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("lava: gateway: %s: %w", name, err)
	}
	var ascii strings.Builder
	for _, r := range string(text) {
		switch {
		case r < 0x80:
			ascii.WriteByte(byte(r))
		case r < 0x10000:
			fmt.Fprintf(&ascii, `\u%04x`, r)
		default:
			r -= 0x10000
			fmt.Fprintf(&ascii, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		}
	}
	header.Set(name, ascii.String())
	return nil
}

// gatewayClaims returns the claims of a gateway call. With a meter only, they
// have an explicit null for the customer, as the Node SDK writes it.
func gatewayClaims(payer Payer) (tokenClaims, error) {
	claims, err := payer.claims()
	if _, ok := payer.(ForMeter); ok {
		claims.CustomerID = jsonNull
	}
	return claims, err
}

var formats = []GatewayFormat{FormatOpenAI, FormatAnthropic, FormatGoogle, FormatBedrock}

func (f GatewayFormat) check() error {
	if !slices.Contains(formats, f) {
		return fmt.Errorf("lava: gateway: format %q is unknown: use one of %q", f, formats)
	}
	return nil
}

// gatewayURL returns the gateway's address for a provider's address.
func (c *Client) gatewayURL(address string, format GatewayFormat) (*url.URL, error) {
	base := c.base.String()
	address = strings.TrimPrefix(address, base+"forward?u=") // addresses of client.Providers work too
	provider, err := url.Parse(address)
	if err != nil || provider.Scheme != "https" && provider.Scheme != "http" || provider.Host == "" {
		return nil, errors.New("lava: gateway: the provider's address must be an absolute URL, such as https://api.openai.com/v1/chat/completions")
	}
	if provider.User != nil {
		return nil, errors.New("lava: gateway: the provider's address must not contain a user and password")
	}
	provider.Fragment = ""
	if format == "" {
		u := *c.base
		u.Path += "forward"
		u.RawQuery = "u=" + encodeURIComponent(provider.String())
		return &u, nil
	}
	if err := format.check(); err != nil {
		return nil, err
	}
	return url.Parse(base + "rewrite/" + string(format) + "/" + provider.String())
}

// gatewayRoute returns the path of a gatewayURL without the provider's address.
func gatewayRoute(format GatewayFormat) string {
	if format == "" {
		return "/v1/forward"
	}
	return "/v1/rewrite/{format}/{url}"
}

// encodeURIComponent escapes a query value as browsers do: a space is %20.
func encodeURIComponent(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

var errFallbacksNeedFormat = errors.New("lava: Fallbacks need a Format: only translated requests can fall back")

type (
	payerContextKey     struct{}
	metadataContextKey  struct{}
	fallbacksContextKey struct{}
)

// ContextWithPayer returns a context in which the payer pays for gateway requests, so
// that one client, or one SDK with a [Transport], serves all customers. The order of
// precedence is [GatewayParams], then the context, then [TransportParams]. If none of
// them names a payer, the merchant pays, unless the client was created with
// [WithRequiredPayer].
func ContextWithPayer(ctx context.Context, payer Payer) context.Context {
	return context.WithValue(ctx, payerContextKey{}, payer)
}

// ContextWithMetadata returns a context that adds metadata to gateway requests, in
// addition to the context's earlier metadata and the parameters'. If a key is set twice,
// the later value wins. Metadata is sent in the header x-lava-metadata, as a JSON
// object: {"team":"a"}.
func ContextWithMetadata(ctx context.Context, metadata map[string]string) context.Context {
	all := maps.Clone(metadata)
	for key, value := range contextMetadata(ctx) {
		if _, again := all[key]; !again {
			if all == nil {
				all = map[string]string{}
			}
			all[key] = value
		}
	}
	return context.WithValue(ctx, metadataContextKey{}, all)
}

// ContextWithFallbacks returns a context in which translated gateway requests try the
// fallbacks, in order, when the provider fails. Requests without a Format ignore them.
// The order of precedence is [GatewayParams], then the context, then [TransportParams].
// Fallbacks are sent in the header x-lava-fallbacks, as a JSON array:
// [{"url":"https://api.openai.com/v1","model":"gpt-4o-mini"}].
func ContextWithFallbacks(ctx context.Context, fallbacks []Fallback) context.Context {
	return context.WithValue(ctx, fallbacksContextKey{}, slices.Clone(fallbacks))
}

func contextPayer(ctx context.Context) Payer {
	payer, _ := ctx.Value(payerContextKey{}).(Payer)
	return payer
}

func contextMetadata(ctx context.Context) map[string]string {
	metadata, _ := ctx.Value(metadataContextKey{}).(map[string]string)
	return metadata
}

func contextFallbacks(ctx context.Context) []Fallback {
	fallbacks, _ := ctx.Value(fallbacksContextKey{}).([]Fallback)
	return fallbacks
}
