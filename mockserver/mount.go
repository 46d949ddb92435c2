package mockserver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Mount lets handler respond to the paths of pattern, in addition to the server's own
// paths. The pattern is one of [http.ServeMux], such as "/mcp". Like the control
// endpoints, it can be reached only from this machine or with the [ControlToken], for
// which a browser is asked once. At the root ("/{$}") the handler responds to
// browsers only: other clients that call the wrong address still get an error.
func (s *Server) Mount(pattern string, handler http.Handler) {
	s.mounted.CompareAndSwap(nil, new(http.ServeMux))
	s.mounted.Load().Handle(pattern, handler)
}

// isMounted reports whether a request is for a mounted handler.
func (s *Server) isMounted(r *http.Request) bool {
	mux := s.mounted.Load()
	if mux == nil {
		return false
	}
	_, pattern := mux.Handler(r)
	return pattern != "" && (r.URL.Path != "/" || isFromBrowser(r))
}

// isFromBrowser reports whether a browser navigates to the URL.
func isFromBrowser(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// forBrowsers is what an error at the root adds if there is a page for browsers.
func (s *Server) forBrowsers(r *http.Request) string {
	mux := s.mounted.Load()
	if mux == nil || r.URL.Path != "/" {
		return ""
	}
	if _, pattern := mux.Handler(r); pattern == "" {
		return ""
	}
	return "; open this address in a browser for the dashboard"
}

// serveMounted passes requests to mounted handlers.
func (s *Server) serveMounted(w http.ResponseWriter, r *http.Request) {
	if err := s.guard(r); err != nil {
		s.writeError(w, r, err)
		return
	}
	rejected := s.checkControl(r, r.Header.Get(controlTokenHeader))
	if rejected == nil || s.hasSession(r) {
		s.mounted.Load().ServeHTTP(w, r)
		return
	}
	isForm := r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	if s.controlToken.IsZero() || !isForm && !isFromBrowser(r) {
		s.writeError(w, r, rejected)
		return
	}
	if err := s.askToken(w, r); err != nil {
		s.writeError(w, r, err)
	}
}

// askToken asks a browser on another machine for the control token, and remembers that it has sent it.
func (s *Server) askToken(w http.ResponseWriter, r *http.Request) error {
	ask := struct{ Rejected string }{}
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(w, r.Body, maxPageBody)
		err := s.checkControl(r, r.PostFormValue("control_token"))
		if err == nil {
			http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: s.session(), Path: "/", HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode})
			back := url.URL{Path: path.Clean("/" + r.URL.Path), RawQuery: r.URL.RawQuery} // "//host" would be another host
			if strings.HasSuffix(r.URL.Path, "/") && back.Path != "/" {
				back.Path += "/"
			}
			http.Redirect(w, r, back.String(), http.StatusSeeOther)
			return nil
		}
		ask.Rejected = err.Error()
	}
	return writePage(w, http.StatusUnauthorized, "token.html", ask, "'none'", "'self'")
}

// sessionCookie is the cookie of a browser that has sent the control token.
const sessionCookie = "lavamock_session"

// session returns the cookie's value: it proves that the browser has sent the token, without containing it.
func (s *Server) session() string {
	mac := hmac.New(sha256.New, []byte(s.controlToken.Reveal()))
	mac.Write([]byte("lavamock session"))
	return hex.EncodeToString(mac.Sum(nil))
}

func (s *Server) hasSession(r *http.Request) bool {
	cookie, err := r.Cookie(sessionCookie)
	return err == nil && !s.controlToken.IsZero() && hmac.Equal([]byte(cookie.Value), []byte(s.session()))
}
