package gateway

import (
	"iter"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
)

// cleanURL gives a provider's URL the query parameters of the client's own URL, less
// what is Lava's.
func cleanURL(u *url.URL, rawQuery string) {
	u.Fragment, u.RawFragment = "", ""
	u.RawQuery = joinQuery(u.RawQuery, ownQuery(rawQuery))
}

// ownQuery is what of the query of a client's URL is the provider's.
func ownQuery(rawQuery string) string {
	return filterQuery(rawQuery, func(part string) bool { return paramName(part) != metadataParam })
}

func badURL(param, what string) error {
	return billing.Errorf(billing.CodeInvalidRequest, param, "%s: %s", param, what)
}

// Queries are edited as they are written, because providers may tell encodings apart.

// queryValues returns the values of a parameter of a raw query, decoded.
func queryValues(rawQuery, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for part := range strings.SplitSeq(rawQuery, "&") {
			if _, v, _ := strings.Cut(part, "="); paramName(part) == name && !yield(unescape(v)) {
				return
			}
		}
	}
}

// paramName is the name of a parameter, decoded.
func paramName(part string) string {
	name, _, _ := strings.Cut(part, "=")
	return unescape(name)
}

// filterQuery returns the parameters of a raw query that are to be kept.
func filterQuery(rawQuery string, keep func(part string) bool) string {
	if rawQuery == "" {
		return ""
	}
	kept := make([]string, 0, 4)
	for part := range strings.SplitSeq(rawQuery, "&") {
		if keep(part) {
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
