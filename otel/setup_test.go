package lavaotel_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/lavapayments/lava-go"
	lavaotel "github.com/lavapayments/lava-go/otel"
)

// telemetry keeps what is recorded, in memory.
type telemetry struct {
	spans  *tracetest.SpanRecorder
	tracer *trace.TracerProvider
	meters *metric.MeterProvider
	reader *metric.ManualReader
}

func newTelemetry() *telemetry {
	spans, reader := tracetest.NewSpanRecorder(), metric.NewManualReader()
	return &telemetry{
		spans: spans, tracer: trace.NewTracerProvider(trace.WithSpanProcessor(spans)),
		reader: reader, meters: metric.NewMeterProvider(metric.WithReader(reader)),
	}
}

func (tel *telemetry) instrument() lava.Option {
	return lavaotel.Instrument(lavaotel.WithTracerProvider(tel.tracer), lavaotel.WithMeterProvider(tel.meters))
}

// span is what a test compares.
type span struct {
	Name   string
	Failed bool
	Attrs  map[string]any
}

// ended returns the spans that have ended since the last call. No span may be open.
func (tel *telemetry) ended(t *testing.T) []span {
	t.Helper()
	require.Len(t, tel.spans.Started(), len(tel.spans.Ended()), "spans are open")
	var all []span
	for _, s := range tel.spans.Ended() {
		all = append(all, span{Name: s.Name(), Failed: s.Status().Code == codes.Error, Attrs: values(s.Attributes())})
		require.Equal(t, "client", s.SpanKind().String())
		require.Empty(t, s.Status().Description)
		require.Empty(t, s.Events())
	}
	tel.spans.Reset()
	return all
}

// one returns the only span.
func (tel *telemetry) one(t *testing.T) span {
	t.Helper()
	all := tel.ended(t)
	require.Len(t, all, 1)
	return all[0]
}

func values(attrs []attribute.KeyValue) map[string]any {
	all := map[string]any{}
	for _, attr := range attrs {
		all[string(attr.Key)] = attr.Value.AsInterface()
	}
	return all
}

// point is the sum and count of a histogram's values for a set of attributes.
type point struct {
	Sum    float64
	Count  uint64
	Bounds []float64
	Attrs  map[string]any
}

// points returns the points of a metric.
func (tel *telemetry) points(t *testing.T, name string) []point {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, tel.reader.Collect(context.Background(), &all))
	var points []point
	for _, s := range all.ScopeMetrics {
		for _, m := range s.Metrics {
			if m.Name != name {
				continue
			}
			switch data := m.Data.(type) {
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					points = append(points, point{p.Sum, p.Count, p.Bounds, values(p.Attributes.ToSlice())})
				}
			case metricdata.Histogram[int64]:
				for _, p := range data.DataPoints {
					points = append(points, point{float64(p.Sum), p.Count, p.Bounds, values(p.Attributes.ToSlice())})
				}
			}
		}
	}
	return points
}

// transport adapts a function to [http.RoundTripper].
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// respond returns a transport that sends the same response to every request.
func respond(status int, contentType, body string) transport {
	return func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		return &http.Response{
			StatusCode: status, Request: r, Body: io.NopCloser(strings.NewReader(body)),
			Header: http.Header{"Content-Type": {contentType}, "X-Lava-Request-Id": {"req_1"}},
		}, nil
	}
}

const key = "aks_test_0123456789abcdef"

// client returns a client whose requests are sent to a transport.
func (tel *telemetry) client(t testing.TB, to http.RoundTripper, opts ...lava.Option) *lava.Client {
	t.Helper()
	client, err := lava.New(append([]lava.Option{
		lava.WithSecretKey(key), lava.WithBaseURL("https://lava.test/v1/"), lava.WithHTTPClient(&http.Client{Transport: to}), tel.instrument(),
	}, opts...)...)
	require.NoError(t, err)
	return client
}
