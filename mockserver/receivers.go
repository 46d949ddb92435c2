package mockserver

import (
	"context"
	"crypto/tls"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/delivery"
)

// HandleWebhooks lets a handler receive the deliveries to a host in process, so
// that no port is needed. It receives the deliveries to every webhook whose URL
// has the scheme, host and port of rawURL, as HTTP requests to the path of the
// webhook's URL. The handler may call the server's API, but not [Server.Advance],
// [Server.Settle] or [Server.Close]. A second handler for a host replaces the
// first. Close waits for running handlers, so that what they use, such as a test's
// directory, can be removed afterwards.
func (s *Server) HandleWebhooks(rawURL string, h http.Handler) error {
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return toError(billing.Invalid("url", "%q is not an http or https URL", rawURL))
	}
	return s.deliveries.receivers.handle(u, h)
}

// receivers are the destinations of deliveries: over the network, or to handlers in process.
type receivers struct {
	allowed []string // hosts other than this machine's; set before the first attempt

	mu     sync.Mutex
	hosts  map[string]*inProcess // by host and port
	closed bool
	active int           // running handlers
	idle   chan struct{} // closed when the last of them has ended after close; nil before
}

// inProcess serves a handler without a port.
type inProcess struct {
	listener *pipeListener
	server   *http.Server
	cancel   context.CancelFunc // ends the contexts of the handler's requests
}

// close cancels the requests. net/http alone would only cancel those whose body was read.
func (in *inProcess) close() {
	in.cancel()
	_ = in.server.Close()
}

func (r *receivers) handle(u *url.URL, h http.Handler) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return http.ErrServerClosed
	}
	host := hostPort(u)
	if old, ok := r.hosts[host]; ok {
		old.close()
	}
	if r.hosts == nil {
		r.hosts = map[string]*inProcess{}
	}
	ctx, cancel := context.WithCancel(context.Background())
	in := &inProcess{newPipeListener(), &http.Server{
		Handler:           r.counted(h),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          log.New(quiet{}, "", 0),
		ReadHeaderTimeout: time.Minute,
	}, cancel}
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
	if err := r.check(addr); err != nil {
		return nil, err
	}
	return new(net.Dialer).DialContext(ctx, network, addr)
}

// DialTLSContext skips TLS for receivers in process.
func (r *receivers) DialTLSContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if in := r.inProcess(addr); in != nil {
		return in.listener.DialContext(ctx, network, addr)
	}
	if err := r.check(addr); err != nil {
		return nil, err
	}
	return new(tls.Dialer).DialContext(ctx, network, addr)
}

// check rejects connections to other machines, unless the host was named: a test with production settings must not
// send anything there. Every connection is checked here. Assumption webhook-hosts.
func (r *receivers) check(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || isLoopback(host) || slices.Contains(r.allowed, strings.ToLower(host)) {
		return err
	}
	return refusedHostError(host)
}

// refusedHostError says why nothing was sent to a host, and how to allow it.
type refusedHostError string

func (h refusedHostError) Error() string {
	return fmt.Sprintf("nothing was sent: webhooks are sent only to this machine and to allowed hosts. Allow this host with mockserver.AllowWebhooks(%[1]q) or lavamock -allow-webhooks %[1]s, or receive its webhooks in process with Server.HandleWebhooks", string(h))
}

func (refusedHostError) Is(target error) bool { return target == delivery.ErrRefused }

func (r *receivers) inProcess(addr string) *inProcess {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hosts[addr]
}

// counted is a handler that close waits for, and that can't be entered after close.
func (r *receivers) counted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !r.enter() {
			http.Error(w, http.ErrServerClosed.Error(), http.StatusServiceUnavailable)
			return
		}
		defer r.leave()
		h.ServeHTTP(w, req)
	})
}

func (r *receivers) enter() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.active++
	return true
}

func (r *receivers) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.active--; r.active == 0 && r.idle != nil {
		close(r.idle)
	}
}

// closePatience is how long close waits for handlers after canceling their requests.
const closePatience = 5 * time.Second

// close cancels the requests to handlers, and waits until they have returned.
func (r *receivers) close() error {
	idle := r.cut()
	if idle == nil {
		return nil
	}
	patience := time.NewTimer(closePatience)
	defer patience.Stop()
	select {
	case <-idle:
		return nil
	case <-patience.C:
		return fmt.Errorf("a handler of HandleWebhooks still runs %v after its request was canceled", closePatience)
	}
}

// cut closes the servers and returns a channel that is closed when no handler runs, or nil if none runs now.
func (r *receivers) cut() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for _, in := range r.hosts {
		in.close()
	}
	if r.active > 0 {
		r.idle = make(chan struct{})
	}
	return r.idle
}
