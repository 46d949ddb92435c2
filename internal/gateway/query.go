package gateway

import (
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
)

// cleanURL makes a provider's URL, which a client gave as param, one to send to: with
// the query parameters of the client's own URL, and less what is Lava's.
func (g *Gateway) cleanURL(param string, u *url.URL, rawQuery string) error {
	if u.User != nil {
		return badURL(param, "must not hold a user name or password")
	}
	u.Fragment, u.RawFragment = "", ""
	u.RawQuery = joinQuery(g.places().stripQuery(u.RawQuery), g.ownQuery(rawQuery))
	return nil
}

// ownQuery is what of the query of a client's URL is the provider's.
func (g *Gateway) ownQuery(rawQuery string) string {
	return withoutParam(g.places().stripQuery(rawQuery), metadataParam)
}

func badURL(param, what string) error {
	return billing.Errorf(billing.CodeInvalidRequest, param, "%s: %s", param, what)
}

// Queries are edited as they are written, because providers may tell encodings apart.

// queryValue returns the first value of a parameter of a raw query, decoded.
func queryValue(rawQuery, name string) string {
	for part := range strings.SplitSeq(rawQuery, "&") {
		if k, v, _ := strings.Cut(part, "="); k == name {
			if decoded, err := url.QueryUnescape(v); err == nil {
				// Base64 has pluses, which a query that is not encoded loses.
				return strings.ReplaceAll(decoded, " ", "+")
			}
			return v
		}
	}
	return ""
}

func withoutParam(rawQuery, name string) string {
	if !strings.Contains(rawQuery, name) {
		return rawQuery
	}
	var kept []string
	for part := range strings.SplitSeq(rawQuery, "&") {
		if k, _, _ := strings.Cut(part, "="); k != name {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}

func joinQuery(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + "&" + b
}
