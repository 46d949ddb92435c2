package gateway

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// translation is the translation between a client and a provider with different formats, or of responses that deviate
// from a format that both have.
type translation struct {
	client   dialect.Chat
	provider dialect.Chat
	request  *dialect.Request // as sent
}

// header removes from a client's headers those of its own format, including credentials.
func (t *translation) header(h http.Header, all *places) {
	own := t.client.Headers().Prefix
	for name := range h {
		if strings.HasPrefix(name, own) {
			delete(h, name)
		}
	}
	all.clear(h)
	h.Del("Accept")
	h.Set("Content-Type", "application/json")
}

// failure translates a rejection.
func (t *translation) failure(status int, body []byte) (int, []byte) {
	return t.client.WriteError(t.provider.ReadError(status, body))
}

// passTranslated passes a whole response on in the client's format. The record is based on the provider's.
func (a *attempt) passTranslated(w http.ResponseWriter) error {
	readable, err := decompress(a.response.Header.Get("Content-Encoding"), a.body, a.gateway.cfg.MaxBody)
	if err != nil {
		readable = nil
	}
	status := a.response.StatusCode
	var out []byte
	if status >= 400 {
		status, out = a.route.translation.failure(status, readable)
		err = a.fail()
	} else {
		status, out, err = a.recordTranslated(status, readable)
	}
	if err != nil {
		return err
	}
	a.copyHeader(w)
	h := w.Header()
	h.Del("Content-Encoding")
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(out)))
	a.begin(w, status)
	_, _ = w.Write(out) // the client may have disconnected; everything is recorded
	return nil
}

// recordTranslated records a whole response and returns it in the client's format. One that can't be parsed is the
// provider's fault, but it was generated: it is charged if it reports usage (assumption unreadable-responses).
// Bedrock's responses have no id, so they get that of the request (assumption translated-id). An error that came with
// the status of a success gets the status that it names.
func (a *attempt) recordTranslated(status int, body []byte) (int, []byte, error) {
	usage, reported, ok := usageIn(a.response.Header, body, a.route.request)
	outcome := a.fail
	if reported {
		outcome = func() error { return a.record(usage) }
	}
	if holdsError(body) {
		status, out := a.route.translation.failure(statusOf(body), body)
		return status, out, outcome()
	}
	response, err := a.route.translation.provider.ReadResponse(body)
	if !ok || err != nil || len(response.Choices) == 0 {
		return 0, nil, cmp.Or(outcome(), error(billing.Errorf(billing.CodeProviderError, "", "%s sent a response that is not in its format", a.route.provider.Name)))
	}
	response.Usage, response.Created = usage, a.admission.At
	response.RestoreNames(a.route.translation.provider.Limits().Originals(a.route.translation.request))
	response.ID = cmp.Or(response.ID, a.admission.RequestID)
	response.Model = cmp.Or(response.Model, a.route.request.Model)
	return status, a.route.translation.client.WriteResponse(response), a.record(usage)
}
