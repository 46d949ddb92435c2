package lavaotel_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/lavapayments/lava-go"
	lavaotel "github.com/lavapayments/lava-go/otel"
)

// providers are those of a program that records nothing, of one whose sampling skips this call, and of one that
// records everything.
func providers() map[string][]lavaotel.Option {
	return map[string][]lavaotel.Option{
		"no-op":       {lavaotel.WithTracerProvider(tracenoop.NewTracerProvider()), lavaotel.WithMeterProvider(metricnoop.NewMeterProvider())},
		"not sampled": {lavaotel.WithTracerProvider(trace.NewTracerProvider(trace.WithSampler(trace.NeverSample()))), lavaotel.WithMeterProvider(metricnoop.NewMeterProvider())},
		"sdk": {
			lavaotel.WithTracerProvider(trace.NewTracerProvider()),
			lavaotel.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))),
		},
	}
}

// The bodies of a request and its response are not read unless something records them.
func TestNothingIsReadForNobody(t *testing.T) {
	t.Parallel()
	for name, options := range providers() {
		original := io.NopCloser(bytes.NewReader(nil))
		client := clientWith(t, bodyOf(jsonType, original), lavaotel.Instrument(options...))
		sdk, err := client.Transport(lava.TransportParams{})
		require.NoError(t, err)
		copies := 0
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, chatURL, nil)
		require.NoError(t, err)
		req.Body = io.NopCloser(bytes.NewReader([]byte(`{"model":"gpt-4o-mini"}`)))
		req.GetBody = func() (io.ReadCloser, error) { copies++; return io.NopCloser(bytes.NewReader(nil)), nil }
		resp, err := sdk.RoundTrip(req)
		require.NoError(t, err)
		assert.Equal(t, name != "sdk", copies == 0, name)
		assert.Equal(t, name != "sdk", resp.Body == original, name)
		require.NoError(t, resp.Body.Close())
	}
}

func clientWith(tb testing.TB, to http.RoundTripper, opts ...lava.Option) *lava.Client {
	tb.Helper()
	client, err := lava.New(append(opts, lava.WithSecretKey(key), lava.WithBaseURL("https://lava.test/v1/"), lava.WithHTTPClient(&http.Client{Transport: to}))...)
	require.NoError(tb, err)
	return client
}

// The overhead of a call, compared with an uninstrumented one, which is the first.
func BenchmarkInstrument(b *testing.B) {
	calls := map[string]func(*lava.Client) error{
		"call": func(c *lava.Client) error { _, err := c.Meters.Retrieve(b.Context(), "prd_1"); return err },
		"chat": func(c *lava.Client) error { _, err := c.Gateway(b.Context(), chatURL, chat); return err },
		"stream": func(c *lava.Client) (err error) {
			for _, err = range c.GatewayStream(b.Context(), chatURL, chatStream) {
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	responses := map[string]transport{
		"call": respond(http.StatusOK, jsonType, "{}"), "chat": respond(http.StatusOK, jsonType, documented[0].body),
		"stream": respond(http.StatusOK, sseType, string(bytes.Repeat([]byte(begun), 100))+finished),
	}
	for _, name := range []string{"call", "chat", "stream"} {
		run := func(provider string, opts ...lava.Option) {
			b.Run(name+"/"+provider, func(b *testing.B) {
				client := clientWith(b, responses[name], opts...)
				b.ReportAllocs()
				for b.Loop() {
					if err := calls[name](client); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("none")
		for _, provider := range []string{"no-op", "not sampled", "sdk"} {
			run(provider, lavaotel.Instrument(providers()[provider]...))
		}
	}
}
