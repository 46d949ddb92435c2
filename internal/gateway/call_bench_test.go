package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/lavapayments/lava-go/internal/gateway"
)

// What a call costs the gateway itself: a long conversation, and no network.
func BenchmarkCall(b *testing.B) {
	const whole = `{"id":"chatcmpl-1","choices":[{"message":{"role":"assistant","content":"Hello!"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":9}}`
	const events = "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":9}}\n\ndata: [DONE]\n\n"
	turn := `{"role":"user","content":"` + strings.Repeat("All work and no play makes Jack a dull boy. ", 16) + `"},`
	body := func(model, rest string) string {
		return `{"model":"` + model + `","max_tokens":9,"messages":[` + strings.TrimSuffix(strings.Repeat(turn, 20), ",") + `]` + rest + `}`
	}
	for _, test := range []struct{ name, path, body, kind, response string }{
		{"forward", chatPath, body("gpt-4o-mini", ""), "application/json", whole},
		{"forward/stream", chatPath, body("gpt-4o-mini", `,"stream":true`), "text/event-stream", events},
		{"same format/stream", rewriteChat, body("gpt-4o-mini", `,"stream":true`), "text/event-stream", events},
		{"by model", "/v1/chat/completions", body("openai/gpt-4o-mini", ""), "application/json", whole},
		{"by model/stream", "/v1/chat/completions", body("openai/gpt-4o-mini", `,"stream":true,"stream_options":{}`), "text/event-stream", events},
		{"translated", "/v1/messages", body("gpt-4o-mini", ""), "application/json", whole},
		{"translated/stream", "/v1/messages", body("gpt-4o-mini", `,"stream":true`), "text/event-stream", events},
	} {
		b.Run(test.name, func(b *testing.B) {
			provider := roundTrip(func(req *http.Request) (*http.Response, error) {
				_, _ = io.Copy(io.Discard, req.Body)
				return response(200, test.kind, test.response), nil
			})
			h := routes(gateway.New(gateway.Config{Billing: admitAll{}, Upstream: provider, WriteError: writeError}))
			b.ReportAllocs()
			b.SetBytes(int64(len(test.body)))
			for b.Loop() {
				req, _ := http.NewRequest("POST", test.path, strings.NewReader(test.body))
				req.Header.Set("Authorization", "Bearer "+goodKey)
				w := discard{header: http.Header{}}
				h.ServeHTTP(&w, req)
				if w.status != 200 {
					b.Fatal(w.status)
				}
			}
		})
	}
}

// discard is a client that reads everything and keeps nothing.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) Flush()                      {}
