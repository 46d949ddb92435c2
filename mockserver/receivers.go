package mockserver

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
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
	client *http.Client
	stop   context.CancelFunc // cuts what is on its way
	ctx    context.Context
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

// post makes one attempt. The signature is the lower-case hexadecimal
// HMAC-SHA256 of the body.
func (r *receivers) post(to string, body []byte, secret string, timeout time.Duration) DeliveryAttempt {
	client, ctx := r.start()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return DeliveryAttempt{Error: err.Error()}
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "lava-go-mockserver")
	req.Header.Set("X-Webhook-Signature", hex.EncodeToString(mac.Sum(nil)))
	resp, err := client.Do(req)
	if err != nil {
		return DeliveryAttempt{Error: deliveryError(err, timeout)}
	}
	defer func() { _ = resp.Body.Close() }()
	// The status has said it all; what follows is kept for whoever looks for a
	// fault, and a receiver that never ends it is not waited for.
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	a := DeliveryAttempt{Status: resp.StatusCode, Answer: string(answer)}
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		a.Error = fmt.Sprintf("answered %s, and redirects are not followed", resp.Status)
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		a.Error = "answered " + resp.Status
	}
	return a
}

func deliveryError(err error, timeout time.Duration) string {
	var failed *url.Error // its text has the URL, which is on record anyway
	switch {
	case errors.As(err, &failed) && failed.Timeout():
		return fmt.Sprintf("no answer within %v", timeout)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the receiver hung up without an answer"
	case failed != nil:
		return failed.Err.Error()
	}
	return err.Error()
}

// start returns the client that posts and the context that ends with the server.
func (r *receivers) start() (*http.Client, context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.client == nil {
		r.ctx, r.stop = context.WithCancel(context.Background())
		r.client = &http.Client{
			Transport: &http.Transport{
				DialContext:    r.dial,
				DialTLSContext: r.dialTLS,
				// Nothing is left open between deliveries, so that no attempt
				// fails because of a connection that died in the meantime.
				DisableKeepAlives:      true,
				MaxResponseHeaderBytes: 64 << 10,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
		if r.closed {
			r.stop()
		}
	}
	return r.client, r.ctx
}

func (r *receivers) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if in := r.inProcess(addr); in != nil {
		return in.listener.DialContext(ctx, network, addr)
	}
	return new(net.Dialer).DialContext(ctx, network, addr)
}

// dialTLS does without TLS where the receiver is in process.
func (r *receivers) dialTLS(ctx context.Context, network, addr string) (net.Conn, error) {
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
	if r.stop != nil {
		r.stop()
	}
	for _, in := range r.hosts {
		_ = in.server.Close()
	}
}
