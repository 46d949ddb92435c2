package gateway

import (
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// places are where credentials travel: a header of each format, and what may stand
// for it. SDKs put Lava's where they would put their provider's.
type places []dialect.Credential

// findToken returns the credential of a request: the first, headers before queries,
// that is one of Lava's.
func (p places) findToken(r *http.Request) (Token, error) {
	var rejected error
	try := func(place, value string) (Token, bool, error) {
		if value == "" {
			return Token{}, false, nil
		}
		if !isLava(value) {
			if rejected == nil {
				rejected = unauthorized(place, "is no Lava credential: give a secret key (aks_...), a spend key (lava_sk_...) or a forward token (base64 of a JSON object)")
			}
			return Token{}, false, nil
		}
		t, err := parseToken(place, value)
		return t, true, err
	}
	for _, c := range p {
		if t, found, err := try(strings.ToLower(c.Header), credential(r.Header.Get(c.Header))); found {
			return t, err
		}
	}
	for _, c := range p {
		if c.Query == "" {
			continue
		}
		if t, found, err := try(c.Query, queryValue(r.URL.RawQuery, c.Query)); found {
			return t, err
		}
	}
	if rejected == nil {
		rejected = unauthorized("authorization", "is required: Bearer with a secret key, a spend key or a forward token")
	}
	return Token{}, rejected
}

// strip removes Lava's credentials from headers that go to a provider.
func (p places) strip(h http.Header) {
	p.remove(h, func(value string) bool { return isLava(credential(value)) })
}

// clear removes all credentials from headers.
func (p places) clear(h http.Header) { p.remove(h, func(string) bool { return true }) }

func (p places) remove(h http.Header, condition func(value string) bool) {
	for _, c := range p {
		for _, name := range c.AllHeaders() {
			if condition(h.Get(name)) {
				h.Del(name)
			}
		}
	}
}

// stripQuery drops the parameters that hold a Lava credential, and leaves a
// provider's own.
func (p places) stripQuery(rawQuery string) string {
	for _, c := range p {
		if c.Query != "" && strings.Contains(rawQuery, c.Query+"=") && isLava(queryValue(rawQuery, c.Query)) {
			rawQuery = withoutParam(rawQuery, c.Query)
		}
	}
	return rawQuery
}
