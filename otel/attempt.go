package lavaotel

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/lavapayments/lava-go"
)

// layer is the instrumented layer of a client's transport.
type layer struct {
	*instruments
	next http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (l *layer) RoundTrip(req *http.Request) (*http.Response, error) {
	a, ctx := l.begin(req)
	if a == nil {
		if trace.SpanContextFromContext(ctx).IsValid() { // there is a span to propagate
			req = req.WithContext(ctx)
		}
		return l.next.RoundTrip(req)
	}
	panicked := true
	defer func() {
		if panicked {
			a.end(errPanicked)
		}
	}()
	resp, err := l.next.RoundTrip(req.WithContext(ctx))
	panicked = false
	if err != nil {
		a.end(err)
	} else {
		a.responded(resp)
	}
	return resp, err
}

// errPanicked ends an attempt whose transport, or middleware around it, has panicked.
var errPanicked = panicError{errors.New("panic")}

type panicError struct{ error }

// ErrorType returns the value of error.type.
func (panicError) ErrorType() string { return "panic" }

// attempt is a request in progress.
type attempt struct {
	*instruments
	target
	method string
	ctx    context.Context //nolint:containedctx // the attempt is a part of it
	span   trace.Span
	start  time.Time

	mu         sync.Mutex // a body may be closed while it is read
	done       bool
	status     int    // 0 without a response
	amazon     string // the kind of an error, from a header
	reader     reader // of the response; nil if it isn't parsed
	isStream   bool   // the response is a stream
	firstChunk time.Duration
	completion completion
}

// begin starts a span. It returns nil if nothing records the attempt.
func (l *layer) begin(req *http.Request) (*attempt, context.Context) {
	t := route(req.Method, req.URL)
	method := methodOf(req.Method)
	ctx, span := l.tracer.Start(req.Context(), t.spanName(method),
		trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(t.attributes(method)...))
	if !span.IsRecording() && !l.enabled(ctx, t) {
		return nil, ctx
	}
	a := &attempt{instruments: l.instruments, target: t, method: method, ctx: ctx, span: span, start: time.Now()}
	if n := lava.Attempt(ctx); n > 1 {
		span.SetAttributes(semconv.HTTPRequestResendCount(n - 1))
	}
	if t.operation != "" {
		a.ofModel(req)
	}
	return a, ctx
}

// ofModel adds attributes of a request to a model: the model, from the path or else from the body, and the payer,
// from the token.
func (a *attempt) ofModel(req *http.Request) {
	if a.model == "" {
		for key, value := range members(bodyOf(req)) {
			switch string(key) {
			case "model":
				a.model = clean(text(value))
			case "stream":
				a.streams = string(value) == "true"
			}
		}
		if a.model != "" {
			a.span.SetName(a.spanName(a.method))
			a.span.SetAttributes(semconv.GenAIRequestModel(a.model))
		}
	}
	if a.streams {
		a.span.SetAttributes(semconv.GenAIRequestStream(true))
	}
	if a.span.IsRecording() {
		a.span.SetAttributes(payerOf(req.Header.Get("Authorization"))...)
	}
}

// bodyOf returns a copy of the body of a request, or nil if it is too large or can be read only once.
func bodyOf(req *http.Request) []byte {
	if req.GetBody == nil || req.ContentLength > maxBody {
		return nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil
	}
	defer body.Close()
	var copied bytes.Buffer
	if _, err := copied.ReadFrom(io.LimitReader(body, maxBody+1)); err != nil || copied.Len() > maxBody {
		return nil
	}
	return copied.Bytes()
}

// payerOf returns the payer in a forward token, which also contains the secret key. Other keys don't name a payer.
func payerOf(authorization string) []attribute.KeyValue {
	claims, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(authorization, "Bearer "))
	if err != nil {
		return nil
	}
	var payer []attribute.KeyValue
	for key, value := range members(claims) {
		id := clean(text(value))
		switch {
		case id == "": // null, for a request that only a meter counts
		case string(key) == "customer_id":
			payer = append(payer, customerIDKey.String(id))
		case string(key) == "meter_slug":
			payer = append(payer, meterSlugKey.String(id))
		}
	}
	return payer
}

// responded reads the header of the response. The attempt ends with the body.
func (a *attempt) responded(resp *http.Response) {
	a.status = resp.StatusCode
	a.span.SetAttributes(semconv.HTTPResponseStatusCode(resp.StatusCode))
	if id := clean(resp.Header.Get("X-Lava-Request-Id")); id != "" {
		a.span.SetAttributes(requestIDKey.String(id))
	}
	if a.operation != "" {
		a.amazon, _, _ = strings.Cut(resp.Header.Get("X-Amzn-Errortype"), ":")
		a.reader, a.isStream = newReader(resp.Header, &a.completion)
	}
	if resp.Body == nil || resp.StatusCode == http.StatusSwitchingProtocols { // after switching protocols, the body is writable
		a.end(nil)
		return
	}
	resp.Body = &body{resp.Body, a}
}

// body is the body of a response that reports to the attempt.
type body struct {
	io.ReadCloser
	attempt *attempt
}

// Read implements [io.Reader].
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.attempt.received(p[:n])
	if err != nil {
		b.attempt.end(err)
	}
	return n, err
}

// Close implements [io.Closer].
func (b *body) Close() error {
	err := b.ReadCloser.Close()
	b.attempt.end(nil)
	return err
}

// received parses the part of the body that has arrived.
func (a *attempt) received(p []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.reader == nil || a.done || len(p) == 0 {
		return
	}
	a.reader.read(p)
	if a.isStream && a.firstChunk == 0 && a.completion.documents > 0 {
		a.firstChunk = time.Since(a.start)
	}
}

// end ends the attempt with the error that ended or replaced the body, with [io.EOF] if it is complete, or with nil
// if the caller has closed it.
func (a *attempt) end(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.done {
		return
	}
	a.done = true
	if a.reader != nil {
		a.reader.end()
	}
	errorType := a.errorType(err)
	if errorType != "" {
		a.span.SetStatus(codes.Error, "")
		a.span.SetAttributes(semconv.ErrorTypeKey.String(errorType))
	}
	took := time.Since(a.start)
	if a.operation == "" {
		a.measure(took, errorType)
	} else {
		a.span.SetAttributes(a.completion.attributes()...)
		a.measureModel(took, errorType)
	}
	a.span.End()
}

// errorType returns what went wrong as a single word; "" on success.
func (a *attempt) errorType(err error) string {
	switch {
	case a.status >= http.StatusBadRequest:
		return cmp.Or(a.completion.code, word(a.amazon), strconv.Itoa(a.status))
	case a.completion.failed:
		return cmp.Or(a.completion.code, semconv.ErrorTypeOther.Value.AsString())
	case err == nil, a.completion.ended: // errors after the last event don't matter
		return ""
	case a.status == 0, !errors.Is(err, io.EOF): // without a response, EOF is a lost connection
		return failureOf(a.ctx, err)
	case a.isStream:
		return "cut"
	}
	return ""
}

// failureOf returns a name for the failure of a connection.
func failureOf(ctx context.Context, err error) string {
	var network net.Error
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, lava.ErrStreamIdle):
		return "idle"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(cause, context.DeadlineExceeded),
		errors.As(err, &network) && network.Timeout():
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "cut"
	}
	return semconv.ErrorType(err).Value.AsString()
}
