package mockserver

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
)

// Observer returns a client that reads the merchant's data and leaves no trace: its
// requests are not recorded as a [Call], meet no [Failure], and don't count toward rate
// limits. So a test can read plans, balances and records between the application's calls.
// Requests that would change something are rejected.
func (m *Merchant) Observer() *lava.Client {
	c, err := lava.New(
		lava.WithSecretKey(testKeyPrefix+"observer"), // never checked
		lava.WithBaseURL(m.server.URL()),
		lava.WithHTTPClient(&http.Client{Transport: observer{m}}),
		lava.WithMaxRetries(0),
	)
	if err != nil {
		panic(fmt.Sprintf("mockserver: observer: %v", err)) // can't fail: the options are valid
	}
	return c
}

// Observer is [Merchant.Observer] of the merchant that the server started with.
func (s *Server) Observer() *lava.Client { return s.merchant.Observer() }

// observer handles the requests of an Observer, without a connection.
type observer struct{ m *Merchant }

// RoundTrip implements [http.RoundTripper].
func (o observer) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	s, w := o.m.server, heldPage{header: http.Header{}, status: http.StatusOK}
	body, err := s.observe(o.m.ID(), &w, r)
	s.respond(&w, r, http.StatusOK, body, err)
	return &http.Response{
		StatusCode: w.status, Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

// observe finds the endpoint of a request and serves it.
func (s *Server) observe(merchant string, w http.ResponseWriter, r *http.Request) (any, error) {
	if r.Method != http.MethodGet {
		return nil, billing.Errorf(billing.CodeForbidden, "", "an Observer only reads; use Client for %s %s", r.Method, r.URL.Path)
	}
	rt, id, err := routes.match(strings.TrimPrefix(r.URL.EscapedPath(), apiPrefix), w, r)
	if err != nil {
		return nil, err
	}
	c := s.newCall(r, merchant, new(keptCall))
	c.id = id
	return rt.handle(c)
}
