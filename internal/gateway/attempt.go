package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
)

// attempt is a call to the provider of one route, and its result.
type attempt struct {
	*call
	route *route
	ctx   attemptContext
	idle  idleLimit

	response *http.Response
	kind     string       // the response's media type
	body     []byte       // of a response passed on whole
	events   *eventStream // of a response passed on event by event
	bytes    *byteStream  // of a response passed on as it arrives
	err      error        // why there is no response to pass on
}

// callKey is the context key of the call that a request to a provider belongs to.
type callKey struct{}

// RequestID returns the id of the call that a request to a provider, with this context, belongs to, or "". It is
// meant for [Config.Upstream].
func RequestID(ctx context.Context) string {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c.admission.RequestID
	}
	return ""
}

func (c *call) newAttempt(rt *route) *attempt {
	a := &attempt{call: c, route: rt, ctx: attemptContext{Context: c.client.Context(), call: c}}
	a.idle.start(c.gateway.cfg.IdleTimeout, a.ctx.end)
	return a
}

// close frees the connection to the provider.
func (a *attempt) close() {
	if a.response != nil {
		_ = a.response.Body.Close()
	}
	if a.events != nil {
		a.events.close()
	}
	a.idle.stop()
	a.ctx.end(context.Canceled)
}

// send sends the request and reads enough of the response to tell whether the provider failed. If so, it returns
// false: nothing was passed on yet, and another provider can be tried.
func (a *attempt) send() bool {
	a.response, a.err = a.gateway.cfg.Upstream.RoundTrip(a.outgoing()) //nolint:bodyclose // close does it
	if a.err == nil {
		a.err = a.checkStatus()
	}
	if a.err != nil {
		return false
	}
	a.kind = mediaType(a.response.Header.Get("Content-Type"))
	if isFailure(a.response.StatusCode) {
		return false // its body is only read if the client will see it
	}
	switch a.manner() {
	case asBytes:
		a.err = a.openBytes()
	case asWhole:
		if a.err = a.readResponseBody(); a.err == nil && a.response.StatusCode < 300 && holdsError(a.body) {
			return !isFailure(statusOf(a.body)) || !a.mayFallBack()
		}
	case asEvents:
		if a.err = a.openEvents(); a.err == nil && a.mayFallBack() {
			return a.events.peek() == nil
		}
	}
	return a.err == nil
}

// mediaType returns the type in a Content-Type. Most responses have one that needs no parser.
func mediaType(contentType string) string {
	switch contentType {
	case "application/json", "text/event-stream":
		return contentType
	case "text/event-stream; charset=utf-8":
		return "text/event-stream"
	}
	kind, _, _ := mime.ParseMediaType(contentType)
	return kind
}

// checkStatus rejects responses that can't be passed on. A redirect is not followed: a client that calls a URL can do
// so itself, but one that asks a model expects the model's response.
func (a *attempt) checkStatus() error {
	switch status := a.response.StatusCode; {
	case status < 200 || status > 999:
		return billing.Errorf(billing.CodeProviderError, "", "%s sent the invalid status %d", a.route.provider.Name, status)
	case isRejection(status) && status < 400 && a.conversation != nil:
		return billing.Errorf(billing.CodeProviderError, "", "%s sent a redirect (status %d), which is not followed", a.route.provider.Name, status)
	}
	return nil
}

// isRejection reports whether a response is an error or a redirect. "Not modified"
// is a result that the client asked for.
func isRejection(status int) bool { return status >= 300 && status != http.StatusNotModified }

// isFailure reports whether the next provider can be tried after a response.
func isFailure(status int) bool { return status >= 500 || status == http.StatusTooManyRequests }

// explain turns the cause of a failed attempt into the client's error.
func (a *attempt) explain(err error) error {
	provider := a.route.provider.Name
	var known *billing.Error
	switch {
	case a.client.Context().Err() != nil:
		return errGone
	case errors.Is(a.ctx.why(), errIdle):
		return billing.Errorf(billing.CodeProviderError, "", "%s sent no data for %s", provider, a.gateway.cfg.IdleTimeout)
	case errors.As(err, &known):
		return known
	case errors.Is(err, io.ErrUnexpectedEOF):
		return billing.Errorf(billing.CodeProviderError, "", "%s closed the connection in the middle of its response", provider)
	case a.response != nil:
		return billing.Errorf(billing.CodeProviderError, "", "%s sent a response that can't be read: %s", provider, err)
	}
	return billing.Errorf(billing.CodeProviderError, "", "%s could not be reached: %s", provider, err)
}

// errGone means that the client has disconnected, so no error needs to be sent.
var errGone = errors.New("the client has disconnected")

// outgoing returns the request to the provider.
func (a *attempt) outgoing() *http.Request {
	to, header := a.route.url, a.header()
	body, compressed := a.asReceived(a.route.body)
	if !compressed {
		header.Del("Content-Encoding")
	}
	out := &http.Request{
		Method:        a.client.Method,
		URL:           to,
		Host:          to.Host,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          http.NoBody,
		ContentLength: int64(len(body)),
	}
	if len(body) > 0 {
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		out.Body = io.NopCloser(bytes.NewReader(body))
	}
	return out.WithContext(&a.ctx)
}

// header returns the client's headers for the provider: without Lava's own and those of the connection, and with the
// provider's key.
func (a *attempt) header() http.Header {
	h := make(http.Header, len(a.client.Header)+2)
	for name, values := range a.client.Header {
		if !strings.HasPrefix(name, "X-Lava-") && !isOfConnection(name) {
			h[name] = values
		}
	}
	stripListed(h, a.client.Header["Connection"])
	a.gateway.withoutCredentials(h)
	if a.route.translation != nil {
		a.route.translation.header(h, a.gateway.places())
	}
	headers := a.gateway.format(a.route).Headers()
	if a.conversation != nil {
		for name, value := range headers.Required {
			if h.Get(name) == "" {
				h.Set(name, value)
			}
		}
	}
	h.Del("Content-Length")
	h["Accept-Encoding"] = identity // the response must be readable
	if h.Get("User-Agent") == "" {
		h["User-Agent"] = nil // otherwise Go sends its own
	}
	key := a.token.ProviderKey
	if key == "" && a.gateway.cfg.ProviderKey != nil {
		key = a.gateway.cfg.ProviderKey(a.route.provider.ID)
	}
	switch name := a.route.provider.KeyHeader; {
	case key == "":
	case name != "":
		h.Set(name, key)
	default:
		headers.Credential.Set(h, key)
	}
	return h
}

var identity = []string{"identity"}

// isOfConnection reports whether a header always belongs to one connection.
func isOfConnection(name string) bool {
	switch name {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization",
		"Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	return false
}

// stripListed removes the headers that the header Connection says belong to it.
func stripListed(h http.Header, connection []string) {
	for _, list := range connection {
		for name := range strings.SplitSeq(list, ",") {
			h.Del(strings.TrimSpace(name))
		}
	}
}
