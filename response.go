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
// Printing it shows neither header nor body, which may hold a new secret.
type Response struct {
	Status   int
	Header   http.Header // among them X-Lava-Request-Id and the X-RateLimit ones
	Body     []byte
	Attempts int // 1 if nothing was retried
}

// Decode reads the body as JSON into v.
func (r *Response) Decode(v any) error {
	if err := json.Unmarshal(r.Body, v); err != nil {
		return fmt.Errorf("lava: response %s: %w", excerpt(r.Body), err)
	}
	return nil
}

// Format implements [fmt.Formatter] without header and body.
func (r Response) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "lava.Response{Status: %d, Attempts: %d, Body: %d bytes}", r.Status, r.Attempts, len(r.Body))
}

// LogValue implements [slog.LogValuer] without header and body.
func (r Response) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("status", r.Status), slog.Int("attempts", r.Attempts))
}

func newResponse(resp exchange.Response) *Response {
	return &Response{Status: resp.Status, Header: resp.Header, Body: bytes.Clone(resp.Body), Attempts: resp.Attempts}
}

type responseContextKey struct{}

// ContextWithResponse returns a context whose calls write their HTTP response to
// r, for what the typed results leave out. If calls share the context, the last
// one wins; it is not for concurrent calls.
func ContextWithResponse(ctx context.Context, r *Response) context.Context {
	return context.WithValue(ctx, responseContextKey{}, r)
}

// keepResponse fills the caller's Response, if there is one.
func keepResponse(ctx context.Context, resp exchange.Response) {
	if r, ok := ctx.Value(responseContextKey{}).(*Response); ok && r != nil {
		*r = *newResponse(resp)
	}
}
