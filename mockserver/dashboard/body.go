package dashboard

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// maxShown limits how much of a body a page shows.
const maxShown = 32 << 10

// shownBody is a body for display.
type shownBody struct {
	Text  string
	Whole string // the address of the whole body, if Text is cut off
}

// shown returns a body for display, or the beginning of one whose whole text is at an address.
func shown(body []byte, whole string) shownBody {
	text := bodyText(body)
	if len(text) <= maxShown {
		return shownBody{Text: text}
	}
	return shownBody{cut(text), whole}
}

// cut returns the beginning of a text.
func cut(text string) string {
	if len(text) <= maxShown {
		return text
	}
	return strings.ToValidUTF8(text[:maxShown], "") + "\n… " + count(len(text)-maxShown, "more byte")
}

// bodyText formats a body for reading.
func bodyText(body []byte) string {
	if bytes.IndexByte(body, 0) >= 0 {
		return count(len(body), "byte") + " that are not text"
	}
	return strings.ToValidUTF8(pretty([]byte(masked(string(body)))), "\ufffd")
}

// secretField matches a JSON member whose name says that its value is a secret. [lava.Redact] recognizes values with
// the prefix of a credential.
var secretField = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)("[^"]*(?:password|passwd|secret|token|api_?key|private_?key|provider_?key|authorization|cvc)"\s*:\s*)"(?:[^"\\]|\\.)+"`)
})

// masked masks secrets in JSON, before it is escaped for HTML.
func masked(text string) string {
	return secretField().ReplaceAllString(lava.Redact(text), `$1"[redacted]"`)
}

// maxIndented limits the size of indented JSON, estimated as size times depth: a few kilobytes of brackets would grow
// to the square of their size.
const maxIndented = 4 << 20

// pretty indents JSON, and leaves other text unchanged.
func pretty(body []byte) string {
	var out bytes.Buffer
	if len(body)*depth(body) <= maxIndented && json.Indent(&out, body, "", "  ") == nil {
		return out.String()
	}
	return string(body)
}

// depth returns an upper bound of the nesting depth of JSON: brackets in strings count too.
func depth(body []byte) (deepest int) {
	now := 0
	for _, c := range body {
		switch c {
		case '{', '[':
			now++
			deepest = max(deepest, now)
		case '}', ']':
			now--
		}
	}
	return deepest
}

// try is a request to a provider for display.
type try struct {
	mockserver.ProviderCall
	Said []mockserver.Message // the first messages
	More int                  // messages than those shown
	Got  shownBody
}

// tries returns a call's requests to providers.
func tries(c mockserver.Call, link string) (all []try) {
	for _, made := range c.Tries() {
		t := try{ProviderCall: made, Said: made.Messages, Got: shown(made.Body(), link+"/provider-"+strconv.Itoa(made.Attempt))}
		size := 0
		for i, m := range made.Messages {
			if size > maxShown {
				t.Said, t.More = made.Messages[:i], len(made.Messages)-i
				break
			}
			size += sizeOf(m)
		}
		all = append(all, t)
	}
	return all
}

// sizeOf returns the approximate size of a message on a page.
func sizeOf(m mockserver.Message) int {
	size := len(m.Text) + 100
	for _, c := range m.ToolCalls {
		size += len(c.Name) + len(c.Arguments) + 20
	}
	for _, r := range m.ToolResults {
		size += len(r.Text) + 20
	}
	return size + 40*len(m.Media)
}

// serveBody responds with the whole of a call's body: the request, the response, or a request to a provider. It
// responds with the whole call as the control operation shows it, too.
func serveBody(v *visit) error {
	c, err := v.call()
	if err != nil {
		return err
	}
	var body []byte
	switch part := v.r.PathValue("part"); part {
	case "request":
		body = c.RequestBody()
	case "response":
		body = c.ResponseBody()
	case "json":
		body = v.control(v, http.MethodGet, "/_mock/calls/"+url.PathEscape(c.ID), nil).body.Bytes()
	default:
		for _, made := range c.Tries() {
			if part == "provider-"+strconv.Itoa(made.Attempt) {
				body = made.Body()
			}
		}
	}
	if len(body) == 0 {
		return errNotFound("No such body is kept.")
	}
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	v.w.WriteHeader(http.StatusOK)
	_, _ = v.w.Write([]byte(bodyText(body))) // the browser may have disconnected
	return nil
}

// linkOf returns the address of a call's page.
func (v *visit) linkOf(c mockserver.Call) string { return v.base + "calls/" + url.PathEscape(c.ID) }
