package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

var errIdle = errors.New("no data was sent or read in time")

// idleLimit ends a call that makes no progress: the provider sends nothing, or the client does not read what is sent
// to it.
type idleLimit struct {
	limit time.Duration
	timer *time.Timer

	mu     sync.Mutex
	client http.ResponseWriter // once the response is being written
}

// start starts the clock. When it runs out, it cancels.
func (l *idleLimit) start(limit time.Duration, cancel context.CancelCauseFunc) {
	l.limit = limit
	l.timer = time.AfterFunc(limit, func() {
		cancel(errIdle)
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.client != nil { // wake a Write that is blocked
			_ = http.NewResponseController(l.client).SetWriteDeadline(time.Unix(1, 0))
		}
	})
}

// writing sets the writer to which the response is now written.
func (l *idleLimit) writing(w http.ResponseWriter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.client = w
	l.timer.Reset(l.limit)
}

// stop ends the watch. Afterwards, the connection is not touched: it may already serve the next request.
func (l *idleLimit) stop() {
	l.timer.Stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.client = nil
}

// watch wraps r so that each read restarts the clock.
func (l *idleLimit) watch(r io.Reader) io.Reader { return &watched{r, l} }

type watched struct {
	io.Reader
	idle *idleLimit
}

func (r *watched) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if n > 0 {
		r.idle.timer.Reset(r.idle.limit)
	}
	return n, err
}
