package jsonscan

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
)

// ErrTooLong is the error of a value that is longer than a stream's limit.
var ErrTooLong = errors.New("jsonscan: value is too long")

// Stream reads JSON values as they come: one after the other, usually one a line, or the
// elements of an array.
type Stream struct {
	decoder *json.Decoder
	limit   limitedReader
	longest int
	inArray bool
	started bool
}

// limitedReader allows up to left bytes until left is reset.
type limitedReader struct {
	reader io.Reader
	left   int
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, ErrTooLong
	}
	n, err := l.reader.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// NewStream returns a reader of values of at most longest bytes, or a little more.
func NewStream(r io.Reader, longest int) *Stream {
	s := &Stream{limit: limitedReader{reader: r}, longest: longest}
	s.decoder = json.NewDecoder(&s.limit)
	return s
}

// Next returns the next value, and io.EOF at the end. whole then reports whether the values were in an array that was
// closed.
func (s *Stream) Next() (value json.RawMessage, whole bool, err error) {
	s.limit.left = s.longest
	if !s.started {
		s.started = true
		if s.inArray, err = s.begins(); err != nil {
			return nil, false, err
		}
	}
	if s.inArray && !s.decoder.More() {
		if _, err := s.decoder.Token(); err != nil {
			return nil, false, err
		}
		return nil, true, io.EOF
	}
	err = s.decoder.Decode(&value)
	return value, false, err
}

// begins consumes the bracket that begins an array.
func (s *Stream) begins() (bool, error) {
	buffered := bufio.NewReaderSize(&s.limit, 16)
	array, err := IsArray(buffered)
	s.decoder = json.NewDecoder(buffered)
	if array {
		_, err = s.decoder.Token()
	}
	return array, err
}

// IsArray reports whether the next value is an array.
func IsArray(r *bufio.Reader) (bool, error) {
	for {
		b, err := r.ReadByte()
		if err != nil {
			return false, err
		}
		switch b {
		case ' ', '\t', '\r', '\n':
			continue
		}
		return b == '[', r.UnreadByte()
	}
}
