package mockserver

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
)

// Change names something that has changed: see [Server.Changes].
type Change struct {
	Kind ChangeKind
	ID   string // of the call, customer or delivery; empty for the other kinds
}

// ChangeKind is the kind of thing that a [Change] names.
type ChangeKind string

// What changes.
const (
	ChangeCall     ChangeKind = "call"     // a call has ended
	ChangeCustomer ChangeKind = "customer" // a customer, or a customer's credits or card
	ChangeDelivery ChangeKind = "delivery" // a delivery was queued, attempted, or resent
	ChangeClock    ChangeKind = "clock"    // the clock was moved
	ChangeArmed    ChangeKind = "armed"    // something was armed, scripted or used
	// ChangeAll means that anything may have changed. It comes first, after a reset or a
	// restored snapshot, and when a reader was too slow to receive each change.
	ChangeAll ChangeKind = "all"
)

// Changes returns an iterator over changes. Each iteration yields what has changed since the previous one, each item
// once and in order. The first yields ChangeAll immediately, so a watcher that then reads the server misses nothing.
// The loop ends with ctx, or when the server is closed. There is no cost until a loop begins.
//
//	for changes := range s.Changes(ctx) {
//		for _, c := range changes {
//			fmt.Println(c.Kind, c.ID)
//		}
//	}
func (s *Server) Changes(ctx context.Context) iter.Seq[[]Change] {
	return func(yield func([]Change) bool) {
		w := &watcher{more: make(chan struct{}, 1)}
		if !s.watchers.join(w) {
			return
		}
		defer s.watchers.leave(w)
		for {
			select {
			case _, open := <-w.more:
				if !open {
					return
				}
			case <-ctx.Done():
				return
			}
			if changes := s.watchers.take(w); len(changes) > 0 && !yield(changes) {
				return
			}
		}
	}
}

// watchers are notified of changes.
type watchers struct {
	count  atomic.Int32 // avoids the lock while nobody watches
	mu     sync.Mutex
	all    map[*watcher]struct{}
	closed bool
}

// watcher is one loop over changes.
type watcher struct {
	pending []Change // not yet delivered
	known   map[Change]struct{}
	more    chan struct{} // holds a value while there is something pending; closed with the server
}

// maxPending limits the undelivered changes of a slow watcher.
const maxPending = 1000

// tell notifies all watchers. The caller may hold any lock.
func (ws *watchers) tell(kind ChangeKind, id string) {
	if ws.count.Load() == 0 {
		return
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for w := range ws.all {
		w.add(Change{kind, id})
	}
}

func (w *watcher) add(c Change) {
	if _, twice := w.known[c]; twice {
		return
	}
	if _, all := w.known[Change{Kind: ChangeAll}]; all {
		return
	}
	if c.Kind == ChangeAll || len(w.pending) >= maxPending {
		c = Change{Kind: ChangeAll}
		w.pending = nil
		clear(w.known)
	}
	if w.known == nil {
		w.known = map[Change]struct{}{}
	}
	w.pending = append(w.pending, c)
	w.known[c] = struct{}{}
	select {
	case w.more <- struct{}{}:
	default:
	}
}

// join adds a watcher, unless the server is closed.
func (ws *watchers) join(w *watcher) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.closed {
		return false
	}
	if ws.all == nil {
		ws.all = map[*watcher]struct{}{}
	}
	ws.all[w] = struct{}{}
	ws.count.Add(1)
	w.add(Change{Kind: ChangeAll})
	return true
}

func (ws *watchers) leave(w *watcher) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if _, there := ws.all[w]; there {
		delete(ws.all, w)
		ws.count.Add(-1)
	}
}

// take returns the pending changes.
func (ws *watchers) take(w *watcher) []Change {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	changes := w.pending
	w.pending = nil
	clear(w.known)
	return changes
}

// close ends all watchers.
func (ws *watchers) close() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.closed = true
	for w := range ws.all {
		close(w.more)
		delete(ws.all, w)
		ws.count.Add(-1)
	}
}
