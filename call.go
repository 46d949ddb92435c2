package lava

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/lavapayments/lava-go/internal/exchange"
)

// call describes one API call.
type call struct {
	method  string
	at      endpoint
	query   url.Values
	params  any // sent as JSON; nil: no body
	retries exchange.Retries
	secret  string // in params; errors don't show it
	removes bool   // a 404 after an earlier attempt is success
}

// do makes a call and decodes the response into result. Every management call
// works like this: prepare it once, exchange it, decode it.
func (c *Client) do(ctx context.Context, call call, result any) error {
	req, err := c.prepare(ctx, call)
	if err != nil {
		return err
	}
	resp, failure := c.http.Do(ctx, &req.Request)
	if failure != nil {
		keepFailed(ctx, failure)
		if call.removes && failure.Uncertain && failure.Response.Status == http.StatusNotFound {
			return nil // an attempt whose response was lost removed it, and the next one found nothing
		}
		return req.failed(failure)
	}
	defer resp.Release()
	keepResponse(ctx, resp)
	return req.decode(resp, result)
}

// The kinds of calls that services make. T is the type of the response.

func get[T any](ctx context.Context, c *Client, at endpoint, query url.Values) (*T, error) {
	return result[T](ctx, c, call{method: http.MethodGet, at: at, query: query, retries: exchange.Always})
}

func post[T any](ctx context.Context, c *Client, at endpoint, params any, retries exchange.Retries) (*T, error) {
	return result[T](ctx, c, call{method: http.MethodPost, at: at, params: params, retries: retries})
}

func patch[T any](ctx context.Context, c *Client, at endpoint, params any) (*T, error) {
	return result[T](ctx, c, call{method: http.MethodPatch, at: at, params: params, retries: exchange.IfRejected})
}

func result[T any](ctx context.Context, c *Client, call call) (*T, error) {
	out := new(T)
	if err := c.do(ctx, call, out); err != nil {
		return nil, err
	}
	return out, nil
}

// remove deletes an object.
func remove(ctx context.Context, c *Client, at endpoint) error {
	return c.do(ctx, call{method: http.MethodDelete, at: at, retries: exchange.Always, removes: true}, new(confirmation))
}

// retriesByID returns how a creation is retried: freely if the caller chose an
// id, because Lava recognizes it.
func retriesByID(id string) exchange.Retries {
	if id == "" {
		return exchange.IfRejected
	}
	return exchange.Always
}

// Do makes a call for which this package has no method yet. The path is relative to the base URL and may have a
// query: "meters?limit=2". Params are sent as JSON unless nil. The response is decoded into result, which may be nil
// or a *[json.RawMessage]. Authorization and errors are the same as for every other call. Once sent, only GET and
// DELETE are retried, because the effects of other methods are unknown.
func (c *Client) Do(ctx context.Context, method, path string, params, result any) error {
	at, query, err := parsePath(path)
	if err != nil {
		return err
	}
	retries := exchange.Never
	if method == http.MethodGet || method == http.MethodDelete {
		retries = exchange.Always
	}
	return c.do(ctx, call{method: method, at: at, query: query, params: params, retries: retries}, result)
}

// request is an exchange's request, with what its errors need.
type request struct {
	exchange.Request
	values         [4]string // the header's values
	idempotencyKey string
	secrets        []string // secrets in header or body, besides the Authorization; errors mask them
}

// prepare turns a call into a request: address, JSON body, header.
func (c *Client) prepare(ctx context.Context, call call) (*request, error) {
	if err := call.at.check(); err != nil {
		return nil, err
	}
	req := &request{Request: exchange.Request{
		Method:  call.method,
		URL:     c.address(call.at, call.query),
		Header:  make(http.Header, 4),
		Retries: call.retries,
		Timeout: c.timeout,
	}}
	if c.http.Observe != nil {
		req.Route = call.at.route()
	}
	if call.secret != "" {
		req.secrets = []string{call.secret}
	}
	values := req.values[:0] // no allocation for each header
	set := func(name, value string) {
		values = append(values, value)
		req.Header[name] = values[len(values)-1 : len(values) : len(values)]
	}
	if authorization := c.authorization.Reveal(); authorization != "" {
		set("Authorization", authorization)
	}
	set("User-Agent", userAgent())
	if call.params != nil {
		body, err := json.Marshal(call.params)
		if err != nil {
			return nil, fmt.Errorf("lava: %s %s: parameters can't be written as JSON: %w", call.method, req.URL.Path, err)
		}
		req.Body = body
		set("Content-Type", "application/json")
	}
	if call.method == http.MethodPost {
		req.idempotencyKey = idempotencyKey(ctx)
		set(exchange.IdempotencyKey, req.idempotencyKey)
		if c.trustKeys && req.Retries == exchange.IfRejected {
			req.Retries = exchange.Always
		}
	}
	return req, nil
}

type idempotencyContextKey struct{}

// ContextWithIdempotencyKey returns a context in which calls that create
// something send the given Idempotency-Key, instead of a new key for each call.
// Use each key for one operation only: to retry it later, after a crash or with
// the key from an [*Error]. Middleware finds the key in the header map as
// "idempotency-key", not with Header.Get.
func ContextWithIdempotencyKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, idempotencyContextKey{}, key)
}

func idempotencyKey(ctx context.Context) string {
	if key, ok := ctx.Value(idempotencyContextKey{}).(string); ok && key != "" {
		return key
	}
	return uuid.NewString()
}

const modulePath = "github.com/lavapayments/lava-go"

// userAgent names this package and the version that the program was built with.
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

// decode reads a response as a JSON object into result.
func (req *request) decode(resp exchange.Response, result any) error {
	if result == nil {
		result = new(struct{}) // a response that is not JSON is still an error
	}
	data := bytes.TrimSpace(resp.Body)
	if _, raw := result.(*json.RawMessage); !raw && (len(data) == 0 || data[0] != '{') {
		return req.unusable(resp, "the response is not a JSON object: "+excerpt(req.redact(data)), nil)
	}
	if err := json.Unmarshal(data, result); err != nil {
		return req.unusable(resp, "the response is not the expected JSON: "+excerpt(req.redact(data)), err)
	}
	if checked, ok := result.(interface{ problem() string }); ok {
		if problem := checked.problem(); problem != "" {
			return req.unusable(resp, problem, nil)
		}
	}
	return nil
}

// confirmation is a response that only confirms a call.
type confirmation struct {
	Success *bool `json:"success"`
	Deleted *bool `json:"deleted"`
}

func (c *confirmation) problem() string {
	if isFalse(c.Success) || isFalse(c.Deleted) {
		return "the response says that the call was not carried out"
	}
	return ""
}

func isFalse(b *bool) bool { return b != nil && !*b }

// endpoint is a path below the base URL: a collection, an item in it, or a part
// of an item.
type endpoint struct {
	collection string // "customers", escaped
	param      string // the name of the id's parameter; "" without an item
	id         string
	tail       string // "/subscription"
	unknown    bool   // the collection is a path given by the caller
}

func at(collection string) endpoint { return endpoint{collection: collection} }

func item(collection, param, id string) endpoint {
	return endpoint{collection: collection, param: param, id: id}
}

func (e endpoint) of(tail string) endpoint {
	e.tail = tail
	return e
}

// check rejects ids that would lead to another endpoint.
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

// route returns the path without ids.
func (e endpoint) route() string {
	collection, below, _ := strings.Cut(e.collection, "/")
	switch {
	case e.unknown && below != "":
		return "/v1/" + collection + "/…"
	case e.param != "":
		return "/v1/" + e.collection + "/{id}" + e.tail
	}
	return "/v1/" + e.collection
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
	return endpoint{collection: u.EscapedPath(), unknown: true}, u.Query(), nil
}

// address returns the URL of an endpoint. It builds the URL without parsing,
// for speed.
func (c *Client) address(at endpoint, query url.Values) url.URL {
	u := *c.base
	u.Path = at.path(u.EscapedPath())
	if plain, err := url.PathUnescape(u.Path); err == nil && plain != u.Path {
		u.Path, u.RawPath = plain, u.Path
	}
	u.RawQuery = query.Encode()
	return u
}
