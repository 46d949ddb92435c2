package mockserver

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

func (s *Server) listen() error {
	speaks := protocols
	if s.cfg.inMemory {
		s.listener, speaks = newPipeListener(), onlyHTTP1
	} else {
		l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", s.cfg.addr)
		if err != nil {
			return fmt.Errorf("listen on %s: %w", s.cfg.addr, err)
		}
		s.listener = tcpListener{l}
	}
	s.client = &http.Client{Transport: &http.Transport{
		DialContext:         s.listener.DialContext,
		MaxIdleConnsPerHost: 64,
		DisableCompression:  true,
	}}
	s.http = &http.Server{
		Handler:           s,
		Protocols:         speaks,
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog:          silence,
		ConnContext:       withConn,
	}
	s.http.RegisterOnShutdown(s.endWaits) // they would block it
	// It returns when Close closes the listener.
	go func() { _ = s.http.Serve(gathering{s.listener}) }()
	return nil
}

// protocols are those that the server speaks on each connection: HTTP/1.1, and HTTP/2 without TLS for clients that
// start with it, as Amazon's SDKs do.
var protocols = func() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(true)
	return p
}()

// onlyHTTP1 is for a server in memory, which only its own client reaches: preparing for HTTP/2 takes a twentieth of a
// start.
var onlyHTTP1 = func() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	return p
}()

var silence = log.New(quiet{}, "", 0)

// quiet drops what net/http would log about clients that disconnect. Panics are logged: they are bugs in handlers,
// which are often the application's own.
type quiet struct{}

func (quiet) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("panic serving")) {
		log.Print(string(p))
	}
	return len(p), nil
}

// listener accepts connections and can open one to itself.
type listener interface {
	net.Listener
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
	Host() string
}

// tcpListener listens on a port that any HTTP client can reach.
type tcpListener struct{ net.Listener }

func (l tcpListener) Host() string {
	host, port, _ := net.SplitHostPort(l.Addr().String())
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1" // can't connect to the address of all interfaces
	}
	return net.JoinHostPort(host, port)
}

func (l tcpListener) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, addr)
}

// pipeListener is in memory. It uses no port, and waiting on it is durable in a testing/synctest bubble.
type pipeListener struct {
	conns  chan net.Conn
	done   chan struct{}
	closed sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *pipeListener) Host() string { return "lava.localhost" }

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Close() error {
	l.closed.Do(func() { close(l.done) })
	return nil
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }

func (pipeAddr) String() string { return "pipe" }
