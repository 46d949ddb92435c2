package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// ctl runs a command against a server, and returns its output and exit code.
func ctl(t *testing.T, s *mockserver.Server, stdin string, args ...string) (out, errs string, code int) {
	t.Helper()
	getenv := func(name string) string { return map[string]string{"LAVA_API_URL": s.URL()}[name] }
	var stdout, stderr bytes.Buffer
	err := runCommand(t.Context(), args, getenv, strings.NewReader(stdin), &stdout)
	code = exitCode(err, &stderr)
	return stdout.String(), stderr.String(), code
}

func TestCtl(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	_, err := s.Client().Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: "ada"})
	require.NoError(t, err)

	out, _, code := ctl(t, s, "", "advance", "30d")
	require.Zero(t, code)
	require.Equal(t, "now: 2026-01-31T00:00:00.000Z\nevents: \n", out)
	out, _, _ = ctl(t, s, "", "clock.advance", "-json", "advance=1d")
	require.Contains(t, out, `{"now":"2026-02-01T00:00:00.000Z","events":[`)
	out, _, _ = ctl(t, s, "", "events.list")
	require.Regexp(t, `(?m)^[a-z_]+ .*at .*customer_id`, out, "a table")
	require.Contains(t, out, "customer.created  2026-01-01T00:00:00.000Z  ")
	out, _, _ = ctl(t, s, "", "payments.list")
	require.Equal(t, "(none)\n", out)
	out, _, _ = ctl(t, s, "", "-json", "ctl", "token", "ada", "chat")
	require.Empty(t, out, "no meter exists")
	out, errs, code := ctl(t, s, "", "ctl", "-addr", strings.TrimPrefix(s.URL(), "http://"), "-url", "http://127.0.0.1:1", "-addr", strings.TrimPrefix(s.URL(), "http://"), "scenario", "subscribed")
	require.Zero(t, code, errs)
	id := regexp.MustCompile("customer_id: (.*)").FindStringSubmatch(out)[1]
	_, errs, code = ctl(t, s, "", "trigger", "use_up_credits", id)
	require.Zero(t, code, errs)
	_, errs, code = ctl(t, s, "", "customers.change_card", "card=4242424242424242", id)
	require.Zero(t, code, errs)

	out, _, code = ctl(t, s, "", "wait", "call", "endpoint=customers.create", "status=201")
	require.Zero(t, code)
	require.Contains(t, out, "customers.create")

	snapshot, _, code := ctl(t, s, "", "snapshot")
	require.Zero(t, code)
	_, _, code = ctl(t, s, "", "reset")
	require.Zero(t, code)
	_, err = s.Client().Customers.Retrieve(t.Context(), "ada")
	require.ErrorIs(t, err, lava.ErrNotFound)
	_, errs, code = ctl(t, s, snapshot, "restore", "@-")
	require.Zero(t, code, errs)
	_, err = s.Client().Customers.Retrieve(t.Context(), "ada")
	require.NoError(t, err)
}

// Names come from clients: on a terminal, they can't change colors or titles.
func TestCtlPrintsNoControlCharacters(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	_, err := s.Client().Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: "ada\x1b[31m"})
	require.NoError(t, err)
	for _, verb := range []string{"calls", "customers"} {
		out, _, _ := ctl(t, s, "", verb)
		require.NotContains(t, out, "\x1b")
	}
	out, _, _ := ctl(t, s, "", "calls")
	require.Contains(t, out, "customers.create")
}

// The list of calls has the ids that calls.get needs.
func TestCtlShowsACallOfTheList(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	_, err := s.Client().Meters.List(t.Context(), lava.ListMetersParams{})
	require.NoError(t, err)
	list, _, _ := ctl(t, s, "", "calls")
	id, _, _ := strings.Cut(list, " ")
	call, _, code := ctl(t, s, "", "calls.get", id)
	require.Zero(t, code)
	require.Contains(t, call, "meters.list")
}

// Errors are reported, and the exit code is 1 if the server rejected something and 2 if the command line is invalid.
func TestCtlErrors(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	for _, tt := range []struct {
		args string
		code int
		want string
	}{
		{"advance soon", 1, `advance: "soon" is not a duration such as "720h" or "30d"`},
		{"advance advnce=1d", 1, `there is no field "advnce"; did you mean "advance"?`},
		{"advance 1d 2d", 2, `"2d" is not name=value`},
		{"advanced", 2, `there is no command "advanced"; did you mean "advance"? (lavamock help lists all)`},
		{"complete", 1, "id: is required: the checkout session's id"},
		{"trigger", 1, "what: is required: one of renew_now, "},
		{"trigger use_up_credits ada 3", 2, "usage: lavamock trigger WHAT [OBJECT]\nlavamock help trigger shows more"},
		{"trigger use_up_credits customer=ada", 1, `there is no field "customer"; there are what, object`},
		{"script usage.input_tokens=5", 2, `usage is an object: give it as JSON, such as usage='{"input_tokens":…}'`},
		{"script x chunk_size=-1", 1, "chunk_size: must not be negative"},
		{"script images=zzz", 1, `images: ["zzz"] is not a list of base64 strings`},
		{"-key aks_test_1 advance 1d", 2, "commands take the flags -addr, -url, -json and -f"},
		{"-addr nowhere advance", 2, "addr"},
		{"payments.list -f", 2, "lavamock: payments does not support -f"},
		{"complete cs_none", 1, "checkout session"},
		{"-url nowhere advance", 2, "-url: want"},
		{"-url http://127.0.0.1:1 advance 1d", 1, "no response from a server at http://127.0.0.1:1"},
		{"-url http://127.0.0.1:1 advanced", 2, `there is no command "advanced"; did you mean "advance"?`},
		{"-nonsense", 2, "nonsense"},
		{"wait event type=customer.deleted timeout=1ms", 1, "after 1ms, 0 of 1 matched"},
	} {
		_, errs, code := ctl(t, s, "", strings.Fields(tt.args)...)
		require.Equal(t, tt.code, code, "%s: %s", tt.args, errs)
		require.Contains(t, errs, tt.want, tt.args)
	}
}

// A live key in the environment is never sent: the server at the URL may be anyone's.
func TestCtlKeepsLiveKeys(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]struct {
		sent []string
		err  string
	}{
		"aks_live_mine": {[]string{}, "LAVA_SECRET_KEY is not the secret key of a mock's merchant, which begins with aks_test_"},
		"aks_tst_mine":  {[]string{}, "LAVA_SECRET_KEY is not the secret key of a mock's merchant"}, // the first merchant must not be used instead
		"aks_test_mine": {[]string{"Bearer aks_test_mine"}, "no list of control operations"},
	} {
		got := []string{}
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = append(got, r.Header.Get("Authorization")) }))
		getenv := func(name string) string {
			return map[string]string{"LAVA_API_URL": server.URL, "LAVA_SECRET_KEY": key}[name]
		}
		err := runCommand(t.Context(), []string{"advance", "1d"}, getenv, strings.NewReader(""), &bytes.Buffer{})
		require.ErrorContains(t, err, want.err)
		require.Equal(t, want.sent, got)
		require.NoError(t, runCommand(t.Context(), []string{"help"}, getenv, strings.NewReader(""), &bytes.Buffer{}))
		server.Close()
	}
}

// Words after a command that name another command aren't a text, a customer or an endpoint.
func TestWordsOfCommands(t *testing.T) {
	t.Parallel()
	server, err := mockserver.New()
	require.NoError(t, err)
	defer func() { require.NoError(t, server.Close()) }()
	for _, arming := range []struct{ args, armed string }{
		{"script hello times=1", `armed: Script {"text":"hello","times":1}, once`},
		{"script text=list", `armed: Script {"text":"list"}, without limit`},
		{"fail customers.create status=503 after=1 times=2", "armed: Fail customers.create: status 503 before effect, after 1, 2 times"},
		{"decline", "armed: Decline every charge: card_declined, without limit"},
		{"webhook_failures.arm dropped merchant=" + server.MerchantIDs()[0], "armed: FailWebhooks every webhook, every event: dropped, of merchant " + server.MerchantIDs()[0]},
	} {
		out, errs, code := ctl(t, server, "", strings.Fields(arming.args)...)
		require.Zero(t, code, errs)
		require.Contains(t, out, arming.armed)
	}
	for args, want := range map[string]string{
		"script list": "text=list", "script.list": "text=list", "fail list": "Decline", "failures list": "Decline", "decline list": "Decline",
		"webhook_failures.arm list": "Decline", "webhook_failures list": "Decline", "script help": "usage: lavamock script", "fail help": "usage: lavamock fail", "help script list": "usage: lavamock script.list",
		"calls list": "(none)", "merchant list": server.MerchantIDs()[0], "rules list": "openai", "trigger run empty_wallet": "success: true", "calls help": "usage: lavamock calls",
	} {
		out, errs, code := ctl(t, server, "", strings.Fields(args)...)
		require.Zero(t, code, "%s: %s", args, errs)
		require.Contains(t, out, want, args)
	}
	_, errs, code := ctl(t, server, "", "script")
	require.Equal(t, 1, code)
	require.Contains(t, errs, "text: nothing is scripted: give what the model says")
	require.Len(t, server.Armed(), 5, "a word has armed something")

	out, errs, code := ctl(t, server, "", "unused")
	require.Equal(t, 1, code, "a CI step fails")
	require.Contains(t, out, "Decline: no charge was declined")
	require.Equal(t, "lavamock: 5 of the armed failures and scripted replies were not used, or not as often as they were armed for\n", errs)
	for _, args := range []string{"script clear", "decline clear"} {
		_, errs, code := ctl(t, server, "", strings.Fields(args)...)
		require.Zero(t, code, errs)
	}
	require.Empty(t, server.Armed())
	out, _, code = ctl(t, server, "", "unused")
	require.Zero(t, code)
	require.Equal(t, "(none)\n", out)
}
