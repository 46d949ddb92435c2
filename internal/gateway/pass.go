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

// manner is chosen by what a response holds.
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

// pass passes the response on and records it, or records that there is none.
func (a *attempt) pass(w http.ResponseWriter) error {
	if a.err == nil && isFailure(a.response.StatusCode) {
		a.err = a.readBody()
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

// readBody reads a response to its end, or a little further than the limit.
func (a *attempt) readBody() (err error) {
	body := a.idle.watch(io.LimitReader(a.response.Body, a.gateway.cfg.MaxBody+1))
	a.body, err = readAll(body, a.response.ContentLength)
	return err
}

// passWhole records a response that was read to its end and passes it on.
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
	if err == nil && tooLong { // recorded by estimate; the rest just passes
		_, err = io.Copy(w, a.idle.watch(a.response.Body))
		abort(err)
	}
	return nil // the client may be gone: everything is done
}

// passEvents passes a stream of events on.
func (a *attempt) passEvents(w http.ResponseWriter) {
	a.copyHeader(w)
	w.Header().Del("Content-Length") // events may be taken out, or become others
	if a.route.translation != nil {
		w.Header().Set("Content-Type", a.route.translation.client.StreamType(a.route.translation.request))
	}
	a.begin(w, a.response.StatusCode)
	a.finish(a.events, a.events.copy(w))
}

// passBytes passes anything else on: speech, images, files. It stays one byte
// behind, so that the client can't see the end before it is recorded.
func (a *attempt) passBytes(w http.ResponseWriter) {
	a.copyHeader(w)
	a.begin(w, a.response.StatusCode)
	a.finish(a.bytes, a.bytes.copy(w))
}

// copyHeader copies the provider's headers, less those of its connection, and less
// CORS: browsers are kept out on purpose.
func (a *attempt) copyHeader(w http.ResponseWriter) {
	h := w.Header()
	for name, values := range a.response.Header {
		if name != requestIDHeader && !strings.HasPrefix(name, "Access-Control-") && !isOfConnection(name) {
			h[name] = values
		}
	}
	stripListed(h, a.response.Header["Connection"])
}

// begin sends the header. From then on, the client must read.
func (a *attempt) begin(w http.ResponseWriter, status int) {
	w.WriteHeader(status)
	a.idle.writing(w)
}

// stream is a response that is passed on while it comes.
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
func (a *attempt) finish(s stream, err error) {
	if !a.recorded {
		if failed := a.recordStream(s); err == nil {
			err = failed
		}
	}
	if err == nil {
		err = s.end()
	}
	abort(err)
}

// abort cuts the connection of a response that can't be completed, so that the
// client does not take it for whole.
func abort(err error) {
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}
