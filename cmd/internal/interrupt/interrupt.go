// Package interrupt stops programs in two steps.
package interrupt

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Context returns a context that ends with the first interrupt. After that, a second interrupt ends the program
// immediately. [signal.NotifyContext] stops catching signals only some time after the context has ended, so a quick
// second interrupt would be lost.
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
