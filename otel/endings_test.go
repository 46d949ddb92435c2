package lavaotel_test

import (
	"context"
	"errors"
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

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
	lavaotel "github.com/lavapayments/lava-go/otel"
)

var chat = lava.GatewayParams{Body: map[string]any{
	"model": "gpt-4o-mini", "messages": []map[string]string{{"role": "user", "content": prompt}},
}}

var chatStream = lava.GatewayParams{Body: map[string]any{
	"model": "gpt-4o-mini", "messages": []map[string]string{{"role": "user", "content": prompt}}, "stream": true,
}}

// An error has its code: Lava's, or the provider's.
func TestErrors(t *testing.T) {
	t.Parallel()
	s, tel := mockserver.Start(t, mockserver.InMemory()), newTelemetry()
	client := s.Client(tel.instrument())
	broke, err := s.Scenario(mockserver.OutOfCredit)
	require.NoError(t, err)

	params := chat
	params.Payer = lava.ForCustomer{CustomerID: broke.CustomerID, MeterSlug: broke.MeterSlug}
	_, err = client.Gateway(t.Context(), chatURL, params)
	require.ErrorIs(t, err, lava.ErrInsufficientCredits)
	got := tel.one(t)
	assert.True(t, got.Failed)
	assert.Equal(t, lava.AsError(err).Code, got.Attrs["error.type"])
	assert.Equal(t, int64(402), got.Attrs["http.response.status_code"])
	assert.Equal(t, broke.CustomerID, got.Attrs["lava.customer_id"])
	assert.NotContains(t, got.Attrs, "gen_ai.usage.input_tokens")

	s.Script(mockserver.Reply{Status: http.StatusTooManyRequests})
	for _, m := range models {
		_, err = client.Gateway(t.Context(), m.whole, lava.GatewayParams{Body: m.body + "}", SetHeader: setHeader})
		require.ErrorIs(t, err, lava.ErrProvider)
		got := tel.one(t)
		assert.True(t, got.Failed)
		assert.Equal(t, map[string]string{
			"openai": "rate_limit_exceeded", "responses": "rate_limit_exceeded", "anthropic": "rate_limit_error",
			"google": "RESOURCE_EXHAUSTED", "bedrock": "ThrottlingException", "bedrock invoke": "ThrottlingException",
		}[m.name], got.Attrs["error.type"], m.name)
	}
}

// Text that a provider sends in place of a code is not recorded as one.
func TestCodes(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"error":{"code":"model_not_found","type":"invalid_request_error"}}`:      "model_not_found",
		`{"error":{"code":null,"type":"invalid_request_error"}}`:                   "invalid_request_error",
		`{"error":{"code":404,"status":"NOT_FOUND","message":"no such model"}}`:    "NOT_FOUND",
		`{"__type":"com.amazon.coral.service#ValidationException"}`:                "ValidationException",
		`{"type":"error","error":{"type":"not_found_error","message":"model: x"}}`: "not_found_error",
		`{"error":{"code":"sk-proj-0123456789"}}`:                                  "404",
		`{"error":{"code":"the model does not exist"}}`:                            "404",
		`{"error":"no such model"}`:                                                "404",
		`not JSON`:                                                                 "404",
	} {
		tel := newTelemetry()
		_, err := tel.client(t, respond(http.StatusNotFound, jsonType, body)).Gateway(t.Context(), chatURL, chat)
		require.Error(t, err)
		assert.Equal(t, want, tel.one(t).Attrs["error.type"], body)
	}
}

// A connection that is lost before the response is a failure, not the end of a body.
func TestLostConnection(t *testing.T) {
	t.Parallel()
	s, tel := mockserver.Start(t), newTelemetry()
	s.Fail(mockserver.Failure{Endpoint: "customers.get", Times: 1, Cut: true})
	_, err := s.Client(tel.instrument(), lava.WithMaxRetries(0)).Customers.Retrieve(t.Context(), "ada")
	require.ErrorIs(t, err, io.EOF)
	got := tel.one(t)
	assert.True(t, got.Failed)
	assert.Equal(t, "cut", got.Attrs["error.type"])
}

// A stream that breaks off, or ends with an error event, has failed.
func TestBrokenStreams(t *testing.T) {
	t.Parallel()
	for want, fault := range map[string]mockserver.Fault{"cut": mockserver.CutAfter(3), "server_error": mockserver.ErrorAfter(3)} {
		s, tel := mockserver.Start(t, mockserver.InMemory()), newTelemetry()
		s.Script(mockserver.Reply{Text: "Because of how air scatters light.", Fault: fault})
		var failed error
		for _, failed = range s.Client(tel.instrument()).GatewayStream(t.Context(), chatURL, chatStream) {
		}
		require.Error(t, failed)
		got := tel.one(t)
		assert.True(t, got.Failed)
		assert.Equal(t, want, got.Attrs["error.type"])
		assert.Equal(t, "chat gpt-4o-mini", got.Name)
	}
}

const begun = `data: {"id":"chatcmpl-1","model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"Be"},"finish_reason":null}]}

`

const finished = `data: {"id":"chatcmpl-1","model":"gpt-4o-mini","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: [DONE]

`

// How a stream ends: the events, the reader's error, and the result.
func TestStreamEndings(t *testing.T) {
	t.Parallel()
	for _, end := range []struct {
		body, mediaType string
		err             error
		want            any
	}{
		{begun + finished, sseType, io.EOF, nil},
		{begun + finished, sseType, context.Canceled, nil}, // errors after the last event don't matter
		{begun, sseType, io.EOF, "cut"},
		{begun, sseType, io.ErrUnexpectedEOF, "cut"},
		{begun, sseType, context.Canceled, "canceled"},
		{begun, sseType, timeoutError{errors.New("i/o timeout")}, "timeout"},
		{"", sseType, io.EOF, "cut"},
		{`data: {"error":{"type":"overloaded_error","message":"Overloaded"}}` + "\n\n", sseType, io.EOF, "overloaded_error"},
		{`data: {"type":"error","code":"server_error","message":"…"}` + "\n\n", sseType, io.EOF, "server_error"},
		{`data: {"error":{"message":"…"}}` + "\n\n", sseType, io.EOF, "_OTHER"},
		{`data: {"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":8}}` + "\n\n", sseType, io.EOF, nil},
		{frame("event", "messageStop", `{"stopReason":"end_turn"}`), amazonType, io.EOF, nil},
		{frame("event", "messageStart", `{"role":"assistant"}`), amazonType, io.EOF, "cut"},
		{frame("exception", "modelStreamErrorException", `{"message":"…"}`), amazonType, io.EOF, "modelStreamErrorException"},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", amazonType, io.EOF, "cut"},
		{`{"id":"chatcmpl-1"`, jsonType, io.ErrUnexpectedEOF, "cut"},
		{`{"id":"chatcmpl-1"}`, jsonType, io.EOF, nil},
		{begun, "text/plain", io.EOF, nil}, // the format is unknown
	} {
		tel := newTelemetry()
		resp, err := sdkOf(t, tel, bodyOf(end.mediaType, io.NopCloser(io.MultiReader(strings.NewReader(end.body), failing{end.err})))).
			Do(postRequest(t, chatURL, `{"model":"gpt-4o-mini"}`))
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, resp.Body)
		require.NoError(t, resp.Body.Close())
		got := tel.one(t)
		assert.Equal(t, end.want, got.Attrs["error.type"], "%s %v", end.body, end.err)
		assert.Equal(t, end.want != nil, got.Failed)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func bodyOf(mediaType string, body io.ReadCloser) transport {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {mediaType}}, Body: body}, nil
	}
}

// Leaving a stream ends its span without an error.
func TestLeavingAStream(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	body := io.NopCloser(io.MultiReader(strings.NewReader(begun), failing{errors.New("it is read on")}))
	for _, err := range tel.client(t, bodyOf(sseType, body)).GatewayStream(t.Context(), chatURL, chatStream) {
		require.NoError(t, err)
		break
	}
	got := tel.one(t)
	assert.False(t, got.Failed)
	assert.NotContains(t, got.Attrs, "gen_ai.response.finish_reasons")
	assert.Contains(t, got.Attrs, "gen_ai.response.time_to_first_chunk")
}

// A stream that stops sending is distinguished from a canceled one, and nothing is held back: the first event arrives
// while the second one is pending.
func TestSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tel := newTelemetry()
		sent := transport(func(r *http.Request) (*http.Response, error) {
			reader, writer := io.Pipe()
			go func() {
				time.Sleep(time.Second)
				_, _ = io.WriteString(writer, begun)
				<-r.Context().Done()
				writer.CloseWithError(r.Context().Err())
			}()
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {sseType}}, Body: reader}, nil
		})
		params := chatStream
		params.IdleTimeout = time.Minute
		start, events := time.Now(), 0
		for _, err := range tel.client(t, sent).GatewayStream(t.Context(), chatURL, params) {
			if err != nil {
				require.ErrorIs(t, err, lava.ErrStreamIdle)
				continue
			}
			events++
			assert.Equal(t, time.Second, time.Since(start))
		}
		assert.Equal(t, 1, events)
		got := tel.one(t)
		assert.Equal(t, "idle", got.Attrs["error.type"])
		assert.InDelta(t, 1.0, got.Attrs["gen_ai.response.time_to_first_chunk"], 0)
		for _, p := range tel.points(t, "gen_ai.client.operation.time_to_first_chunk") {
			assert.InDelta(t, 1.0, p.Sum, 0)
		}
		for _, p := range tel.points(t, "gen_ai.client.operation.duration") {
			assert.InDelta(t, 61.0, p.Sum, 0)
			assert.Equal(t, "idle", p.Attrs["error.type"])
		}
	})
}

// A body that is too large to be kept passes unchanged, in both directions.
func TestLargeBodies(t *testing.T) {
	t.Parallel()
	large := `{"padding":"` + strings.Repeat("x", 5<<20) + `","model":"gpt-4o-mini","usage":{"prompt_tokens":1}}`
	for _, mediaType := range []string{jsonType, sseType, amazonType} {
		tel := newTelemetry()
		var sent int64
		client := tel.client(t, transport(func(r *http.Request) (*http.Response, error) {
			sent, _ = io.Copy(io.Discard, r.Body)
			return bodyOf(mediaType, io.NopCloser(strings.NewReader("data: "+large)))(r)
		}))
		gateway, err := client.Transport(lava.TransportParams{})
		require.NoError(t, err)
		resp, err := (&http.Client{Transport: gateway}).Do(postRequest(t, chatURL, large))
		require.NoError(t, err)
		received, err := io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.EqualValues(t, len(large), sent)
		assert.EqualValues(t, len(large)+6, received)
		got := tel.one(t)
		assert.Equal(t, "chat", got.Name)
		assert.NotContains(t, got.Attrs, "gen_ai.usage.input_tokens")
	}
}

// Translated requests have the provider in the address, and the request's own format.
func TestTranslated(t *testing.T) {
	t.Parallel()
	s, tel := mockserver.Start(t, mockserver.InMemory()), newTelemetry()
	params := chat
	params.Body = `{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"` + prompt + `"}]}`
	params.Format = lava.FormatOpenAI
	_, err := s.Client(tel.instrument()).Gateway(t.Context(), "https://api.anthropic.com/v1/chat/completions", params)
	require.NoError(t, err)
	got := tel.one(t)
	assert.Equal(t, "chat claude-sonnet-4-5", got.Name)
	assert.Equal(t, "anthropic", got.Attrs["gen_ai.provider.name"])
	assert.Equal(t, []string{"stop"}, got.Attrs["gen_ai.response.finish_reasons"])
	assert.Positive(t, got.Attrs["gen_ai.usage.output_tokens"])
}

// A panic in a transport ends the span too.
func TestPanic(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	client := tel.client(t, transport(func(*http.Request) (*http.Response, error) { panic("aks_live_hunter2") }))
	require.Panics(t, func() { _, _ = client.Gateway(t.Context(), chatURL, chat) })
	got := tel.one(t)
	assert.True(t, got.Failed)
	assert.Equal(t, "panic", got.Attrs["error.type"])
}

// One client traces concurrent calls of all kinds, each separately.
func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	s, tel := mockserver.Start(t, mockserver.InMemory(), mockserver.AllowUnknownModels()), newTelemetry()
	client := s.Client(tel.instrument())
	const calls = 20
	var all sync.WaitGroup
	for i := range calls {
		model := fmt.Sprintf("gpt-4o-mini-%d", i)
		body := `{"model":"` + model + `","messages":[{"role":"user","content":"x"}]`
		all.Go(func() {
			_, err := client.Gateway(t.Context(), chatURL, lava.GatewayParams{Body: body + "}"})
			assert.NoError(t, err)
		})
		all.Go(func() {
			for _, err := range client.GatewayStream(t.Context(), chatURL, lava.GatewayParams{Body: body + `,"stream":true}`}) {
				assert.NoError(t, err)
			}
		})
		all.Go(func() {
			_, err := client.Wallet.Retrieve(t.Context())
			assert.NoError(t, err)
		})
	}
	all.Wait()
	spans := tel.ended(t)
	require.Len(t, spans, 3*calls)
	ids := map[any]bool{}
	for _, span := range spans {
		assert.False(t, span.Failed, span)
		if model, ok := span.Attrs["gen_ai.request.model"]; ok {
			ids[span.Attrs["lava.request_id"]] = true
			assert.Equal(t, model, span.Attrs["gen_ai.response.model"])
		}
	}
	require.Len(t, ids, 2*calls)
}

// Nil means the global provider, which does nothing unless the program has set one.
func TestNilProviders(t *testing.T) {
	t.Parallel()
	client := clientWith(t, respond(http.StatusOK, jsonType, "{}"), lavaotel.Instrument(lavaotel.WithTracerProvider(nil), lavaotel.WithMeterProvider(nil)))
	_, err := client.Wallet.Retrieve(t.Context())
	require.NoError(t, err)
}

// The buckets are those that the conventions recommend.
func TestMetrics(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	_, err := tel.client(t, respond(200, jsonType, documented[0].body)).Gateway(t.Context(), "https://gateway.example:8443/v1/chat/completions", chat)
	require.NoError(t, err)
	attrs := map[string]any{
		"gen_ai.operation.name": "chat", "gen_ai.provider.name": "gateway.example", "server.address": "gateway.example", "server.port": int64(8443),
		"gen_ai.request.model": "gpt-4o-mini", "gen_ai.response.model": "gpt-4.1-2025-04-14",
	}
	durations := tel.points(t, "gen_ai.client.operation.duration")
	require.Len(t, durations, 1)
	assert.Equal(t, attrs, durations[0].Attrs)
	assert.Equal(t, []float64{0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92}, durations[0].Bounds)
	tokens := tel.points(t, "gen_ai.client.token.usage")
	require.Len(t, tokens, 2)
	for _, p := range tokens {
		want := map[any]float64{"input": 19, "output": 10}[p.Attrs["gen_ai.token.type"]]
		assert.InDelta(t, want, p.Sum, 0)
		delete(p.Attrs, "gen_ai.token.type")
		assert.Equal(t, attrs, p.Attrs)
		assert.Equal(t, []float64{1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864}, p.Bounds)
	}
}
