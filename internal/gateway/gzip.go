package gateway

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Providers are asked not to compress responses. Some do so anyway, and some clients compress requests. The gateway
// decompresses gzip, but no other encoding.

// errEncoding means that a body could not be decompressed.
var errEncoding = errors.New("content encoding can't be read")

// decompress returns at most limit bytes of a decompressed body.
func decompress(encoding string, body []byte, limit int64) ([]byte, error) {
	r, err := decompressor(encoding, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if r == nil {
		return body, nil
	}
	return readAll(io.LimitReader(r, limit), int64(4*len(body)))
}

// decompressing returns a decompressed stream and changes its header to match: events can only be passed on one by
// one if they aren't compressed.
func decompressing(resp *http.Response) (io.Reader, error) {
	r, err := decompressor(resp.Header.Get("Content-Encoding"), resp.Body)
	if err != nil || r == nil {
		return resp.Body, err
	}
	resp.Header.Del("Content-Encoding")
	return r, nil
}

// decompressor returns nil if the body isn't compressed.
func decompressor(encoding string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return nil, nil
	case "gzip", "x-gzip":
		return gzip.NewReader(r)
	}
	return nil, fmt.Errorf("%w: %.64q", errEncoding, encoding)
}
