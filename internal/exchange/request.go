package exchange

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Request is a request that can be sent any number of times.
type Request struct {
	Method  string
	URL     url.URL
	Route   string      // the path without parts that vary, for [Client.Observe]
	Header  http.Header // shared by attempts and must not be modified; idempotency keys in it are in lower case
	Body    []byte
	Stream  io.Reader // a body that can be read only once, instead of Body
	Retries Retries
	Timeout *Timeout // of an attempt that reads the whole response; nil: none
}

// IdempotencyKey is the header that identifies a request. It is in lower case, which is the same header on the wire:
// net/http itself retries a request with the canonical name, even after all of it was sent and whatever this package
// decides.
const IdempotencyKey = "idempotency-key"

// Timeout is how long an attempt may take. Its error is created once.
type Timeout struct {
	after time.Duration
	cause error
}

// NewTimeout returns a timeout; nil, for none, if d is 0.
func NewTimeout(d time.Duration) *Timeout {
	if d <= 0 {
		return nil
	}
	return &Timeout{after: d, cause: fmt.Errorf("no response within %v: %w", d, context.DeadlineExceeded)}
}

var proto = &http.Request{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}

// attempt returns a new [http.Request] for one attempt.
func (r *Request) attempt(ctx context.Context) *http.Request {
	req := proto.WithContext(ctx)
	req.Method = r.Method
	req.URL = &r.URL
	req.Host = r.URL.Host
	req.Header = r.Header
	switch {
	case r.Stream != nil:
		req.Body = io.NopCloser(r.Stream)
		req.ContentLength = -1
		if known, ok := r.Stream.(interface{ Len() int }); ok && known.Len() > 0 {
			req.ContentLength = int64(known.Len())
		}
	case len(r.Body) > 0:
		req.Body = io.NopCloser(bytes.NewReader(r.Body))
		req.ContentLength = int64(len(r.Body))
		// This allows net/http to replace a kept connection that turns out to be dead before a byte was written.
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.Body)), nil }
	}
	if r.Retries == Never {
		Once(req)
	}
	return req
}
