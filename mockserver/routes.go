package mockserver

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

// route is an endpoint of the management API. Its path is below /v1/ and may
// hold one id.
type route struct {
	method string
	path   string
	status int // of a success
	handle func(*call) (any, error)
}

// call is one request to the management API.
type call struct {
	*Server
	r        *http.Request
	now      time.Time
	merchant string // the id of the merchant whose key it is
	id       string // the id in the path, or empty
}

// routes is the whole management API. What creates something answers 201, all
// else 200 (assumption status-201). All servers share it, because building a
// table for each would cost more than all else that a server does to start.
var routes = newRouter([]route{
	{"GET", "meters", 200, listMeters},
	{"POST", "meters", 201, createMeter},
	{"GET", "meters/{id}", 200, getMeter},
	{"PATCH", "meters/{id}", 200, updateMeter},
	{"DELETE", "meters/{id}", 200, deleteMeter},

	{"GET", "plans", 200, listPlans},
	{"POST", "plans", 201, createPlan},
	{"GET", "plans/{id}", 200, getPlan},
	{"PATCH", "plans/{id}", 200, updatePlan},
	{"DELETE", "plans/{id}", 200, deletePlan},

	{"GET", "credit_bundles", 200, listCreditBundles},
	{"GET", "credit_bundles/{id}", 200, getCreditBundle},

	{"GET", "customers", 200, listCustomers},
	{"POST", "customers", 201, createCustomer},
	{"GET", "customers/{id}", 200, getCustomer},
	{"PATCH", "customers/{id}", 200, updateCustomer},
	{"DELETE", "customers/{id}", 200, deleteCustomer},
	{"GET", "customers/{id}/subscription", 200, getCustomerSubscription},

	{"GET", "subscriptions", 200, listSubscriptions},
	{"POST", "subscriptions", 201, createSubscription},
	{"PATCH", "subscriptions/{id}", 200, updateSubscription},
	{"DELETE", "subscriptions/{id}", 200, cancelSubscription},

	{"POST", "checkout_sessions", 201, createCheckoutSession},

	{"GET", "requests", 200, listRequests},
	{"POST", "requests", 201, createRequest},
	{"GET", "requests/{id}", 200, getRequest},

	{"GET", "usage", 200, getUsage},

	{"GET", "webhooks", 200, listWebhooks},
	{"POST", "webhooks", 201, createWebhook},
	{"GET", "webhooks/{id}", 200, getWebhook},
	{"PATCH", "webhooks/{id}", 200, updateWebhook},
	{"DELETE", "webhooks/{id}", 200, deleteWebhook},

	{"GET", "secret_keys", 200, listSecretKeys},
	{"POST", "secret_keys", 201, createSecretKey},
	{"DELETE", "secret_keys/{id}", 200, deleteSecretKey},

	{"GET", "spend_keys", 200, listSpendKeys},
	{"POST", "spend_keys", 201, createSpendKey},
	{"GET", "spend_keys/{id}", 200, getSpendKey},
	{"PUT", "spend_keys/{id}", 200, updateSpendKey},
	{"DELETE", "spend_keys/{id}", 200, revokeSpendKey},
	{"POST", "spend_keys/{id}/rotate", 201, rotateSpendKey},

	{"GET", "wallet", 200, getWallet},
	{"POST", "wallet/fund", 201, fundWallet},
	{"GET", "payment_methods", 200, listPaymentMethods},

	{"GET", "account/fallback", 200, getFallbackChain},
	{"PATCH", "account/fallback", 200, setFallbackChain},
})

// openRoutes need no key.
var openRoutes = newRouter([]route{
	{"GET", "models", 200, listModels},
	{"GET", "services", 200, listServices},
	{"POST", "auth/callback", 200, exchangeAuthCode},
})

// router finds routes by the shape of their path, in which "{id}" stands for
// any one segment.
type router map[string][]route

func newRouter(all []route) router {
	t := router{}
	for _, r := range all {
		t[r.path] = append(t[r.path], r)
	}
	return t
}

// find returns the routes at an escaped path below /v1/, and the id in it, which
// may hold an escaped slash.
func (t router) find(path string) ([]route, string) {
	if at, ok := t[path]; ok {
		return at, ""
	}
	collection, rest, ok := strings.Cut(path, "/")
	id, sub, deeper := strings.Cut(rest, "/")
	id, err := url.PathUnescape(id)
	if !ok || id == "" || err != nil {
		return nil, ""
	}
	shape := collection + "/{id}"
	if deeper {
		shape += "/" + sub
	}
	return t[shape], id
}

const requestIDHeader = "X-Lava-Request-Id"

// ServeHTTP answers a request as Lava would.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, versioned := strings.CutPrefix(r.URL.Path, "/v1/")
	// The gateway's paths may hold a whole URL with "//" in it, and it sets a
	// request id of its own.
	if versioned && s.serveGateway(path, w, r) {
		return
	}
	w.Header().Set(requestIDHeader, s.newRequestID())
	status, body, err := 0, any(nil), error(nil)
	switch {
	case versioned:
		status, body, err = s.serveAPI(w, r)
	case strings.HasPrefix(r.URL.Path, controlPrefix):
		status, body, err = s.serveControl(w, r)
	case s.servePage(w, r), s.serveMounted(w, r):
		return
	default:
		err = errNoRoute(r, "; the API is below /v1/")
	}
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	writeJSON(w, status, body)
}

// serveAPI answers a request to the management API.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) (status int, body any, err error) {
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/v1/")
	path = strings.TrimPrefix(path, "manage/") // spend keys are there too
	c := &call{Server: s, r: r}
	table, open := routes, false
	if at, _ := openRoutes.find(path); at != nil {
		table, open = openRoutes, true
	}
	rt, id, err := table.match(path, w, r)
	if err != nil {
		return 0, nil, err
	}
	c.id, c.now = id, s.tick()
	if !open {
		if c.merchant, err = s.authenticate(r); err != nil {
			return 0, nil, err
		}
		if err := s.rateLimits.count(w, bearer(r), c.now, s.cfg.enforceRateLimit); err != nil {
			return 0, nil, err
		}
	}
	return s.once(c, rt.status, rt.handle)
}

// match returns the route of a request and the id in its path.
func (t router) match(path string, w http.ResponseWriter, r *http.Request) (route, string, error) {
	at, id := t.find(path)
	if len(at) == 0 {
		return route{}, "", errNoRoute(r, "")
	}
	methods := make([]string, len(at))
	for i, rt := range at {
		if rt.method == r.Method {
			return rt, id, nil
		}
		methods[i] = rt.method
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	return route{}, "", errMethod(r, strings.Join(methods, " or "))
}

const (
	testKeyPrefix = "aks_test_"
	liveKeyPrefix = "aks_live_"
)

// authenticate returns the id of the merchant whose key a request carries.
func (s *Server) authenticate(r *http.Request) (string, error) {
	key := bearer(r)
	if key == "" {
		return "", errNoKey()
	}
	return s.merchantByKey(key)
}

// bearer returns the key in a request's Authorization header, or "".
func bearer(r *http.Request) string {
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}

func (s *Server) merchantByKey(key string) (string, error) {
	if strings.HasPrefix(key, liveKeyPrefix) {
		return "", errLiveKey()
	}
	id, ok := s.engine.MerchantByKey(billing.HashKey(key))
	if !ok {
		return "", errWrongKey()
	}
	return id, nil
}

// newRequestID returns an id for the x-lava-request-id of an answer that is not
// on record.
func (s *Server) newRequestID() string {
	return billing.NewID("req", s.Now(), ^*s.cfg.seed, s.requests.Add(1))
}

// do carries out a command for a call.
func do[R any](c *call, cmd billing.Command[R]) (R, error) {
	return billing.Do(c.engine, c.now, cmd)
}

// maxBody bounds the bodies of the management API.
const maxBody = 1 << 20

// decode reads the JSON object in a call's body.
func decode[T any](c *call) (T, error) {
	var v T
	body, err := readBody(c.r, maxBody)
	if err != nil {
		return v, err
	}
	return v, decodeJSON(body, &v)
}

// page reads the parameters that all lists have.
func (c *call) page() (billing.PageParams, error) {
	q := c.r.URL.Query()
	limit, err := parseLimit(q.Get("limit"))
	if err != nil {
		return billing.PageParams{}, err
	}
	before, err := parseCursor(q.Get("cursor"))
	return billing.PageParams{Before: before, Limit: cmp.Or(limit, 10)}, err
}

// listBody is a page of a list on the wire.
type listBody[T any] struct {
	Data       []T    `json:"data"`
	HasMore    bool   `json:"has_more"`
	NextCursor string `json:"next_cursor,omitzero"`
}

// list encodes a page of the engine.
func list[T, W any](page billing.Page[T], encode func(T) W) listBody[W] {
	body := listBody[W]{Data: make([]W, len(page.Items)), HasMore: page.Next != 0}
	for i, v := range page.Items {
		body.Data[i] = encode(v)
	}
	if page.Next != 0 {
		body.NextCursor = formatCursor(page.Next)
	}
	return body
}

// deletedBody answers some deletions; successBody answers the others.
type deletedBody struct {
	ID      string `json:"id"`
	Deleted bool   `json:"deleted"`
}

type successBody struct {
	Success bool `json:"success"`
}
