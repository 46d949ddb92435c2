// Lavamock is Lava, offline: the billing API and the AI gateway on a port of
// this machine, for applications in any language.
//
//	lavamock -addr 127.0.0.1:4000 -key aks_test_local
//
// It prints the environment that an application needs, and stops on SIGINT or
// SIGTERM after the requests that are under way; on a second one at once.
// Everything is in memory and gone afterwards. Agents find the tools of lava-mcp
// at /mcp.
//
// Where other machines can connect, they need the control token for /_mock/ and
// /mcp. It is in the environment variable LAVA_MOCK_TOKEN or in the file of
// -control-token-file; else lavamock generates and prints one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/cmd/internal/interrupt"
	"github.com/lavapayments/lava-go/cmd/internal/redact"
	"github.com/lavapayments/lava-go/cmd/internal/tools"
	"github.com/lavapayments/lava-go/mockserver"
)

// heap is never touched, so it takes no memory: it makes Go collect garbage after so
// many bytes rather than after the four megabytes that a small heap allows, which was a
// tenth of the CPU of a request.
var heap []byte

func main() {
	const headroom = 24 << 20
	heap = make([]byte, headroom)
	ctx := interrupt.Context()
	stderr := redact.Writer(os.Stderr)
	switch err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, stderr); {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		_, _ = fmt.Fprintln(stderr, "lavamock:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	flags, err := parseFlags(args, stderr)
	if err != nil {
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
	s, err := mockserver.New(flags.opts...)
	if err != nil {
		return err
	}
	s.Mount("/mcp", agentTools(s))
	env := s.Env()
	if generated {
		env = append(env, controlTokenVariable+"="+token)
	}
	for _, line := range env {
		if _, err := fmt.Fprintln(stdout, line); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	<-ctx.Done()

	const patience = 5 * time.Second // for requests that are under way
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// agentTools serves the tools of lava-mcp, on behalf of the first merchant. They
// are built when the first agent comes, since most runs have none.
func agentTools(s *mockserver.Server) http.Handler {
	handler := sync.OnceValue(func() http.Handler {
		return tools.Handler(tools.NewKeyAccount("the mock server",
			lava.WithSecretKey(s.SecretKey()), lava.WithBaseURL(s.URL()), lava.WithHTTPClient(s.HTTPClient())))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler().ServeHTTP(w, r) })
}

// flags are what the command line says.
type flags struct {
	opts      []mockserver.Option
	addr      string
	tokenFile string
}

func parseFlags(args []string, stderr io.Writer) (flags, error) {
	fs := flag.NewFlagSet("lavamock", flag.ContinueOnError)
	fs.SetOutput(stderr)
	var f flags
	var fault error
	fs.StringVar(&f.addr, "addr", "127.0.0.1:0", "the TCP `address` to listen on; port 0 takes a free one")
	fs.StringVar(&f.tokenFile, "control-token-file", "", "a `file` with the token that other machines need for /_mock/ and /mcp, instead of the environment variable "+controlTokenVariable+" (default: generated and printed, if other machines can connect)")
	publicURL := fs.String("public-url", "", "the `URL` to put into links, if it is not the one that requests are sent to")
	at := fs.String("at", "", "freeze the clock at this RFC 3339 `time`; without it, real time passes")
	fs.Func("record-delay", "make records of requests late, as Lava's are: after this `duration`, such as 1s, they are pending, and after twice that completed (default: completed at once)", func(v string) error {
		d, err := time.ParseDuration(v)
		if err != nil {
			return err
		}
		f.opts = append(f.opts, mockserver.RecordDelay(d))
		return nil
	})
	fs.Func("key", "a secret `key` that starts with aks_test_, for a merchant of its own; may be repeated (default: a random one)", func(key string) error {
		f.opts = append(f.opts, mockserver.SecretKey(key))
		return nil
	})
	fs.Func("upstream", "send what goes to a provider's host to a URL instead of a fake, as `host=URL`; may be repeated", func(v string) error {
		host, target, ok := strings.Cut(v, "=")
		if !ok { // an error here would be printed with the URL, which may hold a password
			fault = errors.New("-upstream: want host=URL, such as api.openai.com=http://127.0.0.1:9000")
		}
		f.opts = append(f.opts, mockserver.UpstreamURL(host, target))
		return nil
	})
	fs.Func("allow-host", "a `host` name, such as a container's, under which pages and control endpoints may be reached; may be repeated", func(host string) error {
		f.opts = append(f.opts, mockserver.AllowHost(host))
		return nil
	})
	fs.Func("allow-webhooks", "a `host`, such as hooks.example.com or a container's, that webhooks may go to besides this machine; may be repeated", func(host string) error {
		f.opts = append(f.opts, mockserver.AllowWebhooks(host))
		return nil
	})
	fs.BoolFunc("allow-unknown-hosts", "let the gateway forward to hosts that the catalog lacks, also over http", func(string) error {
		f.opts = append(f.opts, mockserver.AllowUnknownHosts())
		return nil
	})
	fs.Func("lenient", "let fake providers accept what the real ones reject by a `rule` such as openai.tool-call-id, or by any if it is all; a rejection is logged with its rule; may be repeated", func(rule string) error {
		if rule == "all" {
			f.opts = append(f.opts, mockserver.Lenient())
		} else {
			f.opts = append(f.opts, mockserver.Lenient(mockserver.Rule(rule)))
		}
		return nil
	})
	if err := fs.Parse(args); err != nil {
		return flags{}, err
	}
	if fault != nil {
		return flags{}, fault
	}
	if fs.NArg() > 0 {
		return flags{}, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	f.opts = append(f.opts, mockserver.Addr(f.addr), mockserver.PublicURL(*publicURL))
	if *at == "" {
		f.opts = append(f.opts, mockserver.RealTime())
		return f, nil
	}
	t, err := time.Parse(time.RFC3339, *at)
	if err != nil {
		return flags{}, fmt.Errorf("-at: %q is not an RFC 3339 time such as 2026-01-31T00:00:00Z", *at)
	}
	f.opts = append(f.opts, mockserver.At(t))
	return f, nil
}
