// Package interrupt ends programs in two steps.
package interrupt

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Context returns a context that ends with the first interrupt. From then on, a
// second interrupt ends the program at once. [signal.NotifyContext] gives its
// signals back only some time after the context has ended, so that a quick second
// interrupt is lost.
func Context() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals)
		cancel()
	}()
	return ctx
}
