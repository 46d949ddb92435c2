package exchange

import (
	"net/http"
	"slices"
)

// Sender returns how a client sends a request, with layers around its transport,
// the first one outermost, and redirects not followed. A nil client is the
// default one. A client without cookies and a timeout of its own would only cost
// time: its transport is used directly.
func Sender(client *http.Client, layers []func(http.RoundTripper) http.RoundTripper) func(*http.Request) (*http.Response, error) {
	var sender http.Client
	if client != nil {
		sender = *client
	}
	if sender.Transport == nil {
		sender.Transport = http.DefaultTransport
	}
	for _, layer := range slices.Backward(layers) {
		sender.Transport = layer(sender.Transport)
	}
	if sender.Jar == nil && sender.Timeout == 0 {
		return sender.Transport.RoundTrip
	}
	sender.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return func(req *http.Request) (*http.Response, error) {
		req.Header = req.Header.Clone() // cookies are added, and attempts share the header
		return sender.Do(req)
	}
}
