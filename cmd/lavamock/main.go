// Lavamock runs Lava offline: the billing API and the AI gateway on a port of this
// machine, for applications in any language.
//
//	lavamock -key aks_test_local
//
// It prints the environment that an application needs. On SIGINT or SIGTERM it stops
// after the requests in progress; on a second signal, it stops at once. Everything
// is in memory and is lost when it stops. Agents find the tools of lava-mcp at /mcp,
// and a tool that controls the server. People find a dashboard at its address.
//
// With a command, it controls a running lavamock:
//
//	lavamock advance 30d
//	lavamock help                 lists the commands
//	lavamock help advance         shows its arguments and result, with an example
//
// It exits with 0; with 1 if something was rejected or failed, or if lavamock unused
// lists something; and with 2 if the command line is invalid.
//
// If other machines can connect, they need the control token for /_mock/ and /mcp.
// It comes from the environment variable LAVA_MOCK_TOKEN or the file of
// -control-token-file; otherwise lavamock generates and prints one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/cmd/internal/control"
	"github.com/lavapayments/lava-go/cmd/internal/interrupt"
	"github.com/lavapayments/lava-go/cmd/internal/redact"
	"github.com/lavapayments/lava-go/cmd/internal/tools"
	"github.com/lavapayments/lava-go/cmd/internal/version"
	"github.com/lavapayments/lava-go/mockserver"
	"github.com/lavapayments/lava-go/mockserver/dashboard"
)

func main() {
	// It is never touched, so it takes no memory. It makes the garbage collector start after this many bytes instead
	// of the four megabytes of a small heap, which took a tenth of a request's CPU.
	headroom := make([]byte, 8<<20)
	ctx := interrupt.Context()
	stderr := redact.Writer(os.Stderr)
	code := exitCode(run(ctx, os.Args[1:], os.Getenv, os.Stdout, stderr), stderr)
	runtime.KeepAlive(headroom)
	os.Exit(code)
}

// exitCode reports why a run failed, and returns the exit code.
func exitCode(err error, stderr io.Writer) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp): // help was requested and has been printed
		return 0
	}
	_, _ = fmt.Fprintln(stderr, "lavamock:", err)
	if errors.As(err, new(usageError)) {
		return 2
	}
	return 1
}

// run carries out the command line.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	if isCommand(args) {
		return runCommand(ctx, args, getenv, os.Stdin, stdout)
	}
	return serve(ctx, args, getenv, stdout, stderr)
}

// serve runs a server until ctx ends.
func serve(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	flags, err := parseFlags(args, getenv, stdout, stderr)
	if err != nil {
		return err
	}
	if flags.version {
		_, err := fmt.Fprintln(stdout, "lavamock", version.String())
		return err
	}
	token, generated, err := flags.controlToken(getenv)
	if err != nil {
		return err
	}
	if token != "" {
		flags.opts = append(flags.opts, mockserver.ControlToken(token))
	}
	flags.opts = append(flags.opts, mockserver.OnRejection(func(rule mockserver.Rule) {
		_, _ = fmt.Fprintf(stderr, "lavamock: request rejected by rule %[1]s; -lenient %[1]s accepts it\n", rule)
	}))
	secret := getenv(webhookSecretVariable)
	isKnown := secret != ""
	s, err := mockserver.New(append(flags.opts, mockserver.Setup(flags.furnish(ctx, &secret)))...)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is in use, maybe by another lavamock: stop it, or choose another address with -addr (port 0 selects a free port)", flags.addr)
	}
	if err != nil {
		return err
	}
	s.Mount("/mcp", agentTools(s))
	switch flags.page {
	case onPage:
		dashboard.Mount(s)
	case readPage:
		dashboard.Mount(s, dashboard.ReadOnly())
	}
	env := s.Env()
	if generated {
		env = append(env, controlTokenVariable+"="+token)
	}
	if flags.webhook != "" && !isKnown {
		env = append(env, webhookSecretVariable+"="+secret)
	}
	for _, line := range env {
		if _, err := fmt.Fprintln(stdout, line); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	if flags.page == onPage || flags.page == readPage {
		_, _ = fmt.Fprintf(stderr, "lavamock: the dashboard is at %s/\n", s.URL())
	}
	<-ctx.Done()

	const patience = 5 * time.Second // for requests in progress
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// agentTools serves the tools of lava-mcp, on behalf of the first merchant. They are built when the first agent
// connects, because most runs have none.
func agentTools(s *mockserver.Server) http.Handler {
	handler := sync.OnceValue(func() http.Handler {
		account := tools.NewKeyAccount("the mock server",
			lava.WithSecretKey(s.SecretKey()), lava.WithBaseURL(s.URL()), lava.WithHTTPClient(s.HTTPClient()))
		return tools.Handler(account, tools.Mock(control.Client{URL: s.URL(), HTTP: s.HTTPClient()}))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler().ServeHTTP(w, r) })
}
