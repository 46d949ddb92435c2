package exchange

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"
)

// Retries is when a request may be sent again.
type Retries uint8

const (
	// Never is for requests that move money or create a secret: once a byte may have been sent, they are not retried.
	Never Retries = iota
	// IfRejected is for requests that change something: they are retried after 429 and 503, which say that the server
	// did nothing.
	IfRejected
	// Always is for requests that have the same effect if repeated.
	Always
)

// Policy decides whether and when a failed attempt is followed by another.
type Policy struct {
	Max  int           // the maximum number of retries
	Base time.Duration // the longest pause after the first attempt; doubles with each
}

const (
	longestPause = 8 * time.Second

	// If the server asks for a longer pause, the caller gets the failure instead, which contains the pause.
	longestRetryAfter = 30 * time.Second
)

// next returns the pause before the next attempt, and whether there is one.
func (p Policy) next(ctx context.Context, req *Request, f *Failure) (time.Duration, bool) {
	if f.Attempts > p.Max || ctx.Err() != nil || req.Stream != nil || !f.allows(req.Retries) {
		return 0, false
	}
	wait := max(p.jitter(f.Attempts), f.RetryAfter)
	if wait > longestRetryAfter {
		return 0, false
	}
	// An attempt after the deadline can't succeed: the caller gets the existing response now.
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return 0, false
	}
	return wait, true
}

// jitter returns a pause between zero and the whole backoff, so that clients that failed at the same time don't retry
// at the same time.
func (p Policy) jitter(attempt int) time.Duration {
	backoff := longestPause
	if shift := attempt - 1; shift < 16 {
		backoff = min(p.Base<<shift, longestPause)
	}
	return rand.N(backoff + 1)
}

// allows reports whether a request may be retried after the failure.
func (f *Failure) allows(retries Retries) bool {
	switch {
	case f.Reason == Unsent:
		return true
	case retries == Never, f.Reason == Final:
		return false
	case f.Reason == Lost:
		return retries == Always
	}
	switch status := f.Response.Status; status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return true
	default:
		return retries == Always && (status == http.StatusRequestTimeout || status >= 500)
	}
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
