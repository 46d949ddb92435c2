package lava

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/exchange"
)

const (
	productionURL = "https://api.lava.so/v1/"
	sandboxURL    = "https://sandbox-api.lavapayments.com/v1/"
	testKeyPrefix = "aks_test_"

	defaultTimeout    = 30 * time.Second
	defaultMaxRetries = 2
	defaultRetryPause = 500 * time.Millisecond
	defaultMaxBody    = 64 << 20
)

// Option configures a [Client].
type Option func(*config)

type config struct {
	key       string
	baseURL   string
	base      *url.URL
	http      *http.Client
	wrap      []func(http.RoundTripper) http.RoundTripper
	timeout   time.Duration
	retry     exchange.Policy
	trustKeys bool
	needPayer bool
	maxBody   int64
	logger    *slog.Logger
}

// WithSecretKey sets the merchant's secret key (aks_live_… or aks_test_…).
// The default is the environment variable LAVA_SECRET_KEY.
func WithSecretKey(key string) Option {
	return func(c *config) { c.key = key }
}

// WithBaseURL sets the address of the API, such as a local mock server or a
// proxy, with or without the final /v1/. The default is the environment
// variable LAVA_API_URL, then Lava's host for the kind of key.
func WithBaseURL(address string) Option {
	return func(c *config) { c.baseURL = address }
}

// WithHTTPClient sets the HTTP client for all calls. The client is copied. Its
// redirect policy is not used: redirects are followed on the same host only, because
// the secret key must not be sent to another host. The default uses
// [http.DefaultTransport].
func WithHTTPClient(client *http.Client) Option {
	return func(c *config) { c.http = client }
}

// WithMiddleware wraps the HTTP transport, to log, trace, measure or change requests.
// The middleware sees every attempt. The first one added is the outermost.
//
// Requests carry the secret key in their Authorization header: see [RedactAttr]
// for logs without it.
func WithMiddleware(layer func(next http.RoundTripper) http.RoundTripper) Option {
	return func(c *config) { c.wrap = append(c.wrap, layer) }
}

// WithLogger logs each attempt that the client sends. At level Debug, a line has the method, path, status, duration,
// attempt and request id, and, through the gateway, the provider's host. An attempt that failed and is retried is
// logged at level Warn instead, with its error and the pause. Errors that are returned are not logged: that is up to
// the caller.
//
// The path is that of Lava's documentation, such as /v1/customers/{id}: ids, queries, headers and bodies are not
// logged. For streams, and for requests through a [Transport], the duration is the time to the response's header. By
// default, nothing is logged.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) { c.logger = logger }
}

// Attempt returns the number of the attempt that a request's context belongs to: 1
// for the first attempt, 2 for the first retry. It is meant for middleware: see
// [WithMiddleware].
func Attempt(ctx context.Context) int { return exchange.Attempt(ctx) }

// WithTimeout bounds each attempt of a call, from connecting to the last byte of
// the response. The default is 30 seconds; with 0, only the context limits it.
// Gateway calls have their own timeouts: see [GatewayParams].
func WithTimeout(d time.Duration) Option {
	return func(c *config) { c.timeout = d }
}

// WithMaxRetries sets how often a call is retried after a temporary failure. The
// default is 2; 0 means never.
func WithMaxRetries(n int) Option {
	return func(c *config) { c.retry.Max = n }
}

// WithIdempotentRetries also retries calls that create something if their outcome
// is unknown, for example after a lost connection. It relies on Lava to recognize
// the Idempotency-Key header that each such call sends. Lava's documentation names
// the header, but we could not verify how Lava handles it, so this is off by
// default.
//
// Calls that move money or create a secret are never retried once sent:
// [WalletService.Fund], [SecretKeysService.Create], [SpendKeysService.Create],
// [SpendKeysService.Rotate] and the gateway.
func WithIdempotentRetries() Option {
	return func(c *config) { c.trustKeys = true }
}

// WithMaxResponseSize limits the size of a response in bytes. A larger response is
// the error [ErrResponseTooLarge]. The default is 64 MiB. A size below 1 is an error
// of [New] and [Login]. Streams are not limited.
func WithMaxResponseSize(n int64) Option {
	return func(c *config) { c.maxBody = n }
}

// WithRequiredPayer guards against a forgotten payer, for which the merchant would
// silently pay. A gateway request fails with [ErrNoPayer], before anything is sent,
// if neither the call, nor its context, nor the [Transport] names a [Payer]. For
// requests that the merchant pays for, use [ForMerchant] or [ForMeter]. Use this
// option wherever customers pay.
func WithRequiredPayer() Option {
	return func(c *config) { c.needPayer = true }
}

func newConfig(opts []Option) *config {
	cfg := &config{
		timeout: defaultTimeout,
		retry:   exchange.Policy{Max: defaultMaxRetries, Base: defaultRetryPause},
		maxBody: defaultMaxBody,
	}
	for _, opt := range opts {
		opt(cfg)
	}
	return cfg
}

// resolve completes and checks the key and the address.
func (cfg *config) resolve() error {
	cfg.key = cmp.Or(cfg.key, os.Getenv("LAVA_SECRET_KEY"))
	if cfg.key == "" {
		return ErrNoSecretKey
	}
	if strings.ContainsFunc(cfg.key, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\'' }) {
		return errors.New("lava: the secret key contains white space, quotes or other invalid characters: was it copied with a line break, or with the quotes around it?")
	}
	if strings.HasPrefix(cfg.key, testKeyPrefix) {
		return cfg.resolveBase(sandboxURL)
	}
	return cfg.resolveBase(productionURL)
}

// resolveBase completes and checks the address, and checks the settings that
// need no key.
func (cfg *config) resolveBase(otherwise string) error {
	if cfg.maxBody < 1 {
		return fmt.Errorf("lava: WithMaxResponseSize(%d): the size must be at least 1", cfg.maxBody)
	}
	var err error
	cfg.base, err = parseBaseURL(cmp.Or(cfg.baseURL, os.Getenv("LAVA_API_URL"), otherwise))
	return err
}

// parseBaseURL adds /v1/ to an origin, and the final slash to a path.
func parseBaseURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		// The parser's error repeats the address, which may contain a password.
		return nil, errors.New("lava: the base URL (of LAVA_API_URL or WithBaseURL) is malformed: it must begin with https:// or http:// and name a host, as in http://127.0.0.1:5282")
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, fmt.Errorf("lava: base URL %q must begin with https:// or http:// and name a host", u.Redacted())
	case u.User != nil, u.RawQuery != "", u.ForceQuery, u.Fragment != "":
		return nil, fmt.Errorf("lava: base URL %q must not have a user, query or fragment", u.Redacted())
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/"
	}
	if !strings.HasSuffix(u.Path, "/") {
		return u.JoinPath("/"), nil
	}
	return u, nil
}
