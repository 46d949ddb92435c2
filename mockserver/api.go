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

// api is what handlers of the API and of the pages work with. It is apart from
// Server, so that no handler can wait for the server that waits for it, or
// close it.
type api struct {
	settings
	engine    *billing.Engine
	root      billing.RootKey // what secrets are derived from
	authCodes authCodes
	own       atomic.Pointer[ownKey]
}

// call is one request to the API or for a page.
type call struct {
	*api
	r        *http.Request
	now      time.Time
	merchant string // the id of the merchant whose key it is
	id       string // the id in the path, or empty
	shown    *shown // the secret that the response shows, or nil
	kept     *keptCall
	ring     *calls   // that it will be kept in
	named    []string // the customers that it names; nil until somebody asks
}

// newCall begins a call for a merchant, which is kept as given. What is due by now is
// carried out first.
func (s *Server) newCall(r *http.Request, merchant string, kept *keptCall) *call {
	return &call{api: &s.api, r: r, now: s.tickFor(&kept.trace), merchant: merchant, kept: kept, ring: &s.calls}
}

// serveAPI responds to a request to the management API.
func (s *Server) serveAPI(w *recorder, r *http.Request) {
	w.Header().Set(requestIDHeader, s.newRequestID())
	status, body, err := s.callAPI(w, r)
	s.respond(w, r, status, body, err)
}

// callAPI finds the endpoint of a request, admits the request and carries it
// out.
func (s *Server) callAPI(w *recorder, r *http.Request) (status int, body any, err error) {
	path := strings.TrimPrefix(r.URL.EscapedPath(), apiPrefix)
	path = strings.TrimPrefix(path, "manage/") // spend keys are there too
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
		s.setAlarm() // a command may have brought forward what falls due by itself
	}
	if c.isStill() != nil { // what is armed now is for other calls
		return status, body, err
	}
	if failed := c.meet(billing.AfterEffect); failed != nil {
		return 0, nil, failed
	}
	return status, body, err
}

// isStill rejects a call whose merchant was reset or deleted since it began: it is of
// another time, and must not change what there is now.
func (c *call) isStill() error {
	if c.ring.isOver(c.kept) {
		return errForgotten()
	}
	return nil
}

func errForgotten() error {
	return billing.Errorf(billing.CodeAuthentication, "", "the merchant was reset or deleted while this call was in progress")
}

// respond sends what came of a call.
func (s *Server) respond(w http.ResponseWriter, r *http.Request, status int, body any, err error) {
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	writeJSON(w, status, body)
}

// newRequestID returns an id for the x-lava-request-id of a response that is not
// on record.
func (s *Server) newRequestID() string {
	return billing.NewID("req", s.Now(), ^*s.cfg.seed, s.requests.Add(1))
}

// do carries out a command for a call.
func do[R any](c *call, cmd billing.Command[R]) (R, error) {
	return billing.DoTraced(c.engine, c.now, cmd, &c.kept.trace)
}

// maxBody bounds the bodies of the management API.
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

// origin returns the origin of links to this server.
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

// deletedBody responds to some deletions, successBody to the others.
type deletedBody struct {
	ID      string `json:"id"`
	Deleted bool   `json:"deleted"`
}

type successBody struct {
	Success bool `json:"success"`
}
