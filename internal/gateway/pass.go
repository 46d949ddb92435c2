package gateway

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/eventstream"
)

// manner is how a response is passed on.
type manner int

const (
	asWhole  manner = iota // read to its end before the client sees anything
	asEvents               // each event as it comes
	asBytes                // as it comes
)

// manner returns how to pass on a response, depending on its content.
func (a *attempt) manner() manner {
	switch {
	case isRejection(a.response.StatusCode):
		return asWhole
	case a.kind == "text/event-stream" || a.kind == eventstream.ContentType || isLines(a.kind):
		return asEvents
	case isJSON(a.kind) && !a.route.growsAsJSON() || a.route.translation != nil:
		return asWhole
	}
	return asBytes
}

func isJSON(kind string) bool {
	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}

// pass passes the response on and records it, or records the failure.
func (a *attempt) pass(w http.ResponseWriter) error {
	if a.err == nil && isFailure(a.response.StatusCode) {
		a.err = a.readResponseBody()
	}
	if a.err != nil {
		return a.failWith(a.explain(a.err))
	}
	switch a.manner() {
	case asWhole:
		return a.passWhole(w)
	case asEvents:
		a.passEvents(w)
	case asBytes:
		a.passBytes(w)
	}
	return nil
}

// readResponseBody reads a response to its end, or a little further than the limit.
func (a *attempt) readResponseBody() (err error) {
	body := a.idle.watch(io.LimitReader(a.response.Body, a.gateway.cfg.MaxBody+1))
	a.body, err = readAll(body, a.response.ContentLength)
	return err
}

// passWhole records a complete response and passes it on.
func (a *attempt) passWhole(w http.ResponseWriter) error {
	if a.route.translation != nil {
		return a.passTranslated(w)
	}
	if err := a.recordBody(); err != nil {
		return err
	}
	tooLong := int64(len(a.body)) > a.gateway.cfg.MaxBody
	a.copyHeader(w)
	if !tooLong && a.client.Method != http.MethodHead {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	a.begin(w, a.response.StatusCode)
	_, err := w.Write(a.body)
	if err == nil && tooLong { // recorded as an estimate; the rest is passed on unread
		_, err = io.Copy(w, a.idle.watch(a.response.Body))
		abort(w, err)
	}
	return nil // the client may have disconnected; everything is recorded
}

// passEvents passes on a stream of events.
func (a *attempt) passEvents(w http.ResponseWriter) {
	a.copyHeader(w)
	w.Header().Del("Content-Length") // events may be removed or translated
	if a.route.translation != nil {
		w.Header().Set("Content-Type", a.route.translation.client.StreamType(a.route.translation.request))
	}
	a.begin(w, a.response.StatusCode)
	a.finish(w, a.events, a.events.copy(w))
}

// passBytes passes on anything else: speech, images, files. It holds back the last byte, so that the client can't see
// the end before the request is recorded.
func (a *attempt) passBytes(w http.ResponseWriter) {
	a.copyHeader(w)
	a.begin(w, a.response.StatusCode)
	a.finish(w, a.bytes, a.bytes.copy(w))
}

// copyHeader copies the provider's headers, except those of its connection and of CORS: browsers are kept out on
// purpose.
func (a *attempt) copyHeader(w http.ResponseWriter) {
	h := w.Header()
	for name, values := range a.response.Header {
		if name != requestIDHeader && !strings.HasPrefix(name, "Access-Control-") && !isOfConnection(name) {
			h[name] = values
		}
	}
	stripListed(h, a.response.Header["Connection"])
}

// begin sends the header. Afterwards, the client must keep reading.
func (a *attempt) begin(w http.ResponseWriter, status int) {
	w.WriteHeader(status)
	a.idle.writing(w)
}

// stream is a response that is passed on as it arrives.
type stream interface {
	// usage returns the usage so far; false if nothing was delivered.
	usage() (dialect.Usage, bool)
	// end sends what was held back until the request was recorded.
	end() error
}

// finish records a stream that has ended, or broken off with err.
//
// If the client or the provider breaks off, the charge is for what the provider reported, or for an estimate of what
// was sent (assumption broken-streams).
func (a *attempt) finish(w http.ResponseWriter, s stream, err error) {
	if !a.recorded {
		if failed := a.recordStream(s); err == nil {
			err = failed
		}
	}
	if err == nil {
		err = s.end()
	}
	abort(w, err)
}

// abort cuts the connection of an incomplete response, so that the client does not consider it complete. What was
// written before is sent: net/http would discard it.
func abort(w http.ResponseWriter, err error) {
	if err != nil {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}
