package mockserver

import (
	"net/http"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/spelling"
)

// controlPrefix is where a server is controlled over HTTP, for programs that
// can't call its methods. Lava itself has nothing there.
const controlPrefix = "/_mock/"

// verb is something that can be done to a server from outside. The table of verbs is
// the only list of them: GET /_mock/ serves it, and the endpoints, the command line of
// lavamock and the tool for agents come from it.
type verb struct {
	name   string // such as "clock.advance"
	short  string // what the command line calls it besides; empty for those that are rare
	method string
	path   string // below controlPrefix; may hold one {id}
	mirror string // the methods of Server that do the same, separated by spaces
	about  string // one line
	// example is arguments as they are typed after the name: the customer is ada, and what
	// the mock gives an id to is a variable of the shell.
	example string
	do      action
}

// verbs is the table. They need no key; with one they speak for its merchant, and so they
// do for the one whose id the argument "merchant" is, which all take. Without either, what
// arms and lists is for all merchants, and what needs one is for the first.
var verbs = slices.Concat(
	clockVerbs,
	callVerbs,
	moneyVerbs,
	deliveryVerbs,
	merchantVerbs,
	scriptVerbs,
	snapshotVerbs,
	failureVerbs,
	ruleVerbs,
	tokenVerbs,
	waitVerbs,
)

var controlRoutes = newRouter(controlEndpoints(verbs))

func controlEndpoints(verbs []verb) []route[action] {
	all := make([]route[action], len(verbs))
	for i, v := range verbs {
		all[i] = route[action]{name: Endpoint(v.name), method: v.method, path: v.path, access: open, status: http.StatusOK, handle: v.do}
	}
	return all
}

// controlCall is a request to a control endpoint. These endpoints alone hold the
// server, because they mirror its methods.
type controlCall struct {
	*call
	server  *Server
	isNamed bool // its argument "merchant" names the merchant
}

// serveControl responds to a request to a control endpoint.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(requestIDHeader, s.newRequestID())
	status, body, err := s.callControl(w, r)
	s.respond(w, r, status, body, err)
}

func (s *Server) callControl(w http.ResponseWriter, r *http.Request) (status int, body any, err error) {
	if err := s.guardControl(r); err != nil {
		return 0, nil, err
	}
	path := strings.TrimPrefix(r.URL.EscapedPath(), controlPrefix)
	if path == "" || path+"/" == controlPrefix {
		return listVerbs(r)
	}
	if at, _ := controlRoutes.find(path); len(at) == 0 {
		return 0, nil, errNoRoute(r, controlLike(r.Method, path)+"; GET "+controlPrefix+" lists all endpoints")
	}
	rt, id, err := controlRoutes.match(path, w, r)
	if err != nil {
		return 0, nil, err
	}
	c := s.newCall(r, s.merchant.ID(), new(keptCall))
	c.id = id
	if key := bearer(r); key != "" {
		if c.merchant, err = c.merchantByKey(key); err != nil {
			return 0, nil, err
		}
	}
	body, err = rt.handle.run(&controlCall{call: c, server: s})
	return rt.status, body, err
}

// controlLike says which endpoint was meant by a path that there is not: one that is like
// it, or that of the verb with such a name, if there are several that of the method.
func controlLike(method, path string) string {
	path = strings.ToLower(strings.Trim(path, "/"))
	var names []string
	meant := map[string]verb{}
	for _, v := range verbs {
		for _, name := range []string{v.path, v.name, v.short, strings.ReplaceAll(v.name, ".", "/")} {
			if _, other := meant[name]; name != "" && !other {
				names, meant[name] = append(names, name), v
			}
		}
	}
	v, ok := meant[path]
	if like := spelling.Nearest(path, names); !ok && len(like) > 0 {
		v, ok = meant[like[0]], true
	}
	if !ok {
		return ""
	}
	if i := slices.IndexFunc(verbs, func(other verb) bool { return other.path == v.path && other.method == method }); i >= 0 {
		v = verbs[i]
	}
	return "; did you mean " + v.method + " " + controlPrefix + v.path + "?"
}

// listVerbs responds with the table.
func listVerbs(r *http.Request) (status int, body any, err error) {
	if r.Method != http.MethodGet {
		return 0, nil, errMethod(r, http.MethodGet)
	}
	list := dataBody[verbBody]{make([]verbBody, len(verbs))}
	for i, v := range verbs {
		list.Data[i] = verbBody{
			Name: v.name, Short: v.short, Method: v.method, Path: controlPrefix + v.path, Description: v.about,
			Mirror: strings.Fields(v.mirror), Example: v.example, Arguments: argumentsOf(v.do.in), Returns: resultsOf(v.do.out),
		}
	}
	return http.StatusOK, list, nil
}

type verbBody struct {
	Name        string     `json:"name"`
	Short       string     `json:"short,omitzero"`
	Method      string     `json:"method"`
	Path        string     `json:"path"`
	Description string     `json:"description"`
	Mirror      []string   `json:"go"`
	Example     string     `json:"example,omitzero"`
	Arguments   []argument `json:"arguments"`
	Returns     []result   `json:"returns"`
}

// dataBody is a list that has no pages.
type dataBody[T any] struct {
	Data []T `json:"data"`
}

// none is the input of verbs that take no arguments.
type none struct{}
