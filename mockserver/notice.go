package mockserver

// notice tells those who wait that something has changed. The lock of what changes
// guards it; the zero notice is ready, and costs nothing until somebody waits.
type notice struct{ changed chan struct{} }

// wait returns what is closed at the next change.
func (n *notice) wait() <-chan struct{} {
	if n.changed == nil {
		n.changed = make(chan struct{})
	}
	return n.changed
}

// tell tells all who wait.
func (n *notice) tell() {
	if n.changed != nil {
		close(n.changed)
		n.changed = nil
	}
}
