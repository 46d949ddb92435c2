package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFlags(t *testing.T) {
	for _, args := range []string{"", "-http 127.0.0.1:0", "-http [::1]:0", "-http localhost:0", "-http 0.0.0.0:0 -allow-host mcp.example.com"} {
		_, err := parseFlags(strings.Fields(args), io.Discard)
		require.NoError(t, err, args)
	}
	for args, want := range map[string]string{
		"-http 0.0.0.0:8081": "-allow-host",
		"-http :8081":        "-allow-host",
		"-http 8081":         "127.0.0.1:8081",
		"serve":              `unexpected argument "serve"`,
	} {
		_, err := parseFlags(strings.Fields(args), io.Discard)
		assert.ErrorContains(t, err, want, args)
	}
}

func TestHTTP(t *testing.T) {
	s, _ := setup(t)
	t.Setenv("LAVA_SECRET_KEY", s.SecretKey())
	stderr, logs := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-http", "127.0.0.1:0"}, nil, nil, logs) }()
	line, err := bufio.NewReader(stderr).ReadString('\n')
	require.NoError(t, err)
	_, endpoint, _ := strings.Cut(strings.TrimSpace(line), "listening on ")

	session, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: endpoint}, nil)
	require.NoError(t, err)
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "prompt", Arguments: hello})
	require.NoError(t, err)
	assert.False(t, result.IsError)
	require.NoError(t, session.Close())
	stop()
	assert.NoError(t, <-ended)
}

// Requests from web pages are rejected.
func TestGuard(t *testing.T) {
	handler := guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), []string{"mcp.example.com"})
	tests := []struct {
		host, origin string
		want         int
	}{
		{"127.0.0.1:8081", "", 200},
		{"[::1]:8081", "", 200},
		{"localhost", "http://localhost:3000", 200},
		{"mcp.example.com", "", 200},
		{"127.0.0.1:8081", "https://mcp.example.com", 200},
		{"evil.example.com:8081", "", 403},
		{"127.0.0.1.example.com", "", 403},
		{"", "", 403},
		{"127.0.0.1:8081", "https://evil.example.com", 403},
		{"127.0.0.1:8081", "null", 403},
	}
	for _, test := range tests {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://x/mcp", nil)
		r.Host = test.host
		if test.origin != "" {
			r.Header.Set("Origin", test.origin)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		assert.Equal(t, test.want, w.Code, "host %s, origin %s", test.host, test.origin)
	}
}

func TestBrowserCommands(t *testing.T) {
	environment := map[string]string{"BROWSER": "none-of-this --new %s-tab" + string(os.PathListSeparator) + "firefox"}
	b := browser{getenv: func(name string) string { return environment[name] }}
	commands := b.commands()
	require.Len(t, commands, 2)
	assert.Equal(t, []string{"none-of-this", "--new", "PAGE-tab"}, withPage(commands[0], "PAGE"))
	assert.Equal(t, []string{"firefox", "PAGE"}, withPage(commands[1], "PAGE"))
}

// A program that imports the client or the mock server does not depend on MCP.
func TestMCPStaysHere(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "github.com/lavapayments/lava-go", "github.com/lavapayments/lava-go/mockserver").Output()
	require.NoError(t, err)
	assert.NotContains(t, string(out), "modelcontextprotocol")
}
