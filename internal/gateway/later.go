package gateway

import "sync"

// mostLater is the number of objects that are remembered at the same time.
const mostLater = 10_000

// later remembers what was created and will report its usage later: responses in the background, and batches. The first
// retrieval that shows the usage records it (assumption stored-objects).
type later struct {
	mu    sync.Mutex
	ids   map[string]bool
	order []string // oldest first; those that were taken stay until they are the oldest
}

func (l *later) add(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ids == nil {
		l.ids = map[string]bool{}
	}
	l.ids[id] = true
	if l.order = append(l.order, id); len(l.order) > mostLater {
		delete(l.ids, l.order[0])
		l.order = l.order[1:]
	}
}

// take forgets an object, and reports whether it was remembered.
func (l *later) take(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := l.ids[id]
	delete(l.ids, id)
	return found
}
