package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// check refuses to listen where other machines can connect, unless a host is allowed.
func (f flags) check() error {
	if f.http == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(f.http)
	if err != nil {
		return fmt.Errorf("-http: %q is not an address such as 127.0.0.1:8081", f.http)
	}
	if !isLoopback(host) && len(f.allowedHosts) == 0 {
		return fmt.Errorf("-http: on %q, other machines could use the merchant's account: listen on 127.0.0.1, or allow a host name with -allow-host", f.http)
	}
	return nil
}

// serveHTTP serves the tools at /mcp until ctx ends.
func serveHTTP(ctx context.Context, f flags, handler http.Handler, stderr io.Writer) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.http)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(stderr, "lava-mcp: listening on http://%s/mcp\n", listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	mux := http.NewServeMux()
	mux.Handle("/mcp", handler)
	server := &http.Server{Handler: guard(mux, f.allowedHosts), ReadHeaderTimeout: 30 * time.Second, ErrorLog: log.New(stderr, "lava-mcp: ", 0)}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		const patience = 5 * time.Second // for calls in progress
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		err := server.Shutdown(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			err = server.Close()
		}
		stopped <- err
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// guard admits requests whose host and origin are this machine or an allowed host. Any web page can send requests to
// a port of this machine, even under its own name that resolves to it.
func guard(next http.Handler, allowed []string) http.Handler {
	mayBe := func(host string) bool { return isLoopback(host) || slices.Contains(allowed, host) }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !mayBe(hostname(r.Host)) {
			http.Error(w, fmt.Sprintf("the host %.100q is not this server's: use a loopback address, or start it with -allow-host", r.Host), http.StatusForbidden)
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" {
			if u, err := url.Parse(origin); err != nil || !mayBe(u.Hostname()) {
				http.Error(w, fmt.Sprintf("pages from the origin %.100q may not use this server", origin), http.StatusForbidden)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// hostname returns the host of an address, whose port may be missing.
func hostname(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}
