package lavaotel

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// target is the destination of a request.
type target struct {
	template  string // of the path in Lava's API; "" if unknown
	operation string // of a model, in the conventions' words; "" if not for a model
	provider  string // likewise
	model     string // if the path names it
	streams   bool   // if the path says so
	server    *url.URL
}

// templates are the paths of Lava's API. The part before /v1/ is the caller's and may be a secret. A path that isn't
// listed has no template: a span's name must not contain an id.
var templates = []string{
	"/v1/account/fallback",
	"/v1/auth/callback",
	"/v1/chat/completions",
	"/v1/checkout_sessions",
	"/v1/credit_bundles",
	"/v1/credit_bundles/{id}",
	"/v1/customers",
	"/v1/customers/{id}",
	"/v1/customers/{id}/subscription",
	"/v1/forward",
	"/v1/messages",
	"/v1/meters",
	"/v1/meters/{id}",
	"/v1/models",
	"/v1/payment_methods",
	"/v1/plans",
	"/v1/plans/{id}",
	"/v1/requests",
	"/v1/requests/{id}",
	"/v1/secret_keys",
	"/v1/secret_keys/{id}",
	"/v1/services",
	"/v1/spend_keys",
	"/v1/spend_keys/{id}",
	"/v1/spend_keys/{id}/rotate",
	"/v1/subscriptions",
	"/v1/subscriptions/{id}",
	"/v1/usage",
	"/v1/wallet",
	"/v1/wallet/fund",
	"/v1/webhooks",
	"/v1/webhooks/{id}",
}

const rewriteTemplate = "/v1/rewrite/{format}/{url}"

// route determines the target of a request. Only a POST is for a model: a GET of /chat/completions lists stored ones.
func route(method string, u *url.URL) target {
	t := routeOf(u)
	if method != http.MethodPost && t.operation != "" {
		return target{template: t.template, server: u}
	}
	return t
}

func routeOf(u *url.URL) target {
	path := u.EscapedPath()
	if _, rewrite, ok := strings.Cut(path, "/rewrite/"); ok {
		_, address, _ := strings.Cut(rewrite, "/")
		if !strings.Contains(address, "://") {
			address = "https://" + address
		}
		return through(rewriteTemplate, address, u)
	}
	switch template := templateOf(path); template {
	case "/v1/forward":
		return through(template, u.Query().Get("u"), u)
	case "/v1/chat/completions": // the model determines the provider
		return target{template: template, operation: "chat", provider: "openai", server: u}
	case "/v1/messages":
		return target{template: template, operation: "chat", provider: "anthropic", server: u}
	default:
		return target{template: template, server: u}
	}
}

// templateOf returns the template of a path. If two match, such as for customers/usage, it returns the longer one: an
// id may look like a word.
func templateOf(path string) string {
	for path != "" {
		first, _ := segment(path)
		for _, template := range templates {
			if below := template[len("/v1"):]; strings.HasPrefix(below[1:], first) && matches(below, path) {
				return template
			}
		}
		next := strings.IndexByte(path[1:], '/')
		path = path[1+next:]
		if next < 0 {
			return ""
		}
	}
	return ""
}

// matches reports whether a path, which begins with a slash, has the form of a template.
func matches(template, path string) bool {
	for template != "" && path != "" {
		var want, have string
		want, template = segment(template)
		have, path = segment(path)
		if want != have && (want != "{id}" || have == "") {
			return false
		}
	}
	return template == path // both are empty
}

// segment splits the first segment off a path.
func segment(path string) (first, rest string) {
	path = path[1:]
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:]
	}
	return path, ""
}

// through returns the target of a gateway request to a provider's address.
func through(template, address string, lava *url.URL) target {
	t := target{template: template, server: lava}
	at, err := url.Parse(address)
	if err != nil || at.Host == "" {
		return t
	}
	path := at.EscapedPath()
	last := path[strings.LastIndexByte(path, '/')+1:]
	t.operation = operationOf(path, last)
	if t.operation == "" {
		return t
	}
	t.provider, t.server = providerOf(at.Hostname()), at
	t.model = clean(modelOf(path, last))
	t.streams = strings.Contains(last, "stream") // streamGenerateContent, converse-stream
	return t
}

// operationOf returns the operation for a provider's path and its last segment.
func operationOf(path, last string) string {
	if _, action, ok := strings.Cut(last, ":"); ok { // Google's
		last = action
	}
	switch last {
	case "generateContent", "streamGenerateContent":
		return "generate_content"
	case "embeddings", "embed", "embedContent", "batchEmbedContents":
		return "embeddings"
	case "chat", "responses", "messages", "converse", "converse-stream", "invoke", "invoke-with-response-stream",
		"rawPredict", "streamRawPredict":
		return "chat"
	case "completions":
		if strings.HasSuffix(path, "/chat/completions") {
			return "chat"
		}
		return "text_completion"
	}
	return ""
}

// modelOf returns the model in a provider's path, as in Google's and Amazon's.
func modelOf(path, last string) string {
	name, _, google := strings.Cut(last, ":")
	if !google {
		_, rest, _ := strings.Cut(path, "/model/")
		name, _, _ = strings.Cut(rest, "/")
	}
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	return name
}

// providers are the conventions' names, by the end of the host.
var providers = []struct{ host, name string }{
	{"api.openai.com", "openai"},
	{"api.anthropic.com", "anthropic"},
	{"generativelanguage.googleapis.com", "gcp.gemini"},
	{"aiplatform.googleapis.com", "gcp.vertex_ai"}, // and us-east1-aiplatform…
	{".openai.azure.com", "azure.ai.openai"},
	{".ai.azure.com", "azure.ai.inference"},
	{"api.cohere.com", "cohere"},
	{"api.cohere.ai", "cohere"},
	{"api.deepseek.com", "deepseek"},
	{"api.groq.com", "groq"},
	{"mistral.ai", "mistral_ai"},
	{"api.perplexity.ai", "perplexity"},
	{"api.x.ai", "x_ai"},
	{".ml.cloud.ibm.com", "ibm.watsonx.ai"},
}

// providerOf returns the conventions' name of a provider, or its host if they have none.
func providerOf(host string) string {
	if strings.HasPrefix(host, "bedrock-runtime") {
		return "aws.bedrock"
	}
	for _, p := range providers {
		if strings.HasSuffix(host, p.host) {
			return p.name
		}
	}
	return host
}

// portOf returns the port of an address.
func portOf(u *url.URL) int {
	if port, err := strconv.Atoi(u.Port()); err == nil {
		return port
	}
	if u.Scheme == "http" {
		return 80
	}
	return 443
}
