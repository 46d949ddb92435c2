package gateway

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/translate"
	"github.com/lavapayments/lava-go/internal/eventstream"
	"github.com/lavapayments/lava-go/internal/sse"
)

// header takes out of a client's headers what is of its own format, credentials
// included.
func (t *translation) header(h http.Header) {
	own := map[dialect.Name]string{
		dialect.OpenAI: "Openai-", dialect.Anthropic: "Anthropic-", dialect.Google: "X-Goog-", dialect.Bedrock: "X-Amz",
	}[t.speaks]
	for name := range h {
		if strings.HasPrefix(name, own) {
			delete(h, name)
		}
	}
	for _, place := range places {
		h.Del(place)
	}
	h.Del("Accept")
	h.Set("Content-Type", "application/json")
}

// passInTranslation passes a whole answer on in the client's format. The record is
// of the provider's.
func (c *call) passInTranslation(w http.ResponseWriter, resp *http.Response, body []byte) error {
	readable, err := decompress(resp.Header.Get("Content-Encoding"), body, c.gateway.cfg.MaxBody)
	if err != nil {
		readable = nil
	}
	status, out := resp.StatusCode, []byte(nil)
	if status >= 400 {
		status, out = c.translation.failure(status, readable)
		err = c.fail()
	} else {
		out, err = c.recordTranslated(readable)
	}
	if err != nil {
		return err
	}
	c.copyHeader(w, resp)
	h := w.Header()
	h.Del("Content-Encoding")
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(out)))
	w.WriteHeader(status)
	c.idle.writing(w)
	_, _ = w.Write(out) // the client may be gone: everything is done
	return nil
}

// recordTranslated records a whole answer and returns it in the client's format.
// One that can't be read is the provider's fault, and not charged. Bedrock's answers
// have no id, so they take that of the request (assumption translated-id).
func (c *call) recordTranslated(body []byte) ([]byte, error) {
	usage, ok := c.usageIn(body)
	answer, err := c.translation.provider.ReadResponse(body)
	if !ok || err != nil {
		if err := c.fail(); err != nil {
			return nil, err
		}
		return nil, billing.Errorf(billing.CodeProviderError, "", "%s sent an answer that is not of its format", c.provider.Name)
	}
	answer.Usage = usage
	answer.ID = cmp.Or(answer.ID, c.admission.RequestID)
	answer.Model = cmp.Or(answer.Model, c.request.Model)
	return c.translation.client.WriteResponse(answer), c.record(usage)
}

// failure translates a refusal. 529 is Anthropic's own for an overload.
func (t *translation) failure(status int, body []byte) (int, []byte) {
	e := t.provider.ReadError(status, body)
	if status == 529 && t.speaks != dialect.Anthropic {
		e.Status = http.StatusServiceUnavailable
	}
	return e.Status, t.client.WriteError(e)
}

// stream returns what translates a stream.
func (t *translation) stream(id string) *translate.Stream {
	return translate.NewStream(t.provider, t.client, t.request, id)
}

// streamType is the media type of the client's streams.
func (t *translation) streamType() string {
	switch {
	case t.speaks == dialect.Bedrock:
		return eventstream.ContentType
	case t.request.Array:
		return "application/json; charset=UTF-8"
	}
	return "text/event-stream; charset=utf-8"
}

// passTranslated passes an event on in the client's format. What completes the
// answer is sent after it is recorded; where the provider has no last event, that
// is at the end of its stream.
func (s *eventStream) passTranslated(class dialect.Class, event sse.Event) error {
	if event.Data == nil { // a comment
		return nil
	}
	var err error
	if s.out, err = s.translate.Event(s.out[:0], event.Type, event.Data); err != nil {
		return err
	}
	switch class {
	case dialect.Terminal:
		u, _ := s.usage()
		if err := s.call.record(u); err != nil {
			return err
		}
		if s.out, err = s.translate.End(s.out, u); err != nil {
			return err
		}
	case dialect.Failure: // as an error status: not charged (assumption stream-errors)
		if err := s.call.fail(); err != nil {
			return err
		}
		s.out = s.translate.Fail(s.out, translate.Error{Status: http.StatusInternalServerError})
	}
	return s.send(s.out)
}

// frames reads the events of Amazon's binary streams.
type frames struct{ *eventstream.Reader }

func (f frames) Next() (sse.Event, error) {
	m, raw, err := f.Reader.Next()
	return sse.Event{Type: cmp.Or(m.Header(eventstream.EventType), m.Header(eventstream.ExceptionType)), Data: m.Payload, Raw: raw}, err
}
