package gateway_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkLavamock measures the gateway as users run it: the built binary, compared with a bare reverse proxy, in
// front of the same provider. Provider, proxy and lavamock are separate processes with sockets between them, and the
// load comes from this one. In one process they would share its CPU, and a transport of the benchmark would hide what
// lavamock's does.
//
// A round loads each in turn. The figures are medians over the rounds: ratios of CPU and requests per second, which
// vary less on a busy machine than the absolute values. Limits for CPU: whole 1.5, streams 1.25, translated 1.5 times
// an untranslated stream.
//
//	go test -run '^$' -bench Lavamock -benchtime 5x ./internal/gateway
func BenchmarkLavamock(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Skip("the CPU of processes is read from /proc")
	}
	binary := filepath.Join(b.TempDir(), "lavamock")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", binary, "./lavamock")
	build.Dir = filepath.Join("..", "..", "cmd")
	out, err := build.CombinedOutput()
	require.NoError(b, err, "%s", out)

	provider := start(b, roleVariable+"="+providerRole, os.Args[0])
	proxy := start(b, roleVariable+"="+provider.url, os.Args[0])
	lavamock := start(b, roleVariable+"=", binary, "-addr", "127.0.0.1:0", "-key", goodKey, "-upstream", "api.openai.com="+provider.url)
	cred := "Bearer " + billedToken(b, lavamock.url)

	const rewrite = "/v1/rewrite/anthropic/https://api.openai.com/v1/chat/completions"
	anthropicStream := strings.TrimSuffix(anthropicBody, "}") + `,"stream":true}`
	loads := []*load{
		{name: "whole/proxy", to: proxy, path: "/v1/chat/completions", body: chatBody},
		{name: "whole", to: lavamock, path: chatPath, body: chatBody},
		{name: "stream/proxy", to: proxy, path: "/v1/chat/completions", body: streamBody},
		{name: "stream", to: lavamock, path: chatPath, body: streamBody},
		{name: "translated", to: lavamock, path: rewrite, body: anthropicStream},
	}
	client := &http.Client{Transport: transport()}
	b.ResetTimer()
	for b.Loop() {
		for _, l := range loads {
			l.run(b, client, cred)
		}
	}
	for _, l := range loads {
		b.Logf("%-13s %6.0f µs of CPU per request, %6.0f req/s", l.name, median(l.cpu), median(l.rate))
	}
	for _, pair := range []struct {
		name       string
		this, that int
	}{{"whole", 1, 0}, {"stream", 3, 2}, {"translated", 4, 3}} {
		this, that := loads[pair.this], loads[pair.that]
		b.ReportMetric(median(this.cpu)/median(that.cpu), pair.name+"-cpu-ratio")
		b.ReportMetric(median(this.rate)/median(that.rate), pair.name+"-req/s-ratio")
	}
	b.ReportMetric(0, "ns/op") // meaningless: a round has a fixed duration
}

const anthropicBody = `{"model":"gpt-4o-mini","max_tokens":100,"messages":[{"role":"user","content":"Hello there"}]}`

// load is one kind of request to one process.
type load struct {
	name string
	to   process
	path string
	body string

	cpu  []float64 // microseconds per request, by round
	rate []float64 // requests per second
}

// run sends requests from 64 connections for a second.
func (l *load) run(b *testing.B, client *http.Client, cred string) {
	b.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	sent := 0
	began, before := time.Now(), l.to.cpu(b)
	for range 64 {
		wg.Go(func() {
			n := 0
			for time.Since(began) < time.Second {
				req, _ := http.NewRequestWithContext(b.Context(), http.MethodPost, l.to.url+l.path, strings.NewReader(l.body))
				req.Header.Set("Authorization", cred)
				req.Header.Set("Content-Type", "application/json")
				resp, err := client.Do(req)
				if err != nil {
					b.Error(err)
					return
				}
				_, err = io.Copy(io.Discard, resp.Body) // an error if it is cut off
				_ = resp.Body.Close()
				if err != nil || resp.StatusCode != http.StatusOK {
					b.Errorf("%s: status %d, %v", l.name, resp.StatusCode, err)
					return
				}
				n++
			}
			mu.Lock()
			defer mu.Unlock()
			sent += n
		})
	}
	wg.Wait()
	l.cpu = append(l.cpu, float64((l.to.cpu(b)-before).Microseconds())/float64(max(sent, 1)))
	l.rate = append(l.rate, float64(sent)/time.Since(began).Seconds())
}

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// process is a server started by the benchmark.
type process struct {
	url string
	pid int
}

// start runs a program and reads its address from the first line of output that contains a URL. The program is killed
// at the end.
func start(b *testing.B, env, program string, args ...string) process {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), program, args...)
	cmd.Env, cmd.Stderr = append(os.Environ(), env), os.Stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if _, at, ok := strings.Cut(lines.Text(), "http://"); ok {
			return process{"http://" + at, cmd.Process.Pid}
		}
	}
	b.Fatalf("%s did not start", program)
	return process{}
}

// cpu returns the CPU time that a process has used so far. The kernel counts in hundredths of a second.
func (p process) cpu(b *testing.B) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	require.NoError(b, err)
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	fields := strings.Fields(string(rest))
	user, err := strconv.Atoi(fields[11])
	require.NoError(b, err)
	system, err := strconv.Atoi(fields[12])
	require.NoError(b, err)
	return time.Duration(user+system) * 10 * time.Millisecond
}

// billedToken creates a customer with a meter and a plan, as most requests have.
func billedToken(b *testing.B, origin string) string {
	b.Helper()
	post := func(path, body string) (created map[string]any) {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, origin+"/v1/"+path, strings.NewReader(body))
		require.NoError(b, err)
		req.Header.Set("Authorization", "Bearer "+goodKey)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(b, err)
		defer func() { _ = resp.Body.Close() }()
		require.NoError(b, json.NewDecoder(resp.Body).Decode(&created))
		require.Less(b, resp.StatusCode, 300, "%v", created)
		return created
	}
	post("meters", `{"name":"m","meter_slug":"m","rate_type":"fixed","tier_type":"tokens_1m","tiers":[{"start":"0","rate":"0.000001"}]}`)
	plan := post("plans", `{"name":"P","period_amount":"0","included_credit":"100000","billing_interval":"year"}`)["plan_id"]
	customer := post("customers", `{"reference_id":"u1"}`)["customer_id"]
	post("subscriptions", fmt.Sprintf(`{"customer_id":%q,"plan_id":%q}`, customer, plan))
	return token(map[string]any{"customer_id": customer, "meter_slug": "m"})
}

// roleVariable makes the test binary act as the benchmark's provider, or as the proxy to the URL in its value.
const (
	roleVariable = "LAVA_BENCHMARK_ROLE"
	providerRole = "provider"
)

func TestMain(m *testing.M) {
	h := http.Handler(http.HandlerFunc(provide))
	switch role := os.Getenv(roleVariable); role {
	case "":
		os.Exit(m.Run())
	case providerRole:
	default:
		to, err := url.Parse(role)
		if err != nil {
			panic(err)
		}
		h = bareProxy(to)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // ends with the process
	if err != nil {
		panic(err)
	}
	fmt.Printf("http://%s\n", l.Addr()) //nolint:forbidigo // the parent reads it
	panic(http.Serve(l, h))             //nolint:gosec // by the benchmark alone
}

// bareProxy is the baseline: it reads the request first, as every proxy must that doesn't want to cut off streams
// (golang/go#40747).
func bareProxy(to *url.URL) http.Handler {
	proxy := &httputil.ReverseProxy{
		Transport: transport(), BufferPool: new(buffers),
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	})
}

type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if p, ok := b.pool.Get().(*[]byte); ok {
		return *p
	}
	return make([]byte, 32<<10)
}

func (b *buffers) Put(p []byte) { b.pool.Put(&p) }
