package mockserver_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

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

// writeChat sends a chat with the lines of more headers.
func writeChat(t *testing.T, s *mockserver.Server, c net.Conn, stream bool, headers string) {
	t.Helper()
	body := fmt.Sprintf(`{"model":"gpt-4o-mini","stream":%t,"messages":[{"role":"user","content":"Hello"}]}`, stream)
	_, err := fmt.Fprintf(c, "POST /v1/forward?u=https://api.openai.com/v1/chat/completions HTTP/1.1\r\nHost: lava\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s", s.SecretKey(), len(body), headers, body)
	require.NoError(t, err)
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
