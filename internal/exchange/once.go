package exchange

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
)

var errSent = errors.New("the connection was lost after the request was sent")

// Once prevents net/http from sending a request twice; it may change the
// request's header. When a kept connection is lost, net/http resends some
// requests on its own, even after the whole request was written: those with an
// idempotency key, and those whose method should change nothing. Billed requests
// must not be resent.
//
// Safe retries remain possible: HTTP/2 servers say which requests they did not process, and net/http needs GetBody to
// resend these.
func Once(req *http.Request) {
	for _, name := range [...]string{"Idempotency-Key", "X-Idempotency-Key"} {
		if values, ok := req.Header[name]; ok { // see IdempotencyKey
			delete(req.Header, name)
			req.Header[strings.ToLower(name)] = values
		}
	}
	switch req.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		refuseResending(req)
	}
}

// refuseResending makes the request's GetBody, which net/http calls before it resends a request, fail after the whole
// request was written to an HTTP/1 connection. A request without a body gets an empty one, because otherwise net/http
// would not call it.
func refuseResending(req *http.Request) {
	getBody := req.GetBody
	if req.Body == nil || req.Body == http.NoBody {
		getBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil }
		req.Body, _ = getBody()
	}
	if getBody == nil {
		return // it can't be resent
	}
	var multiplexed, sent atomic.Bool
	trace := &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			multiplexed.Store(isHTTP2(info))
			sent.Store(false)
		},
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				sent.Store(true)
			}
		},
	}
	req.GetBody = func() (io.ReadCloser, error) {
		if sent.Load() && !multiplexed.Load() {
			return nil, errSent
		}
		return getBody()
	}
	*req = *req.WithContext(httptrace.WithClientTrace(req.Context(), trace))
}

func isHTTP2(info httptrace.GotConnInfo) bool {
	conn, ok := info.Conn.(interface{ ConnectionState() tls.ConnectionState })
	return ok && conn.ConnectionState().NegotiatedProtocol == "h2"
}
