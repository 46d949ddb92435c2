package lava

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"mime"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/eventstream"
	"github.com/lavapayments/lava-go/internal/exchange"
	"github.com/lavapayments/lava-go/internal/jsonscan"
	"github.com/lavapayments/lava-go/internal/sse"
)

// A stream has this much time to end after its terminal event, so that its connection can be reused.
const drainTime = 250 * time.Millisecond

// StreamEvent is an event of a provider's response. It is a server-sent event, a frame in
// Amazon's format, with its payload as Data, or a line of JSON or an element of a growing
// JSON array, as Data.
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

// GatewayStream sends a request like [Client.Gateway] and returns the provider's response
// event by event, as it arrives. The body must ask for a stream in the provider's way
// ("stream": true). Streams of JSON lines (Cohere, Ollama) and arrays (Google without
// alt=sse) are returned value by value.
//
//	for event, err := range client.GatewayStream(ctx, address, params) {
//		if err != nil {
//			return err
//		}
//		fmt.Printf("%s\n", event.Data)
//	}
//
// The request is sent when the loop begins, and each loop sends it again. Leaving the
// loop closes the connection; the usage until then is billed. The loop ends after the
// terminal event. OpenAI's [DONE] also ends it, but is not returned. A stream that ends
// without a terminal event returns [ErrStreamCut]. If no data arrives within the
// IdleTimeout, the error is [ErrStreamIdle]. A response that is not a stream returns
// [ErrNotStream]. An error event is an [*Error] with the provider's code and message.
func (c *Client) GatewayStream(ctx context.Context, address string, params GatewayParams) iter.Seq2[StreamEvent, error] {
	return func(yield func(StreamEvent, error) bool) {
		req, err := c.prepareGateway(ctx, address, params)
		if err != nil {
			yield(StreamEvent{}, err)
			return
		}
		if req.Header.Get("Accept") == "" {
			req.Header.Set("Accept", streamType(params.Format))
		}
		s := stream{
			req:    req,
			idle:   cmp.Or(params.IdleTimeout, defaultIdleTimeout),
			isLast: params.IsLast,
		}
		if err := s.run(ctx, c, yield); err != nil {
			yield(StreamEvent{}, err)
		}
	}
}

// streamType returns the media type of a format's streams.
func streamType(format GatewayFormat) string {
	if format == FormatBedrock {
		return eventstream.ContentType
	}
	return "text/event-stream"
}

type stream struct {
	req    *request
	idle   time.Duration
	isLast func(StreamEvent) bool
	resp   exchange.Response // status and header, for errors
}

// run sends the request and yields events until the stream ends or the caller
// leaves. It returns an error that has not been yielded yet.
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
	keepResponse(ctx, resp)
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.OK() && mediaType == "application/json" {
		mediaType, resp.Stream = arrayType(resp.Stream)
	}
	next := newEvents(mediaType, resp.Stream, int(min(c.http.MaxBody, math.MaxInt)))
	if next == nil || !resp.OK() {
		return s.notStream(c, resp, mediaType)
	}
	s.resp = resp

	ended := false
	for {
		silence.Reset(s.idle)
		event, class, err := next()
		silence.Stop()
		if err != nil {
			return s.end(ctx, err, ended)
		}
		class = s.classify(event, class)
		switch {
		case class == ending.Failure:
			return s.reported(event)
		case class == ending.Heartbeat && event.Type == "":
			continue
		}
		ended = ended || class == ending.Last || class == ending.Terminal
		if !ending.IsDone(event.Data) && !yield(event, nil) {
			return nil
		}
		if class == ending.Terminal {
			silence.Reset(drainTime)
			for err == nil {
				_, _, err = next()
			}
			return nil
		}
	}
}

// growingArray is the media type of a JSON array whose elements are events.
const growingArray = "application/json; array"

// arrayType distinguishes an array, whose elements are events, from other JSON, which is
// not a stream. It returns the body unread.
func arrayType(body io.ReadCloser) (string, io.ReadCloser) {
	reader := bufio.NewReader(body)
	unread := struct {
		io.Reader
		io.Closer
	}{reader, body}
	if array, err := jsonscan.IsArray(reader); err == nil && array {
		return growingArray, unread
	}
	return "application/json", unread
}

// newEvents returns a function that reads the next event and its class, from server-sent
// events, Amazon's binary frames, or JSON. It is nil for other media types.
func newEvents(mediaType string, body io.Reader, longest int) func() (StreamEvent, ending.Class, error) {
	switch mediaType {
	case "text/event-stream":
		reader := sse.NewReader(body, longest)
		return func() (StreamEvent, ending.Class, error) {
			e, err := reader.Next()
			for err == nil && e.Data == nil { // a comment or a blank line
				if e.Data = ending.BareError(e.Raw); e.Data == nil {
					e, err = reader.Next()
				}
			}
			return StreamEvent{Type: e.Type, ID: e.ID, Data: e.Data}, ending.OfEvent(e.Type, e.Data), err
		}
	case eventstream.ContentType:
		reader := eventstream.NewReader(body, longest)
		return func() (StreamEvent, ending.Class, error) {
			m, _, err := reader.Next()
			kind, data := m.Event()
			return StreamEvent{Type: kind, Data: data}, ending.OfFrame(kind, data), err
		}
	case growingArray, "application/x-ndjson", "application/stream+json", "application/jsonl":
		reader := jsonscan.NewStream(body, longest)
		return func() (StreamEvent, ending.Class, error) {
			value, whole, err := reader.Next()
			switch {
			case whole: // the array is closed; this is not an event
				return StreamEvent{Data: []byte("[DONE]")}, ending.Terminal, nil
			case err != nil:
				return StreamEvent{}, ending.Content, err
			}
			return StreamEvent{Data: value}, ending.OfEvent("", value), nil
		}
	}
	return nil
}

// classify returns the class of an event; the caller may override it.
func (s *stream) classify(event StreamEvent, class ending.Class) ending.Class {
	switch {
	case s.isLast == nil, class == ending.Failure, ending.IsDone(event.Data):
		return class
	case s.isLast(event):
		return ending.Terminal
	}
	return ending.Content
}

// notStream returns the error of a response that is not an event stream.
func (s *stream) notStream(c *Client, resp exchange.Response, mediaType string) error {
	whole, failure := c.http.Read(resp)
	if failure != nil {
		failure.Attempts = resp.Attempts
		return s.req.failed(failure)
	}
	defer whole.Release()
	return s.req.unusable(whole, fmt.Sprintf("the response is %q, not an event stream: does the request ask for a stream? %s",
		mediaType, excerpt(s.req.redact(whole.Body))), ErrNotStream)
}

// end returns the error that ended a stream; nil if the stream was complete.
func (s *stream) end(ctx context.Context, err error, ended bool) error {
	failure := &exchange.Failure{Reason: exchange.Final, Response: s.resp, Attempts: s.resp.Attempts}
	switch {
	case ended && errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, io.EOF):
		failure.Err = ErrStreamCut
	case errors.Is(err, sse.ErrTooLong), errors.Is(err, jsonscan.ErrTooLong):
		failure.Message, failure.Err = "an event is too long", ErrResponseTooLarge
	case ctx.Err() != nil: // the caller ended it
		failure.Err = err
	default:
		failure.Err = fmt.Errorf("%w: %w", ErrStreamCut, err)
	}
	return s.failed(ctx, failure)
}

// failed returns the error of a stream that did not start or broke off. If the
// stream was canceled, the error says why.
func (s *stream) failed(ctx context.Context, failure *exchange.Failure) error {
	if errors.Is(context.Cause(ctx), ErrStreamIdle) {
		failure.Message, failure.Err = fmt.Sprintf("no data received for %v", s.idle), ErrStreamIdle
	}
	return s.req.failed(failure)
}

// reported returns the error that an event reports.
func (s *stream) reported(event StreamEvent) error {
	resp := s.resp
	resp.Body = event.Data
	failed := s.req.failed(&exchange.Failure{Reason: exchange.Rejected, Response: resp, Attempts: resp.Attempts})
	if strings.HasSuffix(event.Type, "Exception") { // Amazon's code is not in the data
		failed.Code = cmp.Or(failed.Code, event.Type)
	}
	return failed
}
