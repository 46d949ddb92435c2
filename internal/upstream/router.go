package upstream

import (
	"errors"
	"io"
	"log"
	"maps"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/lavapayments/lava-go/internal/exchange"
)

// Router is an http.RoundTripper that chooses another by the request's host.
type Router struct {
	Hosts   map[string]http.RoundTripper // by host, such as "api.openai.com", in lower case
	Default http.RoundTripper            // for all others
}

// RoundTrip sends a request on its way.
func (r *Router) RoundTrip(req *http.Request) (*http.Response, error) {
	if next, ok := r.Hosts[strings.TrimSuffix(strings.ToLower(req.URL.Host), ":443")]; ok {
		return next.RoundTrip(req)
	}
	return r.Default.RoundTrip(req)
}

// To returns a RoundTripper that sends every request to base instead of its own
// host, by next. The path of base comes before that of the request. A request is
// sent once, because a provider bills it each time.
func To(base *url.URL, next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(req *http.Request) (*http.Response, error) {
		u := *req.URL
		u.Scheme, u.Host = base.Scheme, base.Host
		if prefix := strings.TrimSuffix(base.Path, "/"); prefix != "" {
			u.RawPath = strings.TrimSuffix(base.EscapedPath(), "/") + u.EscapedPath()
			u.Path = prefix + u.Path
		}
		out := req.WithContext(req.Context()) // a copy that shares the header
		out.URL, out.Host = &u, base.Host
		out.Header = maps.Clone(req.Header) // Once may change it
		exchange.Once(out)
		return next.RoundTrip(out)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// Handler returns a RoundTripper that lets h respond in process. What h writes
// arrives as it is flushed, or when h returns. h runs in a goroutine that ends
// with it; its request's context ends when the caller closes the body, and
// writes then fail.
func Handler(h http.Handler) http.RoundTripper {
	return roundTrip(func(req *http.Request) (*http.Response, error) {
		in := req.Clone(req.Context())
		in.RequestURI = req.URL.RequestURI()
		in.RemoteAddr = "127.0.0.1:0"
		if in.Body == nil {
			in.Body = http.NoBody
		}
		r, w := io.Pipe()
		p := &pipeWriter{header: make(http.Header), body: w, begun: make(chan struct{})}
		go p.serve(h, in)
		select {
		case <-p.begun:
		case <-req.Context().Done():
			_ = r.CloseWithError(errClosed)
			return nil, req.Context().Err()
		}
		if p.failed != nil {
			return nil, p.failed
		}
		return &http.Response{
			Status: http.StatusText(p.status), StatusCode: p.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: p.sent, Body: r, ContentLength: -1, Request: req,
		}, nil
	})
}

var (
	errClosed  = errors.New("upstream: the caller closed the response")
	errAborted = errors.New("upstream: the handler aborted its response")
)

// pipeWriter is the http.ResponseWriter of an in-process handler.
type pipeWriter struct {
	header http.Header
	body   *io.PipeWriter
	once   sync.Once
	begun  chan struct{} // closed when status and sent are set
	status int
	sent   http.Header
	failed error
}

func (w *pipeWriter) serve(h http.Handler, req *http.Request) {
	defer func() {
		if p := recover(); p != nil { // as in net/http: the connection breaks, the server survives
			if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				log.Printf("mockserver: panic serving %s: %v\n%s", req.Host, p, debug.Stack())
			}
			w.once.Do(func() {
				w.failed = errAborted
				close(w.begun)
			})
			_ = w.body.CloseWithError(io.ErrUnexpectedEOF)
		}
	}()
	h.ServeHTTP(w, req)
	w.WriteHeader(http.StatusOK)
	_ = w.body.Close()
}

// Header implements http.ResponseWriter.
func (w *pipeWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *pipeWriter) WriteHeader(status int) {
	if status >= 100 && status < 200 { // informational
		return
	}
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.begun)
	})
}

// Write implements http.ResponseWriter.
func (w *pipeWriter) Write(b []byte) (int, error) {
	if w.header.Get("Content-Type") == "" {
		w.header.Set("Content-Type", http.DetectContentType(b))
	}
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

// Flush implements http.Flusher: only the header is buffered.
func (w *pipeWriter) Flush() { w.WriteHeader(http.StatusOK) }
