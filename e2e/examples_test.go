package e2e

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The commands in the comments of the examples work as they stand.
func TestExamples(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"agent":       {"user-42", "Where is order 7?"},
		"langchaingo": {"user-42", "Lava makes streets out of stone."},
	} {
		m := launch(t, "-key", "aks_test_example", "-init", "../examples/account.json")
		cmd := exec.CommandContext(t.Context(), "go", append([]string{"run", "."}, args...)...)
		cmd.Dir, cmd.Env = filepath.Join("..", "examples", name), m.environment()
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "This is a mock")
	}
}
