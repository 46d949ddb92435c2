package gateway

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/translate"
)

// translation is between a client and a provider that speak different formats.
type translation struct {
	client   translate.Format
	format   dialect.Name // the client's
	provider translate.Format
	request  *translate.Request // as it was sent
}

// header takes out of a client's headers what is of its own format, credentials
// included.
func (t *translation) header(h http.Header) {
	for name := range h {
		if strings.HasPrefix(name, headerPrefixes[t.format]) {
			delete(h, name)
		}
	}
	for _, place := range places {
		h.Del(place)
	}
	h.Del("Accept")
	h.Set("Content-Type", "application/json")
}

// failure translates a refusal.
func (t *translation) failure(status int, body []byte) (int, []byte) {
	e := t.provider.ReadError(status, body)
	e.Status = statusFor(t.format, e.Status)
	return e.Status, t.client.WriteError(e)
}

// stream returns what translates a stream.
func (t *translation) stream(id string) *translate.Stream {
	return translate.NewStream(t.provider, t.client, t.request, id)
}

// streamType is the media type of the client's streams.
func (t *translation) streamType() string { return streamType(t.format, t.request.Array) }

// passTranslated passes a whole response on in the client's format. The record is
// of the provider's.
func (a *attempt) passTranslated(w http.ResponseWriter) error {
	readable, err := decompress(a.response.Header.Get("Content-Encoding"), a.body, a.gateway.cfg.MaxBody)
	if err != nil {
		readable = nil
	}
	status, out := a.response.StatusCode, []byte(nil)
	if status >= 400 {
		status, out = a.route.translation.failure(status, readable)
		err = a.fail()
	} else {
		out, err = a.recordTranslated(readable)
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
	_, _ = w.Write(out) // the client may be gone: everything is done
	return nil
}

// recordTranslated records a whole response and returns it in the client's format.
// One that can't be read is the provider's fault, and not charged. Bedrock's responses
// have no id, so they take that of the request (assumption translated-id).
func (a *attempt) recordTranslated(body []byte) ([]byte, error) {
	usage, ok := usageIn(body, a.route.request)
	response, err := a.route.translation.provider.ReadResponse(body)
	if !ok || err != nil {
		return nil, a.failWith(billing.Errorf(billing.CodeProviderError, "", "%s sent a response that is not of its format", a.route.provider.Name))
	}
	response.Usage = usage
	response.ID = cmp.Or(response.ID, a.admission.RequestID)
	response.Model = cmp.Or(response.Model, a.route.request.Model)
	return a.route.translation.client.WriteResponse(response), a.record(usage)
}
