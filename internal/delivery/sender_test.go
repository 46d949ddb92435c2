package delivery_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/delivery"
)

// network is the real network, without TLS.
type network struct{ net.Dialer }

func (n *network) DialTLSContext(ctx context.Context, protocol, addr string) (net.Conn, error) {
	return n.DialContext(ctx, protocol, addr)
}

func newSender(t *testing.T, dialer delivery.Dialer, timeout time.Duration) *delivery.Sender {
	t.Helper()
	s := delivery.NewSender(dialer, timeout)
	t.Cleanup(s.Close)
	return s
}

func TestPost(t *testing.T) {
	t.Parallel()
	const body = `{"event":"customer.created"}`
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, err := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte("whsec_1"))
		mac.Write(got)
		if err != nil || r.Method != http.MethodPost || string(got) != body || r.Header.Get("Content-Type") != "application/json" ||
			r.Header.Get("X-Webhook-Signature") != hex.EncodeToString(mac.Sum(nil)) {
			http.Error(w, "not as expected", http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "thanks")
	}))
	t.Cleanup(app.Close)
	s := newSender(t, &network{}, time.Minute)
	require.Equal(t, delivery.Outcome{Status: 202, Response: "thanks"}, s.Post(app.URL, delivery.Sign([]byte(body), "whsec_1"), []byte(body)))
	require.Equal(t, delivery.Outcome{Status: 400, Response: "not as expected\n", Error: "responded with 400 Bad Request"}, s.Post(app.URL, delivery.Sign([]byte(body), "whsec_2"), []byte(body)))
}

// Receivers that redirect and those with invalid responses have different errors.
func TestBadReceivers(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/redirects", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/elsewhere", func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") })
	mux.HandleFunc("/panics", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/garbage", func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, "HELO\r\n\r\n")
		_ = conn.Close()
	})
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(strings.Repeat("a", 4096))); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/switches", func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		_, _ = io.Copy(io.Discard, conn) // until the sender closes it
		_ = conn.Close()
	})
	app := httptest.NewServer(mux)
	t.Cleanup(app.Close)
	closed := httptest.NewServer(mux)
	closed.Close()
	s := newSender(t, &network{}, time.Minute)
	for _, tt := range []struct{ name, url, says string }{
		{"redirects", app.URL + "/redirects", "responded with 307 Temporary Redirect to /elsewhere, and redirects are not followed"},
		{"panics", app.URL + "/panics", "the receiver closed the connection without a response"},
		{"garbage", app.URL + "/garbage", "malformed HTTP"},
		{"switches", app.URL + "/switches", "responded with 101 Switching Protocols"},
		{"missing", app.URL + "/missing", "responded with 404 Not Found"},
		{"closed", closed.URL, "connection refused"},
		{"not a URL", "http://a b", "invalid"},
		{"endless", app.URL + "/endless", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := s.Post(tt.url, "whsec_1", []byte(`{}`))
			if tt.says == "" {
				require.Empty(t, o.Error)
				require.Len(t, o.Response, 1024)
				return
			}
			require.Contains(t, o.Error, tt.says)
		})
	}
}

// silence is a network of receivers that accept everything and never respond.
type silence struct{}

func (n silence) DialContext(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go func() { _, _ = io.Copy(io.Discard, theirs) }() // ends with the connection
	return ours, nil
}

func (n silence) DialTLSContext(ctx context.Context, protocol, addr string) (net.Conn, error) {
	return n.DialContext(ctx, protocol, addr)
}

func TestTimeoutAndClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, silence{}, 10*time.Second)
		start := time.Now()
		require.Equal(t, delivery.Outcome{Error: "no response within 10s"}, s.Post("https://app.example.com", "", nil))
		require.Equal(t, 10*time.Second, time.Since(start))

		go func() {
			time.Sleep(time.Second)
			s.Close()
		}()
		require.Equal(t, "context canceled", s.Post("https://app.example.com", "", nil).Error)
		require.Equal(t, 11*time.Second, time.Since(start))
	})
}
