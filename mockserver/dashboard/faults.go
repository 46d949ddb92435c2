package dashboard

import (
	"net/url"
	"slices"

	"github.com/lavapayments/lava-go/mockserver"
)

// form is a verb that can be filled in.
type form struct {
	Verb    verb
	Title   string
	About   string
	Common  []argument // shown at once
	More    []argument // shown on request
	Button  string
	Base    string
	Here    string
	Preview said
}

// forms are the verbs that the page of faults offers: which arguments most people need, and
// what the page says about them. What a verb takes is in the table of the verbs.
var forms = []struct {
	verb, title, button string
	common, left        []string
}{
	{"failures.arm", "Make calls to Lava fail", "Arm", []string{"endpoint", "status", "times", "cut", "latency"}, nil},
	{"declines.arm", "Decline future charges", "Arm", []string{"purpose", "reason", "customer", "times"}, nil},
	{"webhook_failures.arm", "Make webhooks fail", "Arm", []string{"kind", "event", "times"}, nil},
	{"script.add", "Script providers' responses", "Script", []string{"text", "times", "status", "model", "prompt_contains", "fault", "fault_after"},
		[]string{"images", "tool_calls", "usage", "header", "body"}},
	{"triggers.run", "Make something happen now", "Run", []string{"what", "object"}, nil},
	{"checkout_sessions.complete", "Complete a checkout", "Complete", []string{"id", "card", "phone"}, nil},
	{"scenarios.create", "Create a customer in a certain state", "Create", []string{"name"}, nil},
}

func (v *visit) forms() []form {
	var all []form
	for _, f := range forms {
		op := v.table()[f.verb]
		out := form{Verb: op, Title: f.title, About: op.Description, Button: f.button, Base: v.base, Here: v.r.URL.Path, Preview: op.say(v.receiver(), op.chosen())}
		for _, name := range f.common {
			if i := slices.IndexFunc(op.Arguments, func(a argument) bool { return a.Name == name }); i >= 0 {
				out.Common = append(out.Common, op.Arguments[i])
			}
		}
		for _, a := range op.Arguments {
			if !slices.Contains(f.common, a.Name) && !slices.Contains(f.left, a.Name) {
				out.More = append(out.More, a)
			}
		}
		all = append(all, out)
	}
	return all
}

// chosen are the arguments that a form begins with: the first of those from which one must
// be chosen.
func (v verb) chosen() url.Values {
	args := url.Values{}
	for _, a := range v.Arguments {
		if a.Required && len(a.Allowed) > 0 {
			args.Set(a.Name, a.Allowed[0])
		}
	}
	return args
}

func showFaults(v *visit) error {
	data := struct {
		Armed, Spent []mockserver.Armed
		Forms        []form
		Endpoints    []mockserver.Endpoint
	}{Forms: v.forms(), Endpoints: mockserver.Endpoints()}
	for _, a := range v.armed() {
		if a.IsSpent() {
			data.Spent = append(data.Spent, a)
		} else {
			data.Armed = append(data.Armed, a)
		}
	}
	return v.show("faults", "Faults and scripts", "armed call all", data)
}
