package lava

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"time"

	"github.com/lavapayments/lava-go/internal/exchange"
	"github.com/lavapayments/lava-go/internal/sse"
)

// After its terminal event a stream gets this long to end, so that its
// connection can be used again.
const drainTime = 250 * time.Millisecond

// StreamEvent is a server-sent event of a provider's answer.
type StreamEvent struct {
	Type string // the event's name, such as "message_delta"; "" if the provider names none
	ID   string
	Data []byte // valid until the next event
}

// Decode reads the data as JSON into v.
func (e StreamEvent) Decode(v any) error {
	if err := json.Unmarshal(e.Data, v); err != nil {
		return fmt.Errorf("lava: stream event %s: %w", excerpt(e.Data), err)
	}
	return nil
}

// GatewayStream sends a request like [Client.Gateway] and returns the provider's
// answer event by event, as it arrives. The body must ask for a stream, in the
// provider's way ("stream": true).
//
//	for event, err := range client.GatewayStream(ctx, address, params) {
//		if err != nil {
//			return err
//		}
//		fmt.Printf("%s\n", event.Data)
//	}
//
// The request is sent when the loop begins, and each loop sends it again.
// Leaving the loop closes the connection; the usage until then is billed. The
// loop ends after the terminal event, of which OpenAI's [DONE] is not returned.
// A stream that ends without one is [ErrStreamCut], silence of more than the
// IdleTimeout is [ErrStreamIdle], an answer that is no stream is [ErrNotStream],
// and an error event is an [*Error] with the provider's code and message.
func (c *Client) GatewayStream(ctx context.Context, address string, params GatewayRequestParams) iter.Seq2[StreamEvent, error] {
	return func(yield func(StreamEvent, error) bool) {
		req, err := c.prepareGateway(address, params)
		if err != nil {
			yield(StreamEvent{}, err)
			return
		}
		if req.Header.Get("Accept") == "" {
			req.Header.Set("Accept", "text/event-stream")
		}
		s := stream{
			req:    req,
			idle:   orDefault(params.IdleTimeout, defaultIdleTimeout),
			isLast: params.IsLast,
		}
		if err := s.run(ctx, c, yield); err != nil {
			yield(StreamEvent{}, err)
		}
	}
}

type stream struct {
	req    *request
	idle   time.Duration
	isLast func(StreamEvent) bool
	resp   exchange.Response // status and header, for errors
}

// run sends the request and yields events until the stream ends or the caller
// leaves. It returns an error that the caller is still to be told.
func (s *stream) run(ctx context.Context, c *Client, yield func(StreamEvent, error) bool) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(s.idle, func() { cancel(ErrStreamIdle) })
	defer silence.Stop()

	resp, failure := c.http.Open(ctx, &s.req.Request)
	if failure != nil {
		return s.failed(ctx, failure)
	}
	defer resp.Stream.Close()
	if err := s.check(c, resp); err != nil {
		return err
	}
	keepResponse(ctx, resp)
	s.resp = resp

	reader := sse.NewReader(resp.Stream, int(c.http.MaxBody))
	ended := false
	for {
		silence.Reset(s.idle)
		raw, err := reader.Next()
		silence.Stop()
		if err != nil {
			return s.end(ctx, err, ended)
		}
		if raw.Data == nil {
			continue // a comment or a blank line
		}
		event := StreamEvent{Type: raw.Type, ID: raw.ID, Data: raw.Data}
		if isErrorEvent(event) {
			return s.reported(event)
		}
		what := s.classify(event)
		ended = ended || what != inside
		if what != doneMarker && !yield(event, nil) {
			return nil
		}
		if what == terminal || what == doneMarker {
			silence.Reset(drainTime)
			for err == nil {
				_, err = reader.Next()
			}
			return nil
		}
	}
}

// check returns the error of a response that is no event stream.
func (s *stream) check(c *Client, resp exchange.Response) error {
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.OK() && mediaType == "text/event-stream" {
		return nil
	}
	whole, failure := c.http.Read(resp)
	if failure != nil {
		failure.Attempts = resp.Attempts
		return s.req.failed(failure)
	}
	defer whole.Release()
	return s.req.unusable(whole, fmt.Sprintf("%q came instead of an event stream; does the request ask for one? %s",
		mediaType, excerpt(s.req.redact(whole.Body))), ErrNotStream)
}

// end returns the error with which the reading of a stream ended; nil if it was
// complete.
func (s *stream) end(ctx context.Context, err error, ended bool) error {
	failure := &exchange.Failure{Reason: exchange.Final, Response: s.resp, Attempts: s.resp.Attempts}
	switch {
	case ended && errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, io.EOF):
		failure.Err = ErrStreamCut
	case errors.Is(err, sse.ErrTooLong):
		failure.Message, failure.Err = "an event is too long", ErrResponseTooLarge
	default:
		failure.Err = fmt.Errorf("%w: %w", ErrStreamCut, err)
	}
	return s.failed(ctx, failure)
}

// failed is the error of a stream that did not come, or broke off. A failure that
// only says that the stream was canceled says why.
func (s *stream) failed(ctx context.Context, failure *exchange.Failure) error {
	if errors.Is(context.Cause(ctx), ErrStreamIdle) {
		failure.Message, failure.Err = fmt.Sprintf("nothing came for %v", s.idle), ErrStreamIdle
	}
	return s.req.failed(failure)
}

// isErrorEvent reports whether an event is an error. OpenAI sends an object with
// an error in it, Anthropic an event of that name.
func isErrorEvent(event StreamEvent) bool {
	return event.Type == "error" || bytes.HasPrefix(event.Data, []byte(`{"error"`))
}

// reported is the error that an event reports.
func (s *stream) reported(event StreamEvent) error {
	resp := s.resp
	resp.Body = event.Data
	return s.req.failed(&exchange.Failure{Reason: exchange.Rejected, Response: resp, Attempts: resp.Attempts})
}

// position is where in a stream an event stands.
type position uint8

const (
	inside     position = iota // more must follow
	closing                    // the stream may end here, but more may follow
	terminal                   // the last event
	doneMarker                 // the end without an event: OpenAI's [DONE]
)

func (s *stream) classify(event StreamEvent) position {
	switch {
	case string(event.Data) == "[DONE]":
		return doneMarker
	case s.isLast != nil:
		if s.isLast(event) {
			return terminal
		}
		return inside
	}
	switch event.Type {
	case "message_stop", // Anthropic
		"response.completed", "response.incomplete", "response.failed": // OpenAI, Responses API
		return terminal
	}
	if hasKey(event.Data, `"finishReason"`) { // Google, whose streams just end
		return closing
	}
	return inside
}

// hasKey reports whether a JSON text has a key, given with its quotes. In a
// string value the quotes would be escaped.
func hasKey(data []byte, key string) bool {
	_, after, found := bytes.Cut(data, []byte(key))
	return found && bytes.HasPrefix(bytes.TrimLeft(after, " \t\r\n"), []byte(":"))
}
