// Package dashboard is a web page to inspect and control a mock server: the clock and what
// falls due, the calls and their effects, customers and their money, webhooks, faults, and
// what reached the providers.
//
//	s := mockserver.Start(t)
//	dashboard.Mount(s) // at s.URL()
//
// It is for people: browsers find it at the server's address, and clients of the API don't
// notice it. Lavamock has it by default. Every action on the page is one of the control
// operations below /_mock/, and the page shows which one, in Go and as a command.
//
// Only this machine can open the page, or a browser with the server's
// [mockserver.ControlToken].
package dashboard

import (
	"net/http"
	"strings"
	"sync"

	"github.com/lavapayments/lava-go/mockserver"
)

// Path is where the page is, below the server's address.
const Path = "/_mock/ui/"

// Option configures the page.
type Option func(*dashboard)

// ReadOnly removes all buttons from the page, so that it can't change anything.
func ReadOnly() Option { return func(d *dashboard) { d.readOnly = true } }

// Mount adds the page to a server, at Path. Browsers that open the server's root are redirected to it.
func Mount(s *mockserver.Server, opts ...Option) {
	d := &dashboard{server: s}
	for _, opt := range opts {
		opt(d)
	}
	s.Mount(Path, d.handler())
	s.Mount("GET /{$}", http.RedirectHandler(Path, http.StatusSeeOther))
	// Browsers that display JSON request it too. That isn't a call of the application.
	s.Mount("GET /favicon.ico", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
}

// dashboard is the page of one server. It keeps no data of its own, except the results of a form until they are
// shown.
type dashboard struct {
	server   *mockserver.Server
	readOnly bool

	listed sync.Once
	verbs  map[string]verb

	mu   sync.Mutex
	done []done // the latest results, until they are shown
}

// handler returns the handler for everything below Path. It is built on the first visit, because most servers are
// never looked at.
func (d *dashboard) handler() http.Handler {
	handler := sync.OnceValue(func() http.Handler {
		mux := http.NewServeMux()
		handle := func(pattern string, show func(*visit) error) {
			for _, below := range []string{Path, Path + "m/{merchant}/"} {
				method, path, _ := strings.Cut(pattern, " ")
				mux.HandleFunc(method+" "+below+path, func(w http.ResponseWriter, r *http.Request) { d.serve(w, r, show) })
			}
		}
		handle("GET {$}", showHome)
		handle("GET calls", showCalls)
		handle("GET calls/{id}", showCall)
		handle("GET calls/{id}/{part}", serveBody)
		handle("GET customers", showCustomers)
		handle("GET customers/{id}", showCustomer)
		handle("GET plans", showPlans)
		handle("GET webhooks", showWebhooks)
		handle("GET deliveries/{id}", showDelivery)
		handle("POST deliveries/{id}", checkSignature)
		handle("GET faults", showFaults)
		handle("GET providers", showProviders)
		handle("GET rows", showRows)
		handle("POST preview/{verb}", showPreview)
		handle("GET changes", streamChanges)
		handle("POST do/{verb}", act)
		mux.HandleFunc("GET "+Path+"static/{name}", serveStatic)
		mux.HandleFunc(Path, func(w http.ResponseWriter, r *http.Request) {
			d.serve(w, r, func(*visit) error { return errNotFound("This page does not exist.") })
		})
		guard := http.NewCrossOriginProtection()
		guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			d.serve(w, r, func(*visit) error {
				return &problem{http.StatusForbidden, "Another site's page can't do anything here."}
			})
		}))
		return guard.Handler(mux)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		handler().ServeHTTP(w, r)
	})
}

// secure lets a browser load only the page's own files, and forbids framing.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "+
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
