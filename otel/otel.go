// Package lavaotel records OpenTelemetry traces and metrics of a [lava.Client]:
//
//	client, err := lava.New(lavaotel.Instrument())
//
// Every attempt of a call is a span. A call to Lava's API is an HTTP client span, named
// after its route: "GET /v1/customers/{id}". A call to a model through the gateway is a
// GenAI span: "chat gpt-4o-mini", with the tokens that it used and the customer who pays.
// It may come from [lava.Client.Gateway], [lava.Client.GatewayStream] or a provider's SDK
// with [lava.Client.Transport]. Both kinds have lava.request_id, the id of the request's
// record. A span ends when the response has been read to its end or closed.
//
// The metrics are http.client.request.duration for Lava's API; for models
// gen_ai.client.operation.duration, gen_ai.client.token.usage, and
// gen_ai.client.operation.time_to_first_chunk for streams.
//
// Names follow OpenTelemetry's semantic conventions 1.41, the last release with both HTTP
// and GenAI. The GenAI conventions are not stable yet: a later version of this module may
// follow their changes.
//
// Prompts, responses, credentials, headers and queries are never recorded. Nothing is added
// to requests: Lava gets no trace context. Without a recording span and an enabled meter,
// no body is read.
package lavaotel

import (
	"net/http"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/semconv/v1.41.0/genaiconv"
	"go.opentelemetry.io/otel/semconv/v1.41.0/httpconv"
	"go.opentelemetry.io/otel/trace"

	"github.com/lavapayments/lava-go"
)

const scope = "github.com/lavapayments/lava-go/otel"

// Option configures [Instrument].
type Option func(*config)

type config struct {
	tracers trace.TracerProvider
	meters  metric.MeterProvider
}

// WithTracerProvider sets the provider of spans. The default is the global
// provider, even if it is nil.
func WithTracerProvider(provider trace.TracerProvider) Option {
	return func(c *config) { c.tracers = provider }
}

// WithMeterProvider sets the provider of metrics. The default is the global
// provider, even if it is nil.
func WithMeterProvider(provider metric.MeterProvider) Option {
	return func(c *config) { c.meters = provider }
}

// Instrument returns an option for [lava.New] that records the client's traces and
// metrics. It is a [lava.WithMiddleware]: middleware that is added after it runs within
// the span, and the span does not see the requests that this middleware makes or
// changes.
func Instrument(opts ...Option) lava.Option {
	var cfg config
	for _, opt := range opts {
		opt(&cfg)
	}
	if cfg.tracers == nil {
		cfg.tracers = otel.GetTracerProvider()
	}
	if cfg.meters == nil {
		cfg.meters = otel.GetMeterProvider()
	}
	in := newInstruments(cfg)
	return lava.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return &layer{instruments: in, next: next}
	})
}

type instruments struct {
	tracer      trace.Tracer
	requests    httpconv.ClientRequestDuration
	operations  genaiconv.ClientOperationDuration
	firstChunks genaiconv.ClientOperationTimeToFirstChunk
	tokens      genaiconv.ClientTokenUsage
}

// The buckets that the conventions recommend. Those for HTTP are in httpconv.
var (
	genAISeconds = []float64{0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92}
	tokenCounts  = []float64{1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864}
)

func newInstruments(cfg config) *instruments {
	meter := cfg.meters.Meter(scope, metric.WithSchemaURL(semconv.SchemaURL))
	in := &instruments{tracer: cfg.tracers.Tracer(scope, trace.WithSchemaURL(semconv.SchemaURL))}
	var errs [4]error
	in.requests, errs[0] = httpconv.NewClientRequestDuration(meter)
	in.operations, errs[1] = genaiconv.NewClientOperationDuration(meter, metric.WithExplicitBucketBoundaries(genAISeconds...))
	in.firstChunks, errs[2] = genaiconv.NewClientOperationTimeToFirstChunk(meter, metric.WithExplicitBucketBoundaries(genAISeconds...))
	in.tokens, errs[3] = genaiconv.NewClientTokenUsage(meter, metric.WithExplicitBucketBoundaries(tokenCounts...))
	for _, err := range errs {
		if err != nil { // the instrument does nothing then
			otel.Handle(err)
		}
	}
	return in
}
