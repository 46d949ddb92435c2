package lava

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
)

// ErrResponseTooLarge is the error of an answer beyond the limit of
// [WithMaxResponseSize].
var ErrResponseTooLarge = errors.New("lava: response too large")

// answer is a whole HTTP answer.
type answer struct {
	status int
	header http.Header
	body   *bytes.Buffer
}

// Buffers are reused, except large ones, which would stay in memory for nothing.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

const maxPooledBuffer = 64 << 10

// readAnswer reads a body of at most limit bytes.
func readAnswer(resp *http.Response, limit int64) (answer, error) {
	a := answer{status: resp.StatusCode, header: resp.Header, body: buffers.Get().(*bytes.Buffer)}
	a.body.Reset()
	n, err := a.body.ReadFrom(&io.LimitedReader{R: resp.Body, N: limit + 1})
	if err == nil && n > limit {
		err = ErrResponseTooLarge
	}
	return a, err
}

// free returns the buffer. The answer's bytes are invalid then.
func (a answer) free() {
	if a.body != nil && a.body.Cap() <= maxPooledBuffer {
		buffers.Put(a.body)
	}
}

// decode reads the answer as a JSON object into result.
func (a answer) decode(req *prepared, result any) error {
	if result == nil {
		result = new(struct{}) // an answer that is no JSON is an error all the same
	}
	data := bytes.TrimSpace(a.body.Bytes())
	if _, raw := result.(*json.RawMessage); !raw && (len(data) == 0 || data[0] != '{') {
		return a.unusable(req, "the answer is not a JSON object: "+excerpt(req.redact(data)), nil)
	}
	if err := json.Unmarshal(data, result); err != nil {
		return a.unusable(req, "the answer is not the expected JSON: "+excerpt(req.redact(data)), err)
	}
	return nil
}

// Response tells about the HTTP answer behind a call's result. Printing it does
// not show the body, which may hold a new secret.
type Response struct {
	Status   int
	Header   http.Header // among them X-Lava-Request-Id and the X-RateLimit ones
	Body     []byte
	Attempts int // 1 if nothing was repeated
}

// Format implements [fmt.Formatter] without header and body.
func (r Response) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "lava.Response{Status: %d, Attempts: %d, Body: %d bytes}", r.Status, r.Attempts, len(r.Body))
}

// LogValue implements [slog.LogValuer] without header and body.
func (r Response) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("status", r.Status), slog.Int("attempts", r.Attempts))
}

type responseContextKey struct{}

// WithResponse returns a context whose calls write their HTTP answer to r, for
// what the typed results leave out. If calls share the context, the last one
// wins; it is not for concurrent calls.
func WithResponse(ctx context.Context, r *Response) context.Context {
	return context.WithValue(ctx, responseContextKey{}, r)
}

// tell fills the caller's Response, if there is one.
func (a answer) tell(ctx context.Context, req *prepared) {
	if r, ok := ctx.Value(responseContextKey{}).(*Response); ok && r != nil {
		*r = Response{Status: a.status, Header: a.header, Body: bytes.Clone(a.body.Bytes()), Attempts: req.attempts}
	}
}
