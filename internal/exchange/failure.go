package exchange

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Failure is an exchange that failed.
type Failure struct {
	Reason     Reason
	Message    string        // what is wrong, if neither Err nor the response says it
	Err        error         // the cause, or nil
	Response   Response      // as far as received; must not be released
	RetryAfter time.Duration // how long the server asks to wait, or 0
	Attempts   int
	Uncertain  bool // an earlier attempt may have taken effect
}

// Reason is the kind of a failure, which decides whether it is retried.
type Reason uint8

// The reasons.
const (
	Rejected Reason = iota // the server responded with an error status
	Unsent                 // nothing reached the server
	Lost                   // sent, perhaps carried out: no complete response arrived
	Final                  // another attempt would fail in the same way
)

// NoResponse is the failure of a request to which no response arrived.
func NoResponse(err error) *Failure {
	var outer *url.Error // repeats method and address, which may have a key in its query
	if errors.As(err, &outer) {
		err = outer.Err
	}
	return &Failure{Reason: classify(err), Err: err}
}

// classify returns the reason for a transport's error.
func classify(err error) Reason {
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	var handshake tls.RecordHeaderError
	switch {
	case errors.As(err, &certificate), errors.As(err, &handshake):
		return Final // the next attempt would reach the same server
	case errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect"):
		return Unsent
	}
	return Lost
}

// Reject returns the failure that a response with an error status is.
func Reject(resp Response) *Failure {
	return &Failure{Reason: Rejected, Response: resp, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
}

// mayBeDone reports whether the request may have taken effect despite the failure.
func (f *Failure) mayBeDone() bool { return f.Reason == Lost || f.Response.Status >= 500 }

// stopped adds that the caller's context ended the pause before another attempt.
func (f *Failure) stopped(err error) {
	if f.Err == nil {
		f.Err = fmt.Errorf("stopped waiting to retry: %w", err)
	} else {
		f.Err = fmt.Errorf("%w; stopped waiting to retry: %w", f.Err, err)
	}
}

// retryAfter reads a Retry-After header: seconds or a date.
func retryAfter(value string, now time.Time) time.Duration {
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) { // out of range, it is the nearest number
		return max(0, time.Duration(min(seconds, 1<<30))*time.Second)
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}
