package mockserver_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
)

// The engine's event names are the client's.
func TestEventNames(t *testing.T) {
	t.Parallel()
	for announced, known := range map[billing.EventType]lava.WebhookEventType{
		billing.CustomerCreated:        lava.EventCustomerCreated,
		billing.CustomerBalanceUpdated: lava.EventCustomerBalanceUpdated,
		billing.CustomerDeleted:        lava.EventCustomerDeleted,
	} {
		require.Equal(t, string(known), string(announced))
	}
}
