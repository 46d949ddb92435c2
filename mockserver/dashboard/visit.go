package dashboard

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"encoding/hex"
	"errors"
	"hash/fnv"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// visit is a request for the page.
type visit struct {
	*dashboard
	w        http.ResponseWriter
	r        *http.Request
	base     string // of all links: Path, or a merchant's path
	merchant *mockserver.Merchant
	look     *lava.Client
	now      time.Time // by the server's clock
	status   int       // of the response
	said     *said     // what was just done, or nil
}

// problem is an error to show on the page.
type problem struct {
	status int
	text   string
}

func (p *problem) Error() string { return p.text }

func errNotFound(text string) error { return &problem{http.StatusNotFound, text} }

// serve responds to a request with show.
func (d *dashboard) serve(w http.ResponseWriter, r *http.Request, show func(*visit) error) {
	v := &visit{dashboard: d, w: w, r: r, base: Path, now: d.server.Now(), status: http.StatusOK}
	id := r.PathValue("merchant")
	if id == "" {
		id = d.server.MerchantIDs()[0]
	} else {
		v.base = Path + "m/" + url.PathEscape(id) + "/"
	}
	m, err := d.server.Merchant(id)
	if err != nil {
		v.base = Path
		m, _ = d.server.Merchant(d.server.MerchantIDs()[0])
		show = func(*visit) error { return errNotFound("This merchant no longer exists.") }
	}
	v.merchant, v.look = m, m.Observer()
	if r.Method == http.MethodGet {
		v.said = d.takeDone(r.URL.Query().Get("done"))
	}
	if err := show(v); err != nil {
		v.tell(err)
	}
}

// tell shows an error page.
func (v *visit) tell(err error) {
	p := &problem{http.StatusInternalServerError, err.Error()}
	errors.As(err, &p)
	v.status = p.status
	title := map[int]string{http.StatusNotFound: "Nothing here", http.StatusForbidden: "Not allowed"}[p.status]
	show := func() error { return v.show("problem", cmp.Or(title, "That did not work"), "all", p.text) }
	if v.r.Header.Get("X-Fragment") != "" {
		show = func() error { return v.render("said", said{Failed: p.text}) }
	}
	if err := show(); err != nil {
		http.Error(v.w, err.Error(), http.StatusInternalServerError)
	}
}

// layout is the data common to all pages, and the data of one page.
type layout struct {
	v     *visit
	Title string
	On    string // the changes that reload the page, separated by spaces
	Data  any
}

// Base returns the prefix of links.
func (l layout) Base() string { return l.v.base }

// CallCount returns the number of calls so far.
func (l layout) CallCount() int { return l.v.callCount() }

// Here returns the path of the page, for forms to return to.
func (l layout) Here() string { return l.v.r.URL.Path }

// Path returns the page's path below the base.
func (l layout) Path() string { return strings.TrimPrefix(l.v.r.URL.Path, l.v.base) }

// Merchant returns the id of the merchant whose data is shown.
func (l layout) Merchant() string { return l.v.merchant.ID() }

// Merchants returns the ids of all merchants.
func (l layout) Merchants() []string { return l.v.server.MerchantIDs() }

// Receiver returns the Go variable for the server or the merchant.
func (l layout) Receiver() string { return l.v.receiver() }

// Owns reports whether the page can disarm something: the page of one of several merchants only what is its own.
func (l layout) Owns(a mockserver.Armed) bool {
	return l.v.base == Path || a.MerchantID == l.Merchant()
}

// ReadOnly reports whether there are no buttons.
func (l layout) ReadOnly() bool { return l.v.readOnly }

// Said returns what was just done.
func (l layout) Said() *said { return l.v.said }

// Clock returns the strip with the server's time.
func (l layout) Clock() clockStrip { return l.v.clock() }

// Armed returns how much is armed and not spent.
func (l layout) Armed() int {
	n := 0
	for _, a := range l.v.armed() {
		if !a.IsSpent() {
			n++
		}
	}
	return n
}

// Asset returns the address of one of the page's files, which changes with its content.
func (layout) Asset(name string) string { return Path + "static/" + name + "?" + assetHash(name) }

// When shows a time relative to the server's clock.
func (l layout) When(t time.Time) template.HTML { return when(l.v.now, t) }

// show responds with a page.
func (v *visit) show(name, title, on string, data any) error {
	return v.render(name, layout{v, title, on, data})
}

// render responds with a template. Anything that looks like a credential is masked, wherever it comes from.
func (v *visit) render(name string, data any) error {
	var html bytes.Buffer
	if err := templates().ExecuteTemplate(&html, name, data); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(v.status)
	_, _ = v.w.Write([]byte(revealed().Replace(lava.Redact(html.String())))) // the browser may have disconnected
	return nil
}

// backTo returns the page of this dashboard that a form leads back to.
func (v *visit) backTo(here string) string {
	u, err := url.Parse(here)
	if err != nil || u.Scheme != "" || u.Host != "" {
		return v.base
	}
	if at := path.Clean(u.Path) + "/"; at != Path && !strings.HasPrefix(at, v.base) {
		return v.base
	}
	return (&url.URL{Path: u.Path}).EscapedPath()
}

//go:embed ui
var files embed.FS

// templates are parsed on the first request.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"money": money, "change": change, "charge": charge, "grouped": func(d decimal.Decimal) string { return group(d.String()) }, "words": words, "sentence": sentence, "short": short, "exact": exact, "ms": milliseconds, "cut": cut,
		"number": func(n any) string {
			switch n := n.(type) {
			case int:
				return number(n)
			case int64:
				return number(n)
			}
			return ""
		},
		"with": func(l layout, data any) layout { l.Data = data; return l },
		"list": func(items ...any) []any { return items },
	}).ParseFS(files, "ui/*.html"))
})

var hashes sync.Map // of files, by name

func assetHash(name string) string {
	if hash, ok := hashes.Load(name); ok {
		return hash.(string)
	}
	data, err := files.ReadFile("ui/" + name)
	if err != nil {
		panic(err) // can't fail: the file is embedded
	}
	h := fnv.New64a()
	_, _ = h.Write(data)
	hash := hex.EncodeToString(h.Sum(nil))
	hashes.Store(name, hash)
	return hash
}

// serveStatic serves the style and the script.
func serveStatic(w http.ResponseWriter, r *http.Request) {
	types := map[string]string{"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8"}
	name := r.PathValue("name")
	contentType, ok := types[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	data, err := files.ReadFile("ui/" + name)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "max-age=31536000, immutable")
	_, _ = w.Write(data)
}

// streamChanges streams changes: one per line, with kind and id.
func streamChanges(v *visit) error {
	rc := http.NewResponseController(v.w)
	v.w.Header().Set("Content-Type", "text/event-stream")
	if _, err := v.w.Write([]byte("retry: 1000\n\n")); err != nil {
		return nil // the browser has disconnected
	}
	_ = rc.Flush()
	for changes := range v.server.Changes(v.r.Context()) {
		var event bytes.Buffer
		for _, c := range changes {
			event.WriteString("data: " + strings.TrimSpace(string(c.Kind)+" "+c.ID) + "\n")
		}
		event.WriteByte('\n')
		if _, err := event.WriteTo(v.w); err != nil || rc.Flush() != nil {
			return nil // the browser has disconnected
		}
	}
	return nil
}

// all collects at most a given number of items of an iterator.
func all[T any](seq func(func(T, error) bool), most int) (items []T, err error) {
	for item, err := range seq {
		if err != nil {
			return items, err
		}
		if items = append(items, item); len(items) == most {
			break
		}
	}
	return items, nil
}

// ctx is the request's context.
func (v *visit) ctx() context.Context { return v.r.Context() }
