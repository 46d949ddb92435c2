package gateway

import (
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// places are where credentials travel. SDKs put Lava's where they would put their provider's.
type places struct {
	headers []string // one of each format
	queries []string // parameters that can replace them
	all     []string // headers, and those that only some servers read
}

func newPlaces(formats dialect.Set) *places {
	p := new(places)
	for _, c := range formats.Credentials() {
		p.headers = append(p.headers, c.Header)
		p.all = append(p.all, c.AllHeaders()...)
		if c.Query != "" {
			p.queries = append(p.queries, c.Query)
		}
	}
	return p
}

// findToken returns the credential of a request: the first that is one of Lava's, headers before queries.
func (p *places) findToken(r *http.Request) (Token, error) {
	var rejected error
	try := func(place, value string) (Token, bool, error) {
		if value == "" {
			return Token{}, false, nil
		}
		if !isLava(value) {
			if rejected == nil {
				rejected = unauthorized(place, "is not one of Lava's credentials: send a secret key (aks_...), a spend key (lava_sk_...) or a forward token (base64 of a JSON object)")
			}
			return Token{}, false, nil
		}
		t, err := parseToken(place, value)
		return t, true, err
	}
	for _, name := range p.headers {
		for _, value := range r.Header.Values(name) {
			if t, found, err := try(strings.ToLower(name), credential(value)); found {
				return t, err
			}
		}
	}
	for _, name := range p.queries {
		for value := range queryValues(r.URL.RawQuery, name) {
			if t, found, err := try(name, value); found {
				return t, err
			}
		}
	}
	if rejected == nil {
		rejected = unauthorized("authorization", "is required: Bearer with a secret key, a spend key or a forward token")
	}
	return Token{}, rejected
}

// clear removes all credentials from headers, including the client's own.
func (p *places) clear(h http.Header) {
	for _, name := range p.all {
		delete(h, name)
	}
}
