package mockserver

import (
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/spelling"
)

// hintAtPath is for calls that match no endpoint.
func hintAtPath(r *rejection) string {
	if r.call.endpoint != "" || !r.code("not_found", "method_not_allowed") {
		return ""
	}
	p := r.r.URL.EscapedPath()
	switch {
	case strings.HasPrefix(p, "//"):
		return "the path begins with two slashes: remove the slash at the end of the base URL"
	case strings.HasPrefix(p, "/v1/v1/"):
		return "/v1 appears twice: the client adds it, so remove it from the base URL. Anthropic's SDKs need a base URL without /v1, OpenAI's need one with it"
	case !strings.HasPrefix(p, apiPrefix):
		if p == "/v1" {
			return "this is the base URL of the API: add an endpoint, such as /v1/meters"
		}
		if rest, cut := cutVersion(p); cut {
			p = rest
		}
		if hint := nearestRoute(r.r.Method, strings.TrimPrefix(p, "/")); hint != "" {
			return "the API is below /v1: " + hint
		}
		return "the API is below /v1, such as /v1/meters: the base URL must end in /v1"
	}
	return nearestRoute(r.r.Method, strings.TrimPrefix(p, apiPrefix))
}

// cutVersion removes prefixes that people mistake for the API's.
func cutVersion(p string) (string, bool) {
	for _, prefix := range []string{"/api/v1/", "/api/", "/v2/", "/v0/", "/lava/v1/", "/lava/"} {
		if rest, ok := strings.CutPrefix(p, prefix); ok {
			return rest, true
		}
	}
	return p, false
}

// otherWords are other names for endpoints, from other APIs and the Node SDK.
var otherWords = map[string]string{
	"balance": "GET /v1/wallet", "wallets": "GET /v1/wallet", "fund": "POST /v1/wallet/fund", "products": "/v1/meters", "prices": "/v1/plans",
	"subscriptions/plans": "/v1/plans", "plan": "/v1/plans", "keys": "/v1/secret_keys", "api_keys": "/v1/secret_keys", "service_keys": "/v1/spend_keys", "service-keys": "/v1/spend_keys",
	"checkout": "POST /v1/checkout_sessions", "checkout/sessions": "POST /v1/checkout_sessions", "sessions": "POST /v1/checkout_sessions",
	"users": "/v1/customers", "connections": "/v1/customers", "events": "POST /v1/requests, which reports usage", "usage/report": "POST /v1/requests, which reports usage",
	"webhook_endpoints": "/v1/webhooks", "bundles": "GET /v1/credit_bundles; bundles are created and changed through their plan",
	"fallbacks": "/v1/account/fallback", "fallback": "/v1/account/fallback", "account": "GET /v1/wallet for the balance, /v1/account/fallback for the chain",
	"login": "GET /auth/connect, the page, and POST /v1/auth/callback, which exchanges its code",
}

// providerPaths are endpoints of providers that the gateway can't route by the model.
var providerPaths = []string{"responses", "embeddings", "completions", "images/generations", "images/edits", "audio/speech", "audio/transcriptions", "moderations", "files", "batches", "messages/count_tokens", "assistants", "threads"}

// nearestRoute returns the endpoint that a path below /v1/ most likely means, or "" if none is similar.
func nearestRoute(method, p string) string {
	trimmed := strings.TrimSuffix(p, "/")
	switch {
	case slices.Contains(providerPaths, trimmed):
		return "the gateway finds the provider by the model only for chat/completions and messages: send other requests to /v1/forward?u=https://api.openai.com/v1/" + trimmed
	case trimmed == "chat/completions" || trimmed == "messages":
		return "use POST /v1/" + trimmed
	case strings.HasPrefix(p, "models/") && strings.Contains(p, ":"):
		return "reach Google's endpoints through /v1/forward?u=https://generativelanguage.googleapis.com/v1beta/" + p
	}
	if words, ok := otherWords[trimmed]; ok {
		return "use " + words
	}
	if words, ok := otherWords[strings.ReplaceAll(trimmed, "-", "_")]; ok {
		return "use " + words
	}
	if at, _ := routes.find(trimmed); len(at) > 0 {
		return "use " + oneOf(at, method)
	}
	if strings.Contains(p, "//") {
		return "an id is missing between two slashes: the variable was probably empty"
	}
	shape := shapeOf(trimmed)
	best, distance := "", max(2, len(shape)/3)+1
	for _, at := range slices.Sorted(maps.Keys(routes)) {
		if d := spelling.Distance(shape, at, distance); d < distance {
			best, distance = at, d
		}
	}
	for _, g := range gatewayRoutes { // rewrite has its own path
		if d := spelling.Distance(shape, g.path, distance); g.path != "" && d < distance {
			return "use " + strings.TrimSpace(g.method+" /v1/"+g.path)
		}
	}
	if best == "" {
		if first, rest, ok := strings.Cut(trimmed, "/"); ok && len(routes[first]) > 0 {
			return "there is no " + path.Base(rest) + " below " + first + "; use " + oneOf(routes[first], method)
		}
		return ""
	}
	return "use " + oneOf(routes[best], method)
}

// oneOf names the route of a method, or those of others.
func oneOf(at []route[func(*call) (any, error)], method string) string {
	var methods []string
	for _, rt := range at {
		if rt.method == method {
			return method + " " + apiPrefix + rt.path
		}
		methods = append(methods, rt.method)
	}
	if method == http.MethodPut && slices.Contains(methods, http.MethodPatch) || method == http.MethodPost && slices.Contains(methods, http.MethodPatch) {
		return "PATCH " + apiPrefix + at[0].path + ", which changes only what is given"
	}
	return strings.Join(methods, " or ") + " " + apiPrefix + at[0].path
}

// shapeOf replaces parts of a path that look like ids, and hyphens in names.
func shapeOf(p string) string {
	parts := strings.Split(p, "/")
	for i, part := range parts {
		if i > 0 && (strings.Contains(part, "_test_") || strings.ContainsAny(part, "0123456789{}:%")) {
			parts[i] = "{id}"
		} else {
			parts[i] = snakeCase(part)
		}
	}
	return strings.Join(parts, "/")
}
