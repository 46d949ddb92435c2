// Package delivery sends webhooks. The caller decides what to send, where and when; this package makes one attempt
// and reports the outcome.
package delivery

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxResponse is how much of a response's body is kept.
const maxResponse = 1 << 10

// Outcome is what came of an attempt.
type Outcome struct {
	Status   int    // of the response; 0 without a response
	Response string // the first KiB of its body
	Error    string // why the attempt failed; empty on success
	Refused  bool   // the dialer refused to connect: see [ErrRefused]
}

// ErrRefused is in the errors of a [Dialer] that does not connect to a host because
// it must not, so that another attempt would fail too.
var ErrRefused = errors.New("refused")

// Dialer makes connections to receivers.
type Dialer interface {
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
	DialTLSContext(ctx context.Context, network, addr string) (net.Conn, error)
}

// Sender makes attempts. Its methods are safe for concurrent use.
type Sender struct {
	client  *http.Client
	timeout time.Duration
	ctx     context.Context //nolint:containedctx // ends with the sender
	stop    context.CancelFunc
}

// NewSender returns a sender whose receivers must respond in the given time.
func NewSender(dialer Dialer, timeout time.Duration) *Sender {
	s := &Sender{timeout: timeout, client: &http.Client{
		Transport: &http.Transport{
			DialContext:    dialer.DialContext,
			DialTLSContext: dialer.DialTLSContext,
			// No connection is kept between attempts, so that none fails because of a connection that died in the
			// meantime.
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Close cancels the attempts in progress.
func (s *Sender) Close() { s.stop() }

// Sign returns the signature of a body: its lower-case hexadecimal HMAC-SHA256.
func Sign(body []byte, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// Header returns the header of a delivery with a signature.
func Header(signature string) http.Header {
	return http.Header{"Content-Type": {"application/json"}, "User-Agent": {"lava-go-mockserver"}, "X-Webhook-Signature": {signature}}
}

// Post makes one attempt.
func (s *Sender) Post(to, signature string, body []byte) Outcome {
	ctx, cancel := context.WithTimeout(s.ctx, s.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return Outcome{Error: err.Error()}
	}
	req.Header = Header(signature)
	resp, err := s.client.Do(req)
	if err != nil {
		return Outcome{Error: s.failure(err), Refused: errors.Is(err, ErrRefused)}
	}
	defer func() { _ = resp.Body.Close() }()
	o := Outcome{Status: resp.StatusCode}
	if resp.StatusCode != http.StatusSwitchingProtocols { // what follows is a connection, and no context ends a read from it
		// The status is decisive. The body is kept for people who debug, and a receiver that never ends it isn't
		// waited for.
		response, _ := io.ReadAll(io.LimitReader(resp.Body, maxResponse))
		o.Response = string(response)
	}
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		o.Error = fmt.Sprintf("responded with %s to %.200s, and redirects are not followed", resp.Status, cmp.Or(resp.Header.Get("Location"), "nowhere"))
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		o.Error = "responded with " + resp.Status
	}
	return o
}

// TimedOut returns the error text of an attempt that got no response in time.
func (s *Sender) TimedOut() string { return fmt.Sprintf("no response within %v", s.timeout) }

// failure explains why there was no response.
func (s *Sender) failure(err error) string {
	var failed *url.Error // its text repeats the URL, which is recorded anyway
	switch {
	case errors.As(err, &failed) && failed.Timeout():
		return s.TimedOut()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the receiver closed the connection without a response"
	case failed != nil:
		return failed.Err.Error()
	}
	return err.Error()
}
