package exchange

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

const maxRedirects = 3

var redirects = []int{
	http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
	http.StatusTemporaryRedirect, http.StatusPermanentRedirect,
}

// redirect returns the target of a redirect, nil if the response isn't one, or an error if it must not be followed.
// Only 307 and 308 keep method and body, so for requests other than GET only they are followed.
func (r *Request) redirect(resp *http.Response) (*url.URL, error) {
	location := resp.Header.Get("Location")
	if !slices.Contains(redirects, resp.StatusCode) || location == "" {
		return nil, nil
	}
	target, err := r.URL.Parse(location)
	if err != nil {
		return nil, errors.New("the response redirects to a malformed address")
	}
	switch {
	case target.Scheme != r.URL.Scheme || target.Host != r.URL.Host:
		return nil, fmt.Errorf("the response redirects to %s://%s, which must not receive the credentials", target.Scheme, target.Host)
	case r.Method != http.MethodGet && resp.StatusCode < http.StatusTemporaryRedirect:
		return nil, fmt.Errorf("the response redirects a %s in a way that would drop the request body", r.Method)
	case r.Stream != nil:
		return nil, errors.New("the response redirects, but the request body can be sent only once")
	}
	return target, nil
}
