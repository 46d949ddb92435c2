package mockserver_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/mockserver"
)

// Each endpoint has exactly one name, and each name one endpoint.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	all := mockserver.Endpoints()
	assert.Equal(t, slices.Compact(slices.Clone(all)), all, "a name stands for one endpoint")
	for _, name := range []mockserver.Endpoint{
		"meters.create", "customers.get", "customers.subscription", "spend_keys.rotate", "checkout_sessions.create",
		"gateway.forward", "gateway.rewrite", "gateway.chat_completions", "gateway.messages", "pages.checkout",
	} {
		assert.Contains(t, all, name)
	}
}
