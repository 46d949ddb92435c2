package lavaotel

import (
	"context"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/semconv/v1.41.0/genaiconv"
	"go.opentelemetry.io/otel/semconv/v1.41.0/httpconv"
)

// Lava's own attributes.
const (
	requestIDKey  = attribute.Key("lava.request_id")
	customerIDKey = attribute.Key("lava.customer_id")
	meterSlugKey  = attribute.Key("lava.meter_slug")
	chargeKey     = attribute.Key("lava.charge")
	costKey       = attribute.Key("lava.cost")
)

// enabled reports whether a target's metrics are enabled.
func (in *instruments) enabled(ctx context.Context, t target) bool {
	if t.operation == "" {
		return in.requests.Enabled(ctx)
	}
	return in.operations.Enabled(ctx) || in.tokens.Enabled(ctx) || in.firstChunks.Enabled(ctx)
}

// measure records an attempt of a call to Lava's API.
func (a *attempt) measure(took time.Duration, errorType string) {
	if !a.requests.Enabled(a.ctx) {
		return
	}
	var attrs []attribute.KeyValue
	if a.template != "" {
		attrs = append(attrs, semconv.URLTemplate(a.template))
	}
	if a.status != 0 {
		attrs = append(attrs, semconv.HTTPResponseStatusCode(a.status))
	}
	if errorType != "" {
		attrs = append(attrs, semconv.ErrorTypeKey.String(errorType))
	}
	a.requests.Record(a.ctx, took.Seconds(), httpconv.RequestMethodAttr(a.method), a.server.Hostname(), portOf(a.server), attrs...)
}

// measureModel records an attempt of a model call.
func (a *attempt) measureModel(took time.Duration, errorType string) {
	operation, provider := genaiconv.OperationNameAttr(a.operation), genaiconv.ProviderNameAttr(a.provider)
	attrs := []attribute.KeyValue{semconv.ServerAddress(a.server.Hostname()), semconv.ServerPort(portOf(a.server))}
	if a.model != "" {
		attrs = append(attrs, semconv.GenAIRequestModel(a.model))
	}
	if a.completion.model != "" {
		attrs = append(attrs, semconv.GenAIResponseModel(a.completion.model))
	}
	if t := a.completion.inputTokens(); t.known {
		a.tokens.Record(a.ctx, t.tokens, operation, provider, genaiconv.TokenTypeInput, attrs...)
	}
	if t := a.completion.outputTokens(); t.known {
		a.tokens.Record(a.ctx, t.tokens, operation, provider, genaiconv.TokenTypeOutput, attrs...)
	}
	if a.firstChunk != 0 {
		a.span.SetAttributes(semconv.GenAIResponseTimeToFirstChunk(a.firstChunk.Seconds()))
		a.firstChunks.Record(a.ctx, a.firstChunk.Seconds(), operation, provider, attrs...)
	}
	if errorType != "" {
		attrs = append(attrs, semconv.ErrorTypeKey.String(errorType))
	}
	a.operations.Record(a.ctx, took.Seconds(), operation, provider, attrs...)
}

// spanName returns the target's span name according to the conventions.
func (t target) spanName(method string) string {
	name, of := method, t.template
	switch {
	case t.operation != "":
		name, of = t.operation, t.model
	case method == otherMethod:
		name = "HTTP"
	}
	if of == "" {
		return name
	}
	return name + " " + of
}

// attributes returns what is known about a request before the response.
func (t target) attributes(method string) []attribute.KeyValue {
	attrs := make([]attribute.KeyValue, 0, 5)
	attrs = append(attrs, semconv.ServerAddress(t.server.Hostname()), semconv.ServerPort(portOf(t.server)))
	if t.operation == "" {
		attrs = append(attrs, semconv.HTTPRequestMethodKey.String(method))
		if t.template != "" {
			attrs = append(attrs, semconv.URLTemplate(t.template))
		}
		return attrs
	}
	attrs = append(attrs, semconv.GenAIOperationNameKey.String(t.operation), semconv.GenAIProviderNameKey.String(t.provider))
	if t.model != "" {
		attrs = append(attrs, semconv.GenAIRequestModel(t.model))
	}
	return attrs
}

// attributes returns what a response contained.
func (c *completion) attributes() []attribute.KeyValue {
	var attrs []attribute.KeyValue
	if c.id != "" {
		attrs = append(attrs, semconv.GenAIResponseID(c.id))
	}
	if c.model != "" {
		attrs = append(attrs, semconv.GenAIResponseModel(c.model))
	}
	if len(c.finishReasons) > 0 {
		attrs = append(attrs, semconv.GenAIResponseFinishReasons(c.finishReasons...))
	}
	if t := c.inputTokens(); t.known {
		attrs = append(attrs, semconv.GenAIUsageInputTokens(int(t.tokens)))
	}
	if t := c.cachedTokens(); t.tokens > 0 {
		attrs = append(attrs, semconv.GenAIUsageCacheReadInputTokens(int(t.tokens)))
	}
	if t := c.outputTokens(); t.known {
		attrs = append(attrs, semconv.GenAIUsageOutputTokens(int(t.tokens)))
	}
	return attrs
}

const otherMethod = "_OTHER"

// methodOf returns the method if it is one of the few that the conventions know.
func methodOf(method string) string {
	switch method {
	case "":
		return http.MethodGet
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodHead, http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return method
	}
	return otherMethod
}
