package mockserver_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

// dial opens a connection to a server, for tests of what is on it.
func dial(t *testing.T, s *mockserver.Server) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL(), "http://"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// dialInMemory opens a connection without buffers: what the server writes waits for the client.
func dialInMemory(t *testing.T, s *mockserver.Server) net.Conn {
	t.Helper()
	c, err := s.HTTPClient().Transport.(*http.Transport).DialContext(t.Context(), "tcp", "")
	require.NoError(t, err)
	return c
}

// writeChat sends a chat with the lines of more headers.
func writeChat(t *testing.T, s *mockserver.Server, c net.Conn, stream bool, headers string) {
	t.Helper()
	_, err := io.WriteString(c, rawChat(s, "HTTP/1.1", stream, headers))
	require.NoError(t, err)
}

func rawChat(s *mockserver.Server, protocol string, stream bool, headers string) string {
	body := fmt.Sprintf(`{"model":"gpt-4o-mini","stream":%t,"messages":[{"role":"user","content":"Hello"}]}`, stream)
	return fmt.Sprintf("POST /v1/forward?u=https://api.openai.com/v1/chat/completions %s\r\nHost: lava\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s", protocol, s.SecretKey(), len(body), headers, body)
}

// readResponse reads the next response from a connection.
func readResponse(t *testing.T, r *bufio.Reader) (*http.Response, string) {
	t.Helper()
	resp, err := http.ReadResponse(r, nil)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp, string(body)
}

// A response that is longer than net/http's buffers leaves with one write, so that one read
// brings all of it.
func TestLongResponseLeavesAtOnce(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	s.Script(mockserver.Reply{Text: strings.Repeat("many words ", 50), Times: 1}, mockserver.Reply{Text: strings.Repeat("many words ", 1_000)})
	c := dial(t, s)
	for _, stream := range []bool{true, false} {
		writeChat(t, s, c, stream, "")
		buf := make([]byte, 64<<10)
		n, err := c.Read(buf)
		require.NoError(t, err)
		require.Greater(t, n, 8<<10)
		resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(buf[:n])), nil)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err, "the whole response was read")
		require.NoError(t, resp.Body.Close())
	}
}

// A connection that closes after the response has all of it, whatever its length.
func TestLongResponseOnAClosingConnection(t *testing.T) {
	t.Parallel()
	for _, words := range []int{100, 1_000, 20_000} {
		s := mockserver.Start(t)
		s.Script(mockserver.Reply{Text: strings.Repeat("word ", words)})
		c := dial(t, s)
		writeChat(t, s, c, false, "Connection: close\r\n")
		raw, err := io.ReadAll(c)
		require.NoError(t, err)
		assert.Equal(t, words, strings.Count(string(raw), "word "))
	}
}

// What a provider has sent reaches the client before the provider stalls.
func TestLongResponseBeforeAStall(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10<<10)
	s := mockserver.Start(t)
	s.Script(mockserver.Reply{Text: long + "the rest", ChunkSize: len(long), Fault: mockserver.StallAfter(1)})
	c := dial(t, s)
	writeChat(t, s, c, true, "")
	r := bufio.NewReader(c)
	for {
		line, err := r.ReadString('\n')
		require.NoError(t, err)
		if strings.Contains(line, long) {
			break
		}
	}
}

// A client takes a long response in its own time, even if the connection closes afterwards.
func TestLongResponseToASlowClient(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, headers string
		shutdown      bool
	}{
		{"the connection stays", "", false},
		{"the connection closes", "Connection: close\r\n", false},
		{"the server is shut down", "", true},
	} {
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/stream=%t", tt.name, stream), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := mockserver.Start(t, mockserver.InMemory())
					s.Script(mockserver.Reply{Text: strings.Repeat("word ", 1_000), ChunkSize: 500})
					c := dialInMemory(t, s)
					writeChat(t, s, c, stream, tt.headers)
					synctest.Wait() // the response waits for its client
					stopped := make(chan error, 1)
					if tt.shutdown {
						go func() { stopped <- s.Shutdown(context.Background()) }()
					}
					time.Sleep(time.Minute)
					_, body := readResponse(t, bufio.NewReader(c))
					assert.Equal(t, 1_000, strings.Count(body, "word "))
					if stream {
						assert.True(t, strings.HasSuffix(body, "data: [DONE]\n\n"))
					}
					if tt.shutdown {
						require.NoError(t, <-stopped)
					}
				})
			})
		}
	}
}

// The end of a response of HTTP/1.0, which proxies still speak, is its length or the end of the connection.
func TestLongResponseInHTTP10(t *testing.T) {
	t.Parallel()
	for _, headers := range []string{"", "Connection: keep-alive\r\n"} {
		for _, stream := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				s := mockserver.Start(t, mockserver.InMemory())
				s.Script(mockserver.Reply{Text: strings.Repeat("word ", 1_000), ChunkSize: 500})
				c := dialInMemory(t, s)
				r := bufio.NewReader(c)
				for again := true; again; {
					_, err := io.WriteString(c, rawChat(s, "HTTP/1.0", stream, headers))
					require.NoError(t, err)
					resp, body := readResponse(t, r)
					assert.Equal(t, 1_000, strings.Count(body, "word "))
					again = !resp.Close && len(s.Calls()) < 3
				}
				if headers != "" && !stream {
					assert.Len(t, s.Calls(), 3, "the connection stays, because the length is known")
				}
			})
		}
	}
}

// Requests that are sent before the responses to others have been read get their responses in order.
func TestPipelinedRequests(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	sizes := []int{1, 500, 1_000, 15_000}
	var requests strings.Builder
	for i := range 24 {
		s.Script(mockserver.Reply{Text: fmt.Sprintf("reply-%d ", i) + strings.Repeat("word ", sizes[i%4]), Times: 1})
		requests.WriteString(rawChat(s, "HTTP/1.1", i%3 != 0, ""))
	}
	c := dial(t, s)
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(c, requests.String())
		sent <- err
	}()
	r := bufio.NewReader(c)
	for i := range 24 {
		resp, body := readResponse(t, r)
		assert.Equal(t, 200, resp.StatusCode)
		assert.True(t, strings.Contains(body, fmt.Sprintf(`"content":"reply-%d`, i)), "the response to request %d", i) //nolint:testifylint // Contains would print all of it
		assert.Equal(t, sizes[i%4], strings.Count(body, "word"))
	}
	require.NoError(t, <-sent)
}

// A stream that breaks off because it can't be recorded has all that came before, however much of it was held.
func TestStreamThatBreaksOff(t *testing.T) {
	t.Parallel()
	for _, words := range []int{1, 1_000, 20_000} {
		synctest.Test(t, func(t *testing.T) {
			s := mockserver.Start(t, mockserver.InMemory())
			s.Script(mockserver.Reply{Text: strings.Repeat("word ", words), ChunkSize: 500})
			s.Fail(mockserver.Failure{Endpoint: "gateway.forward", Status: 500, At: mockserver.AfterProvider})
			c := dialInMemory(t, s)
			writeChat(t, s, c, true, "")
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			_ = resp.Body.Close()
			assert.Equal(t, words, strings.Count(string(body), "word "))
			assert.NotContains(t, string(body), "[DONE]")
		})
	}
}

// A client that reads nothing for the time limit of the gateway loses its connection.
func TestClientThatDoesNotRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mockserver.Start(t, mockserver.InMemory())
		s.Script(mockserver.Reply{Text: strings.Repeat("word ", 50_000), ChunkSize: 500})
		c := dialInMemory(t, s)
		writeChat(t, s, c, true, "")
		synctest.Wait()
		assert.Empty(t, s.Calls())
		time.Sleep(5*time.Minute + time.Second)
		assert.Len(t, s.Calls(), 1)
		_, err := c.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF)
	})
}
