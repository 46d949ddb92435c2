package mockserver

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/spelling"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// hintAtTarget is for gateway calls whose provider URL is wrong.
func hintAtTarget(r *rejection) string {
	if !r.call.endpoint.isGateway() || r.err.Param != "u" && r.err.Param != "url" && r.err.Param != "format" {
		return ""
	}
	q, p := r.r.URL.Query(), r.r.URL.Path
	u, _ := r.target()
	switch {
	case r.err.Param == "format" && strings.HasPrefix(p, "/v1/rewrite/http"):
		return "the format of the client comes before the URL: /v1/rewrite/openai/https://…"
	case r.err.Param == "format":
		return "the path is /v1/rewrite/{format}/{provider URL}, where the format is the client's, such as openai or anthropic"
	case r.call.endpoint == "gateway.forward" && q.Get("u") == "" && q.Get("url") != "":
		return "the parameter is called u, not url: /v1/forward?u=https://…"
	case strings.HasPrefix(p, "/v1/forward/http"):
		return "the provider's URL is the parameter u, not part of the path: /v1/forward?u=https://…"
	case r.call.endpoint == "gateway.forward" && q.Get("u") == "":
		return "name the provider's URL: /v1/forward?u=https://api.openai.com/v1/chat/completions"
	}
	raw := cmp.Or(q.Get("u"), strings.TrimPrefix(p, "/v1/rewrite/"))
	switch {
	case strings.HasPrefix(raw, "https%3A"), strings.HasPrefix(raw, "https%3a"):
		return "u is percent-encoded twice: encode it once, or not at all"
	case strings.HasPrefix(raw, "http://"):
		return "the provider needs https: write https:// in u"
	case u == nil || u.Host == "" || !strings.HasPrefix(raw, "http"):
		if r.call.endpoint == "gateway.forward" {
			return fmt.Sprintf("u must begin with https://: write u=https://%.100s", strings.TrimLeft(raw, "/"))
		}
		return ""
	}
	if slices.Contains([]string{"api.lava.so", "api.lavapayments.com", "sandbox-api.lavapayments.com"}, u.Host) || u.Host == r.r.Host {
		return "u is the URL of the provider, not Lava's own"
	}
	best, distance := "", 4
	for host := range r.hosts() {
		if d := spelling.Distance(u.Host, host, distance); d < distance {
			best, distance = host, d
		}
	}
	if best != "" && best != u.Host {
		return fmt.Sprintf("did you mean the host %q?", best)
	}
	return ""
}

// target returns the URL of the provider.
func (r *rejection) target() (*url.URL, bool) {
	raw := r.r.URL.Query().Get("u")
	if r.call.endpoint == "gateway.rewrite" {
		_, raw, _ = strings.Cut(strings.TrimPrefix(r.r.URL.Path, "/v1/rewrite/"), "/")
		if rest, cut := strings.CutPrefix(raw, "https:/"); cut {
			raw = "https://" + strings.TrimLeft(rest, "/")
		} else if !strings.Contains(raw, "://") {
			raw = "https://" + raw
		}
	}
	u, err := url.Parse(raw)
	return u, err == nil && u.Host != ""
}

// hosts returns the hosts of the catalog's providers.
func (r *rejection) hosts() map[string]*catalog.Provider {
	hosts := map[string]*catalog.Provider{}
	for _, p := range r.server.catalog().Providers() {
		if u, err := url.Parse(p.BaseURL); err == nil {
			hosts[u.Host] = p
		}
	}
	return hosts
}

// hintAtModel is for models that the provider doesn't have.
func hintAtModel(r *rejection) string {
	if !r.call.endpoint.isGateway() {
		return ""
	}
	model := textField([]byte(r.body), "model")
	switch {
	case r.code(string(billing.CodeForwardModelInvalid)) && model == "" && textField([]byte(r.body), "modelId") != "":
		return `the field is called "model", not "modelId"`
	case r.code(string(billing.CodeForwardModelInvalid)) && r.body == "":
		return "the body is empty: it must name the model"
	case r.code(string(billing.CodeForwardModelInvalid)):
		return `name the model in the body: {"model":"gpt-4o-mini",…}`
	case !r.code(string(billing.CodeForwardModelNotSupported)):
		return ""
	}
	if provider, name, ok := strings.Cut(model, "/"); ok {
		if _, known := r.server.catalog().Provider(provider); known {
			return fmt.Sprintf("leave out the provider before the model's name: %q", name)
		}
	}
	for _, offer := range r.server.catalog().Find(model) {
		base := offer.Provider.BaseURL
		if u, err := url.Parse(base); err == nil && u.Host != "" {
			return fmt.Sprintf("%s is a model of %s: send the request to %s, translate it with /v1/rewrite/openai/%s, or use POST /v1/chat/completions, which finds the provider by the model", model, offer.Provider.Name, u.Host, base)
		}
	}
	if like := r.nearestModel(model); like != "" {
		return fmt.Sprintf("did you mean the model %q? The option AllowUnknownModels accepts models that the catalog does not have", like)
	}
	return "the catalog does not have this model: GET /v1/models lists its models, the option Price adds one, and AllowUnknownModels accepts all"
}

func (r *rejection) nearestModel(model string) string {
	for _, p := range r.server.catalog().Providers() {
		if like := p.Nearest(model); like != "" {
			return like
		}
	}
	return ""
}

// hintAtProvider is for requests that a provider, or its fake, rejected.
func hintAtProvider(r *rejection) string {
	if !r.call.endpoint.isGateway() || r.err.Code != "" || len(r.call.providerCalls) == 0 {
		return ""
	}
	try := r.call.providerCalls[len(r.call.providerCalls)-1]
	switch {
	case try.status == http.StatusNotFound && formats.Find(try.method, try.url).Operation == dialect.Other:
		p, ok := r.server.catalog().ByHost(try.url.Host)
		if ok && upstream.HasEndpoint(p.ID, try.method, try.url.Path) { // what it names does not exist
			return ""
		}
		if ok && strings.TrimSuffix(p.BaseURL, "/") == "https://"+try.url.Host+strings.TrimSuffix(try.url.Path, "/") {
			return fmt.Sprintf("%s is the provider's base URL: add the endpoint, as in %[1]s/chat/completions, or use /v1/rewrite/{format}/{base URL}", p.BaseURL)
		}
		best, distance := "", 4
		for _, p := range []string{"/v1/chat/completions", "/v1/responses", "/v1/embeddings", "/v1/messages", "/v1/images/generations", "/v1/audio/speech", "/v1/audio/transcriptions"} {
			if d := spelling.Distance(try.url.Path, p, distance); d < distance {
				best, distance = p, d
			}
		}
		if distance == 0 {
			return fmt.Sprintf("%s takes POST at %s, not %s", try.url.Host, best, try.method)
		}
		if best != "" {
			return fmt.Sprintf("%s has no endpoint %s; did you mean %s?", try.url.Host, try.url.Path, best)
		}
		return fmt.Sprintf("the mock knows no endpoint %s %s of %s: %s", try.method, try.url.Path, try.url.Host, upstream.NoFakeAdvice)
	case try.status == http.StatusBadRequest && r.call.rule != "":
		who := "the real provider rejects this too"
		if strings.HasPrefix(string(r.call.rule), "script.") {
			who = "no real provider responds as the script does"
		}
		return fmt.Sprintf("%s. Rule %s: %s The option Lenient(%[2]q) accepts it", who, r.call.rule, upstream.Requirement(upstream.Rule(r.call.rule)))
	case try.status == http.StatusUnauthorized:
		return "the provider rejected its key: check provider_key in the forward token, or the option ProviderKey"
	}
	return ""
}

// hintAtState is for well-formed calls that the current state does not allow.
func hintAtState(r *rejection) string {
	state := map[billing.Code]string{
		billing.CodeInsufficientCredits: "the customer has used up the credits: complete a checkout of a bundle or plan (Server.CompleteCheckout, lavamock complete), or move to the next cycle (Trigger RenewNow, Server.Advance, lavamock advance)",
		billing.CodeInsufficientBalance: "the merchant's wallet is empty: POST /v1/wallet/fund, start with the option WalletBalance, or send your own provider_key",
		billing.CodeMeterNotOnPlan:      "link the meter to the customer's plan (PATCH /v1/plans/{id} with meter_ids), or move the customer to a plan that includes it; a plan without meters admits all",
		billing.CodeSpendLimitExceeded:  "raise the key's spend_limit (PUT /v1/spend_keys/{id}), or move the clock to the next cycle (Server.Advance, lavamock advance)",
		billing.CodeModelNotAllowed:     "the spend key's allowed_models or allowed_providers exclude it: change them with PUT /v1/spend_keys/{id}",
		billing.CodeKeyPaused:           `set the key's status to "active" with PUT /v1/spend_keys/{id}`,
		billing.CodeRequestShape:        "a spend key has one request_shape: openai works at /v1/chat/completions, anthropic at /v1/messages",
		billing.CodeSessionExpired:      "a session is valid for 60 minutes on the server's clock: create a new one after Server.Advance",
		billing.CodeRateLimitExceeded:   "wait for X-RateLimit-Reset, or move the clock (Server.Advance, lavamock advance)",
		billing.CodePaymentDeclined:     "this test card is always declined: use 4242 4242 4242 4242, which works",
		billing.CodePayloadTooLarge:     "split the request into smaller ones",
	}[billing.Code(r.err.Code)]
	switch {
	case state != "":
		return state
	case r.call.endpoint == "pages.checkout" && r.err.Param == "code":
		return "the code that confirms a phone is always " + checkoutCode
	case r.call.endpoint == "pages.checkout" && r.err.Param == "" && r.call.status > http.StatusBadRequest:
		return "the session of the secret in the path is unknown, completed or expired: a session works once, within 60 minutes on the server's clock; create a new one"
	case r.code(string(billing.CodeForbidden)) && strings.Contains(r.err.Message, "spend key") && strings.Contains(r.err.Message, "expired"):
		return "the key has expired on the server's clock: set a later expires_at with PUT /v1/spend_keys/{id}"
	case r.code(string(billing.CodeAuthentication)) && r.err.Param == "code":
		return "a code works once, within 60 seconds on the server's clock: send the browser to /auth/connect again"
	case r.code(string(billing.CodeForbidden)) && strings.Contains(r.err.Message, "is not this server's"):
		return "the server does not know this host name: allow it with the option AllowHost (lavamock -allow-host)"
	}
	return ""
}
