// Package browser tests the pages of the mock server in Chromium: with the
// published checkout hook in a React application, and with the login of the
// Node SDK. It leaves screenshots in ../artifacts.
//
//	apt-get install chromium
//	npm ci --prefix browser
//	npm ci --prefix ../examples/webapp/web
//	npm run build --prefix ../examples/webapp/web
//	go test ./browser
package browser

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// patience limits the whole run, so that a browser that hangs is reported.
const patience = 9 * time.Minute

func TestPages(t *testing.T) {
	chromium := findChromium(t)
	install(t)
	artifacts, err := filepath.Abs("../artifacts")
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(artifacts, 0o755))

	s := mockserver.Start(t)
	app := serveApp(t, s.Client())
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "--test", "--test-concurrency=1", "--test-reporter=tap", "checkout.test.mjs", "login.test.mjs", "webapp.test.mjs")
	cmd.Env = append(append(os.Environ(), s.Env()...), "APP_URL="+app, "WEBAPP_URL="+startWebapp(t), "CHROMIUM="+chromium, "ARTIFACTS="+artifacts)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	count := regexp.MustCompile(`(?m)^# pass (\d+)$`).FindSubmatch(out)
	require.NotNil(t, count, "no summary in:\n%s", out)
	require.NotEqual(t, "0", string(count[1]), "no test ran:\n%s", out)
	t.Logf("%s tests passed; screenshots are in %s", count[1], artifacts)
}

// findChromium returns the browser. It may be missing only where this test isn't required.
func findChromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const missing = "no Chromium is installed: apt-get install chromium"
	if os.Getenv("CI") != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// install installs the packages in package-lock.json, unless they are already there.
func install(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("node_modules/.package-lock.json"); err == nil {
		return
	}
	out, err := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund").CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// serveApp bundles the React application and serves it on its own origin, with a Go backend that creates checkout
// tokens. It returns that origin.
func serveApp(t *testing.T, client *lava.Client) string {
	t.Helper()
	bundle := filepath.Join(t.TempDir(), "app.js")
	out, err := exec.CommandContext(t.Context(), "node_modules/.bin/esbuild", "app.jsx", "--bundle", "--jsx=automatic",
		"--format=esm", `--define:process.env.NODE_ENV="production"`, "--log-level=warning", "--outfile="+bundle).CombinedOutput()
	require.NoError(t, err, "%s", out)

	mux := http.NewServeMux()
	app := httptest.NewServer(mux)
	t.Cleanup(app.Close)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "app.html") })
	mux.HandleFunc("GET /app.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, bundle) })
	mux.HandleFunc("GET /token", func(w http.ResponseWriter, r *http.Request) {
		session, err := client.CheckoutSessions.Create(r.Context(), lava.CreateCheckoutSessionParams{
			CheckoutMode: lava.CheckoutSubscription, OriginURL: app.URL, PlanID: r.FormValue("plan"),
		})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = fmt.Fprint(w, session.CheckoutSessionToken.Reveal())
	})
	return app.URL
}

const webapp = "../../examples/webapp"

// startWebapp runs the example and returns its URL.
func startWebapp(t *testing.T) string {
	t.Helper()
	require.FileExists(t, webapp+"/static/app.js", "run first: npm run build --prefix examples/webapp/web, after npm ci")
	binary := filepath.Join(t.TempDir(), "webapp")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".")
	build.Dir = webapp
	build.Env = append(os.Environ(), "GOWORK=") // the workspace of the repository, not this module's
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)

	cmd := exec.Command(binary, "-addr", "127.0.0.1:0") //nolint:noctx // stopped by a signal
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		require.NoError(t, cmd.Wait())
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line)
}
