package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// The example of each verb works, as a command and as a request, on a server with the objects it names.
func TestExamples(t *testing.T) {
	t.Parallel()
	verbs, err := ownVerbs(t.Context())
	require.NoError(t, err)
	for _, v := range verbs {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			var text strings.Builder
			require.NoError(t, explain(&text, v))
			_, examples, _ := strings.Cut(text.String(), "example:\n")
			examples, _, _ = strings.Cut(examples, "\n\n")
			for example := range strings.SplitSeq(examples, "\n") {
				runExample(t, strings.TrimSpace(example))
			}
		})
	}
}

func runExample(t *testing.T, example string) {
	t.Helper()
	s := mockserver.Start(t)
	dir := t.TempDir()
	env := exampleData(t, s, dir)
	if strings.Contains(example, "$ARMED_ID") { // otherwise it would be unused
		env["ARMED_ID"] = s.Fail(mockserver.Failure{Status: 503})
	}
	if strings.HasPrefix(example, "curl") {
		if _, err := exec.LookPath("curl"); err != nil {
			t.Skip("curl is not installed")
		}
		cmd := exec.CommandContext(t.Context(), "bash", "-c", strings.Replace(example, "curl", "curl -sS --fail-with-body", 1))
		cmd.Dir, cmd.Env = dir, append(os.Environ(), s.Env()[1:]...) // without a key
		for name, value := range env {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s\n%s", example, out)
	} else { // in process, because that is faster
		line, _, _ := strings.Cut(os.Expand(example, func(name string) string { return env[name] }), " >")
		words := shellWords(strings.ReplaceAll(line, "@", "@"+dir+string(filepath.Separator)))[1:]
		for i, word := range words {
			words[i] = strings.Trim(word, `"`)
		}
		_, errs, code := ctl(t, s, "", words...)
		require.Zero(t, code, "%s: %s", example, errs)
	}
	s.Disarm()
	s.ResetScript()
}

// exampleData creates the objects that examples name, and returns their variables.
func exampleData(t *testing.T, s *mockserver.Server, dir string) map[string]string {
	t.Helper()
	require.NoError(t, s.HandleWebhooks("https://app.example.com", lava.NewWebhookHandler("whsec_from_the_file", func(context.Context, lava.WebhookEvent) error { return nil })))
	require.NoError(t, initialize(t.Context(), firstOf(t, s), writeFile(t, filepath.Join(dir, "init.json"), initFile)))
	require.NoError(t, s.Settle(t.Context()))
	plans, err := s.Client().Subscriptions.ListPlans(t.Context(), lava.ListPlansParams{})
	require.NoError(t, err)
	i := 0
	for plans.Data[i].Name != "Pro" {
		i++
	}
	session, err := s.Client().CheckoutSessions.Create(t.Context(), lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: plans.Data[i].PlanID,
	})
	require.NoError(t, err)
	snapshot, err := s.Snapshot()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "state.json"), snapshot, 0o600))
	return map[string]string{
		"CALL_ID": s.Calls()[0].ID, "DELIVERY_ID": s.Deliveries()[0].ID, "MERCHANT_ID": s.NewMerchant().ID(), "SESSION_ID": session.CheckoutSessionID,
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	for _, args := range []string{"", "help", "ctl", "ctl help", "-json help"} {
		out, errs, code := ctl(t, s, "", strings.Fields(args)...)
		require.Zero(t, code, errs)
		require.Regexp(t, `(?m)^  advance +moves the clock forward`, out, args)
		require.Regexp(t, `(?m)^  clock +shows the time`, out)
		require.Regexp(t, `(?m)^  merchants.list +lists`, out)
	}
	for _, args := range []string{"help trigger", "ctl help triggers.run", "trigger -h", "help trigger now"} {
		out, errs, code := ctl(t, s, "", strings.Fields(args)...)
		require.Zero(t, code, errs)
		require.Contains(t, out, "usage: lavamock trigger WHAT [OBJECT]\n")
		require.Regexp(t, `(?m)^  what +string +what happens \(required\): renew_now, `, out)
		require.Contains(t, out, "  lavamock trigger use_up_credits ada\n  curl \"$LAVA_API_URL/_mock/trigger\" --data-urlencode what=use_up_credits --data-urlencode object=ada\n")
		require.Regexp(t, `returns:\n  success +boolean\n`, out)
	}
	_, errs, code := ctl(t, s, "", "help", "triger")
	require.Equal(t, 2, code)
	require.Contains(t, errs, `there is no command "triger"; did you mean "trigger"?`)
}

func TestIsCommand(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"": false, "-addr :1": false, "-key aks_test_1": false, "-help": false, "-key aks_test_1 advance": false,
		"advance": true, "-addr :1 ctl advance": true, "-json ctl": true, "help": true, "-url http://x calls -f": true,
	} {
		require.Equal(t, want, isCommand(strings.Fields(line)), line)
	}
}
