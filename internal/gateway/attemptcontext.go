package gateway

import (
	"context"
	"sync"
)

// attemptContext is the context of an attempt: the client's, with the call, canceled at the end of the attempt. Its
// channel is created on demand: fakes that never wait don't need it, and a context.WithCancelCause registered with
// the client's took 4 % of the allocations of a request to them.
type attemptContext struct {
	context.Context //nolint:containedctx // the client's
	call            *call

	mu      sync.Mutex
	waited  context.Context //nolint:containedctx // nil until something waits
	cancels context.CancelCauseFunc
	cause   error // why it ended; nil if it has not, or if the client's ended
}

// end ends the context, unless it has ended.
func (x *attemptContext) end(cause error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.cause == nil {
		x.cause = cause
	}
	if x.waited != nil {
		x.cancels(cause)
	}
}

// why returns the cause of the end; nil if it has not ended on its own.
func (x *attemptContext) why() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.cause
}

// Done implements [context.Context].
func (x *attemptContext) Done() <-chan struct{} {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.waited == nil {
		x.waited, x.cancels = context.WithCancelCause(x.Context)
		if x.cause != nil {
			x.cancels(x.cause)
		}
	}
	return x.waited.Done()
}

// Err implements [context.Context].
func (x *attemptContext) Err() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.waited != nil:
		return x.waited.Err()
	case x.cause != nil:
		return context.Canceled
	}
	return x.Context.Err()
}

// Value implements [context.Context].
func (x *attemptContext) Value(key any) any {
	if key == (callKey{}) {
		return x.call
	}
	x.mu.Lock()
	waited := x.waited
	x.mu.Unlock()
	if waited != nil { // derived contexts find what cancels them
		return waited.Value(key)
	}
	return x.Context.Value(key)
}
