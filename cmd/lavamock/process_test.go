package main

import (
	"bufio"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// If this is set, the test binary is lavamock itself.
const asLavamock = "LAVAMOCK_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asLavamock) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// process is lavamock, run as a program.
type process struct {
	*exec.Cmd
	env    map[string]string // that it printed
	stdout *bufio.Scanner
	stderr strings.Builder
}

// command prepares the program, without Lava's variables in the environment.
func command(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), exe, args...)
	cmd.Env = append(slices.Clone(env), asLavamock+"=1")
	return cmd
}

// launch starts the program and reads the given number of output lines.
func launch(t *testing.T, lines int, env []string, args ...string) *process {
	t.Helper()
	p := &process{Cmd: command(t, env, args...), env: map[string]string{}}
	p.Stderr = &p.stderr
	stdout, err := p.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.Start())
	p.stdout = bufio.NewScanner(stdout)
	for len(p.env) < lines && p.stdout.Scan() {
		key, value, _ := strings.Cut(p.stdout.Text(), "=")
		p.env[key] = value
	}
	require.Len(t, p.env, lines, "%s", &p.stderr)
	return p
}

// end stops the program, which must exit with status 0, and returns the rest of its output.
func (p *process) end(t *testing.T) string {
	t.Helper()
	require.NoError(t, p.Process.Signal(os.Interrupt))
	said := ""
	for p.stdout.Scan() {
		said += p.stdout.Text() + "\n"
	}
	require.NoError(t, p.Wait(), "%s", &p.stderr)
	return said + p.stderr.String()
}

func skipOnWindows(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a process can't be sent an interrupt there")
	}
}

// If other machines can connect, a token is generated for them, and printed once.
func TestOtherMachinesNeedTheToken(t *testing.T) {
	t.Parallel()
	skipOnWindows(t)
	own := ownAddress(t)
	p := launch(t, 4, nil, "-addr", "0.0.0.0:0", "-allow-host", own)
	token := p.env["LAVA_MOCK_TOKEN"]
	assert.GreaterOrEqual(t, len(token), 16)
	u, err := url.Parse(p.env["LAVA_API_URL"])
	require.NoError(t, err)
	there := "http://" + net.JoinHostPort(own, u.Port())

	client := func(token string) *http.Client {
		return &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if r = r.Clone(r.Context()); token != "" {
				r.Header.Set("X-Lava-Mock-Token", token)
			}
			return http.DefaultTransport.RoundTrip(r)
		})}
	}
	for _, test := range []struct {
		base, token string
		want        int
	}{
		{u.String(), "", 200}, {there, token, 200}, {there, "", 403}, {there, "not-the-token-at-all", 403},
	} {
		for _, path := range []string{"/_mock/clock", "/mcp"} {
			want := test.want
			if path == "/mcp" && want == 200 {
				want = http.StatusMethodNotAllowed // the request gets through; MCP's own requests follow below
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, test.base+path, nil)
			require.NoError(t, err)
			resp, err := client(test.token).Do(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, want, resp.StatusCode, "%s%s with the token %q", test.base, path, test.token)
		}
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(),
		&mcp.StreamableClientTransport{Endpoint: there + "/mcp", HTTPClient: client(token)}, nil)
	require.NoError(t, err)
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "list_meters", Arguments: map[string]any{}})
	require.NoError(t, err)
	assert.False(t, result.IsError)
	require.NoError(t, session.Close())

	assert.NotContains(t, p.end(t), token, "it is printed once")
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// ownAddress returns an address of this machine that isn't loopback.
func ownAddress(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && network.IP.To4() != nil && network.IP.IsGlobalUnicast() {
			return network.IP.String()
		}
	}
	t.Skip("this machine has only loopback addresses")
	return ""
}

// A given token is not printed.
func TestTokenIsGiven(t *testing.T) {
	t.Parallel()
	skipOnWindows(t)
	const token = "a-token-for-tests"
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte(token+"\n"), 0o600))
	for _, p := range []*process{
		launch(t, 3, []string{"LAVA_MOCK_TOKEN=" + token}, "-addr", ":0"),
		launch(t, 3, []string{"LAVA_MOCK_TOKEN=another-token-of-tests"}, "-addr", "[::]:0", "-control-token-file", file),
	} {
		assert.NotContains(t, p.end(t), "token")
	}
}

func TestControlToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, empty := filepath.Join(dir, "token"), filepath.Join(dir, "empty")
	require.NoError(t, os.WriteFile(file, []byte("from-the-file\n"), 0o600))
	require.NoError(t, os.WriteFile(empty, []byte("\n"), 0o600))
	for _, test := range []struct {
		addr, file, variable string
		want                 string
		generated            bool
	}{
		{addr: "127.0.0.1:0"},
		{addr: "localhost:4000"},
		{addr: "[::1]:4000"},
		{addr: "0.0.0.0:4000", generated: true},
		{addr: ":4000", generated: true},
		{addr: "[::]:4000", generated: true},
		{addr: "192.0.2.1:4000", generated: true},
		{addr: "lava:4000", generated: true},
		{addr: "127.0.0.1:0", variable: "from-the-environment", want: "from-the-environment"},
		{addr: ":4000", variable: "from-the-environment", want: "from-the-environment"},
		{addr: ":4000", file: file, variable: "from-the-environment", want: "from-the-file"},
	} {
		token, generated, err := flags{addr: test.addr, tokenFile: test.file}.controlToken(func(name string) string {
			assert.Equal(t, "LAVA_MOCK_TOKEN", name)
			return test.variable
		})
		require.NoError(t, err)
		assert.Equal(t, test.generated, generated, test)
		if generated {
			assert.GreaterOrEqual(t, len(token), 16, test)
		} else {
			assert.Equal(t, test.want, token, test)
		}
	}
	for _, name := range []string{empty, filepath.Join(dir, "none")} {
		_, _, err := flags{addr: ":0", tokenFile: name}.controlToken(noEnvironment)
		assert.ErrorContains(t, err, "-control-token-file", name)
	}
}

// Requests in progress keep the program alive for a while after the first interrupt, but not after the second.
func TestSecondInterrupt(t *testing.T) {
	t.Parallel()
	skipOnWindows(t)
	reached, release := make(chan struct{}), make(chan struct{})
	provider := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(reached)
		<-release
	}))
	defer provider.Close()
	defer close(release)
	p := launch(t, 3, nil, "-addr", "127.0.0.1:0", "-upstream", "api.openai.com="+provider.URL)
	go func() {
		_, _, _ = get(t.Context(), p.env["LAVA_API_URL"]+"/v1/forward?u=https://api.openai.com/v1/models", p.env["LAVA_SECRET_KEY"])
	}()
	<-reached
	require.NoError(t, p.Process.Signal(os.Interrupt))
	address := strings.TrimPrefix(p.env["LAVA_API_URL"], "http://")
	require.Eventually(t, func() bool {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, 3*time.Second, 5*time.Millisecond, "it accepts no more requests after the first")

	require.NoError(t, p.Process.Signal(os.Interrupt))
	err := p.Wait()
	var ended *exec.ExitError
	require.ErrorAs(t, err, &ended, "it waited for the request")
	status, ok := ended.Sys().(syscall.WaitStatus)
	require.True(t, ok)
	assert.True(t, status.Signaled(), "%v", ended)
}

// Errors about a command line don't contain the secrets in it.
func TestErrorsHaveNoSecrets(t *testing.T) {
	t.Parallel()
	const secret = "a-secret-0123456789"
	for _, args := range [][]string{
		{"-key", "aks_live_" + secret},
		{"aks_test_" + secret},
		{"-aks_test_" + secret},
		{"-at", "aks_test_" + secret},
		{"-upstream", "https://me:" + secret + "@api.openai.com"},
		{"-upstream", "api.openai.com=http://me:" + secret + "@127.0.0.1:9000"},
		{"-upstream", "api.openai.com=ftp://me:" + secret + "@127.0.0.1:9000"},
	} {
		out, err := command(t, nil, args...).CombinedOutput()
		require.Error(t, err, args)
		assert.NotEmpty(t, out, args)
		assert.NotContains(t, string(out), secret, args)
	}
	for _, token := range []string{"short-secret", secret + " with spaces"} {
		out, err := command(t, []string{"LAVA_MOCK_TOKEN=" + token}).CombinedOutput()
		require.Error(t, err)
		assert.Contains(t, string(out), "control token")
		assert.NotContains(t, string(out), token[:9])
	}
}
