package gateway

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// readRequestBody reads a request's body before anything is sent, because responses that overtake the request's body are cut
// off (golang/go#40747), and because admission needs the request. A compressed body is returned decompressed, and the
// original is kept (assumption compressed-requests).
func (c *call) readRequestBody() ([]byte, error) {
	r := c.client
	if r.ContentLength == 0 {
		return nil, nil
	}
	if limit := c.gateway.cfg.MaxBody; r.ContentLength > limit {
		return nil, tooLargeBody(limit) // before a client that waits for "100 Continue" sends it
	}
	b, err := readAll(r.Body, r.ContentLength)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, tooLargeBody(tooLarge.Limit)
	case err != nil:
		return nil, billing.Errorf(billing.CodeInvalidRequest, "", "the body could not be read completely")
	}
	encoding := r.Header.Get("Content-Encoding")
	if encoding == "" || len(b) == 0 {
		return b, nil
	}
	limit := c.gateway.cfg.MaxBody
	plain, err := decompress(encoding, b, limit+1)
	switch {
	case errors.Is(err, errEncoding):
		return nil, billing.Invalid("content-encoding",
			"%.64q is not supported: send the body uncompressed or with gzip", encoding)
	case err != nil:
		return nil, billing.Invalid("content-encoding", "the body is not %.64q: %s", encoding, err)
	case int64(len(plain)) > limit: // even if little was sent
		return nil, tooLargeBody(limit)
	}
	c.compressed, c.plain = b, plain
	return plain, nil
}

// asReceived returns the client's compressed body if body is the same decompressed; false if it is another.
func (c *call) asReceived(body []byte) (compressed []byte, ok bool) {
	if c.compressed != nil && bytes.Equal(body, c.plain) {
		return c.compressed, true
	}
	return body, false
}

func tooLargeBody(limit int64) error {
	return billing.Errorf(billing.CodePayloadTooLarge, "", "the body is larger than %d bytes", limit)
}

// readAll reads r to its end. The announced length, -1 if there was none, is only a hint: it may be wrong.
func readAll(r io.Reader, announced int64) ([]byte, error) {
	if announced < 0 {
		announced = 511
	}
	b := make([]byte, 0, min(announced+1, 1<<20))
	for {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return b, err
		}
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
	}
}

// requestError explains why a request could not be read.
func requestError(err error) error {
	if errors.Is(err, dialect.ErrModel) {
		return billing.Errorf(billing.CodeForwardModelInvalid, "model", "model: must be a string")
	}
	return billing.Errorf(billing.CodeInvalidRequest, "body", "%s", err)
}
