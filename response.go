package lava

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/lavapayments/lava-go/internal/exchange"
)

// Response is an HTTP response: a provider's, or the response of a call. Header and body may contain a new key. So
// they are methods: like a [Secret], their values are not printed with the response.
type Response struct {
	Status   int
	Attempts int // 1 if nothing was retried

	content func() (http.Header, []byte) // fmt prints a function as an address
}

// Header returns the header, with X-Lava-Request-Id and the X-RateLimit fields.
func (r Response) Header() http.Header {
	header, _ := r.read()
	return header
}

// Body returns the whole body.
func (r Response) Body() []byte {
	_, body := r.read()
	return body
}

func (r Response) read() (http.Header, []byte) {
	if r.content == nil {
		return nil, nil
	}
	return r.content()
}

// Decode reads the body as JSON into v.
func (r Response) Decode(v any) error {
	if err := json.Unmarshal(r.Body(), v); err != nil {
		return fmt.Errorf("lava: response %s: %w", excerpt(r.Body()), err)
	}
	return nil
}

// Format implements [fmt.Formatter] without header and body.
func (r Response) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "lava.Response{Status: %d, Attempts: %d, Body: %d bytes}", r.Status, r.Attempts, len(r.Body()))
}

// LogValue implements [slog.LogValuer] without header and body.
func (r Response) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("status", r.Status), slog.Int("attempts", r.Attempts))
}

func newResponse(resp exchange.Response) *Response {
	header, body := resp.Header, bytes.Clone(resp.Body)
	return &Response{Status: resp.Status, Attempts: resp.Attempts, content: func() (http.Header, []byte) { return header, body }}
}

type responseContextKey struct{}

// ContextWithResponse returns a context whose calls write their HTTP response to r, including the
// response of a call that failed. Use it to read what the typed results leave out. For streams,
// and for calls that a provider's SDK sends through a [Transport], the response has no body,
// because the loop or the SDK reads it. The header has the request id, with which to find the
// request's record ([RequestsService.Retrieve]):
//
//	var response lava.Response
//	completion, err := ai.Chat.Completions.New(lava.ContextWithResponse(ctx, &response), params)
//	id := response.Header().Get("X-Lava-Request-Id")
//
// If several calls share the context, r holds the last response. Do not use it for concurrent
// calls.
func ContextWithResponse(ctx context.Context, r *Response) context.Context {
	return context.WithValue(ctx, responseContextKey{}, r)
}

// keepFailed is keepResponse for the response of a failed call.
func keepFailed(ctx context.Context, failure *exchange.Failure) {
	if resp := failure.Response; resp.Status != 0 {
		resp.Attempts = failure.Attempts
		keepResponse(ctx, resp)
	}
}

// keepResponse fills the caller's Response, if there is one.
func keepResponse(ctx context.Context, resp exchange.Response) {
	if r, ok := ctx.Value(responseContextKey{}).(*Response); ok && r != nil {
		*r = *newResponse(resp)
	}
}
