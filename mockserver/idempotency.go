package mockserver

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

const (
	idempotencyHeader = "Idempotency-Key"
	idempotencyLife   = 24 * time.Hour
	maxIdempotencyKey = 255
	// maxResponses limits the kept responses, about 1 KB each: the clock may stand still.
	maxResponses = 50_000
)

// responses are the responses to POSTs with an idempotency key: those of the last 24 hours, and at most the latest
// 50,000. They are part of a snapshot. Assumption idempotency.
type responses struct {
	// gate is held for reading while a call is carried out and its response kept, and for writing while a snapshot is
	// taken or restored, or a merchant reset: a snapshot never has one without the other, and no call changes the
	// state after a reset.
	gate sync.RWMutex

	mu    sync.Mutex
	byKey map[responseKey]*response
	queue []keptResponse // in the order in which they expire
}

type responseKey struct{ Merchant, Path, Key string }

// response is kept without the secret it shows.
type response struct {
	Request billing.KeyHash // the hash of the request's body
	Expires time.Time
	Status  int
	Body    string           // up to the secret, if it shows one
	Shown   *shown           `json:",omitempty"`
	Rest    string           `json:",omitempty"` // after the secret
	Hash    *billing.KeyHash `json:",omitempty"` // of the secret
	Error   *Error           `json:",omitempty"`

	done chan struct{} // closed when the fields are set
}

// once carries out a call, or returns the earlier response to its idempotency key. A duplicate that arrives while the
// first is in progress waits for it.
func (rs *responses) once(c *call, status int, handle func(*call) (any, error)) (int, any, error) {
	key := c.r.Header.Get(idempotencyHeader)
	if key == "" || c.r.Method != http.MethodPost || c.merchant == "" {
		if _, err := c.readAhead(); err != nil {
			return 0, nil, err
		}
		rs.gate.RLock()
		defer rs.gate.RUnlock()
		if err := c.isStill(); err != nil {
			return 0, nil, err
		}
		reply, err := handle(c)
		return status, reply, err
	}
	if len(key) > maxIdempotencyKey {
		return 0, nil, billing.Invalid(idempotencyHeader, "has %d characters, at most %d are allowed", len(key), maxIdempotencyKey)
	}
	body, err := c.readAhead()
	if err != nil {
		return 0, nil, err
	}
	id, hash := responseKey{c.merchant, c.r.URL.Path, strings.ToValidUTF8(key, "\ufffd")}, billing.HashKey(string(body))
	for {
		a, first := rs.claim(id, hash, c.now)
		if first {
			return rs.fill(id, a, c, status, handle)
		}
		if a.Request != hash {
			return 0, nil, billing.Errorf(billing.CodeConflict, idempotencyHeader, "%s: was already used with another body", idempotencyHeader)
		}
		select {
		case <-a.done:
		case <-c.r.Context().Done():
			return 0, nil, c.r.Context().Err()
		}
		if a.repeatable() {
			c.kept.replayed = true
			return a.again(c.root)
		}
	}
}

// readAhead reads the body of a call, so that other calls don't wait for its client. It remains readable.
func (c *call) readAhead() ([]byte, error) {
	if c.r.Method == http.MethodGet || c.r.Method == http.MethodDelete {
		return nil, nil
	}
	body, err := readBody(c.r, maxBody)
	if err == nil {
		c.r.Body = &bodyAhead{Reader: *bytes.NewReader(body), all: body}
	}
	return body, err
}

// claim returns the response for a key, and whether the caller must fill it in. If so, the gate is held.
func (rs *responses) claim(id responseKey, body billing.KeyHash, now time.Time) (*response, bool) {
	rs.gate.RLock()
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if a, ok := rs.byKey[id]; ok && now.Before(a.Expires) {
		rs.gate.RUnlock()
		return a, false
	}
	rs.sweep(now)
	a := &response{Request: body, Expires: now.Add(idempotencyLife), done: make(chan struct{})}
	if rs.byKey == nil {
		rs.byKey = map[responseKey]*response{}
	}
	rs.byKey[id] = a
	rs.queue = append(rs.queue, keptResponse{id, a})
	return a, true
}

// fill computes a response and keeps it if it is repeatable. If handle panics, waiting calls get an error that isn't
// kept.
func (rs *responses) fill(id responseKey, a *response, c *call, status int, handle func(*call) (any, error)) (int, any, error) {
	a.Error = toError(http.ErrAbortHandler)
	defer rs.gate.RUnlock()
	defer func() {
		if !a.repeatable() {
			rs.forget(keptResponse{id, a})
		}
		close(a.done)
	}()
	err := c.isStill()
	var reply any
	if err == nil {
		reply, err = handle(c)
	}
	if err != nil {
		a.Error = toError(err)
		return 0, nil, err
	}
	body, err := encode(reply)
	if err != nil { // a bug: the body is plain data
		return 0, nil, err
	}
	a.keep(status, string(body), c.shown, c.root)
	return status, json.RawMessage(body), nil
}

// keep stores a response, split in two around the secret it shows.
func (a *response) keep(status int, body string, shown *shown, root billing.RootKey) {
	a.Status, a.Body, a.Error = status, body, nil
	if shown != nil {
		a.Shown = shown
		a.Body, a.Rest, _ = strings.Cut(body, shown.text(root))
		hash := billing.HashKey(root.Derive(shown.Secret))
		a.Hash = &hash
	}
}

// again returns a response with its secret. A server with another root key can't derive it, except for a webhook's
// secret, which it signs with itself.
func (a *response) again(root billing.RootKey) (int, any, error) {
	switch {
	case a.Error != nil:
		return 0, nil, a.Error
	case a.Shown == nil:
		return a.Status, json.RawMessage(a.Body), nil
	case a.Shown.Kind != billing.SecretOfWebhook && (a.Hash == nil || *a.Hash != billing.HashKey(root.Derive(a.Shown.Secret))):
		return 0, nil, billing.Errorf(billing.CodeConflict, idempotencyHeader, "%s: the response contained a secret that only the server that issued it can show again; start both servers with the same seed", idempotencyHeader)
	}
	return a.Status, json.RawMessage(a.Body + a.Shown.text(root) + a.Rest), nil
}

// repeatable reports whether a response is given again: successes, and rejections that would be the same. After a
// 503, nothing has been done. Assumption unavailable.
func (a *response) repeatable() bool {
	if a.Error == nil {
		return true
	}
	switch a.Error.Status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict:
		return true
	}
	return false
}

// keptResponse is a response in a snapshot.
type keptResponse struct {
	responseKey
	Response *response
}

// check rejects a response that could not have been sent.
func (k keptResponse) check() error {
	a := k.Response
	switch {
	case a == nil:
	case a.Error != nil && a.Error.Status >= 400 && a.Error.Status < 500:
		return nil
	case a.Error == nil && a.Status >= 200 && a.Status < 300 && json.Valid([]byte(a.Body+a.Rest)):
		return nil // the secret is inside a JSON string
	}
	return fmt.Errorf("snapshot: the response to the idempotency key %.40q is none", k.Key)
}

// snapshot returns all responses that would be repeated at now. The caller holds the gate.
func (rs *responses) snapshot(now time.Time) []keptResponse {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	var kept []keptResponse
	for id, a := range rs.byKey {
		if now.Before(a.Expires) {
			kept = append(kept, keptResponse{id, a})
		}
	}
	return kept
}

// compare orders by time, then by name.
func (k keptResponse) compare(l keptResponse) int {
	return cmp.Or(k.Response.Expires.Compare(l.Response.Expires), cmp.Compare(k.Merchant, l.Merchant), cmp.Compare(k.Path, l.Path), cmp.Compare(k.Key, l.Key))
}

// restore replaces all responses. The caller holds the gate.
func (rs *responses) restore(kept []keptResponse) {
	done := make(chan struct{})
	close(done)
	kept = slices.SortedFunc(slices.Values(kept), keptResponse.compare)
	byKey := make(map[responseKey]*response, len(kept))
	for _, k := range kept {
		k.Response.done = done
		byKey[k.responseKey] = k.Response
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.byKey, rs.queue = byKey, kept
}

// forgetMerchant forgets the responses to a merchant. The caller holds the gate.
func (rs *responses) forgetMerchant(id string) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	maps.DeleteFunc(rs.byKey, func(k responseKey, _ *response) bool { return k.Merchant == id })
	rs.queue = slices.DeleteFunc(rs.queue, func(k keptResponse) bool { return k.Merchant == id })
}

// sweep forgets expired responses, and the oldest if there is no room for another. The caller holds mu.
func (rs *responses) sweep(now time.Time) {
	for len(rs.queue) > 0 && (len(rs.queue) >= maxResponses || !now.Before(rs.queue[0].Response.Expires)) {
		rs.drop(rs.queue[0])
		rs.queue[0] = keptResponse{}
		rs.queue = rs.queue[1:]
	}
}

// forget removes a response that isn't repeatable.
func (rs *responses) forget(k keptResponse) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.drop(k)
}

// drop removes a response, unless its key belongs to another one by now.
func (rs *responses) drop(k keptResponse) {
	if rs.byKey[k.responseKey] == k.Response {
		delete(rs.byKey, k.responseKey)
	}
}
