package upstream

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// response is a fake's response: a body, or the events of a stream.
type response struct {
	status int // 0 means 200
	kind   string
	header http.Header
	body   []byte

	// A stream is an opening, chunks and a closing; failure replaces the closing if the stream fails.
	opening, chunks, closing [][]byte
	failure                  []byte
	texts                    []int   // the number of chunks up to each one with text
	room                     *[]byte // holds the events; nil before the first
}

// chunk adds a chunk without text.
func (a *response) chunk(chunk []byte) { a.chunks = append(a.chunks, chunk) }

// reserve makes room for chunks.
func (a *response) reserve(chunks int) {
	a.chunks, a.texts = slices.Grow(a.chunks, chunks), slices.Grow(a.texts, chunks)
}

// text adds a chunk with a piece of text.
func (a *response) text(chunk []byte) {
	a.chunks = append(a.chunks, chunk)
	a.texts = append(a.texts, len(a.chunks))
}

// faultAt returns the index of the part before which a fault strikes: after the given number of chunks of text, or
// after everything before the closing. The opening contains no text in any format.
func (a *response) faultAt(texts int) int {
	switch {
	case texts == 0:
		return len(a.opening)
	case texts <= len(a.texts):
		return len(a.opening) + a.texts[texts-1]
	}
	return len(a.opening) + len(a.chunks)
}

// textEvent is an event with a text. Many events differ only in the text: the rest is encoded once, not once per
// event, which was a tenth of the work of a stream.
type textEvent struct{ before, after []byte }

// around splits an event at a field whose text is "".
func around(event []byte, field string) textEvent {
	key := `"` + field + `":`
	before, after, _ := bytes.Cut(event, []byte(key+`""`))
	return textEvent{before: event[:len(before)+len(key)], after: after}
}

// textEvent adds a chunk with a text.
func (a *response) textEvent(e textEvent, text string) {
	a.text(a.event(func(b []byte) []byte {
		return append(jsonscan.AppendString(append(b, e.before...), text), e.after...)
	}))
}

// event writes an event to the response's buffer. Allocating the events of each stream was a quarter of its garbage.
func (a *response) event(write func([]byte) []byte) []byte {
	if a.room == nil {
		a.room = rooms.Get().(*[]byte)
	}
	start := len(*a.room)
	*a.room = write(*a.room)
	return (*a.room)[start:len(*a.room):len(*a.room)]
}

// rooms are the buffers of closed streams. Nothing reads a response after it was closed.
var rooms = sync.Pool{New: func() any { return new([]byte) }}

// mostRoom is the size of a buffer that is used again.
const mostRoom = 64 << 10

func jsonResponse(v any) response { return response{kind: "application/json", body: marshal(v)} }

func (a *response) streams() bool { return a.body == nil }

// send converts it to an HTTP response.
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
		if r.Fault.kind == 0 { // no fault
			resp.Body = io.NopCloser(bytes.NewReader(a.body))
			return resp
		}
	}
	s := &sending{ctx: req.Context(), delay: r.ChunkDelay, parts: a.parts(), fault: r.Fault, faultAt: 1, faultDelay: r.FaultDelay, failure: a.failure, room: a.room}
	if a.streams() {
		s.faultAt = a.faultAt(r.Fault.after)
	}
	resp.Body = s
	return resp
}

// statusLine returns the status line of a response.
func statusLine(status int) string {
	if status == http.StatusOK {
		return "200 OK"
	}
	return strconv.Itoa(status) + " " + http.StatusText(status)
}

// parts are the pieces that are sent separately.
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

// sending is the body of a response that is sent in parts. One goroutine reads it, and it starts none.
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
	room *[]byte // in which chunks are; returned by Close
}

// Ready reports whether a read will not block. The gateway asks, to write parts that are available together: a write
// to the client costs more than everything else about a part.
func (s *sending) Ready() bool {
	return len(s.rest) > 0 || s.isReady() || s.isOver()
}

// isOver reports whether nothing is left and no fault strikes at the end.
func (s *sending) isOver() bool {
	return len(s.rest) == 0 && s.next == len(s.parts) && !s.isStruck()
}

// Read returns as many parts as are available without waiting. The end comes together with the last of them.
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

// isReady reports whether the next part is available immediately.
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
	if s.room != nil && cap(*s.room) <= mostRoom {
		*s.room = (*s.room)[:0]
		rooms.Put(s.room)
	}
	s.room = nil
	return nil
}

// wait waits for d, or until the caller has canceled.
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

// hang blocks until the caller gives up.
func hang(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}
