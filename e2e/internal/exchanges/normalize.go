package exchanges

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// headers are the headers of a request or response that an SDK or Lava reads. Credentials are recorded as their
// scheme only.
var (
	requestHeaders  = []string{"Content-Type", "Authorization", "X-Api-Key", "X-Goog-Api-Key", "Api-Key", "Idempotency-Key", "Anthropic-Version"}
	responseHeaders = []string{"Content-Type", "Location", "Retry-After", "Www-Authenticate", "X-Lava-Request-Id", "Access-Control-Allow-Origin"}
)

// longest is the length up to which a body is recorded in full; longer ones are recorded as a checksum.
const longest = 4 << 10

func (e *exchange) write(out *strings.Builder, n *normalizer) {
	fmt.Fprintf(out, "=== %s %s\n", e.method, n.text(e.uri))
	for _, name := range e.names(e.request, requestHeaders) {
		fmt.Fprintf(out, "%s: %s\n", name, n.header(name, e.request.Get(name)))
	}
	n.body(out, e.request, e.requestBody)
	fmt.Fprintf(out, "--- %d\n", e.status)
	for _, name := range e.names(e.response, responseHeaders) {
		fmt.Fprintf(out, "%s: %s\n", name, n.header(name, e.response.Get(name)))
	}
	n.body(out, e.response, e.responseBody.String())
	if e.cut {
		out.WriteString("(cut)\n")
	}
	out.WriteString("\n")
}

// names returns the headers to record: the relevant ones, and Lava's own.
func (e *exchange) names(h http.Header, matter []string) []string {
	var names []string
	for name := range h {
		if slices.Contains(matter, name) || strings.HasPrefix(name, "X-Lava-") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// normalizer replaces values that differ from run to run: ids and secrets are numbered by their first appearance, and
// all times are equal.
type normalizer struct {
	names  map[string]string
	counts map[string]int
	slugs  []string // pairs of a slug and its name
}

func newNormalizer() *normalizer {
	return &normalizer{names: map[string]string{}, counts: map[string]int{}}
}

// plain are the patterns that are replaced by a fixed text.
var plain = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d(T|%20| )\d\d(:|%3A)\d\d(:|%3A)\d\d(\.\d+)?(Z|GMT)`), "<time>"},
	{regexp.MustCompile(`(["= ])20\d\d-\d\d-\d\d\b`), "$1<day>"},
	{regexp.MustCompile(`(127\.0\.0\.1|localhost)(:|%3A)\d+`), "$1$2<port>"},
	{regexp.MustCompile(`\b[0-9a-f]{32}\b`), "<state>"},
	{regexp.MustCompile(`\b(port=|port |name="port" value=")\d+`), "$1<port>"},
	{regexp.MustCompile(`\b(lava_sk_)[0-9a-f]{4}\*`), "$1<hint>*"},
	{regexp.MustCompile(`(nonce=")[0-9A-Z]+"`), `$1<nonce>"`},
	{regexp.MustCompile(`("\w*_hint":")[^"]*"`), `$1<hint>"`},
	{regexp.MustCompile(`("(?:created|completed)(?:_at)?":)[1-9]\d{9}\b`), "$1<seconds>"},
}

// numbered are the patterns of ids: the first group is kept.
var numbered = []*regexp.Regexp{
	regexp.MustCompile(`\b()[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`),
	regexp.MustCompile(`\b((?:aks_test|aks_live|lava_sk_test|lava_sk|css_test|css|whsec|code)_)[0-9A-Za-z_-]{16,}`),
	regexp.MustCompile(`\b((?:[A-Za-z]{2,}_)+|[a-z]{3,}-)[0-9A-Za-z]*[0-9][0-9A-Za-z]*(?:_\d+)?\b`),
	regexp.MustCompile(`("(?:\w*[iI]d|\w*[sS]ignature)":")[0-9A-Za-z+/]{24,64}\b`),
}

var (
	slugs      = regexp.MustCompile(`"meter_slug":"([^"]+-)([a-z0-9]{6})"`)
	tokens     = regexp.MustCompile(`\beyJ[0-9A-Za-z+/=]+`)
	boundaries = regexp.MustCompile(`-{2,}[A-Za-z]*[0-9A-Za-z_-]{16,}|boundary=\S+`)
)

func (n *normalizer) text(s string) string {
	s = tokens.ReplaceAllStringFunc(s, func(token string) string {
		if decoded, err := base64.StdEncoding.DecodeString(token); err == nil {
			return "base64 of " + n.text(string(decoded))
		}
		return token
	})
	for _, p := range plain {
		s = p.pattern.ReplaceAllString(s, p.by)
	}
	for _, m := range slugs.FindAllStringSubmatch(s, -1) {
		if slug := m[1] + m[2]; n.names[slug] == "" {
			n.slugs = append(n.slugs, slug, n.name(m[1], slug))
		}
	}
	s = strings.NewReplacer(n.slugs...).Replace(s)
	for _, pattern := range numbered {
		s = pattern.ReplaceAllStringFunc(s, func(id string) string {
			prefix := pattern.FindStringSubmatch(id)[1]
			if len(id)-len(prefix) < 12 { // chosen by the test
				return id
			}
			return n.name(prefix, id)
		})
	}
	return s
}

func (n *normalizer) name(prefix, id string) string {
	if n.names[id] == "" {
		n.counts[prefix]++
		n.names[id] = prefix + strconv.Itoa(n.counts[prefix])
	}
	return n.names[id]
}

func (n *normalizer) header(name, value string) string {
	if name == "Content-Type" {
		value = boundaries.ReplaceAllString(value, "boundary=<boundary>")
	}
	return n.text(value)
}

// body writes a body, if there is one.
func (n *normalizer) body(out *strings.Builder, h http.Header, body string) {
	kind := h.Get("Content-Type")
	switch {
	case body == "":
		return
	case strings.HasPrefix(kind, "application/x-www-form-urlencoded"):
		if form, err := url.QueryUnescape(body); err == nil {
			body = form
		}
	case strings.HasPrefix(kind, "multipart/"):
		body = boundaries.ReplaceAllString(body, "<boundary>")
	}
	if body = n.text(body); len(body) > longest || !utf8.ValidString(body) {
		body = fmt.Sprintf("(%d bytes, SHA-256 %.8x)", len(body), sha256.Sum256([]byte(body)))
	}
	out.WriteString(strings.TrimRight(body, "\n") + "\n")
}
