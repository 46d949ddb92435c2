package mockserver

import (
	"bytes"
	"crypto/sha256"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

const (
	idempotencyHeader = "Idempotency-Key"
	idempotencyLife   = 24 * time.Hour
	maxIdempotencyKey = 255
)

// answers remembers the answers to POSTs that carried an idempotency key. They
// may hold secrets that are shown once, so they are kept here and not in the
// engine. Assumption idempotency.
type answers struct {
	mu    sync.Mutex
	byKey map[answerKey]*answer
	swept time.Time
}

type answerKey struct{ merchant, path, key string }

type answer struct {
	body    [sha256.Size]byte // of the request
	expires time.Time
	done    chan struct{} // closed when what follows is there
	status  int
	reply   any
	err     error
}

// once answers a POST, or repeats the answer that its idempotency key has got
// before. A twin that comes while the first is under way waits for it.
func (s *Server) once(c *call, status int, handle func(*call) (any, error)) (int, any, error) {
	key := c.r.Header.Get(idempotencyHeader)
	if key == "" || c.r.Method != http.MethodPost || c.merchant == "" {
		reply, err := handle(c)
		return status, reply, err
	}
	if len(key) > maxIdempotencyKey {
		return 0, nil, invalid(idempotencyHeader, "has %d characters, at most %d are allowed", len(key), maxIdempotencyKey)
	}
	body, err := readBody(c.r, maxBody)
	if err != nil {
		return 0, nil, err
	}
	c.r.Body = io.NopCloser(bytes.NewReader(body))
	id, hash := answerKey{c.merchant, c.r.URL.Path, key}, sha256.Sum256(body)
	for {
		a, first := s.answers.claim(id, hash, c.now)
		if first {
			return s.answers.fill(id, a, status, func() (any, error) { return handle(c) })
		}
		if a.body != hash {
			return 0, nil, billing.Errorf(billing.CodeConflict, idempotencyHeader, "%s: was used before with another body", idempotencyHeader)
		}
		select {
		case <-a.done:
		case <-c.r.Context().Done():
			return 0, nil, c.r.Context().Err()
		}
		if repeatable(a.err) {
			return a.status, a.reply, a.err
		}
	}
}

// claim returns the answer of a key, and whether the caller is to fill it in.
func (as *answers) claim(id answerKey, body [sha256.Size]byte, now time.Time) (*answer, bool) {
	as.mu.Lock()
	defer as.mu.Unlock()
	as.sweep(now)
	if a, ok := as.byKey[id]; ok && now.Before(a.expires) {
		return a, false
	}
	a := &answer{body: body, expires: now.Add(idempotencyLife), done: make(chan struct{})}
	if as.byKey == nil {
		as.byKey = map[answerKey]*answer{}
	}
	as.byKey[id] = a
	return a, true
}

// fill works out an answer and keeps it, if it is one to repeat. Should handle
// panic, those who wait find an error that is not.
func (as *answers) fill(id answerKey, a *answer, status int, handle func() (any, error)) (int, any, error) {
	a.err = http.ErrAbortHandler
	defer func() {
		if !repeatable(a.err) {
			as.mu.Lock()
			delete(as.byKey, id)
			as.mu.Unlock()
		}
		close(a.done)
	}()
	reply, err := handle()
	a.status, a.reply, a.err = status, reply, err
	return status, reply, err
}

// sweep forgets what has expired, now and then.
func (as *answers) sweep(now time.Time) {
	if now.Sub(as.swept) < idempotencyLife/24 {
		return
	}
	as.swept = now
	for id, a := range as.byKey {
		if !now.Before(a.expires) {
			delete(as.byKey, id)
		}
	}
}

// repeatable tells whether an answer is given again: successes, and refusals
// that would not turn out otherwise.
func repeatable(err error) bool {
	if err == nil {
		return true
	}
	switch toError(err).Status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict:
		return true
	}
	return false
}
