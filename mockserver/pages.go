package mockserver

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"embed"
	"html/template"
	"net/http"
	"strings"
	"sync"

	"github.com/lavapayments/lava-go/internal/billing"
)

// Each page that people see is a single document: its style and script are inline, so that it loads nothing.
//
//go:embed pages
var pageFiles embed.FS

// pageTemplates is parsed on first use.
var pageTemplates = sync.OnceValue(func() *template.Template {
	inline := func(name string) string {
		data, err := pageFiles.ReadFile("pages/" + name)
		if err != nil {
			panic(err) // can't fail: the templates are embedded
		}
		return string(data)
	}
	return template.Must(template.New("").Funcs(template.FuncMap{
		"style":  func(name string) template.CSS { return template.CSS(inline(name)) },
		"script": func(name string) template.JS { return template.JS(inline(name)) },
	}).ParseFS(pageFiles, "pages/*.html"))
})

// pageCall is a request for a page, or from it.
type pageCall struct {
	*call
	w http.ResponseWriter
}

// pageRoute is the endpoint of a page.
type pageRoute struct {
	name   Endpoint
	path   string // a trailing slash makes it a prefix
	handle func(*pageCall) error
}

var pageRoutes = [...]pageRoute{
	{"pages.checkout", checkoutPrefix, serveCheckout},
	{"pages.login", loginPath, serveLogin},
	{"pages.payment", confirmPrefix, servePayment},
}

// pageAt returns the page at a path, or nil.
func pageAt(path string) *pageRoute {
	for i := range pageRoutes {
		rt := &pageRoutes[i]
		if path == rt.path || strings.HasSuffix(rt.path, "/") && strings.HasPrefix(path, rt.path) {
			return rt
		}
	}
	return nil
}

// servePage responds to requests for a page.
func (s *Server) servePage(w *recorder, r *http.Request, page *pageRoute) {
	w.Header().Set(requestIDHeader, s.newRequestID())
	err := s.guard(r)
	if err == nil {
		c := s.newCall(r, s.merchant.ID(), w.call)
		err = s.showPage(w, c, page)
		if page.name != "pages.login" { // which has no merchant yet
			w.call.merchant = c.merchant
		}
	}
	if err != nil {
		s.writeError(w, r, err)
	}
}

// showPage shows a page, unless a failure is armed for it.
func (s *Server) showPage(w http.ResponseWriter, c *call, page *pageRoute) error {
	if !s.engine.Armed() {
		return page.handle(&pageCall{c, w})
	}
	meet := func(point billing.FailurePoint) error {
		return s.meet(c.r.Context(), c.kept, c.now, billing.TakeFailure{Point: point})
	}
	if err := meet(billing.BeforeEffect); err != nil {
		return err
	}
	shown := heldPage{header: w.Header(), status: http.StatusOK}
	err := page.handle(&pageCall{c, &shown})
	if failed := meet(billing.AfterEffect); failed != nil || err != nil {
		return cmp.Or(failed, err)
	}
	w.WriteHeader(shown.status)
	_, err = shown.body.WriteTo(w)
	return err
}

// heldPage buffers a page's response, because a failure may suppress it.
type heldPage struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (p *heldPage) Header() http.Header            { return p.header }
func (p *heldPage) WriteHeader(status int)         { p.status = status }
func (p *heldPage) Write(data []byte) (int, error) { return p.body.Write(data) }

// maxPageBody limits the body of a page's request.
const maxPageBody = 16 << 10

// page is the data of a template: its own data, and the nonce that lets the browser run only the page's own script
// and style.
type page struct {
	Nonce string
	Data  any
}

// writePage sends a page. ancestors says where it may be framed, and forms where its forms may be sent, both as
// sources of a content security policy.
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
	h.Set("Referrer-Policy", "same-origin") // "no-referrer" would also hide the origin of a form
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = html.WriteTo(w) // the browser may have disconnected
	return nil
}
