package e2e

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

func TestLavamock(t *testing.T) {
	t.Run("prints the key that it was given", func(t *testing.T) {
		m := start(t, "-key", "aks_test_first", "-key", "aks_test_second")
		assert.Equal(t, "aks_test_first", m.get("LAVA_SECRET_KEY"))
		_, err := m.client(t).Meters.List(t.Context(), lava.ListMetersParams{})
		require.NoError(t, err)
	})
	t.Run("refuses a live key", func(t *testing.T) {
		out, err := exec.CommandContext(t.Context(), lavamock, "-key", "aks_live_real").CombinedOutput()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		assert.Contains(t, string(out), "aks_test_")
		assert.NotContains(t, string(out), "aks_live_real")
	})
}
