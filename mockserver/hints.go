package mockserver

import (
	"net/http"
	"slices"
	"strings"
)

// A hint says what is probably wrong with a call and how to fix it. It appears in calls
// and in the log; the response stays Lava's. Hints never quote a credential.

// rejection is a rejected call that needs a hint.
type rejection struct {
	server *Server
	call   *keptCall
	r      *http.Request
	err    Error  // zero if the provider rejected it
	body   string // of the request, as far as it was read
}

// hinters find hints. Each checks one thing; the first hint wins.
var hinters = []func(*rejection) string{
	hintAtBrowser, hintAtPath,
	hintAtKey, hintAtToken,
	hintAtTarget, hintAtModel, hintAtProvider,
	hintAtID, hintAtSlug,
	hintAtBody, hintAtUnknownField, hintAtAmount, hintAtPaging, hintAtTime, hintAtValue,
	hintAtState,
}

// hint returns the hint for a rejected call, or "".
func (s *Server) hint(c *keptCall, r *http.Request) string {
	rejected := &rejection{server: s, call: c, r: r, body: string(c.request.data)}
	if c.err != nil {
		rejected.err = *c.err
	}
	for _, find := range hinters {
		if hint := find(rejected); hint != "" {
			return hint
		}
	}
	return ""
}

// code reports whether the rejection is Lava's and has the given code.
func (r *rejection) code(codes ...string) bool {
	return slices.Contains(codes, r.err.Code)
}

// hintAtUnknownField is hintAtInput for a rejected call.
func hintAtUnknownField(r *rejection) string {
	return hintAtInput(r.call.input, []byte(strings.TrimSpace(r.body)))
}

// hintAtBrowser is for calls from a web page.
func hintAtBrowser(r *rejection) string {
	if r.r.Method == http.MethodOptions && r.r.Header.Get("Access-Control-Request-Method") != "" {
		return "a browser sent a CORS preflight, and Lava does not allow calls from pages, because a page can't keep a secret key: call Lava from your server"
	}
	return ""
}
