package gateway

import (
	"errors"
	"io"
	"net/http"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// readBody reads a request's body before anything is sent, because responses that
// overtake the request's body get cut (golang/go#40747), and because the
// request must be read to be admitted.
func readBody(r *http.Request) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	b, err := readAll(r.Body, r.ContentLength)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, billing.Errorf(billing.CodePayloadTooLarge, "", "the body is larger than %d bytes", tooLarge.Limit)
	case err != nil:
		return nil, billing.Errorf(billing.CodeInvalidRequest, "", "the body could not be read to its end")
	}
	return b, nil
}

// readAll reads r to its end. The length that was announced, -1 if none was, is no
// more than a hint: it may be wrong.
func readAll(r io.Reader, announced int64) ([]byte, error) {
	b := make([]byte, 0, min(max(announced+1, 512), 1<<20))
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

// requestError says what is wrong with a request that could not be read.
func requestError(err error) error {
	if errors.Is(err, dialect.ErrModel) {
		return billing.Errorf(billing.CodeForwardModelInvalid, "model", "model: must be a string")
	}
	return billing.Errorf(billing.CodeInvalidRequest, "body", "%s", err)
}
