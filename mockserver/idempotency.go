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

// responses are those to POSTs that carried an idempotency key. They may hold
// secrets that are shown once, so they are kept here and not in the engine.
// Assumption idempotency.
type responses struct {
	mu    sync.Mutex
	byKey map[responseKey]*response
	swept time.Time
}

type responseKey struct{ merchant, path, key string }

type response struct {
	body    [sha256.Size]byte // of the request
	expires time.Time
	done    chan struct{} // closed when what follows is there
	status  int
	reply   any
	err     error
}

// once carries out a call, or returns the response that its idempotency key has
// got before. A twin that comes while the first is under way waits for it.
func (rs *responses) once(c *call, status int, handle func(*call) (any, error)) (int, any, error) {
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
	id, hash := responseKey{c.merchant, c.r.URL.Path, key}, sha256.Sum256(body)
	for {
		a, first := rs.claim(id, hash, c.now)
		if first {
			return rs.fill(id, a, status, func() (any, error) { return handle(c) })
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

// claim returns the response of a key, and whether the caller is to fill it in.
func (rs *responses) claim(id responseKey, body [sha256.Size]byte, now time.Time) (*response, bool) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.sweep(now)
	if a, ok := rs.byKey[id]; ok && now.Before(a.expires) {
		return a, false
	}
	a := &response{body: body, expires: now.Add(idempotencyLife), done: make(chan struct{})}
	if rs.byKey == nil {
		rs.byKey = map[responseKey]*response{}
	}
	rs.byKey[id] = a
	return a, true
}

// fill works out a response and keeps it, if it is one to give again. If handle
// panics, those who wait find an error that is not.
func (rs *responses) fill(id responseKey, a *response, status int, handle func() (any, error)) (int, any, error) {
	a.err = http.ErrAbortHandler
	defer func() {
		if !repeatable(a.err) {
			rs.mu.Lock()
			delete(rs.byKey, id)
			rs.mu.Unlock()
		}
		close(a.done)
	}()
	reply, err := handle()
	a.status, a.reply, a.err = status, reply, err
	return status, reply, err
}

// sweep forgets what has expired, now and then.
func (rs *responses) sweep(now time.Time) {
	if now.Sub(rs.swept) < idempotencyLife/24 {
		return
	}
	rs.swept = now
	for id, a := range rs.byKey {
		if !now.Before(a.expires) {
			delete(rs.byKey, id)
		}
	}
}

// repeatable reports whether a response is given again: successes, and rejections
// that would be the same.
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
