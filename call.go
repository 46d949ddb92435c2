package lava

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// call is one API call, in the terms of the method that makes it.
type call struct {
	method string
	at     endpoint
	query  url.Values
	params any // sent as JSON; nil: no body
	repeat repeatability
	secret string // in params, not to be repeated in errors
}

// do makes a call and decodes the answer into result. This is the way of every
// management call: prepare it once, try it until it succeeds or must not be
// repeated, decode it.
func (c *Client) do(ctx context.Context, call call, result any) error {
	req, err := c.prepare(ctx, call)
	if err != nil {
		return err
	}
	answer, err := try(ctx, c, req, c.attempt)
	if err != nil {
		return err
	}
	defer answer.free()
	answer.tell(ctx, req)
	return answer.decode(req, result)
}

// try makes attempts at a request, again and again as the retry policy allows.
func try[T any](ctx context.Context, c *Client, req *prepared, attempt func(context.Context, *prepared) (T, *Error)) (T, error) {
	uncertain := false
	for {
		req.attempts++
		got, err := attempt(ctx, req)
		if err == nil {
			return got, nil
		}
		err.uncertain = uncertain
		wait, again := c.retry.next(ctx, req, err)
		if !again {
			return got, err
		}
		if stop := sleep(ctx, wait); stop != nil {
			return got, err.interrupted(stop)
		}
		uncertain = uncertain || err.kind == unanswered || err.Status >= 500
	}
}

// The forms in which the services call. What the answer holds is T.

func get[T any](ctx context.Context, c *Client, at endpoint, query url.Values) (*T, error) {
	return result[T](ctx, c, call{method: http.MethodGet, at: at, query: query, repeat: repeatFreely})
}

func post[T any](ctx context.Context, c *Client, at endpoint, params any, repeat repeatability) (*T, error) {
	return result[T](ctx, c, call{method: http.MethodPost, at: at, params: params, repeat: repeat})
}

func patch[T any](ctx context.Context, c *Client, at endpoint, params any) (*T, error) {
	return result[T](ctx, c, call{method: http.MethodPatch, at: at, params: params, repeat: repeatIfRefused})
}

func result[T any](ctx context.Context, c *Client, call call) (*T, error) {
	out := new(T)
	if err := c.do(ctx, call, out); err != nil {
		return nil, err
	}
	return out, nil
}

// confirm makes a call whose answer only says that it was done.
func confirm(ctx context.Context, c *Client, call call) error {
	var done struct {
		Success *bool `json:"success"`
		Deleted *bool `json:"deleted"`
	}
	if err := c.do(ctx, call, &done); err != nil {
		return err
	}
	if isFalse(done.Success) || isFalse(done.Deleted) {
		return &Error{
			Status: http.StatusOK, Method: call.method, Path: call.at.path(c.base.EscapedPath()),
			Message: "the answer says that it was not done", Attempts: 1, kind: final,
		}
	}
	return nil
}

func isFalse(b *bool) bool { return b != nil && !*b }

// remove deletes an object.
func remove(ctx context.Context, c *Client, at endpoint) error {
	err := confirm(ctx, c, call{method: http.MethodDelete, at: at, repeat: repeatFreely})
	var failed *Error
	if errors.As(err, &failed) && failed.Status == http.StatusNotFound && failed.uncertain {
		// An attempt without an answer deleted it, and the next one found nothing.
		return nil
	}
	return err
}

// Do makes a call that this package has no method for yet. The path is relative
// to the base URL and may have a query: "meters?limit=2". Params are sent as
// JSON unless nil; the answer is decoded into result, which may be nil or a
// *[json.RawMessage]. It is authorized and fails like every other call. Only GET
// and DELETE are repeated once sent, because what others do is not known here.
func (c *Client) Do(ctx context.Context, method, path string, params, result any) error {
	at, query, err := parsePath(path)
	if err != nil {
		return err
	}
	repeat := repeatNever
	if method == http.MethodGet || method == http.MethodDelete {
		repeat = repeatFreely
	}
	return c.do(ctx, call{method: method, at: at, query: query, params: params, repeat: repeat}, result)
}
