// Package sse reads streams of server-sent events as the WHATWG specification
// defines them, and keeps every byte, so that a proxy can pass on exactly what it
// read.
//
// One rule differs on purpose: a last event that lacks its blank line is
// returned, not dropped, because real providers end streams that way.
package sse

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

// ErrTooLong is the error of an event that is longer than the reader's limit.
var ErrTooLong = errors.New("sse: event is too long")

// Event is one event, or a piece of the stream between two events.
//
// A comment line before an event's first field, and a blank line that ends nothing, are returned immediately as
// separate events: Data is nil, and Raw is the line. So heartbeats pass through a proxy without waiting. A comment
// inside an event stays in that event's Raw.
//
// An event whose blank line ends in CR is returned without waiting for a possible LF; that LF is then the first byte
// of the next Raw.
//
// Data and Raw are valid until the next call of Next.
type Event struct {
	Type string // the event field; "" if the event has none
	ID   string // the last id seen in the stream, as browsers keep it
	Data []byte // the data lines joined by \n; nil without a data line, empty for an empty one
	Raw  []byte // the exact bytes, including line ends and the blank line
}

const (
	firstBuffer = 4 << 10 // doubled when an event needs more
	maxNames    = 64      // event names repeat: keeping this many makes naming free of allocations
	maxNoReads  = 100     // empty reads in a row before the source counts as broken
)

var bom = []byte("\xef\xbb\xbf")

// Reader reads events from a stream. It is not safe for concurrent use.
type Reader struct {
	src      io.Reader
	maxEvent int
	err      error // the final error of the source or the limit

	buf   []byte // buf[start:end] was read but not returned yet
	start int
	end   int

	line  int  // where the current line begins
	scan  int  // buf[line:scan] contains no line end
	lf    int  // buf[scan:lf] contains no LF; buf[lf] is one unless lf == end
	cr    bool // the previous line ended in CR: a following LF belongs to it
	inner bool // the current event already has a line
	began bool // the first line is known, so there is no byte order mark to expect

	name      string // the current event's type
	dataLines int
	dataFrom  int // buf[dataFrom:dataTo] is the first data line
	dataTo    int
	joined    []byte // all data lines, if there are several
	id        string
	names     map[string]string
}

// NewReader returns a reader of the events in r. An event of more than maxEvent
// raw bytes ends the stream with ErrTooLong.
func NewReader(r io.Reader, maxEvent int) *Reader {
	return &Reader{src: r, maxEvent: maxEvent}
}

// Next returns the next event as soon as its blank line has arrived. At the end of the stream, the error is io.EOF.
//
// With any other error, the event's Raw has the bytes that were read but not returned before, so that all Raw
// together always equal the input.
func (r *Reader) Next() (Event, error) {
	for {
		complete := r.block()
		if size := r.line - r.start; size > r.maxEvent || !complete && r.end-r.start > r.maxEvent {
			r.err = ErrTooLong
			return Event{Raw: r.take(r.end)}, r.err
		}
		switch {
		case complete:
			return r.event(r.line), nil
		case r.err == nil:
			r.fill()
		case errors.Is(r.err, io.EOF) && r.start < r.end:
			r.field(r.line, r.end)
			return r.event(r.end), nil
		default:
			return Event{Raw: r.take(r.end)}, r.err
		}
	}
}

// block reads lines up to the one that completes the current event, if it has arrived. The event then ends at r.line.
func (r *Reader) block() bool {
	for r.line < r.end {
		if r.cr && r.buf[r.line] == '\n' {
			r.advance(r.line + 1)
		}
		r.cr = false
		eol, ok := r.lineEnd()
		if !r.began && (ok || r.err != nil) {
			r.began = true
			if bytes.HasPrefix(r.buf[r.line:eol], bom) {
				r.line += len(bom)
			}
		}
		if !ok {
			return false
		}
		blank := eol == r.line
		alone := blank || r.buf[r.line] == ':' && !r.inner
		if !alone {
			r.inner = true
			r.field(r.line, eol)
		}
		r.cr = r.buf[eol] == '\r'
		r.advance(eol + 1)
		if alone {
			if r.cr && r.line < r.end && r.buf[r.line] == '\n' {
				r.cr = false
				r.advance(r.line + 1)
			}
			return true
		}
	}
	return false
}

// advance starts a line.
func (r *Reader) advance(line int) {
	r.line, r.scan = line, line
}

// lineEnd returns the position of the CR or LF that ends the current line, or the end of the buffer. No byte is
// searched twice, even if the line arrives in pieces.
func (r *Reader) lineEnd() (int, bool) {
	r.lf = max(r.lf, r.scan)
	if r.lf < r.end && r.buf[r.lf] != '\n' {
		r.lf += index(r.buf[r.lf:r.end], '\n')
	}
	r.scan += index(r.buf[r.scan:r.lf], '\r')
	return r.scan, r.scan < r.end
}

// index is like bytes.IndexByte, but returns len(b) if c is missing.
func index(b []byte, c byte) int {
	if i := bytes.IndexByte(b, c); i >= 0 {
		return i
	}
	return len(b)
}

// field reads the line buf[from:to] into the current event.
func (r *Reader) field(from, to int) {
	line := r.buf[from:to]
	colon := index(line, ':')
	value := min(colon+1, len(line))
	if value < len(line) && line[value] == ' ' {
		value++
	}
	switch string(line[:colon]) {
	case "data":
		r.addData(from+value, to)
	case "event":
		r.name = r.intern(line[value:])
	case "id":
		if id := line[value:]; bytes.IndexByte(id, 0) < 0 && string(id) != r.id {
			r.id = string(id)
		}
	}
}

// addData adds the data line buf[from:to]. A single one is not copied.
func (r *Reader) addData(from, to int) {
	r.dataLines++
	switch r.dataLines {
	case 1:
		r.dataFrom, r.dataTo = from, to
		return
	case 2:
		r.joined = append(r.joined[:0], r.buf[r.dataFrom:r.dataTo]...)
	}
	r.joined = append(r.joined, '\n')
	r.joined = append(r.joined, r.buf[from:to]...)
}

func (r *Reader) intern(name []byte) string {
	if s, ok := r.names[string(name)]; ok {
		return s
	}
	s := string(name)
	if r.names == nil {
		r.names = make(map[string]string)
	}
	if len(r.names) < maxNames {
		r.names[s] = s
	}
	return s
}

// event removes the current event, which ends at next, from the buffer.
func (r *Reader) event(next int) Event {
	event := Event{Type: r.name, ID: r.id}
	switch {
	case r.dataLines == 1:
		event.Data = r.buf[r.dataFrom:r.dataTo:r.dataTo]
	case r.dataLines > 1:
		event.Data = r.joined
	}
	event.Raw = r.take(next)
	return event
}

// take removes the bytes up to next from the buffer and starts another event.
func (r *Reader) take(next int) []byte {
	raw := r.buf[r.start:next:next]
	r.start = next
	r.advance(next)
	r.inner, r.name, r.dataLines = false, "", 0
	return raw
}

// fill reads from the source once, which may end or fail.
func (r *Reader) fill() {
	if r.end == len(r.buf) {
		r.makeRoom()
	}
	for range maxNoReads {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		r.err = err
		if n > 0 || err != nil {
			return
		}
	}
	r.err = io.ErrNoProgress
}

// buffers has the buffers of closed readers, as *[]byte: one per stream was a tenth of a short stream's allocations.
var buffers sync.Pool

const mostPooled = 64 << 10 // a larger one was needed for a rare event

func newBuffer() []byte {
	if b, ok := buffers.Get().(*[]byte); ok {
		return *b
	}
	return make([]byte, firstBuffer)
}

// Close gives the buffer up. What Next has returned must not be used any more.
func (r *Reader) Close() {
	if b := r.buf; len(b) > 0 && len(b) <= mostPooled {
		buffers.Put(&b)
	}
	*r = Reader{err: io.EOF}
}

// makeRoom moves the unreturned bytes to the front, into a larger buffer if they fill the old one.
func (r *Reader) makeRoom() {
	old, by := r.buf, r.start
	switch {
	case old == nil:
		r.buf = newBuffer()
	case by == 0:
		r.buf = make([]byte, 2*len(old))
	}
	r.end = copy(r.buf, old[by:r.end])
	r.start = 0
	r.line -= by
	r.scan -= by
	r.lf = max(0, r.lf-by)
	r.dataFrom -= by
	r.dataTo -= by
}
