package e2e

import (
	"bufio"
	"context"
	"fmt"
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

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/e2e/internal/exchanges"
)

// lavamock is the binary under test. lava-mcp is next to it.
var lavamock string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "lava-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	lavamock = filepath.Join(dir, "lavamock")
	build := exec.CommandContext(context.Background(), "go", "build", "-o", dir, "./lavamock", "./lava-mcp")
	build.Dir = filepath.Join("..", "cmd")
	build.Env = append(os.Environ(), "GOWORK=") // the workspace of the repository, not this module's
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the programs: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// mock is a running lavamock.
type mock struct {
	env []string // its output: the environment that an application needs
}

// get returns a variable of the printed environment.
func (m mock) get(name string) string {
	for _, line := range m.env {
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			return value
		}
	}
	return ""
}

func (m mock) url() string { return m.get("LAVA_API_URL") }

// client returns a Go client for the mock.
func (m mock) client(t *testing.T, opts ...lava.Option) *lava.Client {
	t.Helper()
	client, err := lava.New(append(opts, lava.WithSecretKey(m.get("LAVA_SECRET_KEY")), lava.WithBaseURL(m.url()))...)
	require.NoError(t, err)
	return client
}

// start launches lavamock and records its requests and responses.
func start(t *testing.T, args ...string) mock {
	t.Helper()
	m := launch(t, args...)
	m.env = append(exchanges.Env(t, m.env), "LAVAMOCK_ORIGIN="+m.url()) // bypasses the recorder, which only supports HTTP/1.1
	return m
}

// launch runs lavamock on a free port during a test, and checks that it stops cleanly on SIGTERM.
func launch(t *testing.T, args ...string) mock {
	t.Helper()
	cmd := exec.Command(lavamock, append([]string{"-addr", "127.0.0.1:0"}, args...)...) //nolint:noctx // stopped by a signal
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())

	m := mock{}
	lines := bufio.NewScanner(stdout)
	for m.get("LAVA_APP_URL") == "" && lines.Scan() { // the last line that it prints
		m.env = append(m.env, lines.Text())
	}
	t.Cleanup(func() {
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		_, err := io.Copy(io.Discard, stdout)
		require.NoError(t, err)
		require.NoError(t, cmd.Wait(), "lavamock must stop with status 0 on SIGTERM: %s", &stderr)
	})
	require.NotEmpty(t, m.get("LAVA_SECRET_KEY"), "lavamock did not start: %s", &stderr)
	return m
}

// nodeTimeout limits a Node program, so that one that hangs is reported.
const nodeTimeout = 2 * time.Minute

// node runs a program of the folder node with a mock's environment, and returns its output.
func (m mock) node(t *testing.T, stdin io.Reader, args ...string) string {
	t.Helper()
	require.FileExists(t, "node/node_modules/.package-lock.json", "run first: npm ci --prefix node")
	ctx, cancel := context.WithTimeout(t.Context(), nodeTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", args...)
	cmd.Dir = "node"
	cmd.Env = append(os.Environ(), m.env...)
	cmd.Stdin = stdin
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "node %s\n%s", strings.Join(args, " "), out)
	return string(out)
}

var passed = regexp.MustCompile(`(?m)^# pass (\d+)$`)

// nodeTest runs a file of Node tests with a mock of its own.
func nodeTest(t *testing.T, file string) {
	t.Helper()
	out := start(t).node(t, nil, "--test", "--test-reporter=tap", file)
	count := passed.FindStringSubmatch(out)
	require.NotNil(t, count, "no summary in:\n%s", out)
	require.NotEqual(t, "0", count[1], "no test ran:\n%s", out)
	t.Logf("%s: %s tests passed", file, count[1])
}
