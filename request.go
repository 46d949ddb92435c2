package lava

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// endpoint is a path below the base URL: a collection, an item of it, or
// something of the item.
type endpoint struct {
	collection string // "customers", escaped
	param      string // the name of the id's parameter; "" if there is no item
	id         string
	tail       string // "/subscription"
}

func at(collection string) endpoint { return endpoint{collection: collection} }

func item(collection, param, id string) endpoint {
	return endpoint{collection: collection, param: param, id: id}
}

func (e endpoint) of(tail string) endpoint {
	e.tail = tail
	return e
}

// check refuses ids that would address another endpoint.
func (e endpoint) check() error {
	if e.param == "" {
		return nil
	}
	switch e.id {
	case "":
		return fmt.Errorf("lava: %s must not be empty", e.param)
	case ".", "..":
		return fmt.Errorf("lava: %s must not be %q", e.param, e.id)
	}
	return nil
}

// path returns the escaped path below base.
func (e endpoint) path(base string) string {
	if e.param == "" {
		return base + e.collection
	}
	return base + e.collection + "/" + url.PathEscape(e.id) + e.tail
}

// parsePath reads the path of [Client.Do].
func parsePath(path string) (endpoint, url.Values, error) {
	u, err := url.Parse(path)
	if err != nil {
		return endpoint{}, nil, fmt.Errorf("lava: path %q is malformed", Redact(path))
	}
	if u.Scheme != "" || u.Host != "" || u.Path == "" || strings.HasPrefix(u.Path, "/") || u.Fragment != "" {
		return endpoint{}, nil, fmt.Errorf("lava: path %q must be relative to the base URL, such as \"meters\"", Redact(path))
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." || segment == "" {
			return endpoint{}, nil, fmt.Errorf("lava: path %q must have no empty, . or .. segment", Redact(path))
		}
	}
	return endpoint{collection: u.EscapedPath()}, u.Query(), nil
}

// prepared is a request that can be sent any number of times.
type prepared struct {
	method         string
	url            url.URL
	header         http.Header
	values         [4]string // the header's values
	body           []byte
	stream         io.Reader // a body that can be read only once, instead of body
	idempotencyKey string
	repeat         repeatability
	timeout        time.Duration // of an attempt; 0 for none
	timedOut       error         // the cause when it is over
	secrets        []string      // in header or body besides the Authorization: errors don't repeat them
	attempts       int           // how many were made
}

var proto = &http.Request{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}

// prepare turns a call into a request: address, JSON body, headers.
func (c *Client) prepare(ctx context.Context, call call) (*prepared, error) {
	if err := call.at.check(); err != nil {
		return nil, err
	}
	req := &prepared{
		method:   call.method,
		url:      c.address(call.at, call.query),
		header:   make(http.Header, 4),
		repeat:   call.repeat,
		timeout:  c.timeout,
		timedOut: c.timedOut,
	}
	if call.secret != "" {
		req.secrets = []string{call.secret}
	}
	values := req.values[:0] // no allocation for each header
	set := func(name, value string) {
		values = append(values, value)
		req.header[name] = values[len(values)-1 : len(values) : len(values)]
	}
	if authorization := c.authorization(); authorization != "" {
		set("Authorization", authorization)
	}
	set("User-Agent", userAgent())
	if call.params != nil {
		body, err := json.Marshal(call.params)
		if err != nil {
			return nil, fmt.Errorf("lava: %s %s: parameters can't be written as JSON: %w", call.method, req.url.Path, err)
		}
		req.body = body
		set("Content-Type", "application/json")
	}
	if call.method == http.MethodPost {
		req.idempotencyKey = idempotencyKey(ctx)
		set(idempotencyHeader, req.idempotencyKey)
	}
	return req, nil
}

// address returns the URL of an endpoint. It does not parse what it knows.
func (c *Client) address(at endpoint, query url.Values) url.URL {
	u := *c.base
	u.Path = at.path(u.EscapedPath())
	if plain, err := url.PathUnescape(u.Path); err == nil && plain != u.Path {
		u.Path, u.RawPath = plain, u.Path
	}
	u.RawQuery = query.Encode()
	return u
}

// request returns a new request for one attempt.
func (p *prepared) request(ctx context.Context) *http.Request {
	req := proto.WithContext(ctx)
	req.Method = p.method
	req.URL = &p.url
	req.Host = p.url.Host
	req.Header = p.header
	switch {
	case p.stream != nil:
		req.Body = io.NopCloser(p.stream)
		req.ContentLength = -1
		if known, ok := p.stream.(interface{ Len() int }); ok && known.Len() > 0 {
			req.ContentLength = int64(known.Len())
		}
	case len(p.body) > 0:
		req.Body = io.NopCloser(bytes.NewReader(p.body))
		req.ContentLength = int64(len(p.body))
		// With this net/http replaces a kept connection that turns out to be
		// dead before a byte was written.
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(p.body)), nil }
	}
	return req
}

const modulePath = "github.com/lavapayments/lava-go"

// userAgent names this package and its version, as the program was built with it.
var userAgent = sync.OnceValue(func() string {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range append(info.Deps, &info.Main) {
			if dep.Path == modulePath && dep.Version != "" && dep.Version != "(devel)" {
				version = dep.Version
			}
		}
	}
	return "lava-go/" + version
})

// idempotencyHeader is written in lower case, which is the same header on the
// wire. A request with the canonical name is repeated by net/http itself, also
// after all of it was sent, whatever this package decides.
const idempotencyHeader = "idempotency-key"

type idempotencyContextKey struct{}

// WithIdempotencyKey returns a context whose creating calls carry the given
// Idempotency-Key, instead of a new one for each call. Use one key for one
// operation: to repeat it later, after a crash or with the key that an [*Error]
// names. Middleware finds the key in the header map as "idempotency-key", not by
// Header.Get.
func WithIdempotencyKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, idempotencyContextKey{}, key)
}

func idempotencyKey(ctx context.Context) string {
	if key, ok := ctx.Value(idempotencyContextKey{}).(string); ok && key != "" {
		return key
	}
	return uuid.NewString()
}
