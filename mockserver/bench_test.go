package mockserver_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/lavapayments/lava-go/mockserver"
)

// BenchmarkStart starts a server, gets one response and stops it. The baseline is httptest doing the same.
func BenchmarkStart(b *testing.B) {
	b.Run("floor/httptest", func(b *testing.B) {
		b.ReportAllocs()
		report := measureCPU(b)
		for b.Loop() {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }))
			request(b, s.Client(), s.URL, "")
			s.Close()
		}
		report()
	})
	for _, bb := range []struct {
		name string
		opts []mockserver.Option
	}{{"tcp", nil}, {"in memory", []mockserver.Option{mockserver.InMemory()}}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			report := measureCPU(b)
			for b.Loop() {
				s, err := mockserver.New(bb.opts...)
				if err != nil {
					b.Fatal(err)
				}
				request(b, s.HTTPClient(), s.URL()+"/v1/wallet", s.SecretKey())
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
			report()
		})
	}
}

// BenchmarkIdle reports the heap of an idle server.
func BenchmarkIdle(b *testing.B) {
	const n = 200
	for b.Loop() {
		servers := make([]*mockserver.Server, n)
		before := heapInUse()
		for i := range servers {
			s, err := mockserver.New(mockserver.InMemory())
			if err != nil {
				b.Fatal(err)
			}
			servers[i] = s
		}
		b.ReportMetric(float64(heapInUse()-before)/n/1024, "KiB/server")
		for _, s := range servers {
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkPost stores an object over 16 connections. The baseline is a bare handler that decodes JSON and stores it
// in a map.
func BenchmarkPost(b *testing.B) {
	const connections = 16
	b.Run("floor/bare handler", func(b *testing.B) {
		var mu sync.Mutex
		stored := map[int]map[string]any{}
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			var v map[string]any
			if err == nil {
				err = json.Unmarshal(body, &v)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			mu.Lock()
			stored[len(stored)] = v
			mu.Unlock()
			out, err := json.Marshal(v)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(out)
		}))
		defer s.Close()
		postAll(b, connections, s.URL, "")
	})
	b.Run("customers", func(b *testing.B) {
		s, err := mockserver.New()
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		postAll(b, connections, s.URL()+"/v1/customers", s.SecretKey())
	})
}

func postAll(b *testing.B, connections int, url, key string) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, DialContext: (&net.Dialer{}).DialContext}}
	defer client.CloseIdleConnections()
	b.SetParallelism(connections / runtime.GOMAXPROCS(0))
	b.ReportAllocs()
	report := measureCPU(b)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			send := []byte(`{"name":"Ada Lovelace","email":"ada@example.com","metadata":{"team":"engines","seats":3}}`)
			req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, bytes.NewReader(send))
			if err != nil {
				b.Error(err)
				return
			}
			req.Header.Set("Authorization", "Bearer "+key)
			finish(b, client, req)
		}
	})
	report()
}

func request(b *testing.B, client *http.Client, url, key string) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	finish(b, client, req)
}

func finish(b *testing.B, client *http.Client, req *http.Request) {
	b.Helper()
	resp, err := client.Do(req)
	if err != nil {
		b.Error(err)
		return
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode > 299 {
		b.Error(resp.Status, err)
	}
	if err := resp.Body.Close(); err != nil {
		b.Error(err)
	}
}

// BenchmarkFake forwards a chat to a fake, without a connection to the client: this is the cost of the mock itself.
func BenchmarkFake(b *testing.B) {
	const chat = `{"model":"gpt-4o-mini","messages":[{"role":"system","content":"You are a helpful assistant."},` +
		`{"role":"user","content":"Write one sentence of placeholder text about billing."}],"temperature":0.7,"max_tokens":100`
	for _, bb := range []struct{ name, body string }{
		{"whole", chat + `}`},
		{"stream", chat + `,"stream":true,"stream_options":{"include_usage":true}}`},
	} {
		b.Run(bb.name, func(b *testing.B) {
			s, err := mockserver.New(mockserver.InMemory())
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/v1/forward?u=https://api.openai.com/v1/chat/completions", strings.NewReader(bb.body))
				r.Header.Set("Authorization", "Bearer "+s.SecretKey())
				r.Header.Set("Content-Type", "application/json")
				w := &discard{header: make(http.Header, 8)}
				s.ServeHTTP(w, r)
				if w.status != http.StatusOK {
					b.Fatal(w.status)
				}
			}
		})
	}
}

// discard is a client that only looks at the status.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) Flush()                      {}
