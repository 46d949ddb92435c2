package mockserver

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
)

// route is an endpoint with a handler of type H. Its path is below a prefix such as /v1/ and may contain one id.
type route[H any] struct {
	name   Endpoint
	method string
	path   string
	access access
	status int // of a success
	handle H
}

// access is an endpoint's need for a key.
type access bool

const (
	keyed access = true  // needs a secret key
	open  access = false // needs none
)

// routes is the whole management API. Endpoints that create something respond with 201, others with 200: a rotated
// key is the same spend key, and a funded wallet the same wallet (assumption status-201). All servers share the
// table, because building one for each would cost more than the rest of a server's start.
var routes = newRouter([]route[func(*call) (any, error)]{
	{"meters.list", "GET", "meters", keyed, 200, listMeters},
	{"meters.create", "POST", "meters", keyed, 201, createMeter},
	{"meters.get", "GET", "meters/{id}", keyed, 200, getMeter},
	{"meters.update", "PATCH", "meters/{id}", keyed, 200, updateMeter},
	{"meters.delete", "DELETE", "meters/{id}", keyed, 200, deleteMeter},

	{"plans.list", "GET", "plans", keyed, 200, listPlans},
	{"plans.create", "POST", "plans", keyed, 201, createPlan},
	{"plans.get", "GET", "plans/{id}", keyed, 200, getPlan},
	{"plans.update", "PATCH", "plans/{id}", keyed, 200, updatePlan},
	{"plans.delete", "DELETE", "plans/{id}", keyed, 200, deletePlan},

	{"credit_bundles.list", "GET", "credit_bundles", keyed, 200, listCreditBundles},
	{"credit_bundles.get", "GET", "credit_bundles/{id}", keyed, 200, getCreditBundle},

	{"customers.list", "GET", "customers", keyed, 200, listCustomers},
	{"customers.create", "POST", "customers", keyed, 201, createCustomer},
	{"customers.get", "GET", "customers/{id}", keyed, 200, getCustomer},
	{"customers.update", "PATCH", "customers/{id}", keyed, 200, updateCustomer},
	{"customers.delete", "DELETE", "customers/{id}", keyed, 200, deleteCustomer},
	{"customers.subscription", "GET", "customers/{id}/subscription", keyed, 200, getCustomerSubscription},

	{"subscriptions.list", "GET", "subscriptions", keyed, 200, listSubscriptions},
	{"subscriptions.create", "POST", "subscriptions", keyed, 201, createSubscription},
	{"subscriptions.update", "PATCH", "subscriptions/{id}", keyed, 200, updateSubscription},
	{"subscriptions.cancel", "DELETE", "subscriptions/{id}", keyed, 200, cancelSubscription},

	{"checkout_sessions.create", "POST", "checkout_sessions", keyed, 201, createCheckoutSession},

	{"requests.list", "GET", "requests", keyed, 200, listRequests},
	{"requests.create", "POST", "requests", keyed, 201, createRequest},
	{"requests.get", "GET", "requests/{id}", keyed, 200, getRequest},

	{"usage.get", "GET", "usage", keyed, 200, getUsage},

	{"webhooks.list", "GET", "webhooks", keyed, 200, listWebhooks},
	{"webhooks.create", "POST", "webhooks", keyed, 201, createWebhook},
	{"webhooks.get", "GET", "webhooks/{id}", keyed, 200, getWebhook},
	{"webhooks.update", "PATCH", "webhooks/{id}", keyed, 200, updateWebhook},
	{"webhooks.delete", "DELETE", "webhooks/{id}", keyed, 200, deleteWebhook},

	{"secret_keys.list", "GET", "secret_keys", keyed, 200, listSecretKeys},
	{"secret_keys.create", "POST", "secret_keys", keyed, 201, createSecretKey},
	{"secret_keys.delete", "DELETE", "secret_keys/{id}", keyed, 200, deleteSecretKey},

	{"spend_keys.list", "GET", "spend_keys", keyed, 200, listSpendKeys},
	{"spend_keys.create", "POST", "spend_keys", keyed, 201, createSpendKey},
	{"spend_keys.get", "GET", "spend_keys/{id}", keyed, 200, getSpendKey},
	{"spend_keys.update", "PUT", "spend_keys/{id}", keyed, 200, updateSpendKey},
	{"spend_keys.revoke", "DELETE", "spend_keys/{id}", keyed, 200, revokeSpendKey},
	{"spend_keys.rotate", "POST", "spend_keys/{id}/rotate", keyed, 200, rotateSpendKey},

	{"wallet.get", "GET", "wallet", keyed, 200, getWallet},
	{"wallet.fund", "POST", "wallet/fund", keyed, 200, fundWallet},
	{"payment_methods.list", "GET", "payment_methods", keyed, 200, listPaymentMethods},

	{"fallback.get", "GET", "account/fallback", keyed, 200, getFallbackChain},
	{"fallback.update", "PATCH", "account/fallback", keyed, 200, setFallbackChain},

	{"models.list", "GET", "models", open, 200, listModels},
	{"services.list", "GET", "services", open, 200, listServices},
	{"auth.callback", "POST", "auth/callback", open, 200, exchangeAuthCode},
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

// find returns the routes at an escaped path below the prefix, and the id in it, which may contain an escaped slash.
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
