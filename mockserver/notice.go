package mockserver

// notice signals a change to waiting goroutines. It is guarded by the lock of what changes. The zero notice is ready,
// and costs nothing until someone waits.
type notice struct{ changed chan struct{} }

// wait returns a channel that is closed at the next change.
func (n *notice) wait() <-chan struct{} {
	if n.changed == nil {
		n.changed = make(chan struct{})
	}
	return n.changed
}

// tell wakes all waiting goroutines.
func (n *notice) tell() {
	if n.changed != nil {
		close(n.changed)
		n.changed = nil
	}
}
