package mockserver

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// ProviderCall is an attempt to reach a provider, with the request as the provider
// received it. A [Call] with fallbacks may have several. Credentials are masked.
type ProviderCall struct {
	ID      string // the call's id and the number of the attempt
	CallID  string
	Attempt int // from 1
	At      time.Time
	Took    time.Duration // until the response began, by Go's time

	Provider string // an id of the catalog, or "other"
	Host     string // such as "api.openai.com"
	Method   string
	URL      string
	Header   http.Header

	// Status is the status of the response. It is 0 if there was no response; Error
	// then says why.
	Status int
	Error  string
	// Usage was read from the response, or estimated. It is nil if the call failed or
	// another provider responded.
	Usage *ProviderUsage

	// Conversation is what the model is asked, independent of the provider's format. It
	// is empty if the body is not a conversation.
	Conversation

	body func() []byte // not the body itself, which fmt would print
}

// ProviderUsage is the usage of a provider's response.
type ProviderUsage struct {
	InputTokens     int64
	OutputTokens    int64
	InputCharacters int64
	InputDuration   time.Duration
}

// Body returns the body that the provider received, with the limits of
// [Call.RequestBody]. A compressed body is returned uncompressed.
func (c ProviderCall) Body() []byte {
	if c.body == nil {
		return nil
	}
	return c.body()
}

// String returns one line about the call.
func (c ProviderCall) String() string {
	outcome := strconv.Itoa(c.Status)
	if c.Error != "" {
		outcome = c.Error
	}
	return fmt.Sprintf("%s: %s %s %s", c.ID, c.Method, c.URL, outcome)
}

// Format implements [fmt.Formatter]: every verb prints one line about the call.
func (c ProviderCall) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, c.String()) }

// ProviderCalls returns the requests that reached the providers, or should have,
// in the order of [Server.Calls] and as long as those are kept.
func (s *Server) ProviderCalls() []ProviderCall {
	kept, _ := s.calls.after(0)
	var all []ProviderCall
	for i := range kept {
		for j := range kept[i].providerCalls {
			all = append(all, s.showProviderCall(&kept[i], j))
		}
	}
	return all
}

// providerCallID returns the id of the nth attempt of a call, from 0.
func providerCallID(callID string, n int) string { return callID + "/" + strconv.Itoa(n+1) }

// keptProviderCall is an attempt in the ring.
type keptProviderCall struct {
	at     time.Time
	took   time.Duration
	method string
	url    *url.URL
	header []byte // lines
	body   keptBody
	status int
	err    error
	usage  billing.Usage // zero if none was read
}

// used adds usage to the attempt that returned the response.
func (c *keptCall) used(u billing.Usage) {
	if n := len(c.providerCalls); n > 0 {
		c.providerCalls[n-1].usage = u
	}
}

// providerCalls records the requests to providers.
type providerCalls struct {
	next  http.RoundTripper
	clock *clock
}

// RoundTrip implements http.RoundTripper.
func (p providerCalls) RoundTrip(req *http.Request) (*http.Response, error) {
	return p.sendFor(recorderOf(req.Context()), req)
}

// sendFor sends a request that is part of a call.
func (p providerCalls) sendFor(rec *recorder, req *http.Request) (*http.Response, error) {
	c := rec.call
	try := tryOf(p.clock.read(), req, &rec.rest, maxBodyKept)
	began := time.Now()
	resp, err := p.next.RoundTrip(req)
	try.took, try.err = time.Since(began), err
	if err == nil {
		try.status = resp.StatusCode
		c.rule = Rule(resp.Header.Get(upstream.RuleHeader))
	}
	if c.providerCalls == nil {
		c.providerCalls = c.firstTry[:0]
	}
	c.providerCalls = append(c.providerCalls, try)
	return resp, err
}

// tryOf records a request before it is sent. Its header and the beginning of its body are written to room.
func tryOf(at time.Time, req *http.Request, room *excerpt, most int64) keptProviderCall {
	try := keptProviderCall{at: at, method: req.Method, url: req.URL}
	try.header = room.addHeader(req.Header)
	begin := len(room.data)
	room.data = appendBody(room.data, req, most)
	if sent := room.data[begin:]; len(sent) > 0 {
		try.body = keptBody{sent, int(req.ContentLength)}
	}
	return try
}

func parseHeaderLines(lines []byte) http.Header {
	h := http.Header{}
	for line := range strings.Lines(string(lines)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		h[name] = append(h[name], value)
	}
	return h
}

// appendBody appends at most the first most bytes of a request's body.
func appendBody(data []byte, req *http.Request, most int64) []byte {
	if req.GetBody == nil || req.ContentLength <= 0 {
		return data
	}
	body, err := req.GetBody()
	if err != nil {
		return data
	}
	begin, n := len(data), int(min(req.ContentLength, most))
	data = slices.Grow(data, n)[:begin+n]
	n, _ = io.ReadFull(body, data[begin:])
	return data[:begin+n]
}

// plain returns at most the first most bytes of a body, decompressed as its header says. A body that can't be
// decompressed is returned unchanged.
func (b keptBody) plain(h http.Header, most int64) []byte {
	if h.Get("Content-Encoding") != "gzip" {
		return b.data
	}
	r, err := gzip.NewReader(bytes.NewReader(b.data))
	if err != nil {
		return b.data
	}
	plain, _ := io.ReadAll(io.LimitReader(r, most)) // a truncated body is decoded as far as possible
	return plain
}

// showProviderCall returns the nth attempt of a call, masked.
func (s *Server) showProviderCall(c *keptCall, n int) ProviderCall {
	return s.showTry(c, n, maxBodyKept)
}

// showTry is showProviderCall, limiting a compressed body to its first most bytes.
func (s *Server) showTry(c *keptCall, n int, most int64) ProviderCall {
	try := &c.providerCalls[n]
	header := parseHeaderLines(try.header)
	body := try.body.plain(header, most)
	out := ProviderCall{
		ID: providerCallID(c.id, n), CallID: c.id, Attempt: n + 1, At: try.at, Took: try.took, Provider: "other",
		Host: s.mask(try.url.Host), Method: try.method, URL: s.maskURL(try.url.String()), Header: s.maskHeader(header), Status: try.status,
		body: func() []byte { return s.maskBody(nil, body) },
	}
	if p, ok := s.catalog().ByHost(strings.TrimSuffix(try.url.Host, ":443")); ok {
		out.Provider = p.ID
	}
	if try.err != nil {
		out.Error = s.mask(try.err.Error())
	}
	if u := try.usage; u != (billing.Usage{}) {
		out.Usage = &ProviderUsage{InputTokens: u.InputTokens, OutputTokens: u.OutputTokens, InputCharacters: u.InputCharacters, InputDuration: u.InputDuration}
	}
	out.Conversation = s.maskConversation(conversationOf(try.method, try.url, body))
	return out
}
