package mockserver

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Calls is a list of calls in the order in which they ended. Its methods select calls,
// and [Calls.Verify] compares them with what a test expects:
//
//	s.Calls().For(customer).Verify(t,
//		mockserver.Exactly("customers.create", "checkout_sessions.create"),
//		mockserver.Accepted())
type Calls []Call

// To returns the calls to the given endpoints. It panics if there is no such endpoint,
// because a test with a wrong name could pass for the wrong reason.
func (cs Calls) To(endpoints ...Endpoint) Calls {
	mustExist(endpoints)
	return cs.Where(func(c Call) bool { return slices.Contains(endpoints, c.Endpoint) })
}

// For returns the calls about a customer, who is named by Lava's id or by the
// customer's current reference id.
func (cs Calls) For(customer string) Calls {
	return cs.Where(func(c Call) bool {
		return customer != "" && (c.CustomerID == customer || c.ReferenceID == customer)
	})
}

// Containing returns the calls with a text, in upper or lower case, in the path, the
// error or a body that is kept: of the request, of the response, or of a request to a
// provider. Secrets can't be found, because they are masked.
func (cs Calls) Containing(text string) Calls {
	text = strings.ToLower(text)
	return cs.Where(func(c Call) bool { return c.contains(text) })
}

// contains reports whether a call contains a text in lower case.
func (c Call) contains(text string) bool {
	has := func(part string) bool { return strings.Contains(strings.ToLower(part), text) }
	return has(c.Path) || c.Error != nil && has(c.Error.Message) || has(string(c.RequestBody())) || has(string(c.ResponseBody())) ||
		slices.ContainsFunc(c.Tries(), func(try ProviderCall) bool { return has(string(try.Body())) })
}

// Rejected returns the calls that were rejected: see [Call.Rejected].
func (cs Calls) Rejected() Calls { return cs.Where(Call.Rejected) }

// After returns the calls that ended after a position. For the calls after another
// call, use After(call.Position).
func (cs Calls) After(position int) Calls {
	return cs.Where(func(c Call) bool { return c.Position > position })
}

// Where returns the calls for which keep is true.
func (cs Calls) Where(keep func(Call) bool) Calls {
	var some Calls
	for _, c := range cs {
		if keep(c) {
			some = append(some, c)
		}
	}
	return some
}

func mustExist(endpoints []Endpoint) {
	for _, e := range endpoints {
		if err := e.check(); err != nil {
			panic("mockserver: " + err.Error())
		}
	}
}

// Expectation is a check of calls: see [Calls.Verify]. It returns what is wrong, or "".
type Expectation func(Calls) string

// Verify reports a test error for each expectation that the calls do not meet; the test
// continues. The error shows the actual calls with their hints.
func (cs Calls) Verify(t interface {
	Helper()
	Errorf(format string, args ...any)
}, expectations ...Expectation) {
	t.Helper()
	for _, wrong := range expectations {
		if problem := wrong(cs); problem != "" {
			t.Errorf("mockserver: %s", problem)
		}
	}
}

// Exactly expects calls to these endpoints, in this order and no others.
func Exactly(endpoints ...Endpoint) Expectation {
	mustExist(endpoints)
	return func(cs Calls) string {
		lines, same := compare(endpoints, cs, true)
		if same {
			return ""
		}
		return "want exactly these calls in this order" + firstDifference(endpoints, cs) + " (- is missing, + is unexpected):\n" + lines
	}
}

// InOrder expects calls to these endpoints in this order. Others may be between them.
func InOrder(endpoints ...Endpoint) Expectation {
	mustExist(endpoints)
	return func(cs Calls) string {
		lines, same := compare(endpoints, cs, false)
		if same {
			return ""
		}
		return "want these calls in this order, among others" + firstMissing(endpoints, cs) + " (- is missing):\n" + lines
	}
}

// Times expects n calls to an endpoint; 0 expects none. It panics if n is below 0.
func Times(n int, endpoint Endpoint) Expectation {
	mustExist([]Endpoint{endpoint})
	if n < 0 {
		panic(fmt.Sprintf("mockserver: Times: %d is negative: give the number of expected calls, or 0 for none", n))
	}
	return func(cs Calls) string {
		some := cs.To(endpoint)
		if len(some) == n {
			return ""
		}
		return fmt.Sprintf("want %s to be called %s, not %s:\n%s", endpoint, times(n), times(len(some)), cs.marked(func(c Call) bool { return c.Endpoint == endpoint }))
	}
}

// Accepted expects that there were calls, and that neither Lava nor a provider rejected
// any of them.
func Accepted() Expectation { return no(Call.Rejected, "want no rejected call") }

// WithoutHints expects that there were calls and that none has a hint. So no field was
// ignored, and customers pay for all gateway requests. Calls that failed because of an
// armed failure don't count.
func WithoutHints() Expectation {
	return no(func(c Call) bool { return c.Hint != "" && c.Failure == "" }, "want no call with a hint")
}

// no expects that there were calls and that none is wrong. If there were no calls, it fails, so that a test that
// selects by a wrong name doesn't pass.
func no(wrong func(Call) bool, want string) Expectation {
	return func(cs Calls) string {
		if len(cs) > 0 && len(cs.Where(wrong)) == 0 {
			return ""
		}
		if len(cs) == 0 {
			return want + "; there was no call"
		}
		return want + ":\n" + cs.marked(wrong)
	}
}

// Idempotent expects that there were calls, and that each POST to the management API had an idempotency key,
// so that it can be retried. The gateway does not accept keys.
func Idempotent() Expectation {
	lacks := func(c Call) bool {
		return c.Method == http.MethodPost && c.IdempotencyKey == "" && !c.Endpoint.isGateway() && !strings.HasPrefix(string(c.Endpoint), "pages.")
	}
	return no(lacks, "want calls with the header "+idempotencyHeader+" in each POST")
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// String returns a line about each call.
func (cs Calls) String() string {
	lines := make([]string, len(cs))
	for i, c := range cs {
		lines[i] = c.String()
	}
	return strings.Join(lines, "\n")
}

// maxShown limits how many calls a failure shows.
const maxShown = 50

// marked lists calls, with a sign before those that are wrong.
func (cs Calls) marked(wrong func(Call) bool) string {
	var b strings.Builder
	first := 0
	if i := slices.IndexFunc(cs, wrong); i >= 0 && len(cs) > maxShown {
		first = min(max(0, i-maxShown/2), len(cs)-maxShown)
	}
	shown := cs[max(first, 0):min(len(cs), max(first, 0)+maxShown)]
	for _, c := range shown {
		sign := "  "
		if wrong(c) {
			sign = "> "
		}
		fmt.Fprintf(&b, "\t%s%s\n", sign, c)
	}
	if more := len(cs) - len(shown); more > 0 {
		fmt.Fprintf(&b, "\t  and %d more\n", more)
	}
	if len(cs) == 0 {
		b.WriteString("\t  there were none\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// summary describes which calls there are.
func (cs Calls) summary() string {
	return fmt.Sprintf("%d:\n%s", len(cs), cs[max(0, len(cs)-maxShown):].marked(func(Call) bool { return false }))
}

// compare lists the expected calls next to the actual ones, aligned by their longest common sequence, and reports
// whether they match. With exact, unexpected calls are wrong too.
func compare(want []Endpoint, got Calls, exact bool) (lines string, same bool) {
	length := commonLengths(want, got)
	var b strings.Builder
	same = true
	i, j, more := 0, 0, 0
	for i < len(want) || j < len(got) {
		switch {
		case i < len(want) && j < len(got) && want[i] == got[j].Endpoint:
			fmt.Fprintf(&b, "\t  %s\n", got[j])
			i++
			j++
		case j == len(got) || i < len(want) && length(i+1, j) > length(i, j+1):
			fmt.Fprintf(&b, "\t- %s\n", want[i])
			same = false
			i++
		default:
			sign := "  "
			if exact {
				sign, same = "+ ", false
			}
			if more++; more <= maxShown {
				fmt.Fprintf(&b, "\t%s%s\n", sign, got[j])
			}
			j++
		}
	}
	if more > maxShown {
		fmt.Fprintf(&b, "\t  and %d more\n", more-maxShown)
	}
	return strings.TrimSuffix(b.String(), "\n"), same
}

// firstDifference describes the first call that differs from the expected one.
func firstDifference(want []Endpoint, got Calls) string {
	i := 0
	for i < len(want) && i < len(got) && want[i] == got[i].Endpoint {
		i++
	}
	switch {
	case i == len(want):
		return fmt.Sprintf("; call %d, %s, is one too many", i+1, got[i].name())
	case i == len(got):
		return fmt.Sprintf("; call %d, %s, is missing", i+1, want[i])
	}
	return fmt.Sprintf("; call %d is %s, not %s", i+1, got[i].name(), want[i])
}

// firstMissing describes the first expected call that is missing in the order, and what follows the call before it
// instead.
func firstMissing(want []Endpoint, got Calls) string {
	const shown = 5
	from := 0
	for i, endpoint := range want {
		next := slices.IndexFunc(got[from:], func(c Call) bool { return c.Endpoint == endpoint })
		if next >= 0 {
			from += next + 1
			continue
		}
		after := "at the beginning"
		if i > 0 {
			after = "after " + string(want[i-1])
		}
		var came []string
		for _, c := range got[from:] {
			if came = append(came, c.name()); len(came) == shown {
				break
			}
		}
		if more := len(got) - from - len(came); more > 0 {
			came = append(came, fmt.Sprintf("%d more", more))
		}
		if came == nil {
			came = []string{"nothing"}
		}
		return fmt.Sprintf("; number %d, %s, is missing: %s came %s", i+1, endpoint, after, strings.Join(came, ", "))
	}
	return ""
}

// name returns the name of the call's endpoint or, without one, its method and path.
func (c Call) name() string {
	if c.Endpoint == "" {
		return c.Method + " " + c.Path
	}
	return string(c.Endpoint)
}

// commonLengths returns a function that returns the length of the longest common sequence of the parts of both from i
// and j on.
func commonLengths(want []Endpoint, got Calls) func(i, j int) int {
	width := len(got) + 1
	table := make([]int, (len(want)+1)*width)
	for i, w := range slices.Backward(want) {
		for j, g := range slices.Backward(got) {
			if w == g.Endpoint {
				table[i*width+j] = table[(i+1)*width+j+1] + 1
			} else {
				table[i*width+j] = max(table[(i+1)*width+j], table[i*width+j+1])
			}
		}
	}
	return func(i, j int) int { return table[i*width+j] }
}
