// Lava-mcp lets an agent use Lava: log in, send AI requests through the gateway,
// set up billing, and read usage. It is a Model Context Protocol server on
// standard input and output, as agents expect:
//
//	lava-mcp
//
// With -http, it serves over HTTP instead, at /mcp:
//
//	lava-mcp -http 127.0.0.1:8081
//
// The environment selects the server: LAVA_API_URL is the address of the API,
// and LAVA_APP_URL the address of the web app, where people log in. By default,
// both are Lava's own. With LAVA_SECRET_KEY, no login is needed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/lavapayments/lava-go/cmd/internal/interrupt"
	"github.com/lavapayments/lava-go/cmd/internal/redact"
	"github.com/lavapayments/lava-go/cmd/internal/tools"
	"github.com/lavapayments/lava-go/cmd/internal/version"
)

func main() {
	ctx := interrupt.Context()
	stderr := redact.Writer(os.Stderr)
	switch err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, stderr); {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		_, _ = fmt.Fprintln(stderr, "lava-mcp:", err)
		os.Exit(1)
	}
}

// run serves until ctx or stdin ends.
func run(ctx context.Context, args []string, stdin io.ReadCloser, stdout io.WriteCloser, stderr io.Writer) error {
	flags, err := parseFlags(args, stderr)
	if err != nil {
		return err
	}
	if flags.version {
		_, err := fmt.Fprintln(stdout, "lava-mcp", version.String())
		return err
	}
	account, err := newAccount(ctx, os.Getenv)
	if err != nil {
		return err
	}
	if flags.http != "" {
		return serveHTTP(ctx, flags, tools.Handler(account), stderr)
	}
	err = tools.NewServer(account).Run(ctx, &mcp.IOTransport{Reader: stdin, Writer: stdout})
	if ctx.Err() != nil {
		return nil //nolint:nilerr // it was asked to stop
	}
	return err
}

type flags struct {
	http         string
	allowedHosts []string
	version      bool
}

func parseFlags(args []string, stderr io.Writer) (flags, error) {
	var f flags
	fs := flag.NewFlagSet("lava-mcp", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&f.http, "http", "", "serve over HTTP on this `address`, such as 127.0.0.1:8081, instead of standard input and output")
	fs.BoolVar(&f.version, "version", false, "print the version and exit")
	fs.Func("allow-host", "a `host` name that the HTTP server accepts; everyone who can reach it can spend the merchant's money; may be repeated (default: this machine only)", func(host string) error {
		f.allowedHosts = append(f.allowedHosts, host)
		return nil
	})
	if err := fs.Parse(args); err != nil {
		return flags{}, err
	}
	if fs.NArg() > 0 {
		return flags{}, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	return f, f.check()
}
