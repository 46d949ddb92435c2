package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

// If this is set, the test binary is a browser that agrees to whatever the page asks.
const asBrowser = "LAVA_MCP_TEST_BROWSER"

func TestMain(m *testing.M) {
	if os.Getenv(asBrowser) != "" {
		if err := agree(os.Args[len(os.Args)-1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	if os.Getenv(asSaver) != "" {
		if err := saveMany(os.Args[1], os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)

// agree acts as a person on the login page: it presses the first button.
func agree(page string) error {
	ctx := context.Background()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	html, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return err
	}
	form := url.Values{"merchant": {"first"}}
	for _, field := range hiddenField.FindAllStringSubmatch(string(html), -1) {
		form.Set(field[1], field[2])
	}
	req, err = http.NewRequestWithContext(ctx, http.MethodPost, page, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", req.URL.Scheme+"://"+req.URL.Host)
	resp, err = http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New("the browser ended at " + resp.Status)
	}
	return nil
}

// setup starts a mock server and sets the environment of a person who has never logged in to it. It returns the
// credentials file.
func setup(t *testing.T) (s *mockserver.Server, file string) {
	t.Helper()
	s = mockserver.Start(t)
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("AppData", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	t.Setenv("LAVA_API_URL", s.URL())
	t.Setenv("LAVA_APP_URL", "")
	t.Setenv("LAVA_SECRET_KEY", "")
	useBrowser(t, true)
	dir, err := os.UserConfigDir()
	require.NoError(t, err)
	return s, filepath.Join(dir, "lava-mcp", "credentials.json")
}

// useBrowser sets the environment of a machine with or without a browser.
func useBrowser(t *testing.T, present bool) {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	t.Setenv(asBrowser, "1")
	if !present {
		exe = filepath.Join(t.TempDir(), "none")
	}
	t.Setenv("BROWSER", exe)
}

// agent is an agent that runs the program.
type agent struct {
	t        *testing.T
	session  *mcp.ClientSession
	progress chan string
	said     bytes.Buffer // unchanged stdout
}

// start runs the program as agents do, on pipes, until the test ends.
func start(t *testing.T) *agent {
	t.Helper()
	stdin, toServer := io.Pipe()
	fromServer, stdout := io.Pipe()
	a := &agent{t: t, progress: make(chan string, 100)}
	ended := make(chan error, 1)
	var stderr bytes.Buffer
	go func() { ended <- run(context.WithoutCancel(t.Context()), nil, stdin, stdout, &stderr) }()
	client := mcp.NewClient(&mcp.Implementation{Name: "test"}, &mcp.ClientOptions{
		ProgressNotificationHandler: func(_ context.Context, req *mcp.ProgressNotificationClientRequest) {
			a.progress <- req.Params.Message
		},
	})
	session, err := client.Connect(t.Context(), &mcp.IOTransport{
		Reader: struct {
			io.Reader
			io.Closer
		}{io.TeeReader(fromServer, &a.said), fromServer},
		Writer: toServer,
	}, nil)
	require.NoError(t, err)
	a.session = session
	t.Cleanup(func() {
		require.NoError(t, session.Close())
		require.NoError(t, <-ended, "the program must end with status 0 when its agent disconnects")
		require.Empty(t, stderr.String())
	})
	return a
}

// call calls a tool and returns its structured content and its text.
func (a *agent) call(name string, in map[string]any) (out map[string]any, text string, failed bool) {
	a.t.Helper()
	params := &mcp.CallToolParams{Name: name, Arguments: in}
	if in == nil {
		params.Arguments = map[string]any{}
	}
	params.SetProgressToken("p")
	result, err := a.session.CallTool(a.t.Context(), params)
	require.NoError(a.t, err)
	for _, c := range result.Content {
		text += c.(*mcp.TextContent).Text
	}
	out, _ = result.StructuredContent.(map[string]any)
	return out, text, result.IsError
}

// do calls a tool that must succeed.
func (a *agent) do(name string, in map[string]any) map[string]any {
	a.t.Helper()
	out, text, failed := a.call(name, in)
	require.False(a.t, failed, "%s: %s", name, text)
	return out
}

// stored reads the file of credentials.
func stored(t *testing.T, file string) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var all map[string]map[string]string
	require.NoError(t, json.Unmarshal(text, &all))
	return all
}
