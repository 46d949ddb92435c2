package mockserver

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
)

// route is an endpoint with a handler of type H. Its path is below a prefix such
// as /v1/ and may hold one id.
type route[H any] struct {
	method string
	path   string
	access access
	status int // of a success
	handle H
}

// access says who may use an endpoint.
type access bool

const (
	keyed access = true  // who has a secret key
	open  access = false // everybody
)

// routes is the whole management API. What creates something responds with 201,
// the rest with 200: a rotated key is the same spend key, and a funded wallet the same
// wallet (assumption status-201). All servers share the table, because
// building one for each would cost more than everything that a server does to
// start.
var routes = newRouter([]route[func(*call) (any, error)]{
	{"GET", "meters", keyed, 200, listMeters},
	{"POST", "meters", keyed, 201, createMeter},
	{"GET", "meters/{id}", keyed, 200, getMeter},
	{"PATCH", "meters/{id}", keyed, 200, updateMeter},
	{"DELETE", "meters/{id}", keyed, 200, deleteMeter},

	{"GET", "plans", keyed, 200, listPlans},
	{"POST", "plans", keyed, 201, createPlan},
	{"GET", "plans/{id}", keyed, 200, getPlan},
	{"PATCH", "plans/{id}", keyed, 200, updatePlan},
	{"DELETE", "plans/{id}", keyed, 200, deletePlan},

	{"GET", "credit_bundles", keyed, 200, listCreditBundles},
	{"GET", "credit_bundles/{id}", keyed, 200, getCreditBundle},

	{"GET", "customers", keyed, 200, listCustomers},
	{"POST", "customers", keyed, 201, createCustomer},
	{"GET", "customers/{id}", keyed, 200, getCustomer},
	{"PATCH", "customers/{id}", keyed, 200, updateCustomer},
	{"DELETE", "customers/{id}", keyed, 200, deleteCustomer},
	{"GET", "customers/{id}/subscription", keyed, 200, getCustomerSubscription},

	{"GET", "subscriptions", keyed, 200, listSubscriptions},
	{"POST", "subscriptions", keyed, 201, createSubscription},
	{"PATCH", "subscriptions/{id}", keyed, 200, updateSubscription},
	{"DELETE", "subscriptions/{id}", keyed, 200, cancelSubscription},

	{"POST", "checkout_sessions", keyed, 201, createCheckoutSession},

	{"GET", "requests", keyed, 200, listRequests},
	{"POST", "requests", keyed, 201, createRequest},
	{"GET", "requests/{id}", keyed, 200, getRequest},

	{"GET", "usage", keyed, 200, getUsage},

	{"GET", "webhooks", keyed, 200, listWebhooks},
	{"POST", "webhooks", keyed, 201, createWebhook},
	{"GET", "webhooks/{id}", keyed, 200, getWebhook},
	{"PATCH", "webhooks/{id}", keyed, 200, updateWebhook},
	{"DELETE", "webhooks/{id}", keyed, 200, deleteWebhook},

	{"GET", "secret_keys", keyed, 200, listSecretKeys},
	{"POST", "secret_keys", keyed, 201, createSecretKey},
	{"DELETE", "secret_keys/{id}", keyed, 200, deleteSecretKey},

	{"GET", "spend_keys", keyed, 200, listSpendKeys},
	{"POST", "spend_keys", keyed, 201, createSpendKey},
	{"GET", "spend_keys/{id}", keyed, 200, getSpendKey},
	{"PUT", "spend_keys/{id}", keyed, 200, updateSpendKey},
	{"DELETE", "spend_keys/{id}", keyed, 200, revokeSpendKey},
	{"POST", "spend_keys/{id}/rotate", keyed, 200, rotateSpendKey},

	{"GET", "wallet", keyed, 200, getWallet},
	{"POST", "wallet/fund", keyed, 200, fundWallet},
	{"GET", "payment_methods", keyed, 200, listPaymentMethods},

	{"GET", "account/fallback", keyed, 200, getFallbackChain},
	{"PATCH", "account/fallback", keyed, 200, setFallbackChain},

	{"GET", "models", open, 200, listModels},
	{"GET", "services", open, 200, listServices},
	{"POST", "auth/callback", open, 200, exchangeAuthCode},
})

// router finds routes by the shape of their path, in which "{id}" stands for
// any one segment.
type router[H any] map[string][]route[H]

func newRouter[H any](all []route[H]) router[H] {
	t := router[H]{}
	for _, r := range all {
		t[r.path] = append(t[r.path], r)
	}
	return t
}

// find returns the routes at an escaped path below the prefix, and the id in it,
// which may hold an escaped slash.
func (t router[H]) find(path string) ([]route[H], string) {
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

// match returns the route of a request and the id in its path.
func (t router[H]) match(path string, w http.ResponseWriter, r *http.Request) (route[H], string, error) {
	at, id := t.find(path)
	if len(at) == 0 {
		return route[H]{}, "", errNoRoute(r, "")
	}
	methods := make([]string, len(at))
	for i, rt := range at {
		if rt.method == r.Method {
			return rt, id, nil
		}
		methods[i] = rt.method
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	return route[H]{}, "", errMethod(r, strings.Join(methods, " or "))
}

func errNoRoute(r *http.Request, hint string) error {
	return billing.Errorf(billing.CodeNotFound, "", "no endpoint %s %s%s", r.Method, r.URL.Path, hint)
}

func errMethod(r *http.Request, allowed string) error {
	return billing.Errorf(billing.CodeMethodNotAllowed, "", "%s is not allowed on %s: use %s", r.Method, r.URL.Path, allowed)
}
