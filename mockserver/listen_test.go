package mockserver_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

// Amazon's SDKs speak HTTP/2 to plain http endpoints. One port accepts it and HTTP/1.1.
func TestHTTP2WithoutTLS(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	text := strings.Repeat("many words ", 500)
	for _, version := range []int{1, 2} {
		transport := &http.Transport{Protocols: new(http.Protocols)}
		transport.Protocols.SetHTTP1(version == 1)
		transport.Protocols.SetUnencryptedHTTP2(version == 2)
		t.Cleanup(transport.CloseIdleConnections)
		client := &http.Client{Transport: transport}
		send := func(method, path, body string) *http.Response {
			req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, strings.NewReader(body))
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer "+s.SecretKey())
			resp, err := client.Do(req)
			require.NoError(t, err)
			t.Cleanup(func() { _ = resp.Body.Close() })
			assert.Equal(t, version, resp.ProtoMajor)
			return resp
		}
		assert.Equal(t, 201, send("POST", "/v1/customers", `{"email":"ada@example.com"}`).StatusCode)
		assert.Equal(t, 200, send("GET", "/v1/requests", "").StatusCode)
		assert.Equal(t, 404, send("GET", "/v1/nothing", "").StatusCode)

		s.Script(mockserver.Reply{Text: text, Times: 8})
		var streams sync.WaitGroup
		for range 8 { // concurrently, on one connection
			streams.Go(func() {
				resp := send("POST", "/v1/forward?u=https://api.openai.com/v1/chat/completions",
					`{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hello"}]}`)
				events := 0
				scanner := bufio.NewScanner(resp.Body)
				last := ""
				for scanner.Scan() {
					if line, ok := strings.CutPrefix(scanner.Text(), "data: "); ok {
						events, last = events+1, line
					}
				}
				assert.NoError(t, scanner.Err()) //nolint:testifylint // not the test's goroutine
				assert.Equal(t, "[DONE]", last, "the stream is complete")
				assert.Greater(t, events, 100)
			})
		}
		streams.Wait()

		s.Script(mockserver.Reply{Text: text, Times: 1, Fault: mockserver.CutAfter(5)})
		resp := send("POST", "/v1/forward?u=https://api.openai.com/v1/chat/completions",
			`{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hello"}]}`)
		_, err := io.ReadAll(resp.Body)
		assert.Error(t, err, "a truncated stream never looks complete")
	}
}
