package main

import (
	"context"
	"os"
	"strings"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// offline is the mock server that the tutorial runs against without -live.
type offline struct {
	*mockserver.Server
	ctx context.Context //nolint:containedctx // the program's
}

// startOffline points this program, which reads its settings from the environment, at a mock server.
func startOffline(ctx context.Context) (*offline, error) {
	s, err := mockserver.New()
	if err != nil {
		return nil, err
	}
	for _, kv := range s.Env() {
		key, value, _ := strings.Cut(kv, "=")
		if err := os.Setenv(key, value); err != nil {
			return nil, err
		}
	}
	return &offline{Server: s, ctx: ctx}, nil
}

// checkOut acts as a person in the browser: phone, card, subscribe.
func (o *offline) checkOut(session *lava.CheckoutSession) error {
	_, err := o.CompleteCheckout(o.ctx, session.CheckoutSessionID, mockserver.Checkout{
		Phone: "+15551234567",
		Card:  "4242 4242 4242 4242",
	})
	return err
}
