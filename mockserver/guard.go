package mockserver

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
)

// guard rejects requests that a web page on another host has made: any page can
// reach a port of this machine, also under a name of its own that points here.
func (s *Server) guard(r *http.Request) error {
	if !s.isOwnHost(r.Host) {
		return billing.Errorf(billing.CodeForbidden, "", "the host %.100q is not this server's: use a loopback address, or allow the host by option", r.Host)
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if u, err := url.Parse(origin); err != nil || !s.isOwnHost(u.Host) {
			return billing.Errorf(billing.CodeForbidden, "", "pages of the origin %.100q may not control this server", origin)
		}
	}
	return nil
}

func (s *Server) isOwnHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		return true
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || slices.Contains(s.cfg.allowedHosts, host) {
		return true
	}
	public, err := url.Parse(s.cfg.publicURL)
	return err == nil && public.Hostname() != "" && public.Hostname() == host
}

// fromOwnPage rejects what a page of another origin, or no page at all, has
// sent. Browsers name the origin with every POST.
func (c *call) fromOwnPage() error {
	origin := c.r.Header.Get("Origin")
	if origin == "" || origin != c.origin() && origin != "http://"+c.r.Host {
		return billing.Errorf(billing.CodeForbidden, "", "only the server's own page may send this, and its origin is %s", c.origin())
	}
	return nil
}
