package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

var runBlock = regexp.MustCompile("(?s)```(bash|js|json)\n(.*?)```")

// What the guide shows for other languages is run: commands, the test in Node, and the
// file of -init.
func TestGuide(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/testing.md")
	require.NoError(t, err)
	dir := t.TempDir()
	s, err := mockserver.New()
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	kinds := map[string]int{}
	for _, block := range runBlock.FindAllStringSubmatch(string(guide), -1) {
		kind, text := block[1], block[2]
		kinds[kind]++
		file := filepath.Join(dir, "guide."+map[string]string{"bash": "sh", "js": "mjs", "json": "json"}[kind])
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		var cmd *exec.Cmd
		switch kind {
		case "bash":
			cmd = exec.CommandContext(t.Context(), "bash", "-eo", "pipefail", file)
		case "js":
			cmd = exec.CommandContext(t.Context(), "node", file)
		default:
			require.NoError(t, initialize(t.Context(), s, file))
			continue
		}
		if _, err := exec.LookPath(cmd.Args[0]); err != nil {
			t.Logf("%s is not here", cmd.Args[0])
			continue
		}
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), append(s.Env(), "PATH="+programs(t)+string(os.PathListSeparator)+os.Getenv("PATH"))...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s\n%s", text, out)
		require.NotContains(t, string(out), "Assertion failed")
		require.NotContains(t, string(out), `"error"`)
	}
	require.Equal(t, map[string]int{"bash": 2, "js": 1, "json": 1}, kinds)
}
