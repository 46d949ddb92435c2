package mockserver

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// conn is a connection that a long response can leave with one write. net/http has 4 KB of
// buffer and no setting for it, so that a stream of 5 KB from a fake was two system calls for
// the server and two for its client: a fifth of the server's CPU.
//
// It needs no lock: the goroutine that runs a handler is the one that writes to the connection.
type conn struct {
	net.Conn // without io.ReaderFrom, which would overtake what is held
	gathers  bool
	held     *[]byte // nil if nothing is held
}

// mostHeld bounds what waits for the end of a response.
const mostHeld = 64 << 10

var heldBuffers = sync.Pool{New: func() any { return new([]byte) }}

// gathering is a listener that accepts connections of this kind.
type gathering struct{ net.Listener }

// Accept implements [net.Listener].
func (l gathering) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c}, nil
}

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

// gather holds what is written from now on, until [conn.release] or [conn.send].
func (c *conn) gather() { c.gathers = true }

// release holds nothing more. What is held leaves with the next write, which must follow.
func (c *conn) release() { c.gathers = false }

// send writes what is held, and holds nothing more.
func (c *conn) send() error {
	c.gathers = false
	return c.sendHeld()
}

// Write implements net.Conn.
func (c *conn) Write(p []byte) (int, error) {
	if c.held == nil {
		if !c.gathers {
			return c.Conn.Write(p)
		}
		c.held = heldBuffers.Get().(*[]byte)
	}
	if len(*c.held)+len(p) > mostHeld {
		if err := c.sendHeld(); err != nil {
			return 0, err
		}
		return c.Conn.Write(p)
	}
	*c.held = append(*c.held, p...)
	if c.gathers {
		return len(p), nil
	}
	if err := c.sendHeld(); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (c *conn) sendHeld() error {
	held := c.held
	if held == nil {
		return nil
	}
	c.held = nil
	_, err := c.Conn.Write(*held)
	*held = (*held)[:0]
	heldBuffers.Put(held)
	return err
}

// CloseWrite is what net/http looks for when it closes a connection whose client still sends.
func (c *conn) CloseWrite() error {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		return tcp.CloseWrite()
	}
	return nil
}
