package gateway

import (
	"errors"
	"io"
	"net/http"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/sse"
)

// eventStream passes server-sent events on: each at once, in the bytes it came
// in.
type eventStream struct {
	call    *call
	w       http.ResponseWriter
	body    io.Reader
	flush   func() error
	pending bool // something is written and not flushed
	meter   *dialect.Stream
	held    []byte // an event that may be the last, until the next shows that it is not
	some    bool   // something was sent that is part of an answer
}

func newEventStream(c *call, w http.ResponseWriter) *eventStream {
	return &eventStream{
		call:  c,
		w:     w,
		flush: http.NewResponseController(w).Flush,
		meter: c.request.NewStream(),
	}
}

// copy passes events on until the stream ends; its end is no error.
func (s *eventStream) copy(body io.Reader) error {
	s.body, s.pending = body, true // the headers, for a client that waits for them
	events := sse.NewReader(s, s.call.gateway.cfg.MaxEvent)
	for {
		event, err := events.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			_ = s.end() // what came before the fault is the client's
			_ = s.send(event.Raw)
			_ = s.flush()
			return err
		}
		if err := s.pass(event); err != nil {
			return err
		}
	}
}

func (s *eventStream) pass(event sse.Event) error {
	class := dialect.Content
	if event.Data != nil {
		class = s.meter.Read(event.Type, event.Data)
		s.some = true
	}
	if err := s.end(); err != nil {
		return err
	}
	switch class {
	case dialect.UsageOnly:
		if !s.call.request.WantsUsage && s.call.asksForUsage() {
			return nil // the client did not ask for it
		}
	case dialect.Last:
		s.held = append(s.held, event.Raw...)
		return nil
	case dialect.Terminal: // clients stop reading here
		u, _ := s.usage()
		if err := s.call.record(u); err != nil {
			return err
		}
	case dialect.Failure: // as an error status: not charged (assumption stream-errors)
		if err := s.call.fail(); err != nil {
			return err
		}
	}
	return s.send(event.Raw)
}

// usage is what the stream reported, or an estimate of what was sent.
func (s *eventStream) usage() (dialect.Usage, bool) {
	u, reported := s.meter.Usage()
	if !reported {
		u = s.call.request.Estimate(u, s.meter.Characters())
	}
	return u, reported || s.meter.Characters() > 0 || s.some && !s.call.request.UsesTokens()
}

// end sends the event that was held back.
func (s *eventStream) end() error {
	held := s.held
	s.held = s.held[:0]
	return s.send(held)
}

func (s *eventStream) send(raw []byte) error {
	if len(raw) == 0 {
		return nil
	}
	s.pending = true
	_, err := s.w.Write(raw)
	return err
}

// Read reads from the provider, which may take long: what was sent is flushed
// before. So no event waits, and events that came together leave together.
func (s *eventStream) Read(p []byte) (int, error) {
	if s.pending {
		s.pending = false
		if err := s.flush(); err != nil {
			return 0, err
		}
	}
	return s.body.Read(p)
}
