package lava_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A program that imports this package gets these modules, and no other.
func TestImportGraph(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	require.NoError(t, err)
	require.ElementsMatch(t, []string{
		"github.com/lavapayments/lava-go",
		"github.com/lavapayments/lava-go/internal/sse",
		"github.com/google/uuid",
		"github.com/shopspring/decimal",
	}, strings.Fields(string(out)))
}
