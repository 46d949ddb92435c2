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

// Response is an HTTP response: a provider's, or the one behind a call's result.
// Header and body may hold a new key, so they are methods: what they return is not
// printed with the response, like a [Secret].
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

// ContextWithResponse returns a context whose calls write their HTTP response to
// r, for what the typed results leave out: also that of a call that failed, if one
// came. Of a call of a provider's SDK through a [Transport], and of a stream, it has
// no body, which is the SDK's, or the loop's, to read; the header has what tells the
// request's record ([RequestsService.Retrieve]):
//
//	var response lava.Response
//	completion, err := ai.Chat.Completions.New(lava.ContextWithResponse(ctx, &response), params)
//	id := response.Header().Get("X-Lava-Request-Id")
//
// If calls share the context, the last one wins; it is not for concurrent calls.
func ContextWithResponse(ctx context.Context, r *Response) context.Context {
	return context.WithValue(ctx, responseContextKey{}, r)
}

// keepFailed is keepResponse for what came of a call that failed.
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
