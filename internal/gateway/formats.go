package gateway

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/translate"
	"github.com/lavapayments/lava-go/internal/eventstream"
)

// What differs between wire formats. Nothing else in this package knows one.

// conversations are the endpoints where the formats take conversations, as far as
// they need no path.
var conversations = map[dialect.Name]dialect.Endpoint{
	dialect.OpenAI:    {Dialect: dialect.OpenAI, Operation: dialect.Chat},
	dialect.Anthropic: {Dialect: dialect.Anthropic, Operation: dialect.Messages},
	dialect.Google:    {Dialect: dialect.Google, Operation: dialect.Generate},
	dialect.Bedrock:   {Dialect: dialect.Bedrock, Operation: dialect.Converse},
}

// chatPaths are their paths below a provider's base URL, up to the model.
var chatPaths = map[dialect.Name]string{
	dialect.OpenAI: "/chat/completions", dialect.Anthropic: "/messages", dialect.Google: "/models/", dialect.Bedrock: "/model/",
}

// urlFor is the URL for a model, in the way that the format has for streams.
func (e chatEndpoint) urlFor(model string, stream bool) *url.URL {
	u := *e.url
	switch e.format {
	case dialect.Google:
		u.RawQuery = withoutParam(u.RawQuery, "alt")
		u.Path += strings.TrimPrefix(model, "models/") + ":generateContent"
		if stream {
			u.Path = strings.TrimSuffix(u.Path, "generateContent") + "streamGenerateContent"
			u.RawQuery = joinQuery("alt=sse", u.RawQuery)
		}
	case dialect.Bedrock:
		raw := u.EscapedPath() + url.PathEscape(model)
		end := "/converse"
		if stream {
			end = "/converse-stream"
		}
		u.Path, u.RawPath = u.Path+model+end, raw+end
	}
	return &u
}

// speaks reports whether a provider takes a format at a URL by itself.
func speaks(p *catalog.Provider, format dialect.Name, u *url.URL) bool {
	if dialect.Name(p.Dialect) == format {
		return true
	}
	also, err := url.Parse(p.OpenAIBaseURL)
	return err == nil && format == dialect.OpenAI && p.OpenAIBaseURL != "" && strings.HasPrefix(u.Path, also.Path+"/")
}

// isRegional reports whether the host of a format's providers names a region.
func isRegional(format dialect.Name) bool { return format == dialect.Bedrock }

// codecOf returns what translates for a provider.
func codecOf(format dialect.Name, p *catalog.Provider) (translate.Format, bool) {
	if format == dialect.OpenAI && p.ID != "openai" {
		return translate.OpenAILike, true
	}
	return translate.Of(format)
}

// setKey puts the provider's key where the provider looks for it.
func setKey(h http.Header, rt *route, key string) {
	format := rt.request.Dialect
	if format == "" {
		format = dialect.Name(rt.provider.Dialect)
	}
	switch format {
	case dialect.Anthropic:
		h.Set("X-Api-Key", key)
	case dialect.Google:
		h.Set("X-Goog-Api-Key", key)
	case dialect.ElevenLabs:
		h.Set("Xi-Api-Key", key)
	default:
		h.Set("Authorization", "Bearer "+key)
	}
}

// setRequiredHeaders adds what the provider insists on.
func setRequiredHeaders(h http.Header, format dialect.Name) {
	if format == dialect.Anthropic && h.Get("Anthropic-Version") == "" {
		h.Set("Anthropic-Version", "2023-06-01")
	}
}

// headerPrefixes begin the headers that are a format's own.
var headerPrefixes = map[dialect.Name]string{
	dialect.OpenAI: "Openai-", dialect.Anthropic: "Anthropic-", dialect.Google: "X-Goog-", dialect.Bedrock: "X-Amz",
}

// mustAskForUsage reports whether the provider must be asked for the usage of a
// stream, which OpenAI's format does not carry by itself.
func mustAskForUsage(p *catalog.Provider, r dialect.Request) bool {
	return r.Stream && !r.WantsUsage && !p.ReportsUsage &&
		(r.Operation == dialect.Chat || r.Operation == dialect.Completions)
}

// wantsArray reports whether a stream is wanted as a JSON array: Google's are, unless
// they are asked for as events.
func wantsArray(r dialect.Request, u *url.URL) bool {
	return r.Dialect == dialect.Google && r.Stream && !strings.Contains(u.RawQuery, "alt=sse")
}

// growsAsJSON reports whether a JSON response grows while it is sent: a Google
// stream that was not asked for as events is an array.
func growsAsJSON(r dialect.Request) bool { return r.Dialect == dialect.Google && r.Stream }

// streamType is the media type of a format's streams.
func streamType(format dialect.Name, array bool) string {
	switch {
	case format == dialect.Bedrock:
		return eventstream.ContentType
	case array:
		return "application/json; charset=UTF-8"
	}
	return "text/event-stream; charset=utf-8"
}

// statusFor is a provider's error status as a format has it: 529 is Anthropic's own
// for an overload.
func statusFor(format dialect.Name, status int) int {
	if status == 529 && format != dialect.Anthropic {
		return http.StatusServiceUnavailable
	}
	return status
}
