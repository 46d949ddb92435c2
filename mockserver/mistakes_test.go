package mockserver_test

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// located is a test that records, like package testing, which function has failed it: the innermost one that has not
// called Helper.
type located struct {
	test
	helpers map[string]bool
	at      string
}

func (l *located) Helper() {
	if l.helpers == nil {
		l.helpers = map[string]bool{}
	}
	l.helpers[calledFrom(func(string) bool { return true })] = true
}

func (l *located) Fatalf(string, ...any) {
	l.at = calledFrom(func(function string) bool { return !l.helpers[function] })
}

// calledFrom returns the first function that is not a helper, from the caller's caller on.
func calledFrom(isMeant func(function string) bool) string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		frame, more := frames.Next()
		if isMeant(frame.Function) || !more {
			return frame.Function
		}
	}
}

// Invalid arguments are reported at the line of the test, not where the mock detects them.
func TestMistakesAreReportedWhereTheyAre(t *testing.T) {
	t.Parallel()
	at := &located{}
	s := mockserver.Start(at, mockserver.InMemory())
	defer at.end()
	m := s.NewMerchant()
	for name, mistake := range map[string]func(){
		"Script":                func() { s.Script(mockserver.Reply{Status: 42}) },
		"Merchant.Script":       func() { m.Script(mockserver.Reply{Status: 42}) },
		"Fail":                  func() { s.Fail(mockserver.Failure{}) },
		"Merchant.Fail":         func() { m.Fail(mockserver.Failure{}) },
		"Decline":               func() { s.Decline(mockserver.Decline{Reason: "no"}) },
		"Merchant.Decline":      func() { m.Decline(mockserver.Decline{Reason: "no"}) },
		"FailWebhooks":          func() { s.FailWebhooks(mockserver.WebhookFailure{}) },
		"Merchant.FailWebhooks": func() { m.FailWebhooks(mockserver.WebhookFailure{}) },
		"Relax":                 func() { s.Relax("openai.nonsense") },
		"Merchant.Relax":        func() { m.Relax("openai.nonsense") },
		"Enforce":               func() { s.Enforce("openai.nonsense") },
		"Merchant.Enforce":      func() { m.Enforce("openai.nonsense") },
		"NextDue":               func() { s.NextDue("renewals") },
		"Merchant.NextDue":      func() { m.NextDue("renewals") },
		"Setenv":                func() { s.Setenv(withSetenv{at}) },
	} {
		at.at = ""
		mistake()
		require.Contains(t, at.at, ".TestMistakesAreReportedWhereTheyAre.", name)
	}
}

type withSetenv struct{ *located }

func (withSetenv) Setenv(string, string) {}

// An unknown kind would make "nothing is due" true for the wrong reason.
func TestNextDueOfNonsense(t *testing.T) {
	t.Parallel()
	s, err := mockserver.New(mockserver.InMemory())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	require.PanicsWithValue(t, `mockserver: NextDue: nothing of the kind "renewals" falls due; did you mean "renewal"?`, func() { s.NextDue("renewals") })
	for _, kind := range []mockserver.DueKind{
		mockserver.DueRenewal, mockserver.DueCancellation, mockserver.DueDowngrade, mockserver.DueSessionExpiry, mockserver.DueDelivery,
	} {
		_, ok := s.NextDue(kind)
		require.False(t, ok, kind)
	}
}

// An invalid result of a reply's function is reported in the response, and the reply counts as unused.
func TestMistakesOfReplyFuncs(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]func(c mockserver.ProviderCall) (mockserver.Reply, bool){
		"the mock's reply: Func: status: 42 is not the status of a response: use 200 to 599": func(mockserver.ProviderCall) (mockserver.Reply, bool) {
			return mockserver.Reply{Status: 42}, true
		},
		"the mock's reply: Func: panicked at mistakes_test.go:": func(c mockserver.ProviderCall) (mockserver.Reply, bool) {
			return mockserver.Reply{Text: c.Messages[7].Text}, true
		},
		": runtime error: index out of range [7] with length 1": func(c mockserver.ProviderCall) (mockserver.Reply, bool) {
			return mockserver.Reply{Text: c.Messages[7].Text}, true
		},
		": on purpose": func(mockserver.ProviderCall) (mockserver.Reply, bool) {
			panic("on purpose")
		},
	} {
		run := &test{}
		s := mockserver.Start(run, mockserver.InMemory())
		s.Script(mockserver.Reply{Func: f})
		a := send(t, s, "POST", "/v1/chat/completions", `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hello"}]}`)
		require.Equal(t, 500, a.status)
		require.Contains(t, string(a.body), want)
		run.end()
		require.Len(t, run.errors, 1)
		require.Contains(t, run.errors[0], "Script: reply 1 was used 0 times of 1")
	}
}

// With several merchants, the message about an unused failure names the merchant it was armed for.
func TestUnusedNamesTheMerchant(t *testing.T) {
	t.Parallel()
	s, err := mockserver.New(mockserver.InMemory())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	m := s.NewMerchant()
	s.Decline(mockserver.Decline{Customer: "ada"})
	s.Fail(mockserver.Failure{Endpoint: "meters.list", Status: 500})
	m.Fail(mockserver.Failure{Endpoint: "meters.list", Status: 500})
	m.FailWebhooks(mockserver.WebhookFailure{Kind: mockserver.WebhookDropped, Event: lava.EventCustomerCreated})
	m.Script(mockserver.Reply{Text: "hello"})
	unused := strings.ReplaceAll(strings.Join(s.Unused(), "\n"), m.ID(), "mer_other")
	require.Equal(t, strings.Join([]string{
		"Fail: no call to meters.list met status 500 before effect: no such calls came after it was armed",
		"Fail: no call to meters.list of merchant mer_other met status 500 before effect: no such calls came after it was armed",
		"Decline: no charge of customer ada was declined: no charges came after it was armed",
		"FailWebhooks: dropped of merchant mer_other has not happened: no deliveries or attempts came after it was armed",
		`Script: reply 1 of merchant mer_other was used 0 times of 1: {"text":"hello"}`,
	}, "\n"), unused, fmt.Sprint(s.Armed()))
	s.Disarm()
	s.ResetScript()
	m.Reset()
}

// A panic in a handler of the test or of the application is logged with its location, as by any net/http server: the
// lost connection alone would not explain it.
func TestPanicsOfHandlersAreLogged(t *testing.T) { //nolint:paralleltest // replaces the log's output
	var logged lockedBuffer
	log.SetOutput(&logged)
	defer log.SetOutput(os.Stderr)
	panics := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { panic("on purpose at " + r.Host) })
	s := mockserver.Start(t, mockserver.InMemory(), mockserver.Upstream("api.openai.com", panics))
	require.Equal(t, 502, send(t, s, "POST", "/v1/forward?u=https://api.openai.com/v1/chat/completions", `{"model":"gpt-4o-mini","messages":[]}`).status)
	require.NoError(t, s.HandleWebhooks("https://app.example.com", panics))
	require.Equal(t, 201, send(t, s, "POST", "/v1/webhooks", `{"name":"w","url":"https://app.example.com/hook"}`).status)
	require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{}`).status)
	require.NoError(t, s.Settle(t.Context()))
	for _, host := range []string{"api.openai.com", "app.example.com"} {
		require.Contains(t, logged.String(), "on purpose at "+host)
	}
	require.GreaterOrEqual(t, strings.Count(logged.String(), "mistakes_test.go:"), 2)
}

// lockedBuffer is a buffer for several goroutines.
type lockedBuffer struct {
	mu  sync.Mutex
	buf strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
