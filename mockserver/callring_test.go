package mockserver

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/billing"
)

// Calls are limited by number, their bodies by size.
func TestCallsAreBounded(t *testing.T) {
	t.Parallel()
	var cs calls
	const all, size = 2*maxCalls + 7, 4 << 10
	for range all {
		cs.add(&keptCall{response: keptBody{data: make([]byte, size), size: size}})
	}
	kept, _ := cs.after(0)
	require.Len(t, kept, maxCalls)
	require.Equal(t, uint64(all-maxCalls+1), kept[0].position)
	require.Equal(t, uint64(all), kept[maxCalls-1].position)
	bodies := 0
	for _, c := range kept {
		bodies += len(c.response.data)
		require.Equal(t, size, c.response.size)
	}
	assert.LessOrEqual(t, bodies, maxCallBodies)
	assert.Greater(t, bodies, maxCallBodies-maxBlock)
	assert.LessOrEqual(t, cs.bodies.size, maxCallBodies)
	assert.Nil(t, kept[0].response.data, "the oldest bodies go first")
	assert.NotNil(t, kept[maxCalls-1].response.data)
	later, _ := cs.after(all - 3)
	require.Len(t, later, 3)
}

// The bodies in a copy of a call never change, whatever calls follow, and bodies without copies make room for others.
// A body of the wrong call would show as a wrong byte.
func TestBodiesOfCallsAreTheirOwn(t *testing.T) {
	t.Parallel()
	var cs calls
	var early []keptCall
	position := byte(0)
	borrowed := make([]byte, 3000)
	add := func(rounds int) {
		for range rounds {
			position++
			for i := range borrowed {
				borrowed[i] = position
			}
			c := &keptCall{request: keptBody{borrowed[:1000], 1000}, response: keptBody{borrowed[1000:2000], 1000}}
			cs.add(c)
			if position%2 == 0 {
				cs.respond(c, &excerpt{borrowed, len(borrowed)})
			}
		}
	}
	check := func(all []keptCall) (whole int) {
		for _, c := range all {
			size := 1000
			if byte(c.position)%2 == 0 {
				size = 3000
			}
			require.Equal(t, size, c.response.size)
			if c.response.data == nil {
				continue
			}
			whole++
			require.Equal(t, bytes.Repeat([]byte{byte(c.position)}, 1000), c.request.data)
			require.Equal(t, bytes.Repeat([]byte{byte(c.position)}, size), c.response.data)
		}
		return whole
	}
	add(7000)
	early, _ = cs.after(0)
	before := check(early)
	require.Positive(t, before)
	add(3*maxCalls + 1)
	require.Equal(t, before, check(early), "nothing was overwritten")
	late, _ := cs.after(0)
	require.Greater(t, check(late), maxCallBodies/4/4000)
	blocks := map[*bodyBlock]bool{}
	for _, b := range cs.bodies.blocks {
		blocks[b] = true
		b.read = false // as if there were no copies
	}
	add(maxCalls)
	for _, b := range cs.bodies.blocks {
		require.True(t, blocks[b], "blocks are reused")
	}
}

// A body above the limit is truncated, and its full size is known.
func TestLargeBodiesAreCut(t *testing.T) {
	t.Parallel()
	var e excerpt
	for range 3 {
		e.add(make([]byte, maxBodyKept/2))
	}
	assert.Len(t, e.data, maxBodyKept)
	assert.Equal(t, maxBodyKept/2*3, e.size)
}

// A call did not cause what was due when it began.
func TestDueWorkHasNoCause(t *testing.T) {
	t.Parallel()
	s, err := New(InMemory(), At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	id := func(method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+s.SecretKey())
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		require.Less(t, w.Code, 300, "%s", w.Body)
		return w
	}
	plan := textField(id("POST", "/v1/plans", `{"name":"Daily","period_amount":"0","included_credit":"5","billing_interval":"day"}`).Body.Bytes(), "plan_id")
	customer := textField(id("POST", "/v1/customers", `{}`).Body.Bytes(), "customer_id")
	id("POST", "/v1/subscriptions", `{"customer_id":"`+customer+`","plan_id":"`+plan+`"}`)
	s.clock.turn(s.Now().AddDate(0, 0, 2)) // like a running clock, before its alarm
	id("GET", "/v1/customers/"+customer, "")

	all := s.Calls()
	last := all[len(all)-1]
	assert.Empty(t, last.LedgerEntries)
	assert.NotEmpty(t, last.Due.LedgerEntries)
	entries, err := s.Ledger(customer)
	require.NoError(t, err)
	assert.Contains(t, last.Due.LedgerEntries, entries[len(entries)-1].ID)
	assert.Empty(t, entries[len(entries)-1].CallID, "the clock caused it")
	assert.NotEmpty(t, entries[0].CallID)
}

// Calls may be added, read and waited for concurrently.
func TestCallsFromManyGoroutines(t *testing.T) {
	t.Parallel()
	s, err := New(InMemory())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	const callers, each = 8, 25
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for range each {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/customers", strings.NewReader(`{}`))
				r.Header.Set("Authorization", "Bearer "+s.SecretKey())
				s.ServeHTTP(httptest.NewRecorder(), r)
				_ = s.calls.causes(billing.EffectEvent, "")(billing.Effect{Number: 1})
			}
		})
	}
	all, err := s.WaitForCalls(t.Context(), func(all Calls) bool { return len(all) == callers*each })
	group.Wait()
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, c := range all {
		require.Equal(t, http.StatusCreated, c.Status)
		require.Len(t, c.Events, 1, "each call has its own customer's event")
		seen[c.Events[0]] = true
	}
	assert.Len(t, seen, callers*each)
}
