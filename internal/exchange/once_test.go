package exchange

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// If a kept connection dies after the server has read a request, net/http resends the request only if it may.
func TestOnceOnADeadConnection(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT"} {
		for _, key := range []string{"", "Idempotency-Key", "X-Idempotency-Key"} {
			for _, body := range []string{"", "{}"} {
				t.Run(method+" "+key+" "+body, func(t *testing.T) {
					t.Parallel()
					var reached atomic.Int32
					server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						_, _ = io.Copy(io.Discard, r.Body)
						if r.URL.Path == "/warm" {
							return
						}
						reached.Add(1)
						assert.Equal(t, key != "", r.Header.Get("Idempotency-Key")+r.Header.Get("X-Idempotency-Key") != "")
						assert.Empty(t, r.TransferEncoding)
						panic(http.ErrAbortHandler)
					}))
					t.Cleanup(server.Close)
					warm(t, server.Client(), server.URL)
					req, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/billed", reader(body))
					require.NoError(t, err)
					if key != "" {
						req.Header.Set(key, "one")
					}
					Once(req)
					_, err = server.Client().Transport.RoundTrip(req)
					require.Error(t, err)
					require.EqualValues(t, 1, reached.Load())
				})
			}
		}
	}
}

func reader(body string) io.Reader {
	if body == "" {
		return nil
	}
	return strings.NewReader(body)
}

func warm(t *testing.T, client *http.Client, url string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/warm", nil)
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
}

// An HTTP/2 server that goes away says which requests it did not process: these are resent.
func TestOnceFollowsGoAway(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "POST"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			address, requests := goingAway(t)
			transport := &http.Transport{
				ForceAttemptHTTP2: true,
				TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // a test's own server
			}
			t.Cleanup(transport.CloseIdleConnections)
			body := ""
			if method == "POST" {
				body = "{}"
			}
			req, err := http.NewRequestWithContext(t.Context(), method, "https://"+address+"/billed", reader(body))
			require.NoError(t, err)
			req.Header.Set("Idempotency-Key", "one")
			Once(req)
			resp, err := transport.RoundTrip(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Equal(t, 200, resp.StatusCode)
			require.Equal(t, 2, resp.ProtoMajor)
			require.EqualValues(t, 2, requests.Load())
		})
	}
}

// goingAway implements the HTTP/2 that a test needs: the first connection goes away without processing its request,
// later ones respond with 200.
func goingAway(t *testing.T) (address string, requests *atomic.Int32) {
	t.Helper()
	certificate := httptest.NewTLSServer(nil)
	certificate.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: certificate.TLS.Certificates, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12,
	})
	require.NoError(t, err)
	requests = new(atomic.Int32)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan struct{})
	go func() {
		defer close(served)
		for first := true; ; first = false {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serveHTTP2(ctx, conn, first, requests)
		}
	}()
	t.Cleanup(func() {
		cancel()
		_ = listener.Close()
		<-served
	})
	return listener.Addr().String(), requests
}

const (
	frameHeaders  = 1
	frameSettings = 4
	frameGoAway   = 7
	endOfAll      = 0x1 | 0x4 // END_STREAM, END_HEADERS
)

func serveHTTP2(ctx context.Context, conn net.Conn, goAway bool, requests *atomic.Int32) {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer func() { _ = conn.Close() }()
	r := bufio.NewReader(conn)
	_, _ = r.Discard(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
	_, _ = conn.Write(frame(frameSettings, 0, 0, nil))
	for {
		var header [9]byte
		if _, err := io.ReadFull(r, header[:]); err != nil {
			return
		}
		length := int(header[0])<<16 | int(header[1])<<8 | int(header[2])
		_, _ = r.Discard(length)
		if header[3] != frameHeaders {
			continue
		}
		requests.Add(1)
		if goAway {
			_, _ = conn.Write(frame(frameGoAway, 0, 0, make([]byte, 8))) // the last stream it processed is 0
			return
		}
		_, _ = conn.Write(frame(frameHeaders, endOfAll, binary.BigEndian.Uint32(header[5:]), []byte{0x88})) // :status 200
	}
}

func frame(kind, flags byte, stream uint32, payload []byte) []byte {
	var b bytes.Buffer
	b.Write([]byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags})
	_ = binary.Write(&b, binary.BigEndian, stream)
	b.Write(payload)
	return b.Bytes()
}
