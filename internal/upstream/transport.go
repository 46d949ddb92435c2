package upstream

import (
	"net"
	"net/http"
	"time"
)

// NewTransport returns a transport to real providers that is fit for a gateway.
//
// A gateway has as many concurrent requests to one host as it has clients. With Go's
// default of two idle connections a host, most requests dial: that was a quarter of
// the work of a request. How long a provider may take to respond is not limited here:
// the gateway's own limit of silence is.
func NewTransport() *http.Transport {
	dialer := net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		MaxIdleConnsPerHost:   1024,
		IdleConnTimeout:       90 * time.Second,
		DisableCompression:    true, // responses are passed on unchanged
		ForceAttemptHTTP2:     true, // a custom dialer would turn it off otherwise
		// One HTTP/2 connection carries many streams: one that has died silently is detected before it has failed all
		// of them.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
	}
}
