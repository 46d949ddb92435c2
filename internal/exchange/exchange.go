// Package exchange makes HTTP exchanges: it sends a request, reads the response, and retries temporary failures. It
// knows HTTP, but not the API: an exchange returns a [Response] or a [Failure], which the caller turns into its own
// results.
package exchange

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Client makes exchanges. It is safe for concurrent use once its fields are set.
type Client struct {
	// Send sends one request and follows no redirect: see [Sender].
	Send    func(*http.Request) (*http.Response, error)
	Retry   Policy
	MaxBody int64 // of a whole response, in bytes
	// Observe, if it is set, is called with the outcome of each attempt.
	Observe func(context.Context, *Request, Outcome)
}

// Outcome is what came of one attempt.
type Outcome struct {
	Attempt  int // from 1
	Took     time.Duration
	Response Response // as far as received
	Failure  *Failure // nil on success
	Retry    bool     // another attempt follows
	Wait     time.Duration
}

// Do makes an exchange and reads the whole response before the request's timeout. The status is 2xx. The caller
// releases the response.
func (c *Client) Do(ctx context.Context, req *Request) (Response, *Failure) {
	return c.try(ctx, req, (*Client).whole)
}

// Open makes an exchange up to the response's header, whatever its status. The
// caller closes the response's Stream, or reads it with [Client.Read].
func (c *Client) Open(ctx context.Context, req *Request) (Response, *Failure) {
	return c.try(ctx, req, (*Client).open)
}

// try makes attempts until one succeeds or no more are allowed.
func (c *Client) try(ctx context.Context, req *Request, attempt func(*Client, context.Context, *Request) (Response, *Failure)) (Response, *Failure) {
	uncertain := false
	for n := 1; ; n++ {
		var began time.Time
		if c.Observe != nil {
			began = time.Now()
		}
		resp, failure := attempt(c, numbered(ctx, n), req)
		resp.Attempts = n
		if failure == nil {
			if c.Observe != nil {
				c.Observe(ctx, req, Outcome{Attempt: n, Took: time.Since(began), Response: resp})
			}
			return resp, nil
		}
		failure.Attempts, failure.Uncertain = n, uncertain
		wait, again := c.Retry.next(ctx, req, failure)
		if c.Observe != nil {
			c.Observe(ctx, req, Outcome{Attempt: n, Took: time.Since(began), Response: failure.Response, Failure: failure, Retry: again, Wait: wait})
		}
		if !again {
			return resp, failure
		}
		if err := sleep(ctx, wait); err != nil {
			failure.stopped(err)
			return resp, failure
		}
		uncertain = uncertain || failure.mayBeDone()
	}
}

type attemptContextKey struct{}

// numbered returns the context of the nth attempt. The first one needs no context of its own.
func numbered(ctx context.Context, n int) context.Context {
	if n == 1 {
		return ctx
	}
	return context.WithValue(ctx, attemptContextKey{}, n)
}

// Attempt returns the number of the attempt that a request's context belongs to, from 1.
func Attempt(ctx context.Context) int {
	if n, ok := ctx.Value(attemptContextKey{}).(int); ok {
		return n
	}
	return 1
}

// whole makes an attempt and reads the whole response.
func (c *Client) whole(ctx context.Context, req *Request) (Response, *Failure) {
	if req.Timeout != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, req.Timeout.after, req.Timeout.cause)
		defer cancel()
	}
	resp, failure := c.open(ctx, req)
	if failure != nil {
		return Response{}, failure
	}
	return c.Read(resp)
}

// open makes an attempt and leaves the body unread. It follows redirects if that is safe; no other host ever gets the
// credentials.
func (c *Client) open(ctx context.Context, req *Request) (Response, *Failure) {
	for range maxRedirects + 1 {
		resp, err := c.Send(req.attempt(ctx))
		if err != nil {
			return Response{}, NoResponse(err)
		}
		target, err := req.redirect(resp)
		if err != nil {
			resp.Body.Close()
			return Response{}, &Failure{Reason: Final, Response: Response{Status: resp.StatusCode, Header: resp.Header}, Err: err}
		}
		if target == nil {
			return Response{Status: resp.StatusCode, Header: resp.Header, Stream: resp.Body}, nil
		}
		resp.Body.Close()
		next := *req
		next.URL = *target
		req = &next
	}
	return Response{}, NoResponse(fmt.Errorf("stopped after %d redirects", maxRedirects))
}

// Read reads the rest of a response and closes it. It fails like [Client.Do].
func (c *Client) Read(resp Response) (Response, *Failure) {
	defer resp.Stream.Close()
	whole, err := resp.read(c.MaxBody)
	switch {
	case errors.Is(err, ErrTooLarge):
		return whole, &Failure{Reason: Final, Response: whole, Message: fmt.Sprintf("the response is larger than %d bytes", c.MaxBody), Err: err}
	case err != nil:
		return whole, &Failure{Reason: Lost, Response: whole, Message: "the response was cut off", Err: err}
	case !whole.OK():
		return whole, Reject(whole)
	}
	return whole, nil
}
