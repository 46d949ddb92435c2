// Package eventstream reads and writes the binary frames in which Amazon's
// services stream events: application/vnd.amazon.eventstream.
//
// A frame is
//
//	total length | headers length | CRC of both | headers | payload | CRC of all
//
// in big-endian 32-bit numbers, with CRC-32 (IEEE). A header is a name with its
// length in a byte, a type, and a value. Events use the type text; headers of
// other types are checked and skipped.
package eventstream

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// ContentType is the media type of such a stream.
const ContentType = "application/vnd.amazon.eventstream"

// The headers that events of a service have.
const (
	EventType     = ":event-type"     // of an event
	ExceptionType = ":exception-type" // of an exception, which ends the stream
	ErrorCode     = ":error-code"     // of an error, which ends the stream too
	ErrorMessage  = ":error-message"  // of an error, which has no payload
	MessageType   = ":message-type"   // "event", "exception" or "error"
	PayloadType   = ":content-type"   // of the payload
)

// ErrCorrupt means that a frame is invalid.
var ErrCorrupt = errors.New("eventstream: the frame is corrupt")

const (
	preludeLength = 12
	leastLength   = preludeLength + 4
)

// Header is a header with a text.
type Header struct{ Name, Value string }

// Message is the content of a frame.
type Message struct {
	Headers []Header
	Payload []byte
}

// Header returns the value of a header, or "".
func (m Message) Header(name string) string {
	for _, h := range m.Headers {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

// Error is the kind of messages that are errors.
const Error = "error"

// Event returns the kind of a message, the type of its event or exception, and its data. Exceptions are part of a
// service's model. Others are errors, whose message is in headers; Event returns a body for them like that of an
// exception.
func (m Message) Event() (kind string, data []byte) {
	kind, code := cmp.Or(m.Header(EventType), m.Header(ExceptionType)), m.Header(ErrorCode)
	if kind == "" && code != "" {
		data, _ = json.Marshal(struct { //nolint:errchkjson // text can always be written
			Code    string `json:"code"`
			Message string `json:"message"`
		}{code, m.Header(ErrorMessage)})
		return Error, data
	}
	return kind, m.Payload
}

// Append appends the frame of a message. Names may have 255 bytes and values 65,535; longer ones are truncated.
func Append(dst []byte, m Message) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, preludeLength)...)
	for _, h := range m.Headers {
		name, value := h.Name[:min(len(h.Name), 255)], h.Value[:min(len(h.Value), 65_535)]
		dst = append(dst, byte(len(name)))
		dst = append(dst, name...)
		dst = append(dst, typeString)
		dst = binary.BigEndian.AppendUint16(dst, uint16(len(value)))
		dst = append(dst, value...)
	}
	headers := len(dst) - start - preludeLength
	dst = append(dst, m.Payload...)
	frame := dst[start:]
	binary.BigEndian.PutUint32(frame, uint32(len(frame)+4))
	binary.BigEndian.PutUint32(frame[4:], uint32(headers))
	binary.BigEndian.PutUint32(frame[8:], crc32.ChecksumIEEE(frame[:8]))
	return binary.BigEndian.AppendUint32(dst, crc32.ChecksumIEEE(frame))
}

// AppendEvent appends an event with a JSON payload, as services send it.
func AppendEvent(dst []byte, kind string, payload []byte) []byte {
	return Append(dst, Message{Payload: payload, Headers: []Header{
		{EventType, kind}, {PayloadType, "application/json"}, {MessageType, "event"},
	}})
}

// AppendException appends an exception with a JSON payload.
func AppendException(dst []byte, kind string, payload []byte) []byte {
	return Append(dst, Message{Payload: payload, Headers: []Header{
		{ExceptionType, kind}, {PayloadType, "application/json"}, {MessageType, "exception"},
	}})
}

// Reader reads frames. It is not safe for concurrent use.
type Reader struct {
	src     io.Reader
	longest int
	frame   []byte
}

// NewReader returns a reader of the frames in r. A frame of more than longest
// bytes is corrupt.
func NewReader(r io.Reader, longest int) *Reader { return &Reader{src: r, longest: longest} }

// Next returns the next message and the bytes of its frame, which are valid until the next call. At the end of the
// stream the error is io.EOF, and inside a frame io.ErrUnexpectedEOF; with the latter and with [ErrCorrupt], raw is
// the part of the frame that was read.
func (r *Reader) Next() (m Message, raw []byte, err error) {
	if raw, err = r.fill(0, preludeLength); err != nil {
		return Message{}, raw, err
	}
	total := binary.BigEndian.Uint32(raw)
	if binary.BigEndian.Uint32(raw[8:]) != crc32.ChecksumIEEE(raw[:8]) {
		return Message{}, raw, fmt.Errorf("%w: the checksum of its lengths is wrong", ErrCorrupt)
	}
	if total < leastLength || int64(total) > int64(r.longest) {
		return Message{}, raw, fmt.Errorf("%w: %d bytes long, from %d to %d are allowed", ErrCorrupt, total, leastLength, r.longest)
	}
	if raw, err = r.fill(preludeLength, int(total)); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return Message{}, raw, err
	}
	m, err = parse(raw)
	return m, raw, err
}

// fill reads the frame's bytes from have to want. The buffer grows with the received data, not with the announced
// length.
func (r *Reader) fill(have, want int) ([]byte, error) {
	const step = 64 << 10
	for have < want {
		next := min(want, have+step)
		if next > cap(r.frame) {
			r.frame = append(r.frame[:have], make([]byte, next-have)...)
		}
		r.frame = r.frame[:next]
		n, err := io.ReadFull(r.src, r.frame[have:])
		have += n
		if err != nil {
			return r.frame[:have], err
		}
	}
	return r.frame, nil
}

// parse reads a frame with valid lengths.
func parse(frame []byte) (Message, error) {
	end := len(frame) - 4
	if binary.BigEndian.Uint32(frame[end:]) != crc32.ChecksumIEEE(frame[:end]) {
		return Message{}, fmt.Errorf("%w: its checksum is wrong", ErrCorrupt)
	}
	headers := binary.BigEndian.Uint32(frame[4:])
	if int64(headers) > int64(end-preludeLength) {
		return Message{}, fmt.Errorf("%w: its headers are longer than it is", ErrCorrupt)
	}
	m := Message{Payload: frame[preludeLength+headers : end : end]}
	for rest := frame[preludeLength : preludeLength+headers]; len(rest) > 0; {
		h, text, size := parseHeader(rest)
		if size == 0 {
			return Message{}, fmt.Errorf("%w: a header is broken", ErrCorrupt)
		}
		if text {
			m.Headers = append(m.Headers, h)
		}
		rest = rest[size:]
	}
	return m, nil
}

// The types of headers whose values have a length prefix.
const (
	typeBytes  = 6
	typeString = 7
)

// sizes are the value sizes of the other types: true, false, byte, 16, 32 and 64 bits, a time, a UUID.
var sizes = map[byte]int{0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}

// parseHeader parses a header, and returns whether it is text and how long it is; 0 if it is invalid.
func parseHeader(b []byte) (h Header, text bool, size int) {
	at := 1 + int(b[0])
	if b[0] == 0 || len(b) <= at {
		return h, false, 0
	}
	h.Name = string(b[1:at])
	kind := b[at]
	at++
	length, fixed := sizes[kind]
	if kind == typeBytes || kind == typeString {
		if len(b) < at+2 {
			return h, false, 0
		}
		length = int(binary.BigEndian.Uint16(b[at:]))
		at += 2
	} else if !fixed {
		return h, false, 0
	}
	if len(b) < at+length {
		return h, false, 0
	}
	if kind == typeString {
		h.Value = string(b[at : at+length])
	}
	return h, kind == typeString, at + length
}
