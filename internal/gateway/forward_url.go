package gateway

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
)

// forwardURL returns the provider URL that a forward request names: u, decoded once, and every later query parameter
// in order, without metadata. Parameters before u don't belong to the provider (assumption forward-target).
func forwardURL(r *http.Request) (*url.URL, error) {
	raw, later, ok := cutURL(r.URL.RawQuery)
	if !ok {
		return nil, billing.Invalid("u", `is required: the provider's URL, as in ?u=https://api.openai.com/v1/chat/completions`)
	}
	// Not QueryUnescape: a plus in a raw URL is a plus.
	decoded, err := url.PathUnescape(raw)
	if err != nil {
		decoded = raw // a raw URL with a percent sign that doesn't start an escape
	}
	u, err := url.Parse(decoded)
	if err != nil {
		return nil, billing.Invalid("u", "is not a valid URL")
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, billing.Invalid("u", "must be an absolute URL that begins with https://")
	}
	cleanURL(u, later)
	return u, nil
}

// cutURL splits a raw query at the parameter u.
func cutURL(rawQuery string) (u, later string, ok bool) {
	for rest := rawQuery; rest != ""; {
		part, after, _ := strings.Cut(rest, "&")
		if value, is := strings.CutPrefix(part, "u="); is {
			return value, after, value != ""
		}
		rest = after
	}
	return "", "", false
}
