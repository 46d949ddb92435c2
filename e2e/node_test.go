package e2e

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The official Node packages, unmodified from npm: node/*.test.mjs.
func TestNode(t *testing.T) {
	files, err := filepath.Glob("node/*.test.mjs")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			nodeTest(t, filepath.Base(file))
		})
	}
}
