package gateway

import (
	"context"
	"sync"
)

// attemptContext is the context of an attempt: the client's, with the call, which ends with
// the attempt. It can be waited for only once somebody asks for its channel: fakes that
// have nothing to wait for never do, and a context that can be canceled, registered with
// the client's, was 4 % of what a request to them allocates.
type attemptContext struct {
	context.Context //nolint:containedctx // the client's
	call            *call

	mu      sync.Mutex
	waited  context.Context //nolint:containedctx // nil until somebody waits
	cancels context.CancelCauseFunc
	cause   error // why it has ended; nil if it has not, or as the client's
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

// why returns the cause of the end; nil if it has not ended by itself.
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
	if waited != nil { // contexts within find what cancels them
		return waited.Value(key)
	}
	return x.Context.Value(key)
}
