package mockserver

import (
	"fmt"
	"slices"

	"github.com/lavapayments/lava-go"
)

// Client returns a client for the server, signed in as the merchant that it
// started with. Options configure it, as in [lava.New]; Client panics if an option
// is rejected.
func (s *Server) Client(opts ...lava.Option) *lava.Client { return s.merchant.Client(opts...) }

// Client returns a client for the server, signed in as this merchant. Options
// configure it, as in [lava.New]; Client panics if an option is rejected.
func (m *Merchant) Client(opts ...lava.Option) *lava.Client {
	c, err := lava.New(slices.Concat([]lava.Option{
		lava.WithSecretKey(m.SecretKey()),
		lava.WithBaseURL(m.server.URL()),
		lava.WithHTTPClient(m.server.HTTPClient()),
	}, opts)...)
	if err != nil {
		panic(fmt.Sprintf("mockserver: client: %v", err))
	}
	return c
}
