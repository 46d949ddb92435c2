package lava

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

const maxRedirects = 3

// attempt sends a request once and reads the whole answer, within the time that
// an attempt may take.
func (c *Client) attempt(ctx context.Context, req *prepared) (answer, *Error) {
	if req.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, req.timeout, req.timedOut)
		defer cancel()
	}
	resp, failure := c.open(ctx, req)
	if failure != nil {
		return answer{}, failure
	}
	defer resp.Body.Close()
	a, err := readAnswer(resp, c.maxAnswer)
	switch {
	case errors.Is(err, ErrResponseTooLarge):
		failure = a.unusable(req, fmt.Sprintf("the answer is larger than %d bytes", c.maxAnswer), err)
	case err != nil:
		failure = a.cut(req, err)
	case a.status < 200 || a.status > 299:
		failure = a.refusal(req)
	default:
		return a, nil
	}
	a.free()
	return answer{}, failure
}

// open sends a request and returns the answer with its body unread. Redirects
// are followed where that is safe; no other host ever gets the credentials.
func (c *Client) open(ctx context.Context, req *prepared) (*http.Response, *Error) {
	for range maxRedirects + 1 {
		resp, err := c.send(req.request(ctx))
		if err != nil {
			return nil, req.noAnswer(err)
		}
		target, err := req.redirect(resp)
		if err != nil {
			resp.Body.Close()
			return nil, req.redirectRefused(resp, err)
		}
		if target == nil {
			return resp, nil
		}
		resp.Body.Close()
		next := *req
		next.url = *target
		req = &next
	}
	return nil, req.noAnswer(fmt.Errorf("stopped after %d redirects", maxRedirects))
}

var redirects = []int{
	http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
	http.StatusTemporaryRedirect, http.StatusPermanentRedirect,
}

// redirect returns where an answer redirects to, nil if it does not, or why it
// is not followed. Only 307 and 308 keep method and body, so only they are
// followed with what is not a GET.
func (p *prepared) redirect(resp *http.Response) (*url.URL, error) {
	location := resp.Header.Get("Location")
	if !slices.Contains(redirects, resp.StatusCode) || location == "" {
		return nil, nil
	}
	target, err := p.url.Parse(location)
	if err != nil {
		return nil, errors.New("the answer redirects to a malformed address")
	}
	switch {
	case target.Scheme != p.url.Scheme || target.Host != p.url.Host:
		return nil, fmt.Errorf("the answer redirects to %s://%s, which must not see the credentials", target.Scheme, target.Host)
	case p.method != http.MethodGet && resp.StatusCode < http.StatusTemporaryRedirect:
		return nil, fmt.Errorf("the answer redirects a %s in a way that would drop the request body", p.method)
	case p.stream != nil:
		return nil, errors.New("the answer redirects, but the request body can be sent only once")
	}
	return target, nil
}
