package gateway

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"net/http"
	"sync"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/eventstream"
	"github.com/lavapayments/lava-go/internal/sse"
)

// eventStream passes on the events of a stream, each immediately, unchanged or in the client's format.
type eventStream struct {
	attempt *attempt
	body    io.Reader
	source  interface{ Ready() bool } // the body, if it knows whether a read would block
	events  eventReader
	meter   dialect.Meter

	w       http.ResponseWriter
	pending bool   // something was written and not flushed
	unsent  []byte // events to send with the next write
	held    []byte // an event that may be the last, until another one follows
	some    bool   // part of a response was sent

	peeked     bool // the first event was read ahead
	first      sse.Event
	firstErr   error
	translator *dialect.Translator // nil if events pass unchanged
	out        []byte              // an event in the client's format
}

// eventReader reads a stream in its framing.
type eventReader interface{ Next() (sse.Event, error) }

// openEvents prepares to pass on a stream of events.
func (a *attempt) openEvents() error {
	body, err := decompressing(a.response)
	if err != nil {
		return err
	}
	s := &eventStream{attempt: a, body: a.idle.watch(body), meter: a.route.request.NewMeter()}
	s.source, _ = body.(interface{ Ready() bool })
	switch {
	case a.kind == eventstream.ContentType:
		s.events = frames{eventstream.NewReader(s, a.gateway.cfg.MaxEvent)}
	case isLines(a.kind):
		s.events = newLines(s, a.gateway.cfg.MaxEvent)
	default:
		s.events = sse.NewReader(s, a.gateway.cfg.MaxEvent)
	}
	if a.route.translation != nil {
		s.translator = s.translate(a.route.translation)
	}
	a.events = s
	return nil
}

// translate returns the stream's translator.
func (s *eventStream) translate(t *translation) *dialect.Translator {
	request := s.attempt.route.request
	return dialect.NewTranslator(t.provider, t.client, t.request, dialect.Opening{
		ID: s.attempt.admission.RequestID, Model: request.Model, Created: s.attempt.admission.At,
		Usage: func() dialect.Usage {
			u, _ := s.meter.Usage()
			return request.Complete(u, false, 0)
		},
	})
}

// errFirst means that a stream starts with an error of the provider.
var errFirst = errors.New("the stream begins with an error")

// peek reads the first event, and returns an error if it doesn't start a response.
func (s *eventStream) peek() error {
	s.first, s.firstErr = s.next()
	s.peeked = true
	if s.firstErr == nil && s.attempt.route.request.NewMeter().Read(s.first.Type, s.first.Data) == ending.Failure {
		return errFirst
	}
	return s.firstErr
}

// close releases the buffers of the reader and the writer.
func (s *eventStream) close() {
	if b := s.unsent; cap(b) > 0 && cap(b) <= mostUnsent {
		batches.Put(&b)
	}
	s.unsent = nil
	if r, ok := s.events.(*sse.Reader); ok {
		r.Close()
	}
}

func (s *eventStream) next() (sse.Event, error) {
	if s.peeked {
		s.peeked = false
		return s.first, s.firstErr
	}
	event, err := s.events.Next()
	if err == nil && event.Data == nil {
		event.Data = ending.BareError(event.Raw)
	}
	return event, err
}

// copy passes events on until the stream ends. It returns nil at the end.
func (s *eventStream) copy(w http.ResponseWriter) error {
	s.w = w
	s.pending = true // the headers, for a client that waits for them
	if b, ok := batches.Get().(*[]byte); ok {
		s.unsent = (*b)[:0]
	}
	for {
		event, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			if s.translator == nil { // the client gets what came before the fault
				_ = s.release()
				_ = s.send(event.Raw)
			}
			_ = s.write()
			return err
		}
		if err := s.pass(event); err != nil {
			_ = s.write()
			return err
		}
	}
}

func (s *eventStream) pass(event sse.Event) error {
	class := ending.Content
	if event.Data != nil {
		class = s.meter.Read(event.Type, event.Data)
		s.some = s.some || class != ending.Heartbeat
	}
	if s.translator != nil {
		return s.passTranslated(class, event)
	}
	if err := s.release(); err != nil {
		return err
	}
	switch class {
	case ending.Content, ending.Heartbeat:
	case ending.UsageOnly:
		if s.attempt.route.addsUsage {
			return nil // the client did not ask for it
		}
	case ending.Last:
		s.held = append(s.held, event.Raw...)
		return nil
	case ending.Terminal: // clients stop reading here
		u, _ := s.usage()
		if err := s.attempt.record(u); err != nil {
			return err
		}
	case ending.Failure: // as an error status: not charged (assumption stream-errors)
		if err := s.attempt.fail(); err != nil {
			return err
		}
	}
	return s.send(event.Raw)
}

// passTranslated passes an event on in the client's format. The end of the response is sent after the request is
// recorded; if the provider has no last event, that is at the end of its stream.
func (s *eventStream) passTranslated(class ending.Class, event sse.Event) error {
	if event.Data == nil {
		return nil
	}
	s.out = s.translator.Event(s.out[:0], class, event.Type, event.Data)
	var err error
	switch class {
	case ending.Content, ending.Heartbeat, ending.UsageOnly, ending.Last:
	case ending.Terminal:
		u, _ := s.usage()
		if err := s.attempt.record(u); err != nil {
			return err
		}
		if s.out, err = s.translator.End(s.out, u); err != nil {
			return err
		}
	case ending.Failure: // as an error status: not charged (assumption stream-errors)
		if err := s.attempt.fail(); err != nil {
			return err
		}
	}
	return s.send(s.out)
}

// usage returns the usage that the stream reported, or an estimate from what was sent.
func (s *eventStream) usage() (dialect.Usage, bool) {
	u, reported := s.meter.Usage()
	u = s.attempt.route.request.Complete(u, reported, s.meter.Characters())
	return u, reported || s.meter.Characters() > 0 || s.some && !s.attempt.route.request.UsesTokens
}

// end sends the event that was held back, or the end of a translated response.
func (s *eventStream) end() error {
	if s.translator != nil {
		u, _ := s.usage()
		out, err := s.translator.End(s.out[:0], u)
		return errors.Join(s.send(out), s.write(), err)
	}
	return errors.Join(s.release(), s.write())
}

// release sends the event that was held back.
func (s *eventStream) release() error {
	held := s.held
	s.held = s.held[:0]
	return s.send(held)
}

// mostUnsent limits the size of events that are written together.
const mostUnsent = 32 << 10

// batches has the buffers of closed streams, as *[]byte.
var batches sync.Pool

// send sends part of the response together with what immediately follows: one write per event took 3 % of the CPU of
// a short stream.
func (s *eventStream) send(raw []byte) error {
	if len(raw) == 0 {
		return nil
	}
	s.pending = true
	s.unsent = append(s.unsent, raw...)
	if len(s.unsent) >= mostUnsent {
		return s.write()
	}
	return nil
}

// write writes the gathered events.
func (s *eventStream) write() error {
	if len(s.unsent) == 0 {
		return nil
	}
	_, err := s.w.Write(s.unsent)
	s.unsent = s.unsent[:0]
	return err
}

func (s *eventStream) flush() error {
	if err := s.write(); err != nil {
		return err
	}
	return http.NewResponseController(s.w).Flush()
}

// Read reads from the provider, which may block, so it first flushes what was sent. No event waits, and events that
// arrived together leave together. The headers leave with the first events if these are already there: that saves a
// write, 5 % of the CPU of a short stream.
func (s *eventStream) Read(p []byte) (int, error) {
	if s.pending && (s.source == nil || !s.source.Ready()) {
		s.pending = false
		if err := s.flush(); err != nil {
			return 0, err
		}
	}
	return s.body.Read(p)
}

// frames reads the events of Amazon's binary streams.
type frames struct{ *eventstream.Reader }

func (f frames) Next() (sse.Event, error) {
	m, raw, err := f.Reader.Next()
	kind, data := m.Event()
	return sse.Event{Type: kind, Data: data, Raw: raw}, err
}

// isLines reports whether a media type is that of JSON lines, which Cohere's first version streams for chats.
func isLines(kind string) bool {
	return kind == "application/stream+json" || kind == "application/x-ndjson" || kind == "application/jsonl"
}

// lines reads a stream in which each line is an event.
type lines struct{ *bufio.Scanner }

func newLines(r io.Reader, longest int) lines {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, longest)
	scanner.Split(splitLines)
	return lines{scanner}
}

func (l lines) Next() (sse.Event, error) {
	if l.Scan() {
		return sse.Event{Data: bytes.TrimSpace(l.Bytes()), Raw: l.Bytes()}, nil
	}
	return sse.Event{}, cmp.Or(l.Err(), io.EOF)
}

// splitLines splits after each line end, keeping it with its line.
func splitLines(data []byte, atEnd bool) (length int, line []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i+1], nil
	}
	if atEnd && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}
