package lava_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/eventstream"
	"github.com/lavapayments/lava-go/mockserver"
)

const chatURL = "https://api.openai.com/v1/chat/completions"

// streamOf responds with an event stream of the given text.
func streamOf(text string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		w.Header().Set("X-Lava-Request-Id", "req_7")
		_, _ = io.WriteString(w, text)
	}
}

// collect ranges over a stream and returns its data and error.
func collect(t *testing.T, client *lava.Client, params lava.GatewayParams) ([]string, error) {
	t.Helper()
	var data []string
	var failed error
	for event, err := range client.GatewayStream(t.Context(), chatURL, params) {
		require.NoError(t, failed, "nothing follows an error")
		if failed = err; err == nil {
			data = append(data, string(event.Data))
		}
	}
	return data, failed
}

// Streams of JSON: an array from Google without alt=sse (ai.google.dev/api/generate-content), and lines from Ollama
// (docs.ollama.com/api) and the first version of Cohere's API (docs.cohere.com/v1/reference/chat-stream).
func TestStreamsOfJSON(t *testing.T) {
	t.Parallel()
	const finish = `{"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}]}`
	for _, test := range []struct {
		name, kind, stream string
		want               []string
		wantErr            error
	}{
		{"Google's array", "application/json; charset=UTF-8", "[{\"candidates\":[{}]}\n,\r\n" + finish + "\n]\n", []string{`{"candidates":[{}]}`, finish}, nil},
		{"an array without a last event", "application/json", `[{"a":"]"},{"b":1}]`, []string{`{"a":"]"}`, `{"b":1}`}, nil},
		{"an empty array", "application/json", `[]`, nil, nil},
		{"an array that is cut off", "application/json", `[{"candidates":[{}]}` + "\n,", []string{`{"candidates":[{}]}`}, lava.ErrStreamCut},
		{"an array cut off in a value", "application/json", `[{"candidates":[{}]}` + "\n,{\"cand", []string{`{"candidates":[{}]}`}, lava.ErrStreamCut},
		{"an error in an array", "application/json", `[{"error":{"code":503,"message":"Busy","status":"UNAVAILABLE"}}]`, nil, lava.ErrProvider},
		{"an object isn't a stream", "application/json", `{"candidates":[]}`, nil, lava.ErrNotStream},
		{"Ollama", "application/x-ndjson", "{\"message\":{\"content\":\"a\"},\"done\":false}\n{\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\"}\n", []string{`{"message":{"content":"a"},"done":false}`, `{"message":{"content":""},"done":true,"done_reason":"stop"}`}, nil},
		{"Ollama, cut", "application/x-ndjson", "{\"message\":{\"content\":\"a\"},\"done\":false}\n", []string{`{"message":{"content":"a"},"done":false}`}, lava.ErrStreamCut},
		{"Cohere's lines", "application/stream+json", "{\"is_finished\":false,\"event_type\":\"text-generation\",\"text\":\"a\"}\n{\"is_finished\":true,\"event_type\":\"stream-end\",\"finish_reason\":\"COMPLETE\"}", []string{`{"is_finished":false,"event_type":"text-generation","text":"a"}`, `{"is_finished":true,"event_type":"stream-end","finish_reason":"COMPLETE"}`}, nil},
		{"no line at all", "application/x-ndjson", "\n", nil, lava.ErrStreamCut},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("Content-Type", test.kind)
				_, _ = io.WriteString(w, test.stream)
			})
			got, err := collect(t, api.client(t), lava.GatewayParams{})
			require.Equal(t, test.want, got)
			if test.wantErr == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, test.wantErr)
		})
	}
	api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		_, _ = io.WriteString(w, `{"a":"`+strings.Repeat("x", 9000)+`"}`+"\n")
	})
	_, err := collect(t, api.client(t, lava.WithMaxResponseSize(4096)), lava.GatewayParams{})
	require.ErrorIs(t, err, lava.ErrResponseTooLarge)
}

func TestStreamsEnd(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 200<<10)
	tests := []struct {
		name    string
		stream  string
		want    []string
		wantErr error
	}{
		{"openai", "data: {\"a\":1}\n\ndata: {\"usage\":{}}\n\ndata: [DONE]\n\n", []string{`{"a":1}`, `{"usage":{}}`}, nil},
		{"openai, no blank line at the end", "data: 1\n\ndata: [DONE]", []string{"1"}, nil},
		{"openai, cut", "data: 1\n\ndata: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n", []string{"1", `{"choices":[{"finish_reason":"stop"}]}`}, lava.ErrStreamCut},
		{"nothing at all", "", nil, lava.ErrStreamCut},
		{"only comments", ": ping\n\n: ping\n\n", nil, lava.ErrStreamCut},
		{"anthropic", "event: ping\ndata: {}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", []string{"{}", `{"type":"message_stop"}`}, nil},
		{"anthropic, cut", "event: message_delta\ndata: {\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n", []string{`{"delta":{"stop_reason":"end_turn"}}`}, lava.ErrStreamCut},
		{"responses api", "event: response.created\ndata: {}\n\nevent: response.completed\ndata: {}\n\n", []string{"{}", "{}"}, nil},
		{"google", "data: {\"candidates\":[{}]}\r\n\r\ndata: {\"candidates\":[{\"finishReason\": \"STOP\"}]}\r\n\r\n", []string{`{"candidates":[{}]}`, `{"candidates":[{"finishReason": "STOP"}]}`}, nil},
		// docs.cohere.com/v2/docs/streaming
		{"cohere", "event: message-start\ndata: {\"type\":\"message-start\"}\n\nevent: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"COMPLETE\"}}\n\n", []string{`{"type":"message-start"}`, `{"type":"message-end","delta":{"finish_reason":"COMPLETE"}}`}, nil},
		{"cohere, with openai's mark", "event: message-end\ndata: {\"type\":\"message-end\"}\n\ndata: [DONE]\n\n", []string{`{"type":"message-end"}`}, nil},
		{"cohere, cut", "event: content-delta\ndata: {\"type\":\"content-delta\"}\n\n", []string{`{"type":"content-delta"}`}, lava.ErrStreamCut},
		{"google, cut", "data: {\"text\":\"finishReason\"}\r\n\r\n", []string{`{"text":"finishReason"}`}, lava.ErrStreamCut},
		{"google, a blocked prompt", "data: {\"promptFeedback\":{\"blockReason\":\"PROHIBITED_CONTENT\"}}\r\n\r\n", []string{`{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}}`}, nil},
		{"openai, errors that are null", "data: {\"error\":null,\"a\":1}\n\ndata: [DONE]\n\n", []string{`{"error":null,"a":1}`}, nil},
		{"heartbeats", "data: 1\n\ndata:\n\ndata: [DONE]\n\n", []string{"1"}, nil},
		{"speech", "data: {\"type\":\"speech.audio.done\"}\n\n", []string{`{"type":"speech.audio.done"}`}, nil},
		{"byte order mark, cr, long lines, comments", "\xef\xbb\xbf: hi\rdata:" + long + "\r\r: ping\r\rdata: [DONE]\r\r", []string{long}, nil},
		{"after the end nothing is returned", "data: 1\n\ndata: [DONE]\n\ndata: 2\n\n", []string{"1"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := newFakeAPI(t, streamOf(tt.stream))
			got, err := collect(t, api.client(t), lava.GatewayParams{Body: map[string]bool{"stream": true}})
			require.Equal(t, tt.want, got)
			if tt.wantErr == nil {
				require.NoError(t, err)
			} else {
				var failed *lava.Error
				require.ErrorIs(t, err, tt.wantErr)
				require.ErrorAs(t, err, &failed)
				require.Equal(t, "req_7", failed.RequestID)
			}
			require.Len(t, api.seen(), 1)
			require.Equal(t, "text/event-stream", api.seen()[0].Header.Get("Accept"))
			require.JSONEq(t, `{"stream":true}`, api.seen()[0].Body)
		})
	}
}

func TestStreamOfAnotherProvider(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, streamOf("data: 1\n\ndata: bye\n\ndata: 2\n\n"))
	last := func(e lava.StreamEvent) bool { return string(e.Data) == "bye" }
	got, err := collect(t, api.client(t), lava.GatewayParams{IsLast: last})
	require.NoError(t, err)
	require.Equal(t, []string{"1", "bye"}, got)

	got, err = collect(t, api.client(t), lava.GatewayParams{IsLast: func(lava.StreamEvent) bool { return false }})
	require.ErrorIs(t, err, lava.ErrStreamCut)
	require.Len(t, got, 3)
}

func TestStreamErrorEvents(t *testing.T) {
	t.Parallel()
	for name, stream := range map[string]string{
		"openai":    `data: {"error":{"message":"Overloaded","type":"overloaded_error"}}` + "\n\n",
		"anthropic": "event: error\n" + `data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}` + "\n\n",
		"flat":      "event: error\n" + `data: {"type":"error","code":"overloaded_error","message":"Overloaded"}` + "\n\n",
		"not first": `data: {"id":"c", "choices":[{"finish_reason":"error"}], "error" : {"code":"overloaded_error","message":"Overloaded"}}` + "\n\n",
		"without framing (github.com/theopenco/llmgateway/pull/3616)": "{\n \"error\": {\n  \"code\": \"overloaded_error\",\n  \"message\": \"Overloaded\"\n }\n}",
		"responses": "event: response.failed\n" + `data: {"type":"response.failed","response":{"error":{"code":"overloaded_error","message":"Overloaded"}}}` + "\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			api := newFakeAPI(t, streamOf("data: 1\n\n"+stream))
			got, err := collect(t, api.client(t), lava.GatewayParams{})
			require.Equal(t, []string{"1"}, got)
			var failed *lava.Error
			require.ErrorAs(t, err, &failed)
			require.Equal(t, "overloaded_error", failed.Code)
			require.Equal(t, "Overloaded", failed.Message)
			require.Equal(t, "req_7", failed.RequestID)
		})
	}
}

// framesOf responds with frames in Amazon's format.
func framesOf(frames []byte) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", eventstream.ContentType)
		w.Header().Set("X-Lava-Request-Id", "req_7")
		_, _ = w.Write(frames)
	}
}

func TestFramesOfAmazon(t *testing.T) {
	t.Parallel()
	delta := eventstream.AppendEvent(nil, "contentBlockDelta", []byte(`{"delta":{"text":"Hi"}}`))
	complete := eventstream.AppendEvent(bytes.Clone(delta), "metadata", []byte(`{"usage":{}}`))
	corrupt := bytes.Clone(complete)
	corrupt[len(corrupt)-1]++
	tests := []struct {
		name    string
		frames  []byte
		want    []string
		wantErr error
	}{
		{"complete", complete, []string{"contentBlockDelta {\"delta\":{\"text\":\"Hi\"}}", "metadata {\"usage\":{}}"}, nil},
		{"cut between frames", delta, []string{"contentBlockDelta {\"delta\":{\"text\":\"Hi\"}}"}, lava.ErrStreamCut},
		{"cut in the middle of a frame", complete[:len(complete)-5], []string{"contentBlockDelta {\"delta\":{\"text\":\"Hi\"}}"}, io.ErrUnexpectedEOF},
		{"corrupt", corrupt, []string{"contentBlockDelta {\"delta\":{\"text\":\"Hi\"}}"}, eventstream.ErrCorrupt},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := newFakeAPI(t, framesOf(tt.frames))
			var got []string
			var failed error
			for event, err := range api.client(t).GatewayStream(t.Context(), chatURL, lava.GatewayParams{Format: lava.FormatBedrock}) {
				if failed = err; err == nil {
					got = append(got, event.Type+" "+string(event.Data))
				}
			}
			require.Equal(t, tt.want, got)
			if tt.wantErr == nil {
				require.NoError(t, failed)
			} else {
				require.ErrorIs(t, failed, tt.wantErr)
				require.ErrorIs(t, failed, lava.ErrStreamCut)
			}
			require.Equal(t, eventstream.ContentType, api.seen()[0].Header.Get("Accept"))
		})
	}

	t.Run("an exception", func(t *testing.T) {
		t.Parallel()
		frames := eventstream.AppendException(bytes.Clone(delta), "throttlingException", []byte(`{"message":"Too many tokens"}`))
		api := newFakeAPI(t, framesOf(frames))
		got, err := collect(t, api.client(t), lava.GatewayParams{})
		require.Len(t, got, 1)
		var failed *lava.Error
		require.ErrorAs(t, err, &failed)
		require.Equal(t, "throttlingException", failed.Code)
		require.Equal(t, "Too many tokens", failed.Message)
		require.Equal(t, "req_7", failed.RequestID)
	})

	// https://smithy.io/2.0/aws/amazon-eventstream.html
	t.Run("an error that isn't the model's", func(t *testing.T) {
		t.Parallel()
		frames := eventstream.Append(bytes.Clone(delta), eventstream.Message{Headers: []eventstream.Header{
			{Name: ":error-code", Value: "InternalFailure"}, {Name: ":error-message", Value: "it broke"}, {Name: ":message-type", Value: "error"},
		}})
		api := newFakeAPI(t, framesOf(frames))
		got, err := collect(t, api.client(t), lava.GatewayParams{})
		require.Len(t, got, 1)
		var failed *lava.Error
		require.ErrorAs(t, err, &failed)
		require.Equal(t, "InternalFailure", failed.Code)
		require.Equal(t, "it broke", failed.Message)
	})
}

// The mock server sends Bedrock's format as Amazon does, both from the provider itself and translated from another
// one.
func TestBedrockStreamsOfTheMock(t *testing.T) {
	t.Parallel()
	const bedrock = "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-sonnet-4-5-20250929-v1:0/converse-stream"
	params := lava.GatewayParams{
		Format: lava.FormatBedrock,
		Body:   `{"messages":[{"role":"user","content":[{"text":"Count."}]}]}`,
	}
	forwarded := params
	forwarded.Format = ""
	for name, tt := range map[string]struct {
		address string
		params  lava.GatewayParams
	}{
		"with Bedrock":                      {bedrock, params},
		"with Bedrock, forwarded unchanged": {bedrock, forwarded},
		"with OpenAI, which is translated":  {chatURL + "/model/gpt-4o-mini/converse-stream", params},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mockserver.Start(t)
			server.Script(mockserver.Reply{Text: "One two three."})
			text, last := "", ""
			for event, err := range server.Client().GatewayStream(t.Context(), tt.address, tt.params) {
				require.NoError(t, err)
				var delta struct{ Delta struct{ Text string } }
				require.NoError(t, event.Decode(&delta))
				text, last = text+delta.Delta.Text, event.Type
			}
			require.Equal(t, "One two three.", text)
			require.Equal(t, "metadata", last)

			fail := func(fault mockserver.Fault) (failed error) {
				server.ResetScript()
				server.Script(mockserver.Reply{Text: "One two three.", Fault: fault})
				for _, err := range server.Client().GatewayStream(t.Context(), tt.address, tt.params) {
					failed = err
				}
				return failed
			}
			require.ErrorIs(t, fail(mockserver.CutAfter(1)), lava.ErrStreamCut)
			var reported *lava.Error
			require.ErrorAs(t, fail(mockserver.ErrorAfter(1)), &reported)
			require.NotErrorIs(t, reported, lava.ErrStreamCut)
			require.Contains(t, reported.Code, "Exception")
			require.NotEmpty(t, reported.Message)
		})
	}
}

func TestNoStream(t *testing.T) {
	t.Parallel()
	t.Run("json instead", func(t *testing.T) {
		api := newFakeAPI(t, respond(200, `{"choices":[]}`))
		_, err := collect(t, api.client(t), lava.GatewayParams{})
		require.ErrorIs(t, err, lava.ErrNotStream)
		require.ErrorContains(t, err, `{"choices":[]}`)
	})
	t.Run("rejected", func(t *testing.T) {
		api := newFakeAPI(t, respond(402, `{"error":{"message":"no credits","code":"insufficient_credits","status":402}}`))
		_, err := collect(t, api.client(t), lava.GatewayParams{})
		require.ErrorIs(t, err, lava.ErrInsufficientCredits)
	})
	t.Run("bad address", func(t *testing.T) {
		api := newFakeAPI(t, respond(200, `{}`))
		for _, err := range api.client(t).GatewayStream(t.Context(), "openai", lava.GatewayParams{}) {
			require.ErrorContains(t, err, "absolute URL")
		}
		require.Empty(t, api.seen())
	})
}

func TestStreamIsBrokenOff(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: 1\n\ndata: hal")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	got, err := collect(t, api.client(t), lava.GatewayParams{})
	require.Equal(t, []string{"1"}, got, "a partial event isn't returned")
	require.ErrorIs(t, err, lava.ErrStreamCut)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// A stream that its caller ends was not cut.
func TestStreamIsCanceled(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: 1\n\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var failed error
	for _, failed = range api.client(t).GatewayStream(ctx, "https://api.openai.com/v1/chat/completions", lava.GatewayParams{Payer: lava.ForMerchant{}}) {
		cancel()
	}
	require.ErrorIs(t, failed, context.Canceled)
	require.NotErrorIs(t, failed, lava.ErrStreamCut)
}

func TestStreamEventTooLong(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, streamOf("data: "+strings.Repeat("x", 5000)+"\n\n"))
	_, err := collect(t, api.client(t, lava.WithMaxResponseSize(4096)), lava.GatewayParams{})
	require.ErrorIs(t, err, lava.ErrResponseTooLarge)
}

// Leaving the loop must close the connection: the server sees its context end.
func TestLeavingAStream(t *testing.T) {
	t.Parallel()
	left := make(chan struct{})
	api := newFakeAPI(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: 1\n\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(left)
	})
	for _, err := range api.client(t).GatewayStream(t.Context(), chatURL, lava.GatewayParams{}) {
		require.NoError(t, err)
		break
	}
	<-left
}

func TestCancelingAStream(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: 1\n\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var failed error
	for _, err := range api.client(t).GatewayStream(ctx, chatURL, lava.GatewayParams{}) {
		failed = err
		cancel()
	}
	require.ErrorIs(t, failed, context.Canceled)
}

// A finished stream's connection is reused.
func TestStreamsShareAConnection(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, streamOf("data: 1\n\ndata: [DONE]\n\n"))
	var dials atomic.Int32
	client := api.client(t, lava.WithHTTPClient(&http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			dials.Add(1)
			return (&net.Dialer{}).DialContext(ctx, network, address)
		},
	}}))
	for range 3 {
		_, err := collect(t, client, lava.GatewayParams{})
		require.NoError(t, err)
	}
	require.EqualValues(t, 1, dials.Load())
}

// silentTransport responds with a stream that stops sending, or not at all.
func silentTransport(events int) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		if events < 0 {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		body, w := io.Pipe()
		go func() {
			for range events {
				time.Sleep(50 * time.Second)
				_, _ = fmt.Fprint(w, "data: 1\n\n")
			}
			<-r.Context().Done()
			w.CloseWithError(r.Context().Err())
		}()
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: body}, nil
	}
}

func TestSilentStream(t *testing.T) {
	t.Parallel()
	for _, events := range []int{-1, 0, 3} {
		synctest.Test(t, func(t *testing.T) {
			client, err := lava.New(lava.WithSecretKey(testKey), lava.WithHTTPClient(&http.Client{Transport: silentTransport(events)}))
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			got, failed := 0, error(nil)
			for _, err := range client.GatewayStream(t.Context(), chatURL, lava.GatewayParams{IdleTimeout: time.Minute}) {
				if failed = err; err == nil {
					got++
					time.Sleep(time.Hour) // the caller's own time does not count
				}
			}
			if !errors.Is(failed, lava.ErrStreamIdle) || got != max(events, 0) {
				t.Errorf("%d events, then %v", got, failed)
			}
			if want := time.Duration(max(events, 0))*(time.Hour+50*time.Second) + time.Minute; time.Since(began) > want {
				t.Errorf("waited for %v", time.Since(began))
			}
		})
	}
}

func TestStreamEventDecode(t *testing.T) {
	t.Parallel()
	var v struct{ A int }
	require.NoError(t, lava.StreamEvent{Data: []byte(`{"a":1}`)}.Decode(&v))
	require.Equal(t, 1, v.A)
	require.ErrorContains(t, lava.StreamEvent{Data: []byte(`oops`)}.Decode(&v), "oops")
}

// An unlimited size works like any other.
func TestLargestResponseSize(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.URL.Path == "/v1/forward" {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, "data: {\"x\":1}\n\ndata: [DONE]\n\n")
			return
		}
		writeJSON(w, 200, `{"meter_id":"prd_1"}`)
	})
	client := api.client(t, lava.WithMaxResponseSize(math.MaxInt64))
	_, err := client.Meters.Retrieve(t.Context(), "prd_1")
	require.NoError(t, err)
	events, err := collect(t, client, lava.GatewayParams{})
	require.NoError(t, err)
	require.Len(t, events, 1)
}
