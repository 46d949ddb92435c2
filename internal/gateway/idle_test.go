package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// A slow stream isn't idle: the limit applies to each pause.
func TestSlowStreams(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{ledger: &ledger{}, fake: &upstream.Fake{}}
		r.fake.Choose = always(upstream.Reply{Latency: 50 * time.Second, ChunkDelay: 50 * time.Second})
		start := time.Now()
		w, aborted := serve(t.Context(), r, r.fake, streamBody)
		assert.False(t, aborted)
		assert.Equal(t, 200, w.Code)
		assert.Greater(t, time.Since(start), 5*time.Minute)
		assert.False(t, r.last(t).Failed)
	})
}

// A client that stops reading, but keeps its connection, is cut off.
func TestClientThatDoesNotRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		recorded := make(chan struct{}, 1)
		g := newGateway(gateway.Config{
			Billing: &ledger{recorded: recorded}, IdleTimeout: time.Minute,
			Upstream: roundTrip(func(req *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"audio/mpeg"}}, ContentLength: -1,
					Body: endless{req.Context(), strings.Repeat("x", 1<<15)}}, nil
			}),
		})
		conn, err := listen(t, http.HandlerFunc(g.Forward))(t.Context(), "", "")
		require.NoError(t, err)
		defer func() { _ = conn.Close() }()
		start := time.Now()
		_, _ = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", chatPath, goodKey, len(chatBody), chatBody)
		<-recorded
		assert.Equal(t, time.Minute, time.Since(start))
	})
}
