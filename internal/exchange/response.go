package exchange

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net/http"
	"sync"
)

// ErrTooLarge is the error of a response with more bytes than [Client.MaxBody].
var ErrTooLarge = errors.New("exchange: the response is too large")

// Response is an HTTP response.
type Response struct {
	Status   int // 0 without a response
	Header   http.Header
	Body     []byte        // if the whole body was read; valid until Release
	Stream   io.ReadCloser // the body of [Client.Open], unread
	Attempts int           // 1 if nothing was retried

	buffer *bytes.Buffer // contains the Body
}

// OK reports whether the status is 2xx.
func (r Response) OK() bool { return r.Status >= 200 && r.Status <= 299 }

// Buffers are reused, except large ones, which would waste memory.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

const maxPooledBuffer = 64 << 10

// read returns the response with its body, of at most limit bytes.
func (r Response) read(limit int64) (Response, error) {
	buffer := buffers.Get().(*bytes.Buffer)
	buffer.Reset()
	limit = min(limit, math.MaxInt64-1) // so that one more byte can be detected
	n, err := buffer.ReadFrom(&io.LimitedReader{R: r.Stream, N: limit + 1})
	if err == nil && n > limit {
		err = ErrTooLarge
	}
	r.Stream, r.Body, r.buffer = nil, buffer.Bytes(), buffer
	return r, err
}

// Release gives the body's memory to later responses.
func (r Response) Release() {
	if r.buffer != nil && r.buffer.Cap() <= maxPooledBuffer {
		buffers.Put(r.buffer)
	}
}
