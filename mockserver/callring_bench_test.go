//go:build unix

package mockserver

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

const benchBody = `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Why is the sky blue?"}]}`

// sink is a response writer that discards everything.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header       { return s.header }
func (*sink) WriteHeader(int)             {}
func (*sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) respond(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header()[requestIDHeader] = []string{"req_test_01KGB7ZK0000000003EMMH7T5E"}
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte(benchBody))
}

// BenchmarkKeepingACall measures the overhead of keeping a metered call with its thread: its bodies, a ledger entry,
// an event, and the provider's request. The baseline is the same call without it. Limits: 3 µs, and 1 KiB retained in
// addition to bodies.
func BenchmarkKeepingACall(b *testing.B) {
	s, err := New(InMemory())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	w := &sink{http.Header{}}
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/v1/forward?u=https://api.openai.com/v1/chat/completions", http.NoBody)
	for name, value := range map[string]string{"Content-Type": "application/json", "Authorization": "Bearer aks_test_0123456789abcdef0123456789abcdef", "User-Agent": "OpenAI/Python 1.0", "Accept": "application/json", "X-Stainless-Lang": "python", "Accept-Encoding": "gzip", "Content-Length": "85"} {
		r.Header.Set(name, value)
	}
	body := bytes.NewReader([]byte(benchBody))
	out := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "https://api.openai.com/v1/chat/completions", bytes.NewReader([]byte(benchBody)))
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader([]byte(benchBody))), nil }
	for name, value := range map[string]string{"Content-Type": "application/json", "Authorization": "Bearer sk-0123456789", "User-Agent": "OpenAI/Python 1.0", "Accept": "application/json", "X-Stainless-Lang": "python", "Accept-Encoding": "identity"} {
		out.Header.Set(name, value)
	}
	begin := func() *http.Request {
		_, _ = body.Seek(0, io.SeekStart)
		r.Body = io.NopCloser(body)
		return r
	}
	provider := providerCalls{upstreamFunc(func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: http.StatusOK}, nil }), s.clock}
	keep := func() {
		rec := s.record(w, begin())
		_ = rec.forwarded()
		_, _ = provider.sendFor(rec, out)
		rec.call.trace.Add(billing.Effect{Kind: billing.EffectEntry, ID: "con_test_01KGB7ZK0000000003EMMH7T5E", Number: 3})
		rec.call.trace.Add(billing.Effect{Kind: billing.EffectEvent, Number: 7})
		rec.call.customer = "con_test_01KGB7ZK0000000003EMMH7T5E"
		w.respond(rec, rec.client)
		rec.end()
	}
	var floor, kept time.Duration
	rounds := 0.0
	b.ReportAllocs()
	for b.Loop() {
		const round = 2000
		began := cpuTime(b)
		for range round {
			w.respond(w, begin())
		}
		floor += cpuTime(b) - began
		began = cpuTime(b)
		for range round {
			keep()
		}
		kept += cpuTime(b) - began
		rounds += round
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(floor)/rounds, "floor-ns/call")
	b.ReportMetric(float64(kept-floor)/rounds, "more-ns/call")
	b.ReportMetric(bytesKept(s, keep), "B/call")
}

type upstreamFunc func(*http.Request) (*http.Response, error)

func (f upstreamFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// cpuTime returns the CPU time that this process has used so far: on a busy machine it varies less than wall time.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// bytesKept returns the heap that a call retains, without its bodies.
func bytesKept(s *Server, keep func()) float64 {
	heap := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	s.calls = calls{}
	before := heap()
	for range maxCalls {
		keep()
	}
	s.calls.mu.Lock()
	bodies := float64(s.calls.bodies.size)
	s.calls.mu.Unlock()
	after := heap()
	return (after - before - bodies) / maxCalls
}
