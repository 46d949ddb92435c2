package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

const (
	tidied    = ".ci/run: go.mod and go.sum are tidy"
	published = "publishes, which .ci/release does without publishing"
)

// notRun are the commands in the documents that aren't run here, with the reason.
var notRun = map[string]string{
	"git clone https://github.com/lavapayments/lava-go && cd lava-go": "the repository is not published, and this is a clone of it",

	"go test ./...":              ".ci/run: the README's two commands",
	"(cd cmd && go test ./...)":  ".ci/run: race detector",
	"(cd otel && go test ./...)": ".ci/run: race detector",
	"go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...": ".ci/run: lint",
	"npm ci --prefix node --ignore-scripts":                                           ".ci/run: end to end",
	"npm run build --prefix ../examples/webapp/web":                                   ".ci/run: end to end",

	"go mod edit -replace github.com/lavapayments/lava-go=..":  tidied,
	"GOWORK=off go mod tidy":                                   tidied,
	"go mod edit -dropreplace github.com/lavapayments/lava-go": tidied,

	".ci/release": "a job of .github/workflows/ci.yml",
	"git tag v0.2.0 && git push origin v0.2.0": published,
	"for module in cmd otel; do (cd $module && GOWORK=off go get github.com/lavapayments/lava-go@v0.2.0 && GOWORK=off go mod tidy); done": published,
	`git commit -am "Require v0.2.0" && git tag cmd/v0.2.0 && git tag otel/v0.2.0 && git push origin main cmd/v0.2.0 otel/v0.2.0`:         published,

	"docker run -p 5282:5282 -e LAVA_MOCK_TOKEN my-lavamock -addr 0.0.0.0:5282": "Docker isn't always installed; tests of cmd/lavamock cover the address and the token",
}

// TestDocuments runs or checks the code in the documents, except for Go code, which is part of a test: see
// docs/snippets_test.go.
func TestDocuments(t *testing.T) {
	unused := maps.Clone(notRun)
	for _, b := range blocks(t) {
		t.Run(b.name, func(t *testing.T) {
			switch b.language {
			case "go", "": // without a language, it is a diagram
			case "sh", "bash":
				b.runShell(t, unused)
			case "js":
				file := filepath.Join(t.TempDir(), "block.mjs")
				require.NoError(t, os.WriteFile(file, []byte(b.text), 0o600))
				launch(t).run(t, filepath.Dir(file), "node", file)
			case "json":
				b.useJSON(t)
			case "toml":
				b.useTOML(t)
			default:
				t.Errorf("nothing runs or checks a block in %q", b.language)
			}
		})
	}
	if flag.Lookup("test.run").Value.String() == "" && !t.Failed() {
		require.Empty(t, unused, "no document has these commands")
	}
}

// Everything that claims to be run by .ci/run has a section there.
func TestNotRunDocuments(t *testing.T) {
	ci, err := os.ReadFile("../.ci/run")
	require.NoError(t, err)
	for command, reason := range notRun {
		if section, ok := strings.CutPrefix(reason, ".ci/run: "); ok {
			require.Contains(t, string(ci), fmt.Sprintf("section %q", section), command)
		}
	}
}

// block is a piece of code in a document.
type block struct {
	name           string // the document and the line
	language, text string
}

var fence = regexp.MustCompile("(?ms)^ *```([^\n]*)\n(.*?)^ *```")

// blocks returns the code blocks of all documents.
func blocks(t *testing.T) []block {
	t.Helper()
	var found []block
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && (name == "node_modules" || name == ".git"):
			return fs.SkipDir
		case filepath.Ext(name) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		for _, at := range fence.FindAllSubmatchIndex(text, -1) {
			name := fmt.Sprintf("%s:%d", strings.TrimPrefix(path, "../"), 1+bytes.Count(text[:at[0]], []byte("\n")))
			found = append(found, block{name, string(text[at[2]:at[3]]), string(text[at[4]:at[5]])})
		}
		return err
	})
	require.NoError(t, err)
	require.Greater(t, len(found), 50)
	return found
}

var (
	server    = regexp.MustCompile(`^(?:lavamock|go run \./cmd/lavamock)((?: -.*)?)$`)
	someTests = regexp.MustCompile(`go test ((?:.* )?-(?:run|bench|update)\b[^)#\n]*)`)
	nameOf    = regexp.MustCompile(`-(?:run|bench) '?([A-Z]\w*)`)
)

// runShell runs commands next to a mock: the one that they start, if any. The folder is that of a new module if they
// edit it, the repository if they name a folder in it, and otherwise an empty one.
func (b block) runShell(t *testing.T, unused map[string]string) {
	t.Helper()
	var args, script []string
	for line := range strings.Lines(b.text) {
		command, _, _ := strings.Cut(line, " #")
		command = strings.TrimSpace(command)
		if _, ok := notRun[command]; ok {
			delete(unused, command)
			continue
		}
		if start := server.FindStringSubmatch(command); start != nil {
			args = strings.Fields(start[1])
			continue
		}
		script = append(script, someTests.ReplaceAllStringFunc(line, list))
	}
	m := launch(t, args...)
	dir := t.TempDir()
	switch {
	case strings.Contains(b.text, "lava-go=../lava-go"), strings.Contains(b.text, "lava-go=/path/to/lava-go"): // in a module of the user's
		newModule(t, dir)
		script = append(script, "go test ./...\n")
	case strings.Contains(b.text, "./") || strings.Contains(b.text, "cd "):
		dir = repository(t)
	}
	claude := filepath.Join(t.TempDir(), "claude")
	text := fmt.Sprintf("claude() { printf '%%s\\n' \"$*\" >>%q; }\n", claude) + strings.Join(script, "")
	m.run(t, dir, "bash", "-eo", "pipefail", "-c", b.here(t, m).Replace(text))
	if added, err := os.ReadFile(claude); err == nil {
		for line := range strings.Lines(string(added)) {
			m.addToClaude(t, strings.TrimSpace(line))
		}
	}
}

// list replaces a command by one that lists the tests or benchmarks it would run, and fails if there are none.
// .ci/run runs them; benchmarks take minutes, and -update writes files.
func list(command string) string {
	name, files := "", ""
	for _, match := range nameOf.FindAllStringSubmatch(command, -1) {
		name = match[1]
	}
	for word := range strings.FieldsSeq(command) {
		if strings.HasPrefix(word, ".") {
			files += " " + word + "/*_test.go"
		}
	}
	return `grep -hE 'func \w*` + name + `\w*\(\w+ \*testing'` + files + " "
}

// here replaces values that differ on the reader's machine.
func (b block) here(t *testing.T, m mock) *strings.Replacer {
	t.Helper()
	session := ""
	if strings.Contains(b.text, "cs_test_...") {
		session = newSession(t, m.client(t))
	}
	return strings.NewReplacer(
		"http://127.0.0.1:5282", m.url(),
		"http://localhost:5282", m.url(),
		"lava-go=../lava-go", "lava-go="+repository(t),
		"/path/to/lava-go", repository(t),
		"cs_test_...", session,
	)
}

func repository(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	require.NoError(t, err)
	return dir
}

// newSession creates what a checkout's page needs.
func newSession(t *testing.T, client *lava.Client) (id string) {
	t.Helper()
	meter, err := client.Meters.Create(t.Context(), lava.CreateMeterParams{
		Name: "Chat", RateType: lava.RateFixed, TierType: lava.TierRequests, Tiers: []lava.MeterTierParams{{Rate: decimal.NewFromInt(1)}},
	})
	require.NoError(t, err)
	plan, err := client.Subscriptions.CreatePlan(t.Context(), lava.CreatePlanParams{
		Name: "Pro", PeriodAmount: decimal.NewFromInt(49), BillingInterval: lava.IntervalMonth, MeterIDs: []string{meter.MeterID},
	})
	require.NoError(t, err)
	session, err := client.CheckoutSessions.Create(t.Context(), lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: plan.PlanID,
	})
	require.NoError(t, err)
	return session.CheckoutSessionID
}

// newModule fills a folder with what a reader of the README has before running its commands: a module with the
// billing test.
func newModule(t *testing.T, dir string) {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	test := regexp.MustCompile("(?s)```go\n(package billing\n.*?)```").FindSubmatch(readme)
	require.NotNil(t, test)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/app\n\ngo 1.25.0\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "billing_test.go"), test[1], 0o600))
}

// run runs a program with the mock's environment. The built programs are on its path.
func (m mock) run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, m.environment()
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s %s\n%s", name, args, out)
	require.NotContains(t, string(out), `"error"`)
	require.NotContains(t, string(out), "Assertion failed")
}

func (m mock) environment() []string {
	return append(append(os.Environ(), m.env...), "GOWORK=", "PATH="+filepath.Dir(lavamock)+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// useJSON uses a file for its purpose: lavamock or an agent reads it.
func (b block) useJSON(t *testing.T) {
	t.Helper()
	type agentServers map[string]struct{ Command, URL string }
	var file struct {
		Meters              json.RawMessage
		MCPServers, Servers agentServers // Servers is VS Code's
	}
	require.NoError(t, json.Unmarshal([]byte(b.text), &file))
	if file.Meters != nil {
		path := filepath.Join(t.TempDir(), "init.json")
		require.NoError(t, os.WriteFile(path, []byte(b.text), 0o600))
		launch(t, "-init", path)
		return
	}
	for _, servers := range []agentServers{file.MCPServers, file.Servers} {
		if server, ok := servers["lava"]; ok {
			launch(t).useMCP(t, nil, server.Command, server.URL)
			return
		}
	}
	t.Error("nothing uses such a file")
}

var (
	tomlServer   = regexp.MustCompile(`^\[mcp_servers\.lava\]\n(command|url) = "([^"\\]+)"\n$`)
	tomlProvider = regexp.MustCompile(`\n\[model_providers\.lava\]\nname = "Lava"\nbase_url = "https://api\.lava\.so([^"]+)"\nenv_key = "FORWARD_TOKEN"\nwire_api = "responses"\n$`)
)

// useTOML starts or calls the server named in an agent's file, or sends what the agent sends to a provider's URL.
func (b block) useTOML(t *testing.T) {
	t.Helper()
	if provider := tomlProvider.FindStringSubmatch(b.text); provider != nil {
		launch(t).respond(t, provider[1])
		return
	}
	file := tomlServer.FindStringSubmatch(b.text)
	require.NotNil(t, file, "nothing uses such a file")
	if file[1] == "url" {
		launch(t).useMCP(t, nil, "", file[2])
		return
	}
	launch(t).useMCP(t, nil, file[2], "")
}

// respond sends a request to the Responses API at a path that the mock has in Lava's place.
func (m mock) respond(t *testing.T, base string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.get("LAVA_API_URL")+base+"/responses", strings.NewReader(`{"model":"gpt-4o-mini","input":"Hello"}`))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+m.get("LAVA_SECRET_KEY"))
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
}

var (
	claudeCommand = regexp.MustCompile(`^mcp add lava(?: -e (\S+))? -- (\S+)$`)
	claudeURL     = regexp.MustCompile(`^mcp add --transport http lava (\S+)$`)
)

// addToClaude does the same as Claude Code after its command.
func (m mock) addToClaude(t *testing.T, args string) {
	t.Helper()
	if url := claudeURL.FindStringSubmatch(args); url != nil {
		m.useMCP(t, nil, "", url[1])
		return
	}
	command := claudeCommand.FindStringSubmatch(args)
	require.NotNil(t, command, "claude %s", args)
	m.useMCP(t, command[1:2], command[2], "")
}

const initializeMCP = `{"jsonrpc":"2.0","id":1,"method":"initialize",` +
	`"params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"documents","version":"1"}}}`

// useMCP starts a server with a command, or calls the one at a URL, and initializes a session.
func (m mock) useMCP(t *testing.T, env []string, command, url string) {
	t.Helper()
	if command == "" {
		url = strings.Replace(url, "http://127.0.0.1:5282", m.url(), 1)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(initializeMCP))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json, text/event-stream")
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Contains(t, string(body), `"serverInfo"`)
		return
	}
	if !filepath.IsAbs(command) || strings.HasPrefix(command, "/path/to/") {
		command = filepath.Join(filepath.Dir(lavamock), filepath.Base(command))
	}
	cmd := exec.CommandContext(t.Context(), command)
	cmd.Env = append(m.environment(), env...)
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = fmt.Fprintln(stdin, initializeMCP)
	require.NoError(t, err)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, `"serverInfo"`)
	require.NoError(t, stdin.Close())
	require.NoError(t, cmd.Wait())
}
