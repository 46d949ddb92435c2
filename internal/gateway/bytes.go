package gateway

import (
	"errors"
	"io"
	"net/http"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// byteStream passes a response on that is neither one JSON value nor events, one
// byte behind.
type byteStream struct {
	attempt *attempt
	w       http.ResponseWriter
	read    []byte // what came, if there may be usage in it
	count   int64  // how many bytes came
	last    [1]byte
	some    bool // last holds a byte
	whole   bool // the response came to its end
}

// copy passes the response on until it ends; its end is no error.
func (s *byteStream) copy(body io.Reader) error {
	flush := http.NewResponseController(s.w).Flush
	buf := make([]byte, 32<<10)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			s.keep(buf[:n])
			if werr := s.sendBut(buf[:n]); werr != nil {
				return werr
			}
			if ferr := flush(); ferr != nil {
				return ferr
			}
		}
		if errors.Is(err, io.EOF) {
			s.whole = true
			return nil
		}
		if err != nil {
			_ = s.end()
			return err
		}
	}
}

// sendBut sends the byte that was held back and all of b but its last.
func (s *byteStream) sendBut(b []byte) error {
	if err := s.end(); err != nil {
		return err
	}
	s.last[0], s.some = b[len(b)-1], true
	_, err := s.w.Write(b[:len(b)-1])
	return err
}

// keep keeps what may have to be read for its usage.
func (s *byteStream) keep(b []byte) {
	s.count += int64(len(b))
	if s.attempt.route.request.UsesTokens && s.count <= s.attempt.gateway.cfg.MaxBody {
		s.read = append(s.read, b...)
	}
}

func (s *byteStream) usage() (dialect.Usage, bool) {
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
