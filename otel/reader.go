package lavaotel

import (
	"bytes"
	"encoding/binary"
	"mime"
	"net/http"
	"strings"
)

// maxBody limits how much of a body is kept for parsing. Larger ones aren't parsed.
const maxBody = 4 << 20

// reader parses a response as it passes, and stores the findings in a completion.
type reader interface {
	read(p []byte)
	end() // the body has ended
}

// newReader returns the reader of a response, or nil if it can't be parsed. A stream ends with an event, a whole
// response with its last byte.
func newReader(header http.Header, c *completion) (r reader, stream bool) {
	if header.Get("Content-Encoding") != "" {
		return nil, false
	}
	mediaType, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	switch {
	case mediaType == "text/event-stream":
		return &events{completion: c}, true
	case mediaType == "application/vnd.amazon.eventstream":
		return &frames{completion: c}, true
	case mediaType == "application/json", strings.HasSuffix(mediaType, "+json"):
		return &whole{completion: c}, false
	}
	return nil, false
}

// whole parses a body that is a single document.
type whole struct {
	*completion
	body    []byte
	tooLong bool
}

func (w *whole) read(p []byte) {
	w.tooLong = w.tooLong || len(w.body)+len(p) > maxBody
	if w.tooLong {
		w.body = nil
		return
	}
	w.body = append(w.body, p...)
}

func (w *whole) end() {
	if len(w.body) > 0 {
		w.document(w.body)
	}
}

// events parses server-sent events, ignoring their names: everything relevant is in the data.
type events struct {
	*completion
	line    []byte // the current line
	data    []byte // of the event so far
	tooLong bool   // the line is too long
}

func (e *events) read(p []byte) {
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			e.tooLong = e.tooLong || len(e.line)+len(p) > maxBody
			if !e.tooLong {
				e.line = append(e.line, p...)
			}
			return
		}
		line := p[:i]
		if len(e.line) > 0 && !e.tooLong {
			e.line = append(e.line, line...)
			line = e.line
		}
		if !e.tooLong {
			e.ofLine(bytes.TrimSuffix(line, []byte("\r")))
		}
		e.line, e.tooLong = e.line[:0], false
		p = p[i+1:]
	}
}

func (e *events) ofLine(line []byte) {
	if len(line) == 0 {
		e.end()
		return
	}
	if data, ok := bytes.CutPrefix(line, []byte("data:")); ok && len(e.data)+len(data) <= maxBody {
		e.data = append(append(e.data, data...), '\n')
	}
}

// end ends an event.
func (e *events) end() {
	data := bytes.TrimSpace(e.data)
	switch {
	case len(data) == 0:
	case string(data) == "[DONE]":
		e.ended = true
	default:
		e.document(data)
	}
	e.data = e.data[:0]
}

// frames parses Amazon's event stream: the lengths of frame and headers, a checksum, the headers, the event, a
// checksum.
type frames struct {
	*completion
	frame []byte // the current frame
	lost  bool   // the start of the next frame is unknown
}

const (
	prelude  = 12
	checksum = 4
)

func (f *frames) read(p []byte) {
	if f.lost {
		return
	}
	f.frame = append(f.frame, p...)
	for len(f.frame) >= prelude {
		size, headers := binary.BigEndian.Uint32(f.frame), binary.BigEndian.Uint32(f.frame[4:])
		if size > maxBody || headers > size || size-headers < prelude+checksum {
			f.lost, f.frame = true, nil
			return
		}
		if uint32(len(f.frame)) < size {
			return
		}
		f.ofFrame(f.frame[prelude:prelude+headers], f.frame[prelude+headers:size-checksum])
		f.frame = f.frame[size:]
	}
	if len(f.frame) == 0 {
		f.frame = nil
	}
}

// ofFrame parses a frame. An error frame says so in its headers: a length, the name, 7 for a text, two bytes of
// length, the text.
func (f *frames) ofFrame(headers, data []byte) {
	const stringType = 7
	for len(headers) > 0 {
		n := int(headers[0])
		if len(headers) < n+4 || headers[n+1] != stringType {
			break
		}
		name := string(headers[1 : n+1])
		headers = headers[n+2:]
		n = int(binary.BigEndian.Uint16(headers))
		if len(headers) < n+2 {
			break
		}
		value := string(headers[2 : n+2])
		headers = headers[n+2:]
		if name == ":exception-type" || name == ":error-code" {
			f.failed, f.code = true, word(value)
		}
	}
	f.document(data)
}

func (f *frames) end() {}
