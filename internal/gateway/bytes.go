package gateway

import (
	"errors"
	"io"
	"net/http"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// byteStream passes on a response that is neither a single JSON value nor a stream of events, holding back the last
// byte.
type byteStream struct {
	attempt *attempt
	body    io.Reader
	w       http.ResponseWriter
	buf     []byte
	n       int    // the bytes in buf that were read and not passed on
	err     error  // the error of the last read
	read    []byte // the data so far, if it may contain usage
	count   int64  // bytes received
	last    [1]byte
	some    bool   // last is set
	whole   bool   // the response is complete
	batch   string // the id of the batch with these results; "" if it is something else
	results dialect.Batcher
}

// openBytes prepares to pass a response on as it arrives. It reads the beginning: if that fails, the client can still
// get an error.
func (a *attempt) openBytes() error {
	s := &byteStream{attempt: a, body: a.idle.watch(a.response.Body), buf: make([]byte, 32<<10)}
	if b, ok := a.gateway.format(a.route).(dialect.Batcher); ok && a.route.request.Stored {
		s.results = b
		s.batch, _ = b.ResultsOf(a.route.url.Path)
	}
	for s.n == 0 && s.err == nil {
		s.n, s.err = s.body.Read(s.buf)
	}
	a.bytes = s
	if s.n == 0 && !errors.Is(s.err, io.EOF) {
		return s.err
	}
	return nil
}

// copy passes the response on until it ends. It returns nil at the end.
func (s *byteStream) copy(w http.ResponseWriter) error {
	s.w = w
	flush := http.NewResponseController(w).Flush
	for {
		if piece := s.buf[:s.n]; len(piece) > 0 {
			s.keep(piece)
			if err := s.sendBut(piece); err != nil {
				return err
			}
			if err := flush(); err != nil {
				return err
			}
		}
		if errors.Is(s.err, io.EOF) {
			s.whole = true
			return nil
		}
		if s.err != nil {
			_ = s.end()
			return s.err
		}
		s.n, s.err = s.body.Read(s.buf)
	}
}

// sendBut sends the byte that was held back and all but the last byte of b.
func (s *byteStream) sendBut(b []byte) error {
	if err := s.end(); err != nil {
		return err
	}
	s.last[0], s.some = b[len(b)-1], true
	_, err := s.w.Write(b[:len(b)-1])
	return err
}

// keep keeps data that may contain usage.
func (s *byteStream) keep(b []byte) {
	s.count += int64(len(b))
	if (s.attempt.route.request.UsesTokens || s.batch != "") && s.count <= s.attempt.gateway.cfg.MaxBody {
		s.read = append(s.read, b...)
	}
}

func (s *byteStream) usage() (dialect.Usage, bool) {
	if s.batch != "" && s.whole {
		u := s.results.ReadResults(s.read)
		u.ResponseID = s.batch
		return u, true
	}
	if !s.attempt.route.request.UsesTokens {
		return dialect.Usage{}, s.whole || s.count > 0
	}
	u, reported := s.attempt.route.request.ReadUsage(s.read)
	sent, _ := s.attempt.route.request.CountText(s.read)
	return s.attempt.route.request.Complete(u, reported, sent), reported || sent > 0
}

func (s *byteStream) end() error {
	if !s.some {
		return nil
	}
	s.some = false
	_, err := s.w.Write(s.last[:])
	return err
}
