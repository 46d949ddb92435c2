package upstream

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// object is a JSON object as the fakes write it: maps are written with sorted
// keys, so the same response is the same bytes.
type object = map[string]any

// marshal writes what fakes make themselves, which can't fail.
func marshal(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("upstream: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// response is what a fake sends: a body, or the events of a stream.
type response struct {
	status int // 0 means 200
	kind   string
	header http.Header
	body   []byte

	// A stream is an opening, chunks and a closing; failure is what it ends with
	// instead if it is to fail.
	opening, chunks, closing [][]byte
	failure                  []byte
	texts                    []int // how many chunks there are up to each that holds text
}

// chunk adds a chunk that only frames what is said.
func (a *response) chunk(chunk []byte) { a.chunks = append(a.chunks, chunk) }

// reserve makes room for chunks.
func (a *response) reserve(chunks int) {
	a.chunks, a.texts = slices.Grow(a.chunks, chunks), slices.Grow(a.texts, chunks)
}

// text adds a chunk that holds some of what is said.
func (a *response) text(chunk []byte) {
	a.chunks = append(a.chunks, chunk)
	a.texts = append(a.texts, len(a.chunks))
}

// faultAt is the part before which a fault strikes: after so many chunks of text,
// or after all that come before the closing. The opening has no text in any format.
func (a *response) faultAt(texts int) int {
	switch {
	case texts == 0:
		return len(a.opening)
	case texts <= len(a.texts):
		return len(a.opening) + a.texts[texts-1]
	}
	return len(a.opening) + len(a.chunks)
}

// textEvent is an event around a text. Many events differ in nothing else: the rest is
// marshaled once, not once an event, which was a tenth of the work of a stream.
type textEvent struct {
	before, after []byte
	written       []byte // has the events so far, which share an allocation
}

// around takes an event apart in which the text of a field is "".
func around(event []byte, field string) textEvent {
	key := `"` + field + `":`
	before, after, _ := bytes.Cut(event, []byte(key+`""`))
	return textEvent{before: event[:len(before)+len(key)], after: after}
}

// with returns the event with a text.
func (e *textEvent) with(text string) []byte {
	size := len(e.before) + len(text) + len(e.after) + 8 // there may be escapes
	if cap(e.written)-len(e.written) < size {
		e.written = make([]byte, 0, max(size, 4<<10))
	}
	start := len(e.written)
	e.written = append(e.written, e.before...)
	e.written = jsonscan.AppendString(e.written, text)
	e.written = append(e.written, e.after...)
	return e.written[start:len(e.written):len(e.written)]
}

func jsonResponse(v any) response { return response{kind: "application/json", body: marshal(v)} }

func (a *response) streams() bool { return a.body == nil }

// send makes an HTTP response of it.
func (a *response) send(req *http.Request, r Reply) *http.Response {
	status := a.status
	if status == 0 {
		status = r.Status
	}
	if status == 0 {
		status = http.StatusOK
	}
	h := make(http.Header, 4+len(r.Header)+len(a.header))
	h["Content-Type"] = []string{a.kind}
	for _, more := range [...]http.Header{a.header, r.Header} {
		for name, values := range more {
			h[http.CanonicalHeaderKey(name)] = values
		}
	}
	resp := &http.Response{
		Status: statusLine(status), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h, Request: req, ContentLength: -1,
	}
	if !a.streams() {
		resp.ContentLength = int64(len(a.body))
		h["Content-Length"] = []string{strconv.Itoa(len(a.body))}
		if r.Fault.kind == 0 { // the plain case
			resp.Body = io.NopCloser(bytes.NewReader(a.body))
			return resp
		}
	}
	s := &sending{ctx: req.Context(), delay: r.ChunkDelay, parts: a.parts(), fault: r.Fault, faultAt: 1, faultDelay: r.FaultDelay, failure: a.failure}
	if a.streams() {
		s.faultAt = a.faultAt(r.Fault.after)
	}
	resp.Body = s
	return resp
}

// statusLine is a status as a response has it.
func statusLine(status int) string {
	if status == http.StatusOK {
		return "200 OK"
	}
	return strconv.Itoa(status) + " " + http.StatusText(status)
}

// parts are what is sent at once each.
func (a *response) parts() [][]byte {
	if !a.streams() {
		half := len(a.body) / 2
		return [][]byte{a.body[:half], a.body[half:]}
	}
	parts := make([][]byte, 0, len(a.opening)+len(a.chunks)+len(a.closing))
	parts = append(parts, a.opening...)
	parts = append(parts, a.chunks...)
	return append(parts, a.closing...)
}

// sending is the body of a response that comes in parts. It is read by one
// goroutine, and makes none.
type sending struct {
	ctx        context.Context //nolint:containedctx // the request's; Read takes none
	delay      time.Duration
	parts      [][]byte
	fault      Fault
	faultAt    int // the fault strikes before this part
	faultDelay time.Duration
	failure    []byte

	next int
	rest []byte
}

// Ready reports whether a read will not wait. The gateway asks, to write what comes
// together at once: each write to the client costs more than everything else about a part.
func (s *sending) Ready() bool {
	return len(s.rest) > 0 || s.isReady() || s.isOver()
}

// isOver reports whether nothing is left, and no fault strikes at the end.
func (s *sending) isOver() bool {
	return len(s.rest) == 0 && s.next == len(s.parts) && !s.isStruck()
}

// Read brings as many parts as there are before it has to wait. The end comes with the
// last of them.
func (s *sending) Read(p []byte) (n int, err error) {
	for n < len(p) && (n == 0 || len(s.rest) > 0 || s.isReady()) {
		if len(s.rest) == 0 {
			if s.rest, err = s.part(); err != nil {
				return n, err
			}
		}
		taken := copy(p[n:], s.rest)
		s.rest, n = s.rest[taken:], n+taken
	}
	if n > 0 && s.isOver() {
		return n, io.EOF
	}
	return n, nil
}

// isReady reports whether the next part is there at once.
func (s *sending) isReady() bool {
	return (s.delay <= 0 || s.next == 0) && !s.isStruck() && s.next < len(s.parts)
}

// isStruck reports whether the fault strikes now.
func (s *sending) isStruck() bool { return s.fault.kind != 0 && s.next == s.faultAt }

func (s *sending) part() ([]byte, error) {
	if err := s.ctx.Err(); err != nil {
		return nil, err
	}
	if s.isStruck() {
		if err := wait(s.ctx, s.faultDelay); err != nil {
			return nil, err
		}
		switch s.fault.kind {
		case cut:
			return nil, io.ErrUnexpectedEOF
		case stall:
			return nil, hang(s.ctx)
		case fail:
			if s.failure != nil {
				s.parts = append(s.parts[:s.next:s.next], s.failure)
			}
			s.fault = Fault{}
		}
	}
	if s.next == len(s.parts) {
		return nil, io.EOF
	}
	if s.next > 0 {
		if err := wait(s.ctx, s.delay); err != nil {
			return nil, err
		}
	}
	s.next++
	return s.parts[s.next-1], nil
}

// Close ends the response.
func (s *sending) Close() error {
	s.parts, s.next, s.rest = nil, 0, nil
	s.fault = Fault{}
	return nil
}

// wait waits for d, or until the caller has gone.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// hang waits until the caller gives up.
func hang(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}
