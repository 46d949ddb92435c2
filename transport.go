package lava

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Transport sends the traffic of a provider's own SDK through Lava's gateway.
// It is safe for concurrent use. Printing it shows no secret.
type Transport struct {
	client *Client
	token  secret
}

// Transport returns an [http.RoundTripper] for the HTTP client of a provider's
// SDK. The SDK keeps its own address, and may have any key: it is replaced by a
// forward token and never sent.
//
//	transport, err := client.Transport(lava.ForCustomer{CustomerID: id, MeterSlug: "chat"})
//	...
//	openai.NewClient(
//		option.WithHTTPClient(&http.Client{Transport: transport}),
//		option.WithAPIKey("replaced by lava"),
//	)
//
// Nothing is retried here. An SDK's own retries are billed like any request
// where the first one reached the provider.
func (c *Client) Transport(payer Payer) (*Transport, error) {
	token, err := c.GenerateForwardToken(payer)
	if err != nil {
		return nil, err
	}
	return &Transport{client: c, token: hide(string(token))}, nil
}

// The headers in which providers take their keys.
var providerKeyHeaders = []string{"Authorization", "X-Api-Key", "Api-Key", "X-Goog-Api-Key", "Xi-Api-Key"}

// RoundTrip implements [http.RoundTripper].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	target, err := t.gatewayURL(req.URL)
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	out := req.Clone(req.Context())
	out.URL = target
	out.Host = target.Host
	for name := range out.Header {
		if slices.Contains(providerKeyHeaders, http.CanonicalHeaderKey(name)) {
			delete(out.Header, name)
		}
	}
	out.Header.Set("Authorization", "Bearer "+t.token())
	resp, err := t.client.http.Send(out)
	if err != nil {
		return nil, err
	}
	resp.Request = req
	return resp, nil
}

func (t *Transport) gatewayURL(provider *url.URL) (*url.URL, error) {
	if provider.Host == t.client.base.Host {
		return nil, errors.New("lava: the provider SDK's base URL is Lava's own: leave the provider's, the transport replaces it")
	}
	target := *provider
	if strings.HasSuffix(target.Hostname(), ".googleapis.com") {
		target.RawQuery = withoutKey(target.RawQuery)
	}
	return t.client.gatewayURL(target.String(), "")
}

// withoutKey removes the key parameter, in which Google takes its key, and
// leaves the rest of the query as it is.
func withoutKey(query string) string {
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(part, "="); name != "key" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}

// Format implements [fmt.Formatter]: no verb prints the token.
func (t Transport) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "lava.Transport{%v}", t.client) }

// LogValue implements [slog.LogValuer] without the token.
func (t Transport) LogValue() slog.Value { return t.client.LogValue() }
