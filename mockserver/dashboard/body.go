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

// maxShown bounds how much of a body a page shows.
const maxShown = 32 << 10

// shownBody is a body as a page shows it.
type shownBody struct {
	Text  string
	Whole string // where all of it is, if Text is not
}

// shown is a body, or the beginning of one that is at an address as a whole.
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

// bodyText is a body as people read it.
func bodyText(body []byte) string {
	if bytes.IndexByte(body, 0) >= 0 {
		return count(len(body), "byte") + " that are not text"
	}
	return strings.ToValidUTF8(pretty([]byte(masked(string(body)))), "\ufffd")
}

// secretField is a member of JSON whose value is a secret by its name: what has the prefix of
// a credential is known to [lava.Redact].
var secretField = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)("[^"]*(?:password|passwd|secret|token|api_?key|private_?key|provider_?key|authorization|cvc)"\s*:\s*)"(?:[^"\\]|\\.)+"`)
})

// masked takes the secrets out of JSON, before it is escaped for HTML.
func masked(text string) string {
	return secretField().ReplaceAllString(lava.Redact(text), `$1"[redacted]"`)
}

// maxIndented bounds what indenting JSON may come to: its size times its depth, of which a
// few kilobytes of brackets have the square of their size.
const maxIndented = 4 << 20

// pretty indents JSON, and leaves other text as it is.
func pretty(body []byte) string {
	var out bytes.Buffer
	if len(body)*depth(body) <= maxIndented && json.Indent(&out, body, "", "  ") == nil {
		return out.String()
	}
	return string(body)
}

// depth is how deep JSON is nested at most, or more: brackets in strings count too.
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

// try is what reached a provider, as a page shows it.
type try struct {
	mockserver.ProviderCall
	Said []mockserver.Message // the first messages
	More int                  // of the messages
	Got  shownBody
}

// tries are those of a call.
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

// sizeOf is about how much of a page a message takes.
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

// serveBody responds with all of a body of a call: what it sent, its response, or what a
// provider got.
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
	_, _ = v.w.Write([]byte(bodyText(body))) // a browser that has gone needs no response
	return nil
}

// linkOf is the page of a call.
func (v *visit) linkOf(c mockserver.Call) string { return v.base + "calls/" + url.PathEscape(c.ID) }
