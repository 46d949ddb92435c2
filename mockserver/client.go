package mockserver

import "github.com/lavapayments/lava-go"

// Client returns a client for the server, signed in as the merchant that it
// started with.
func (s *Server) Client() *lava.Client { return s.merchant.Client() }

// Client returns a client for the server, signed in as this merchant.
func (m *Merchant) Client() *lava.Client {
	c, err := lava.New(
		lava.WithSecretKey(m.SecretKey()),
		lava.WithBaseURL(m.server.URL()),
		lava.WithHTTPClient(m.server.HTTPClient()),
	)
	if err != nil {
		panic(err) // key and URL are well formed
	}
	return c
}
