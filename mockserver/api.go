package mockserver

import (
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

const (
	apiPrefix       = "/v1/"
	requestIDHeader = "X-Lava-Request-Id"
)

// api is what handlers of the API and of the pages work with. It is separate from Server, so that a handler can't
// close the server or wait for it.
type api struct {
	settings
	engine    *billing.Engine
	root      billing.RootKey // secrets are derived from it
	authCodes authCodes
	own       atomic.Pointer[ownKey]
}

// call is one request to the API or for a page.
type call struct {
	*api
	r        *http.Request
	now      time.Time
	merchant string // the id of the merchant whose key was sent
	id       string // the id in the path, or empty
	shown    *shown // the secret that the response shows, or nil
	kept     *keptCall
	ring     *calls   // that will keep it
	named    []string // the customers it names; nil until they are needed
}

// newCall begins a call of a merchant, to be kept as given. It first carries out what is due.
func (s *Server) newCall(r *http.Request, merchant string, kept *keptCall) *call {
	return &call{api: &s.api, r: r, now: s.tickFor(&kept.trace), merchant: merchant, kept: kept, ring: &s.calls}
}

// serveAPI responds to a request to the management API.
func (s *Server) serveAPI(w *recorder, r *http.Request) {
	w.Header().Set(requestIDHeader, s.newRequestID())
	status, body, err := s.callAPI(w, r)
	s.respond(w, r, status, body, err)
}

// callAPI finds the endpoint of a request, admits the request, and carries it out.
func (s *Server) callAPI(w *recorder, r *http.Request) (status int, body any, err error) {
	path := strings.TrimPrefix(r.URL.EscapedPath(), apiPrefix)
	path = strings.TrimPrefix(path, "manage/") // spend keys are also found there
	rt, id, err := routes.match(path, w, r)
	if err != nil {
		return 0, nil, err
	}
	w.call.endpoint, w.call.subject = rt.name, id
	c := s.newCall(r, "", w.call)
	c.id = id
	if rt.access == keyed {
		if c.merchant, err = c.authenticate(); err != nil {
			return 0, nil, err
		}
		w.call.merchant = c.merchant
		if err := c.isStill(); err != nil {
			return 0, nil, err
		}
		if err := s.rateLimits.count(w, c.merchant, bearer(r), c.now, s.cfg.enforceRateLimit); err != nil {
			return 0, nil, err
		}
	}
	if err := c.meet(billing.BeforeEffect); err != nil {
		return 0, nil, err
	}
	status, body, err = s.responses.once(c, rt.status, rt.handle)
	if r.Method != http.MethodGet {
		s.setAlarm() // a command may have changed what falls due next
	}
	if c.isStill() != nil { // failures armed since then are for other calls
		return status, body, err
	}
	if failed := c.meet(billing.AfterEffect); failed != nil {
		return 0, nil, failed
	}
	return status, body, err
}

// isStill rejects a call whose merchant was reset or deleted since it began: it must not change the new state.
func (c *call) isStill() error {
	if c.ring.isOver(c.kept) {
		return errForgotten()
	}
	return nil
}

func errForgotten() error {
	return billing.Errorf(billing.CodeAuthentication, "", "the merchant was reset or deleted while this call was in progress")
}

// respond sends the result of a call.
func (s *Server) respond(w http.ResponseWriter, r *http.Request, status int, body any, err error) {
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	writeJSON(w, status, body)
}

// newRequestID returns an id for the x-lava-request-id of a response that isn't recorded.
func (s *Server) newRequestID() string {
	return billing.NewID("req", s.Now(), ^*s.cfg.seed, s.requests.Add(1))
}

// do carries out a command for a call.
func do[R any](c *call, cmd billing.Command[R]) (R, error) {
	return billing.DoTraced(c.engine, c.now, cmd, &c.kept.trace)
}

// maxBody limits the bodies of the management API.
const maxBody = 1 << 20

// decode reads the JSON object in a call's body.
func decode[T any](c *call) (T, error) {
	var v T
	c.kept.input = reflect.TypeFor[T]()
	body, err := readBody(c.r, maxBody)
	if err != nil {
		return v, err
	}
	return v, decodeJSON(body, &v)
}

// origin returns the origin for links to this server.
func (c *call) origin() string {
	if c.publicURL != "" {
		return c.publicURL
	}
	scheme := "http"
	if c.r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + c.r.Host
}

// deletedBody is the response to some deletions, successBody to the others.
type deletedBody struct {
	ID      string `json:"id"`
	Deleted bool   `json:"deleted"`
}

type successBody struct {
	Success bool `json:"success"`
}
