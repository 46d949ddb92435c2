package lava

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

const (
	retryBase  = 500 * time.Millisecond
	retryLimit = 8 * time.Second

	// If the server asks for a longer pause, the caller gets the error instead,
	// and with it the pause to plan with.
	retryAfterLimit = 30 * time.Second
)

// repeatability says when a call may be sent again.
type repeatability uint8

const (
	// repeatNever is for calls that move money or make a secret: once a byte may
	// have been sent, they are not repeated.
	repeatNever repeatability = iota
	// repeatIfRefused is for calls that change something: they are repeated also
	// after 429 and 503, with which the server says that it did nothing.
	repeatIfRefused
	// repeatFreely is for calls that have the same effect twice as once.
	repeatFreely
)

// repeatByID returns the repeatability of a creation that Lava recognizes by an
// id that the caller chose, if there is one.
func repeatByID(id string) repeatability {
	if id == "" {
		return repeatIfRefused
	}
	return repeatFreely
}

// retryPolicy decides whether and when a failed attempt is followed by another.
type retryPolicy struct {
	max       int
	base      time.Duration // the longest pause after the first attempt; doubles with each
	limit     time.Duration // the longest pause ever
	trustKeys bool          // see WithIdempotentRetries
}

// next returns the pause before the next attempt, and whether there is one.
func (r retryPolicy) next(ctx context.Context, req *prepared, err *Error) (time.Duration, bool) {
	if err.Attempts > r.max || ctx.Err() != nil || req.stream != nil || !r.allows(req, err) {
		return 0, false
	}
	wait := max(r.jitter(err.Attempts), err.RetryAfter)
	if wait > retryAfterLimit {
		return 0, false
	}
	// An attempt after the deadline can't succeed: the caller gets the answer
	// there is, now.
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return 0, false
	}
	return wait, true
}

// jitter returns a pause between none and the whole backoff, so that many
// clients that failed together do not come back together.
func (r retryPolicy) jitter(attempt int) time.Duration {
	backoff := r.limit
	if shift := attempt - 1; shift < 16 {
		backoff = min(r.base<<shift, r.limit)
	}
	return rand.N(backoff + 1)
}

func (r retryPolicy) allows(req *prepared, err *Error) bool {
	repeat := req.repeat
	if repeat == repeatIfRefused && r.trustKeys && req.idempotencyKey != "" {
		repeat = repeatFreely
	}
	switch {
	case err.kind == unsent:
		return true
	case repeat == repeatNever, err.kind == final:
		return false
	case err.kind == unanswered:
		return repeat == repeatFreely
	case err.Status == http.StatusTooManyRequests, err.Status == http.StatusServiceUnavailable:
		return true
	case err.Status == http.StatusRequestTimeout, err.Status >= 500:
		return repeat == repeatFreely
	}
	return false
}

// sleep waits, or returns early with the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// classify tells what a transport error says about the request.
func classify(err error) errorKind {
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	var handshake tls.RecordHeaderError
	switch {
	case errors.As(err, &certificate), errors.As(err, &handshake):
		return final // the next attempt meets the same server
	case errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect"):
		return unsent
	}
	return unanswered
}

// parseRetryAfter reads a Retry-After header: seconds or a date.
func parseRetryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(value); err == nil {
		return max(0, time.Duration(min(seconds, 1<<30))*time.Second)
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}
