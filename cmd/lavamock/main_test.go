package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lavapayments/lava-go/mockserver"
)

func noEnvironment(string) string { return "" }

// start runs lavamock and returns the environment that it prints.
func start(t *testing.T, args ...string) (env map[string]string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), noEnvironment, in, io.Discard)
		_ = in.Close()
	}()
	env = map[string]string{}
	lines := bufio.NewScanner(out)
	for len(env) < 3 && lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "=")
		env[key] = value
	}
	if len(env) < 3 {
		cancel()
		t.Fatalf("it ended with %v", <-done)
	}
	return env, func() error {
		cancel()
		return <-done
	}
}

func get(ctx context.Context, url, key string) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}

func TestServesUntilStopped(t *testing.T) {
	t.Parallel()
	env, stop := start(t, "-key", "aks_test_mine", "-key", "aks_test_other", "-at", "2026-01-31T00:00:00Z")
	if env["LAVA_SECRET_KEY"] != "aks_test_mine" {
		t.Errorf("the key is %q", env["LAVA_SECRET_KEY"])
	}
	for _, key := range []string{"aks_test_mine", "aks_test_other"} {
		if status, body, err := get(t.Context(), env["LAVA_API_URL"]+"/v1/meters", key); err != nil || status != 200 {
			t.Errorf("%d %s %v", status, body, err)
		}
	}
	if _, body, err := get(t.Context(), env["LAVA_API_URL"]+"/_mock/clock", ""); err != nil || body != `{"now":"2026-01-31T00:00:00.000Z","running":false}` {
		t.Errorf("%s %v", body, err)
	}
	if err := stop(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if _, _, err := get(t.Context(), env["LAVA_API_URL"], ""); err == nil {
		t.Error("it still responds")
	}
}

func TestUnknownHosts(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"-allow-unknown-hosts"}} {
		f, err := parseFlags(append(args, "-addr", "127.0.0.1:0", "-key", "aks_test_local"), noEnvironment, io.Discard, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		s := mockserver.Start(t, f.opts...)
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/v1/forward?u=https://llm.example.com/v1/chat/completions",
			strings.NewReader(`{"model":"m","messages":[{"role":"user","content":"Hello"}]}`))
		req.Header.Set("Authorization", "Bearer aks_test_local")
		res, err := s.HTTPClient().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if want := 400 - 200*len(args); res.StatusCode != want {
			t.Errorf("%q: status %d, want %d", args, res.StatusCode, want)
		}
	}
}

// The error for a misspelled rule is one line that suggests similar rules, and a rejection is logged with the flag
// that accepts it.
func TestLenient(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	err := run(t.Context(), []string{"-lenient", "openai.tool-mesage"}, noEnvironment, io.Discard, &stderr)
	if err == nil || !strings.Contains(err.Error(), `"openai.tool-message"`) || stderr.Len() > 0 {
		t.Errorf("%v, and before that %s", err, &stderr)
	}
	var stdout bytes.Buffer
	_, err = parseFlags([]string{"-help"}, noEnvironment, &stdout, &stderr)
	if !errors.Is(err, flag.ErrHelp) || !strings.Contains(stdout.String(), "-lenient rule\n") || stderr.Len() > 0 {
		t.Errorf("%v %s, with stderr %s", err, &stdout, &stderr)
	}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, in := io.Pipe()
	logged, log := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-addr", "127.0.0.1:0", "-key", "aks_test_mine"}, noEnvironment, in, log)
		_ = in.Close()
		_ = log.Close()
	}()
	lines := bufio.NewScanner(out)
	url := ""
	for url == "" && lines.Scan() {
		url, _ = strings.CutPrefix(lines.Text(), "LAVA_API_URL=")
		if !strings.HasPrefix(url, "http") {
			url = ""
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	go func() {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/forward?u=https://api.openai.com/v1/chat/completions",
			strings.NewReader(`{"model":"gpt-4o","top_k":1,"messages":[{"role":"user","content":"x"}]}`))
		if err != nil {
			return // the test fails because the line is missing
		}
		req.Header.Set("Authorization", "Bearer aks_test_mine")
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
		}
	}()
	rejection := bufio.NewScanner(logged)
	if rejection.Scan(); rejection.Text() != "lavamock: the dashboard is at "+url+"/" {
		t.Errorf("%q", rejection.Text())
	}
	rejection.Scan()
	const want = "lavamock: request rejected by rule openai.unknown-parameter; -lenient openai.unknown-parameter accepts it"
	if rejection.Text() != want {
		t.Errorf("%q", rejection.Text())
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestBadFlags(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-key", "aks_live_oops"}, {"-at", "tomorrow"}, {"-record-delay", "soon"}, {"-record-delay", "-1s"}, {"-addr", "nowhere:99999"}, {"-url", "http://127.0.0.1:1", "extra"}, {"-nonsense"}, {"-upstream", "api.openai.com"}, {"-upstream", "api.openai.com=9000"},
	} {
		if err := run(t.Context(), args, noEnvironment, io.Discard, io.Discard); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
	for _, upstream := range []string{"http://user:hunter2@127.0.0.1", "api.openai.com=http://user:hunter2@127.0.0.1", "api.openai.com=http://user:hunter2 @127.0.0.1"} {
		var printed strings.Builder
		err := run(t.Context(), []string{"-upstream", upstream}, noEnvironment, io.Discard, &printed)
		if err == nil || strings.Contains(err.Error()+printed.String(), "hunter2") {
			t.Errorf("-upstream %s: %v\n%s", upstream, err, &printed)
		}
	}
	err := run(t.Context(), []string{"-h"}, noEnvironment, io.Discard, io.Discard)
	if code := exitCode(err, io.Discard); !errors.Is(err, flag.ErrHelp) || code != 0 {
		t.Errorf("-h: %v, exit code %d", err, code)
	}
}

// bare is a minimal program that responds to a request: the baseline of BenchmarkBinary.
const bare = `package main

import ("fmt"; "net"; "net/http")

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil { panic(err) }
	fmt.Println("LAVA_API_URL=http://" + l.Addr().String())
	_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "{}") }))
}
`

// BenchmarkBinary starts the program, waits for its first response, and reports its resident memory, compared with a
// minimal program.
func BenchmarkBinary(b *testing.B) {
	dir := b.TempDir()
	source := filepath.Join(dir, "bare.go")
	if err := os.WriteFile(source, []byte(bare), 0o600); err != nil {
		b.Fatal(err)
	}
	for _, p := range []struct{ name, from string }{{"floor", source}, {"lavamock", "."}} {
		program := filepath.Join(dir, p.name)
		if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", program, p.from).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		b.Run(p.name, func(b *testing.B) {
			rss := 0.0
			for b.Loop() {
				rss += firstAnswer(b, program)
			}
			b.ReportMetric(rss/float64(b.N), "KiB-RSS")
		})
	}
}

func firstAnswer(b *testing.B, program string) (rss float64) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), program, "-addr", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "LAVA_API_URL="); ok {
			if _, _, err := get(b.Context(), url+"/_mock/clock", ""); err != nil {
				b.Fatal(err)
			}
			break
		}
	}
	b.StopTimer()
	defer b.StartTimer()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	if err == nil {
		_, after, _ := bytes.Cut(status, []byte("VmRSS:"))
		rss, _ = strconv.ParseFloat(strings.Fields(string(after))[0], 64)
	}
	_ = cmd.Process.Signal(os.Interrupt)
	time.AfterFunc(5*time.Second, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait()
	return rss
}

// With -v, each call is logged in one line, with a hint.
func TestVerbose(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	f, err := parseFlags([]string{"-addr", "127.0.0.1:0", "-v", "-key", "aks_test_local"}, noEnvironment, io.Discard, &stderr)
	if err != nil {
		t.Fatal(err)
	}
	s := mockserver.Start(t, f.opts...)
	if status, body, err := get(t.Context(), s.URL()+"/v1/meter", "aks_test_local"); err != nil || status != 404 {
		t.Fatalf("%d %s %v", status, body, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if line := stderr.String(); !strings.HasPrefix(line, "GET /v1/meter 404 unmatched ") || !strings.HasSuffix(line, "; hint: use GET /v1/meters\n") {
		t.Errorf("it printed %q", line)
	}
}
