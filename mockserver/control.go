package mockserver

import (
	"net/http"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/spelling"
)

// controlPrefix is the path prefix of the control endpoints, for programs that can't call the server's methods. Lava
// itself has nothing there.
const controlPrefix = "/_mock/"

// verb is an operation on a server from outside. The table of verbs is the only list of them: GET /_mock/ returns it,
// and the endpoints, the command line of lavamock and the tool for agents are derived from it.
type verb struct {
	name   string // such as "clock.advance"
	short  string // a second name on the command line; empty for rare ones
	method string
	path   string // below controlPrefix; may contain one {id}
	mirror string // the methods of Server that do the same, separated by spaces
	about  string // one line
	// example shows arguments as they are typed after the name: the customer is ada, and ids that the mock assigns
	// are shell variables.
	example string
	do      action
}

// verbs is the table. They need no key. A key, or the id in the argument "merchant", which all verbs accept, selects
// a merchant. Without either, verbs that arm or list apply to all merchants, and verbs that need a merchant use the
// first.
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

// controlCall is a request to a control endpoint. Only these endpoints hold the server, because they mirror its
// methods.
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

// controlLike suggests the endpoint that an unknown path probably means: one with a similar path, or that of the verb
// with a similar name. If there are several, it prefers the one with the request's method.
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

// dataBody is a list without pages.
type dataBody[T any] struct {
	Data []T `json:"data"`
}

// none is the input of verbs that take no arguments.
type none struct{}
