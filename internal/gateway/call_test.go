package gateway_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRefusedRequestsCarryTheirID(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do(t, "POST", chatPath, chatBody, "Authorization", "Bearer aks_test_other")
	assert.Equal(t, "req_refused", got.header.Get("x-lava-request-id"))
}
