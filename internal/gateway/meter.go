package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/eventstream"
)

// errGone says that the client has hung up: there is nobody to tell.
var errGone = errors.New("the client has hung up")

// pass passes a provider's answer on and records it, in the way that its kind
// allows.
func (c *call) pass(ctx context.Context, w http.ResponseWriter, resp *http.Response) error {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case resp.StatusCode >= 400:
		return c.passWhole(ctx, w, resp)
	case kind == "text/event-stream" || kind == eventstream.ContentType:
		return c.passEvents(ctx, w, resp, kind)
	case isJSON(kind) && !c.endlessJSON() || c.translation != nil:
		return c.passWhole(ctx, w, resp)
	}
	c.passBytes(w, resp)
	return nil
}

func isJSON(kind string) bool {
	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}

// endlessJSON says whether a JSON answer grows while it is sent: a Google
// stream that was not asked for as events is an array.
func (c *call) endlessJSON() bool {
	return c.request.Dialect == dialect.Google && c.request.Stream
}

// passWhole reads an answer to its end, records it and passes it on.
func (c *call) passWhole(ctx context.Context, w http.ResponseWriter, resp *http.Response) error {
	limit := c.gateway.cfg.MaxBody
	body, err := readAll(c.idle.watch(io.LimitReader(resp.Body, limit+1)), resp.ContentLength)
	if err != nil {
		return c.lost(ctx, err)
	}
	if c.translation != nil {
		return c.passInTranslation(w, resp, body)
	}
	if resp.StatusCode >= 400 {
		err = c.fail()
	} else {
		err = c.recordBody(resp, body)
	}
	if err != nil {
		return err
	}
	c.copyHeader(w, resp)
	if int64(len(body)) <= limit && c.client.Method != http.MethodHead {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(resp.StatusCode)
	c.idle.writing(w)
	_, err = w.Write(body)
	if err == nil && int64(len(body)) > limit { // recorded by estimate; the rest just passes
		if _, err = io.Copy(w, c.idle.watch(resp.Body)); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	return nil // the client may be gone: everything is done
}

// recordBody records what a whole answer reports.
func (c *call) recordBody(resp *http.Response, body []byte) error {
	readable, err := decompress(resp.Header.Get("Content-Encoding"), body, c.gateway.cfg.MaxBody)
	if err != nil {
		return c.record(c.request.Estimate(dialect.Usage{}, int64(len(body))))
	}
	usage, ok := c.usageIn(readable)
	if !ok { // 200, and no JSON: not charged either (assumption stream-errors)
		return c.fail()
	}
	return c.record(usage)
}

// usageIn is what a whole answer reports, or an estimate; false if it is no answer.
func (c *call) usageIn(body []byte) (dialect.Usage, bool) {
	usage, reported := c.request.ReadUsage(body)
	if reported || !c.request.UsesTokens() {
		return usage, true
	}
	sent, ok := c.request.TextOf(body)
	return c.request.Estimate(usage, sent), ok
}

// passEvents passes a stream of events on, each as it comes.
func (c *call) passEvents(ctx context.Context, w http.ResponseWriter, resp *http.Response, kind string) error {
	body, err := decompressing(resp)
	if err != nil {
		return c.lost(ctx, err)
	}
	s := newEventStream(c, w, c.idle.watch(body), kind)
	if c.mayFallBack() { // as long as nothing was passed on
		if err := s.peek(); err != nil && c.fallBack() {
			return errNext
		}
	}
	c.copyHeader(w, resp)
	w.Header().Del("Content-Length") // events may be taken out, or become others
	if c.translation != nil {
		w.Header().Set("Content-Type", c.translation.streamType())
	}
	w.WriteHeader(resp.StatusCode)
	c.idle.writing(w)
	c.finish(s, s.copy())
	return nil
}

// passBytes passes anything else on: speech, images, files. It stays one byte
// behind, so that the client can't see the end before it is recorded.
func (c *call) passBytes(w http.ResponseWriter, resp *http.Response) {
	c.copyHeader(w, resp)
	w.WriteHeader(resp.StatusCode)
	c.idle.writing(w)
	s := &byteStream{call: c, w: w}
	c.finish(s, s.copy(c.idle.watch(resp.Body)))
}

// stream is an answer that is passed on while it comes.
type stream interface {
	// usage is what was used so far; false if nothing was delivered.
	usage() (dialect.Usage, bool)
	// end sends what was held back until the record is there.
	end() error
}

// finish records a stream that has ended, or broken off with err.
//
// A client that hangs up, and a provider that breaks off, are charged what the
// provider reported, or else an estimate of what was sent (assumption broken-streams).
func (c *call) finish(s stream, err error) {
	if !c.recorded {
		usage, delivered := s.usage()
		var failed error
		if delivered {
			failed = c.record(usage)
		} else {
			failed = c.fail()
		}
		if failed != nil && err == nil {
			err = failed
		}
	}
	if err == nil {
		err = s.end()
	}
	c.abort(err)
}

// abort cuts the connection of an answer that can't be completed, so that the
// client does not take it for whole.
func (c *call) abort(err error) {
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}

// record commits what was used.
func (c *call) record(u dialect.Usage) error {
	if c.recorded {
		return nil
	}
	model, name := c.model, c.request.Model
	if name == "" {
		name = u.Model
		model, _ = c.provider.Model(name)
	}
	if c.request.Operation == dialect.Speech {
		u.InputCharacters = c.request.Characters
	}
	if c.request.Operation == dialect.Transcription && u.InputDuration == 0 {
		u.InputDuration = dialect.AudioDuration(c.request.Audio)
	}
	if c.request.Operation == dialect.Speech && model != nil && model.CharacterInput == 0 && u.InputTokens == 0 {
		u.InputTokens = dialect.EstimateTokens(u.InputCharacters)
	}
	input, output, err := c.provider.Cost(model, u)
	if err != nil { // prices beyond reason
		return errors.Join(fmt.Errorf("cost of request %s: %w", c.admission.RequestID, err), c.fail())
	}
	c.recorded = true
	return c.admission.Record(Outcome{
		Provider:   c.provider.ID,
		Model:      name,
		Endpoint:   c.endpoint(),
		ResponseID: u.ResponseID,
		Usage: billing.Usage{
			InputTokens:     u.InputTokens,
			OutputTokens:    u.OutputTokens,
			InputCharacters: u.InputCharacters,
			InputDuration:   u.InputDuration,
		},
		InputCost:  input,
		OutputCost: output,
		Metadata:   c.metadata,
		Unmanaged:  c.token.ProviderKey != "",
	})
}

// fail records a request that brought no answer.
func (c *call) fail() error {
	if c.recorded {
		return nil
	}
	c.recorded = true
	return c.admission.Record(Outcome{
		Provider:  c.provider.ID,
		Model:     c.request.Model,
		Endpoint:  c.endpoint(),
		Metadata:  c.metadata,
		Failed:    true,
		Unmanaged: c.token.ProviderKey != "",
	})
}

// failWith records a failure and returns what the client is told.
func (c *call) failWith(err error) error {
	if e := c.fail(); e != nil {
		return e
	}
	if errors.Is(err, errGone) {
		panic(http.ErrAbortHandler)
	}
	return err
}

// providerError turns a broken exchange into what the client is told.
func (c *call) providerError(ctx context.Context, err error) error {
	switch {
	case c.client.Context().Err() != nil:
		return errGone
	case errors.Is(context.Cause(ctx), errIdle):
		return billing.Errorf(billing.CodeProviderError, "", "%s sent nothing for %s", c.provider.Name, c.gateway.cfg.IdleTimeout)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return billing.Errorf(billing.CodeProviderError, "", "%s broke off in the middle of its answer", c.provider.Name)
	}
	return billing.Errorf(billing.CodeProviderError, "", "%s could not be reached: %s", c.provider.Name, err)
}

// copyHeader copies a provider's headers, less those of its connection, and
// less CORS: browsers are kept out on purpose.
func (c *call) copyHeader(w http.ResponseWriter, resp *http.Response) {
	h := w.Header()
	for name, values := range resp.Header {
		if name != requestIDHeader && !strings.HasPrefix(name, "Access-Control-") {
			h[name] = values
		}
	}
	stripConnection(h)
}
