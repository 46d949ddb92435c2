package main

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// If this is set, the test binary is the program itself.
const asProgram = "LAVA_MCP_TEST_MAIN"

// Errors about a command line don't contain the secrets in it.
func TestErrorsHaveNoSecrets(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	require.NoError(t, err)
	const secret = "0123456789secret"
	for _, args := range [][]string{
		{"aks_live_" + secret},
		{"-aks_live_" + secret},
		{"-http", "aks_live_" + secret},
		{"-http", "http://me:" + secret + "@127.0.0.1:8081"},
	} {
		cmd := exec.CommandContext(t.Context(), exe, args...)
		cmd.Env = append(os.Environ(), asProgram+"=1")
		out, err := cmd.CombinedOutput()
		require.Error(t, err, args)
		assert.NotEmpty(t, out, args)
		assert.NotContains(t, string(out), secret, args)
	}
}
