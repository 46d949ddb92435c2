package mockserver

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// recorder is the http.ResponseWriter of a recorded call. It sees the request and the response, and adds the call to
// the ring at its end, or after the gateway has recorded the request: a client that has read a response finds the
// call.
type recorder struct {
	http.ResponseWriter
	*excerpts
	server  *Server
	call    *keptCall
	began   time.Time
	conn    *conn         // which holds the response; nil if none does
	client  *http.Request // as received
	epoch   uint64        // of the merchant when the request was admitted
	settled bool          // all effects have happened; the next write may be the end
	kept    bool          // the call is in the ring
}

// recorderKey is the context key of a gateway request's recorder.
type recorderKey struct{}

// recorderOf returns the recorder of a request to the gateway.
func recorderOf(ctx context.Context) *recorder { return ctx.Value(recorderKey{}).(*recorder) }

// record starts recording a call.
func (s *Server) record(w http.ResponseWriter, r *http.Request) *recorder {
	rec := &recorder{ResponseWriter: w, server: s, client: r, began: time.Now(), excerpts: takeExcerpts()}
	rec.call = &keptCall{
		at: s.clock.read(), era: s.calls.era.Load(), method: r.Method, uri: r.RequestURI, idempotencyKey: cut(r.Header.Get(idempotencyHeader), maxIDKept),
	}
	if rec.call.uri == "" { // a request that a program passes to ServeHTTP directly
		rec.call.uri = r.URL.RequestURI()
	}
	rec.call.uri = cut(rec.call.uri, maxURIKept)
	rec.call.requestHeader = rec.rest.addHeader(r.Header)
	return rec
}

// request returns the client's request for a handler, with a body that the recorder sees. It is a copy: when a response
// begins, net/http looks at the body of its own request. If it didn't recognize that body, it would read the rest of
// it, which a client that expects "100 Continue" never sends.
func (rec *recorder) request(ctx context.Context) *http.Request {
	r := rec.client.WithContext(ctx)
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = sentBody{rec}
	}
	return r
}

// forwarded is the request for the gateway, with the recorder in its context.
func (rec *recorder) forwarded() *http.Request {
	return rec.request(context.WithValue(rec.client.Context(), recorderKey{}, rec))
}

// sentBody is a request's body that its recorder sees.
type sentBody struct{ rec *recorder }

// Read implements io.Reader.
func (b sentBody) Read(p []byte) (int, error) {
	n, err := b.rec.client.Body.Read(p)
	b.rec.in.add(p[:n])
	return n, err
}

// Close implements io.Closer.
func (b sentBody) Close() error { return b.rec.client.Body.Close() }

// WriteHeader implements http.ResponseWriter.
func (rec *recorder) WriteHeader(status int) {
	if status >= 200 && rec.call.status == 0 {
		rec.call.status = status
	}
	rec.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (rec *recorder) Write(p []byte) (int, error) {
	if rec.call.status == 0 {
		rec.call.status = http.StatusOK
	}
	rec.out.add(p)
	if rec.settled {
		rec.keep()
	}
	if len(p) > atOnce {
		rec.gather()
	}
	return rec.ResponseWriter.Write(p)
}

// atOnce is what net/http writes at once, besides the headers.
const atOnce = 3 << 10

// gather has the rest of a response leave in one piece.
func (rec *recorder) gather() {
	if rec.conn = connOf(rec.client); rec.conn != nil {
		rec.conn.gather()
	}
}

// letGo ends gathering. The end of a chunked response follows, and what is held leaves with it. After any other
// response, net/http may have nothing more to write.
func (rec *recorder) letGo() {
	switch {
	case rec.conn == nil:
	case rec.client.ProtoAtLeast(1, 1) && rec.Header().Get("Content-Length") == "":
		rec.conn.release()
	default:
		_ = rec.FlushError() // the client is gone
	}
}

// FlushError implements what http.ResponseController looks for.
func (rec *recorder) FlushError() error {
	err := http.NewResponseController(rec.ResponseWriter).Flush()
	if rec.conn != nil {
		err = errors.Join(err, rec.conn.send())
	}
	return err
}

// Unwrap lets http.ResponseController set deadlines.
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

// keep adds the call to the ring, once.
func (rec *recorder) keep() {
	if rec.kept {
		return
	}
	rec.kept = true
	c := rec.call
	c.took = time.Since(rec.began)
	if id := rec.Header()[requestIDHeader]; len(id) > 0 {
		c.id = id[0]
	}
	if c.status != 0 {
		c.responseHeader = rec.rest.addHeader(rec.Header())
	}
	c.request, c.response = keptBody{rec.in.data, rec.in.size}, keptBody{rec.out.data, rec.out.size} // add copies them
	rec.server.complete(c, rec.client)
	c.bound()
	if !rec.server.calls.add(c) {
		return
	}
	rec.server.watchers.tell(ChangeCall, c.id)
	rec.server.tellOf(c)
}

// end ends a call.
func (rec *recorder) end() {
	if rec.kept {
		rec.server.calls.respond(rec.call, &rec.out)
	}
	rec.keep()
	rec.letGo()
	rec.free()
}

// excerpts are what a recorder collects, in memory that is used again.
type excerpts struct {
	in, out excerpt // the bodies
	rest    excerpt // the headers, and the requests to providers
}

var excerptPool = sync.Pool{New: func() any { return new(excerpts) }}

func takeExcerpts() *excerpts { return excerptPool.Get().(*excerpts) }

func (e *excerpts) free() {
	for _, part := range [...]*excerpt{&e.in, &e.out, &e.rest} {
		part.reset()
	}
	excerptPool.Put(e)
}

// excerpt collects the beginning of a body as it is read or written, and its size.
type excerpt struct {
	data []byte
	size int
}

// maxBodyKept limits what is kept of a body.
const maxBodyKept = 256 << 10

func (e *excerpt) reset() {
	if cap(e.data) > maxBodyKept { // so that a large call does not keep its memory
		e.data = nil
	}
	e.data, e.size = e.data[:0], 0
}

func (e *excerpt) add(p []byte) {
	e.size += len(p)
	if room := maxBodyKept - len(e.data); room > 0 {
		e.data = append(e.data, p[:min(room, len(p))]...)
	}
}

// addHeader adds a header as lines, the most compact form, and returns them.
func (e *excerpt) addHeader(h http.Header) []byte {
	begin := len(e.data)
	for name, values := range h {
		for _, value := range values {
			e.data = append(append(append(append(e.data, name...), ": "...), value...), '\n')
		}
	}
	return e.data[begin:]
}

// keptBody is a body or its beginning; data is nil after it was dropped to free memory.
type keptBody struct {
	data []byte
	size int // of the whole
}
