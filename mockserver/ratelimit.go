package mockserver

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

// managementLimit is how many requests a minute Lava allows a key on the
// management API.
const managementLimit = 1000

var managementLimitText = strconv.Itoa(managementLimit)

// rateLimits counts requests by key and minute of the server's clock. The mock
// tells the numbers always, and rejects only by option. Assumption rate-limit.
type rateLimits struct {
	mu    sync.Mutex
	byKey map[billing.KeyHash]window
}

type window struct {
	start time.Time
	used  int
}

// setRetryAfter tells after how many whole seconds a client may come again.
func setRetryAfter(h http.Header, d time.Duration) {
	h.Set("Retry-After", strconv.Itoa(int((d+time.Second-1)/time.Second)))
}

// count counts a request and writes the limit's headers.
func (l *rateLimits) count(w http.ResponseWriter, key string, now time.Time, enforce bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	start, hash := now.Truncate(time.Minute), billing.HashKey(key)
	win := l.byKey[hash]
	if !win.start.Equal(start) {
		win = window{start: start}
	}
	win.used++
	if l.byKey == nil {
		l.byKey = map[billing.KeyHash]window{}
	}
	l.byKey[hash] = win

	reset := start.Add(time.Minute)
	h := w.Header() // Set takes five allocations more, a request
	values := [...]string{managementLimitText, strconv.Itoa(max(0, managementLimit-win.used)), strconv.FormatInt(reset.Unix(), 10)}
	h["X-Ratelimit-Limit"], h["X-Ratelimit-Remaining"], h["X-Ratelimit-Reset"] = values[:1:1], values[1:2:2], values[2:]
	if enforce && win.used > managementLimit {
		setRetryAfter(h, reset.Sub(now))
		return billing.Errorf(billing.CodeRateLimitExceeded, "", "more than %d requests in a minute", managementLimit)
	}
	return nil
}
