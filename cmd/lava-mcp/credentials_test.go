package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// Processes that log in at the same time don't lose each other's logins.
func TestProcessesKeepEachOthersLogins(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lava-mcp", "credentials.json")
	exe, err := os.Executable()
	require.NoError(t, err)
	const processes = 4
	var running [processes]*exec.Cmd
	var said [processes]bytes.Buffer
	for i := range running {
		cmd := exec.CommandContext(t.Context(), exe, file, fmt.Sprintf("http://lava-%d.test", i))
		cmd.Env = append(os.Environ(), asSaver+"=1")
		cmd.Stdout, cmd.Stderr = &said[i], &said[i]
		require.NoError(t, cmd.Start())
		running[i] = cmd
	}
	for i, cmd := range running {
		require.NoError(t, cmd.Wait(), "%s", &said[i])
	}
	all, err := credentialsFile{file}.read()
	require.NoError(t, err)
	assert.Len(t, all, processes*savesOfAProcess)
}

// If this is set, the test binary saves credentials.
const (
	asSaver         = "LAVA_MCP_TEST_SAVER"
	savesOfAProcess = 20
)

func saveMany(path, address string) error {
	for i := range savesOfAProcess {
		c := credentials{AuthCredentials: lava.AuthCredentials{SecretKey: lava.NewSecret("aks_test_1")}}
		if _, err := (credentialsFile{path}).save(context.Background(), fmt.Sprintf("%s/%d", address, i), c); err != nil {
			return err
		}
	}
	return nil
}

func TestLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(t.Context(), path)
	require.NoError(t, err)
	_, err = tryLock(path)
	require.ErrorIs(t, err, errLocked)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err = lock(ctx, path)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	unlock()
	unlock, err = lock(t.Context(), path)
	require.NoError(t, err)
	unlock()
}

// The file of Lava's command line is neither read nor written.
func TestOtherProgramsCredentials(t *testing.T) {
	_, file := setup(t)
	theirs := filepath.Join(filepath.Dir(filepath.Dir(file)), "lava", "credentials.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(theirs), 0o700))
	const text = `{"secret_key":"aks_live_theirs"}`
	require.NoError(t, os.WriteFile(theirs, []byte(text), 0o644))
	a := start(t)
	_, said, failed := a.call("list_meters", nil)
	require.True(t, failed)
	assert.Contains(t, said, "not logged in")
	a.do("login", nil)
	a.do("list_meters", nil)
	kept, err := os.ReadFile(theirs)
	require.NoError(t, err)
	assert.Equal(t, text, string(kept))
	files, err := os.ReadDir(filepath.Dir(theirs))
	require.NoError(t, err)
	assert.Len(t, files, 1)
	assert.NotContains(t, a.said.String(), theirs)
}

func TestCredentialsThatOthersCanRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("this system has no such modes")
	}
	_, file := setup(t)
	a := start(t)
	a.do("login", nil)
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, mode := range []os.FileMode{0o640, 0o604, 0o644, 0o620, 0o666} {
		require.NoError(t, os.Chmod(file, mode))
		for tool, in := range map[string]map[string]any{"list_meters": nil, "prompt": hello, "login": nil} {
			_, text, failed := a.call(tool, in)
			require.True(t, failed, "%s, %v", tool, mode)
			assert.Contains(t, text, "chmod 600", "%s, %v", tool, mode)
			assert.Contains(t, text, file)
		}
		_, text, failed := a.call("login", map[string]any{"again": true})
		require.True(t, failed, "%v", mode)
		assert.Contains(t, text, "chmod 600")
	}
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
	require.NoError(t, os.Chmod(file, 0o600))
	a.do("list_meters", nil)
}

func TestCredentialsAreNotPrinted(t *testing.T) {
	t.Parallel()
	c := credentials{AuthCredentials: lava.AuthCredentials{SecretKey: lava.NewSecret("aks_test_1234")}, SpendKey: lava.NewSecret("lava_sk_1234")}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		assert.NotContains(t, fmt.Sprintf(verb, c), "1234", verb)
		assert.NotContains(t, fmt.Sprintf(verb, struct{ kept credentials }{c}), "1234", verb)
	}
}
