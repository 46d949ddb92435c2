package mockserver

import (
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

// managementLimit is how many requests per minute Lava allows for a key on the management API.
const managementLimit = 1000

var managementLimitText = strconv.Itoa(managementLimit)

// rateLimits counts requests by key per minute of the server's clock. The mock always reports the numbers, but
// rejects only with an option. Assumption rate-limit.
type rateLimits struct {
	mu     sync.Mutex
	minute time.Time // when it began
	byKey  map[billing.KeyHash]keyUse
}

// keyUse is how many times a key was used in the minute.
type keyUse struct {
	merchant string
	used     int
}

// setRetryAfter sets the number of whole seconds after which a client may retry.
func setRetryAfter(h http.Header, d time.Duration) {
	seconds := d / time.Second
	if d%time.Second > 0 {
		seconds++
	}
	h.Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
}

// count counts a merchant's request and writes the limit's headers.
func (l *rateLimits) count(w http.ResponseWriter, merchant, key string, now time.Time, enforce bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	start, hash := now.Truncate(time.Minute), billing.HashKey(key)
	if l.byKey == nil || !l.minute.Equal(start) {
		l.minute, l.byKey = start, map[billing.KeyHash]keyUse{}
	}
	used := l.byKey[hash].used + 1
	l.byKey[hash] = keyUse{merchant, used}

	reset := start.Add(time.Minute)
	h := w.Header() // Set takes five more allocations per request
	values := [...]string{managementLimitText, strconv.Itoa(max(0, managementLimit-used)), strconv.FormatInt(reset.Unix(), 10)}
	h["X-Ratelimit-Limit"], h["X-Ratelimit-Remaining"], h["X-Ratelimit-Reset"] = values[:1:1], values[1:2:2], values[2:]
	if enforce && used > managementLimit {
		setRetryAfter(h, reset.Sub(now))
		return billing.Errorf(billing.CodeRateLimitExceeded, "", "more than %d requests in a minute", managementLimit)
	}
	return nil
}

// forget drops the counts of a merchant's keys.
func (l *rateLimits) forget(merchant string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.byKey, func(_ billing.KeyHash, u keyUse) bool { return u.merchant == merchant })
}
