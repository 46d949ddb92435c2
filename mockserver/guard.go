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

// controlTokenHeader has the control token. Lava's keys are in Authorization.
const controlTokenHeader = "X-Lava-Mock-Token"

// guardControl rejects requests that may not control this server: those that guard rejects, and those from other
// machines without the control token.
func (s *Server) guardControl(r *http.Request) error {
	if err := s.guard(r); err != nil {
		return err
	}
	return s.checkControl(r, r.Header.Get(controlTokenHeader))
}

// checkControl rejects requests from other machines without the control token. The Host header doesn't prove where a
// request is from, because the client writes it.
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

// isFromThisMachine reports whether a client's address, in the form of [http.Request.RemoteAddr], is one that no
// other machine can have. A request that a program passes to ServeHTTP directly has no address.
func isFromThisMachine(remoteAddr string) bool {
	if remoteAddr == "" || remoteAddr == (pipeAddr{}).String() {
		return true
	}
	peer, err := netip.ParseAddrPort(remoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback()
}

// hashControlToken returns the hash with which a control token is compared. Hashes have the same length, so comparing
// them reveals nothing about the token's length.
func hashControlToken(token string) []byte {
	hash := sha256.Sum256([]byte(token))
	return hash[:]
}

// guard rejects requests that a web page on another host has made: any page can reach a port of this machine, even
// under its own name that resolves to it.
func (s *Server) guard(r *http.Request) error {
	if !s.isOwnHost(r.Host) {
		return billing.Errorf(billing.CodeForbidden, "", "the host %.100q is not this server's: use a loopback address, or allow it with mockserver.AllowHost or lavamock -allow-host", r.Host)
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

// isLoopback reports whether a host name or address is this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// fromOwnPage rejects requests sent by a page of another origin, or by no page at all. Browsers send the origin with
// every POST.
func (c *call) fromOwnPage() error {
	origin := c.r.Header.Get("Origin")
	if origin == "" || origin != c.origin() && origin != "http://"+c.r.Host {
		return billing.Errorf(billing.CodeForbidden, "", "only the server's own page, with the origin %s, may send this", c.origin())
	}
	return nil
}
