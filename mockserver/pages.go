package mockserver

import (
	"bytes"
	"crypto/rand"
	"embed"
	"html/template"
	"net/http"
	"strings"
	"sync"

	"github.com/lavapayments/lava-go/internal/billing"
)

// The pages that people see are one document each: their style and script are
// in them, so that they load nothing from anywhere.
//
//go:embed pages
var pageFiles embed.FS

// pageTemplates is parsed when the first page is asked for.
var pageTemplates = sync.OnceValue(func() *template.Template {
	inline := func(name string) string {
		data, err := pageFiles.ReadFile("pages/" + name)
		if err != nil {
			panic(err) // it is built in
		}
		return string(data)
	}
	return template.Must(template.New("").Funcs(template.FuncMap{
		"style":  func(name string) template.CSS { return template.CSS(inline(name)) },
		"script": func(name string) template.JS { return template.JS(inline(name)) },
	}).ParseFS(pageFiles, "pages/*.html"))
})

// servePage answers requests for the pages, and only those.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) bool {
	var serve func(http.ResponseWriter, *http.Request) error
	switch {
	case strings.HasPrefix(r.URL.Path, checkoutPrefix):
		serve = s.serveCheckout
	case r.URL.Path == loginPath:
		serve = s.serveLogin
	case strings.HasPrefix(r.URL.Path, confirmPrefix):
		serve = s.servePayment
	default:
		return false
	}
	err := s.guard(r)
	if err == nil {
		err = serve(w, r)
	}
	if err != nil {
		s.writeError(w, r, err)
	}
	return true
}

// page is what a template is filled with: its own data, and the nonce that lets
// the browser run the script and the style which are in it, and nothing else.
type page struct {
	Nonce string
	Data  any
}

// writePage sends a page. ancestors is where it may be framed, and forms where
// its forms may go, both in the words of a content security policy.
func writePage(w http.ResponseWriter, status int, name string, data any, ancestors, forms string) error {
	p := page{Nonce: rand.Text(), Data: data}
	var html bytes.Buffer
	if err := pageTemplates().ExecuteTemplate(&html, name, p); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+p.Nonce+"'; script-src 'nonce-"+p.Nonce+
		"'; connect-src 'self'; base-uri 'none'; form-action "+forms+"; frame-ancestors "+ancestors)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "same-origin") // "no-referrer" would hide the origin of a form, too
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = html.WriteTo(w) // a browser that has gone needs no answer
	return nil
}

// fromOwnPage refuses what a page of another origin, or no page at all, has
// sent. Browsers name the origin with every POST.
func (s *Server) fromOwnPage(r *http.Request) error {
	origin := r.Header.Get("Origin")
	if origin == "" || origin != s.origin(r) && origin != "http://"+r.Host {
		return billing.Errorf(billing.CodeForbidden, "", "only the server's own page may send this, and its origin is %s", s.origin(r))
	}
	return nil
}
