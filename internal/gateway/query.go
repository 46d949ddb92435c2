package gateway

import (
	"iter"
	"net/url"
	"strings"
)

// cleanURL adds the query parameters of the client's own URL, except Lava's, to a provider's URL.
func cleanURL(u *url.URL, rawQuery string) {
	u.Fragment, u.RawFragment = "", ""
	u.RawQuery = joinQuery(u.RawQuery, ownQuery(rawQuery))
}

// ownQuery returns the part of a client's query that is meant for the provider.
func ownQuery(rawQuery string) string {
	return filterQuery(rawQuery, func(part string) bool { return paramName(part) != metadataParam })
}

// Queries are edited in raw form, because providers may distinguish encodings.

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

// filterQuery returns the parameters of a raw query for which keep returns true.
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
