package dashboard

import (
	"net/url"
	"slices"

	"github.com/lavapayments/lava-go/mockserver"
)

// form is a verb's form.
type form struct {
	Verb    verb
	Title   string
	Common  []field // always shown
	More    []field // shown on request
	Button  string
	Base    string
	Back    string // the page to return to
	Preview said
}

// field is an argument in a form.
type field struct {
	argument
	ID, Value string
}

// HasMore reports whether any argument that is shown on request is filled in.
func (f form) HasMore() bool {
	return slices.ContainsFunc(f.More, func(f field) bool { return f.Value != "" })
}

type formTexts struct {
	verb, title, button string
	common, left        []string
}

// forms are the verbs on the page of faults: the arguments that most people need, and the page's texts. The other
// arguments come from the table of verbs.
var forms = []formTexts{
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
		all = append(all, v.form(op, op.chosen()))
	}
	return all
}

// form returns a verb's form, filled in. A verb that isn't on the page of faults is a button on another page: its
// form has all arguments.
func (v *visit) form(op verb, args url.Values) form {
	out := form{Verb: op, Title: op.Name, Button: "Try again", Base: v.base, Back: v.r.URL.Path, Preview: op.say(v.receiver(), args)}
	if back := v.r.PostForm.Get("back"); back != "" {
		out.Back = v.backTo(back)
	}
	fields := map[string]field{}
	for _, a := range op.Arguments {
		fields[a.Name] = field{a, op.Name + "-" + a.Name, args.Get(a.Name)}
	}
	var common, left []string
	if i := slices.IndexFunc(forms, func(f formTexts) bool { return f.verb == op.Name }); i >= 0 {
		out.Title, out.Button, common, left = forms[i].title, forms[i].button, forms[i].common, forms[i].left
	}
	for _, name := range common {
		if f, ok := fields[name]; ok {
			out.Common = append(out.Common, f)
		}
	}
	for _, a := range op.Arguments {
		if f := fields[a.Name]; !slices.Contains(common, a.Name) && (!slices.Contains(left, a.Name) || f.Value != "") {
			out.More = append(out.More, f)
		}
	}
	if common == nil {
		out.Common, out.More = out.More, nil
	}
	return out
}

// chosen returns the initial arguments of a form: the first allowed value of each required choice.
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
