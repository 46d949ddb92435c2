// Package mcp tests lava-mcp, and the tools of lavamock, with the official
// TypeScript client of the Model Context Protocol.
//
//	npm ci --prefix mcp
//	go test ./mcp
package mcp

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience limits a file of tests, so that one that hangs is reported.
const patience = 2 * time.Minute

var passed = regexp.MustCompile(`(?m)^# pass (\d+)$`)

func TestMCP(t *testing.T) {
	require.FileExists(t, "node_modules/.package-lock.json", "run first: npm ci --prefix mcp")
	bin := build(t)
	files, err := filepath.Glob("*.test.mjs")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			cmd := exec.CommandContext(ctx, "node", "--test", "--test-reporter=tap", file)
			cmd.Env = append(append(os.Environ(), startMock(t, filepath.Join(bin, "lavamock"))...), "LAVA_MCP="+filepath.Join(bin, "lava-mcp"))
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
			count := passed.FindSubmatch(out)
			require.NotNil(t, count, "no summary in:\n%s", out)
			require.NotEqual(t, "0", string(count[1]), "no test ran:\n%s", out)
			t.Logf("%s tests passed", count[1])
		})
	}
}

// build builds the programs and returns their folder.
func build(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "./lavamock", "./lava-mcp")
	cmd.Dir = filepath.Join("..", "..", "cmd")
	cmd.Env = append(os.Environ(), "GOWORK=") // the workspace of the repository, not this module's
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return bin
}

// startMock runs lavamock during a test and returns the environment that it prints.
func startMock(t *testing.T, lavamock string) []string {
	t.Helper()
	cmd := exec.Command(lavamock, "-addr", "127.0.0.1:0") //nolint:noctx // stopped by a signal
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		_, err := io.Copy(io.Discard, stdout)
		require.NoError(t, err)
		require.NoError(t, cmd.Wait(), "lavamock must stop with status 0 on SIGTERM: %s", &stderr)
	})
	var env []string
	for lines := bufio.NewScanner(stdout); len(env) < 3 && lines.Scan(); {
		env = append(env, lines.Text())
	}
	require.Len(t, env, 3, "lavamock did not start: %s", &stderr)
	return env
}
