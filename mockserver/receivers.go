package mockserver

import (
	"context"
	"crypto/tls"
	"log"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// HandleWebhooks lets a handler receive the deliveries to a host in process, so
// that no port is needed: those to every webhook whose URL has the scheme, host
// and port of rawURL. They come as HTTP requests, to the path of the webhook's
// URL, and the handler may call the server's API, but neither [Server.Advance]
// nor [Server.Settle]. A second handler for a host replaces the first.
func (s *Server) HandleWebhooks(rawURL string, h http.Handler) error {
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return toError(invalid("url", "%q is not an http or https URL", rawURL))
	}
	return s.deliveries.receivers.handle(u, h)
}

// receivers are where deliveries go: over the network, or to handlers in
// process.
type receivers struct {
	mu     sync.Mutex
	hosts  map[string]*inProcess // by host and port
	closed bool
}

// inProcess serves a handler without a port.
type inProcess struct {
	listener *pipeListener
	server   *http.Server
}

func (r *receivers) handle(u *url.URL, h http.Handler) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return http.ErrServerClosed
	}
	host := hostPort(u)
	if old, ok := r.hosts[host]; ok {
		_ = old.server.Close()
	}
	if r.hosts == nil {
		r.hosts = map[string]*inProcess{}
	}
	in := &inProcess{newPipeListener(), &http.Server{Handler: h, ErrorLog: log.New(quiet{}, "", 0), ReadHeaderTimeout: time.Minute}}
	r.hosts[host] = in
	go func() { _ = in.server.Serve(in.listener) }() // returns when close closes the server
	return nil
}

func hostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// DialContext connects to a receiver.
func (r *receivers) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if in := r.inProcess(addr); in != nil {
		return in.listener.DialContext(ctx, network, addr)
	}
	return new(net.Dialer).DialContext(ctx, network, addr)
}

// DialTLSContext does without TLS where the receiver is in process.
func (r *receivers) DialTLSContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if in := r.inProcess(addr); in != nil {
		return in.listener.DialContext(ctx, network, addr)
	}
	return new(tls.Dialer).DialContext(ctx, network, addr)
}

func (r *receivers) inProcess(addr string) *inProcess {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hosts[addr]
}

func (r *receivers) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for _, in := range r.hosts {
		_ = in.server.Close()
	}
}
