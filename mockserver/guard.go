package mockserver

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
)

// controlTokenHeader brings the control token. Lava's keys have Authorization.
const controlTokenHeader = "X-Lava-Mock-Token"

// guardControl rejects what may not control this server: requests that guard
// rejects, and those of other machines without the control token.
func (s *Server) guardControl(r *http.Request) error {
	if err := s.guard(r); err != nil {
		return err
	}
	return s.checkControl(r, r.Header.Get(controlTokenHeader))
}

// checkControl rejects requests of other machines without the control token. The
// Host header is no proof of where a request is from, since the client writes it.
func (s *settings) checkControl(r *http.Request, token string) error {
	switch {
	case isFromThisMachine(r.RemoteAddr):
		return nil
	case s.controlToken.IsZero():
		return billing.Errorf(billing.CodeForbidden, "", "only programs on the server's own machine may control it, because it has no control token")
	case token == "":
		return billing.Errorf(billing.CodeForbidden, "", "requests from another machine need the server's control token in the header %s", controlTokenHeader)
	case subtle.ConstantTimeCompare(hashControlToken(token), hashControlToken(s.controlToken.Reveal())) != 1:
		return billing.Errorf(billing.CodeForbidden, "", "the control token is wrong")
	}
	return nil
}

// isFromThisMachine reports whether a client's address, as [http.Request] has it,
// is one that no other machine can have. A request that a program hands to
// ServeHTTP itself has none.
func isFromThisMachine(remoteAddr string) bool {
	if remoteAddr == "" || remoteAddr == (pipeAddr{}).String() {
		return true
	}
	peer, err := netip.ParseAddrPort(remoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback()
}

// hashControlToken returns what of a control token is compared. Hashes have one
// length, so comparing them tells nothing about the token's.
func hashControlToken(token string) []byte {
	hash := sha256.Sum256([]byte(token))
	return hash[:]
}

// guard rejects requests that a web page on another host has made: any page can
// reach a port of this machine, also under a name of its own that points here.
func (s *Server) guard(r *http.Request) error {
	if !s.isOwnHost(r.Host) {
		return billing.Errorf(billing.CodeForbidden, "", "the host %.100q is not this server's: use a loopback address, or allow the host with an option", r.Host)
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if u, err := url.Parse(origin); err != nil || !s.isOwnHost(u.Host) {
			return billing.Errorf(billing.CodeForbidden, "", "pages from the origin %.100q may not control this server", origin)
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
	if isLoopback(host) || slices.Contains(s.cfg.allowedHosts, host) {
		return true
	}
	public, err := url.Parse(s.cfg.publicURL)
	return err == nil && public.Hostname() != "" && public.Hostname() == host
}

// isLoopback reports whether a host is this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// fromOwnPage rejects what a page of another origin, or no page at all, has
// sent. Browsers name the origin with every POST.
func (c *call) fromOwnPage() error {
	origin := c.r.Header.Get("Origin")
	if origin == "" || origin != c.origin() && origin != "http://"+c.r.Host {
		return billing.Errorf(billing.CodeForbidden, "", "only the server's own page, with the origin %s, may send this", c.origin())
	}
	return nil
}
