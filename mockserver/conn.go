package mockserver

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// conn is a connection that a long response can leave with one write. net/http has 4 KB of
// buffer and no setting for it, so that a stream of 5 KB from a fake was two system calls for
// the server and two for its client: a fifth of the server's CPU.
type conn struct {
	net.Conn // without io.ReaderFrom, which would overtake what is held
	mu       sync.Mutex
	gathers  bool
	held     *[]byte
}

// mostHeld bounds what waits for the end of a response.
const mostHeld = 64 << 10

var heldBuffers = sync.Pool{New: func() any { return new([]byte) }}

type connKey struct{}

// withConn is for [http.Server.ConnContext].
func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// connOf returns the connection of a request; nil if it is not one of ours, or shared by
// several requests.
func connOf(r *http.Request) *conn {
	if r.ProtoMajor != 1 {
		return nil
	}
	c, _ := r.Context().Value(connKey{}).(*conn)
	return c
}

// sendIdle is for [http.Server.ConnState]: a connection is idle when a response has ended.
func sendIdle(c net.Conn, state http.ConnState) {
	if c, ok := c.(*conn); ok && state == http.StateIdle {
		_ = c.send() // the next read tells the server that the client is gone
	}
}

// gather holds what is written from now on until [conn.send].
func (c *conn) gather() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gathers = true
}

// Write implements net.Conn.
func (c *conn) Write(p []byte) (int, error) {
	if c.hold(p) {
		return len(p), nil
	}
	if err := c.send(); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

func (c *conn) hold(p []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.gathers {
		return false
	}
	if c.held == nil {
		c.held = heldBuffers.Get().(*[]byte)
	}
	if len(*c.held)+len(p) > mostHeld {
		return false
	}
	*c.held = append(*c.held, p...)
	return true
}

// send writes what is held, and holds nothing more.
func (c *conn) send() error {
	c.mu.Lock()
	held := c.held
	c.held, c.gathers = nil, false
	c.mu.Unlock()
	if held == nil {
		return nil
	}
	_, err := c.Conn.Write(*held)
	*held = (*held)[:0]
	heldBuffers.Put(held)
	return err
}

// Close implements net.Conn. What is held is sent, if the client takes it.
func (c *conn) Close() error {
	_ = c.SetWriteDeadline(time.Now().Add(time.Second))
	_ = c.send()
	return c.Conn.Close()
}

// CloseWrite is what net/http looks for when it closes a connection whose client still sends.
func (c *conn) CloseWrite() error {
	_ = c.send()
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		return tcp.CloseWrite()
	}
	return nil
}
