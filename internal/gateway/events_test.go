package gateway_test

import (
	"bytes"
	"flag"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/upstream"
)

func TestForwardStream(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, options string
		wantsUsage    bool
	}{
		{"usage not requested", ``, false},
		{"usage requested", `,"stream_options":{"include_usage":true}`, true},
		{"usage declined", `,"stream_options":{"include_usage":false}`, false},
		{"options null", `,"stream_options":null`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			got := r.do(t, "POST", chatPath, strings.TrimSuffix(chatBody, "}")+`,"stream":true`+test.options+"}")
			require.Equal(t, 200, got.status, got.body)
			assert.Equal(t, "text/event-stream; charset=utf-8", got.header.Get("Content-Type"))
			assert.Equal(t, test.wantsUsage, strings.Contains(got.body, `"choices":[],`), "the usage chunk")
			assert.True(t, strings.HasSuffix(got.body, "data: [DONE]\n\n"))
			o := r.last(t)
			assert.EqualValues(t, chatIn, o.Usage.InputTokens)
			assert.EqualValues(t, chatOut, o.Usage.OutputTokens)
			assert.NotEmpty(t, o.ResponseID)
		})
	}
}

// A stream is recorded before the event at which SDKs stop reading.
func TestRecordIsThereBeforeDone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	resp := r.open(t, "POST", chatPath, strings.TrimSuffix(chatBody, "}")+`,"stream":true}`)
	var seen bytes.Buffer
	buf := make([]byte, 1)
	for !strings.Contains(seen.String(), "[DONE]") {
		_, err := resp.Body.Read(buf)
		require.NoError(t, err)
		seen.Write(buf)
	}
	assert.Equal(t, 1, r.count())
}

var streams = flag.Int("gateway.streams", 500, "how many streams TestNoStreamIsCut reads of each kind")

// Many streams at full speed, and none is cut off: a proxy that starts to respond before it has read the request
// loses a few percent (golang/go#40747).
func TestNoStreamIsCut(t *testing.T) {
	t.Parallel()
	t.Run("tcp", func(t *testing.T) {
		t.Parallel()
		countCuts(t, meteredGateway(t), transport())
	})
	t.Run("in memory", func(t *testing.T) {
		t.Parallel()
		g := newGateway(gateway.Config{Billing: admitAll{}, Upstream: upstream.To(provider(t), transport())})
		in := transport()
		in.DialContext = listen(t, http.HandlerFunc(g.Forward))
		t.Cleanup(in.CloseIdleConnections)
		countCuts(t, "http://gateway", in)
	})
}

func countCuts(t *testing.T, origin string, transport *http.Transport) {
	t.Helper()
	client := &http.Client{Transport: transport}
	var next, cut atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for next.Add(1) <= int64(*streams) {
				req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, origin+chatPath, strings.NewReader(streamBody))
				req.Header.Set("Authorization", "Bearer "+goodKey)
				resp, err := client.Do(req)
				if err != nil {
					cut.Add(1)
					continue
				}
				b, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if err != nil || bytes.Count(b, []byte(" word")) != words || !bytes.HasSuffix(b, []byte("data: [DONE]\n\n")) {
					cut.Add(1)
				}
			}
		})
	}
	wg.Wait()
	require.Zero(t, cut.Load(), "of %d streams", *streams)
}
