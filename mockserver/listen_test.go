package mockserver_test

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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

// A client that waits for "100 Continue" is rejected without having to send the body.
func TestRejectedBeforeTheBody(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, path, key string
		length, status  int
	}{
		{"a wrong key", "/v1/customers", "aks_test_other", 1_000, 401},
		{"a wrong key at the gateway", "/v1/chat/completions", "aks_test_other", 1_000, 401},
		{"no such endpoint", "/v1/nothing", "", 1_000, 404},
		{"too long", "/v1/customers", "", 2 << 20, 413},
		{"too long for the gateway", "/v1/chat/completions", "", 65 << 20, 413},
		{"too long for a control endpoint", "/_mock/script", "", 2 << 20, 413},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mockserver.Start(t, mockserver.InMemory())
				c := dialInMemory(t, s)
				_, err := fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
					tt.path, cmp.Or(tt.key, s.SecretKey()), tt.length)
				require.NoError(t, err)
				resp, _ := readResponse(t, bufio.NewReader(c))
				assert.Equal(t, tt.status, resp.StatusCode)
				assert.True(t, resp.Close, "what follows could be the body or another request")
				require.NoError(t, c.Close())
				time.Sleep(time.Second) // until net/http has left the connection, in virtual time
			})
		})
	}
}

// Requests that wait for something to happen don't hold up the end of the server.
func TestShutdownEndsWaits(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/_mock/calls?wait=60s", "/_mock/wait?for=call&timeout=60s"} {
		synctest.Test(t, func(t *testing.T) {
			s := mockserver.Start(t, mockserver.InMemory())
			c := dialInMemory(t, s)
			_, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path)
			require.NoError(t, err)
			synctest.Wait()
			began, stopped := time.Now(), make(chan error, 1)
			go func() { stopped <- s.Shutdown(context.Background()) }()
			resp, body := readResponse(t, bufio.NewReader(c))
			assert.Equal(t, 503, resp.StatusCode, path)
			assert.Contains(t, body, "closed", path)
			require.NoError(t, <-stopped)
			assert.Less(t, time.Since(began), time.Second, path)
		})
	}
}
