package mockserver

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// Call is an HTTP request to Lava (the management API, the gateway or a page) with its
// result. Requests that control the mock are not calls. All secrets in a call are
// masked.
type Call struct {
	// ID is the response's x-lava-request-id. For a metered request, it is also the id
	// of its record.
	ID string
	// Position is the call's place among all calls, from 1, in the order in which they
	// ended.
	Position int
	At       time.Time     // when it arrived, on the server's clock
	Took     time.Duration // until its end, by Go's time
	Method   string
	Path     string   // with its query
	Endpoint Endpoint // empty if the path has none
	Status   int      // of the response; 0 if none was sent

	MerchantID     string // empty if no merchant is known by the credential
	CustomerID     string // empty for no customer or several
	ReferenceID    string // that the customer has now, or empty
	IdempotencyKey string
	// Replayed reports whether the response repeats an earlier one with the same
	// idempotency key.
	Replayed bool

	// Error is why Lava rejected the call; nil if it did not. Providers' errors are
	// passed on and not shown here.
	Error *Error
	// Hint says what is probably wrong with the call and how to fix it. It is empty if
	// nothing seems wrong. An accepted call may have a hint too, for example about a
	// field that Lava ignores.
	Hint string
	// Failure is the failure that a test armed for the call; empty if there was none.
	Failure string

	// Thread is what the call caused.
	Thread
	// Due is what was already due and was carried out at the beginning of the call, such
	// as renewals when the clock runs.
	Due Thread

	tenant            string               // the merchant, where there are several
	request, response func() ([]byte, int) // not the bodies themselves, which fmt would print
	header            func() (request, response http.Header)
	tries             func() []ProviderCall
}

// Thread has the ids of everything that a call caused, oldest first. Each of these also
// has the call's id.
type Thread struct {
	Events        []string // see [Server.Events]
	LedgerEntries []string // see [Server.Ledger]
	Payments      []string // see [Server.Payments]
	Deliveries    []string // to webhooks, with all attempts: see [Server.Deliveries]
	ProviderCalls []string // each try of a chain of fallbacks: see [Server.ProviderCalls]
}

// RequestBody returns the body that the application sent: up to its first 256 KiB, as
// far as it was read. It is nil if the body is no longer kept. The server keeps the
// latest 16 MiB of all bodies.
func (c Call) RequestBody() []byte { return bodyOf(c.request) }

// ResponseBody returns the body of the response, as [Call.RequestBody] does.
func (c Call) ResponseBody() []byte { return bodyOf(c.response) }

// RequestHeader returns the header that the application sent, without Host. It is kept as
// long as the bodies.
func (c Call) RequestHeader() http.Header {
	request, _ := c.headers()
	return request
}

// ResponseHeader returns the header of the response, without what net/http adds, such as
// Date.
func (c Call) ResponseHeader() http.Header {
	_, response := c.headers()
	return response
}

func (c Call) headers() (request, response http.Header) {
	if c.header == nil {
		return nil, nil
	}
	return c.header()
}

// Tries returns what the call has sent to providers: see [Server.ProviderCalls].
func (c Call) Tries() []ProviderCall {
	if c.tries == nil {
		return nil
	}
	return c.tries()
}

func bodyOf(body func() ([]byte, int)) []byte {
	if body == nil {
		return nil
	}
	data, _ := body()
	return data
}

// Rejected reports whether the response is an error, or was never sent.
func (c Call) Rejected() bool { return c.Status == 0 || c.Status >= 400 }

// String returns one line about the call. Where the server has several merchants, it names
// the call's.
func (c Call) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", c.Method, c.Path)
	if c.Status == 0 {
		b.WriteString(" no response")
	} else {
		fmt.Fprintf(&b, " %d", c.Status)
	}
	if c.Endpoint == "" {
		b.WriteString(" unmatched")
	} else {
		fmt.Fprintf(&b, " %s", c.Endpoint)
	}
	fmt.Fprintf(&b, " %s", c.Took.Round(time.Microsecond))
	customer := c.CustomerID
	if c.ReferenceID != "" && c.ReferenceID != customer {
		customer += " (" + c.ReferenceID + ")"
	}
	for _, named := range [...]struct{ name, value string }{
		{"merchant", c.tenant}, {"customer", customer}, {"idempotency key", c.IdempotencyKey}, {"failure", c.Failure},
	} {
		if named.value != "" {
			fmt.Fprintf(&b, ", %s %s", named.name, named.value)
		}
	}
	if c.Replayed {
		b.WriteString(" (replayed)")
	}
	if c.Error != nil {
		fmt.Fprintf(&b, ": %s: %s", c.Error.Code, c.Error.Message)
	}
	if c.Hint != "" {
		fmt.Fprintf(&b, "; hint: %s", c.Hint)
	}
	return b.String()
}

// Format implements [fmt.Formatter]: every verb prints one line about the call.
func (c Call) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, c.String()) }

// LogValue implements [slog.LogValuer] without bodies and effects. Use the ID to find them.
func (c Call) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("id", c.ID), slog.String("method", c.Method), slog.String("path", c.Path),
		slog.Int("status", c.Status), slog.Duration("took", c.Took),
	}
	for _, named := range [...]slog.Attr{
		slog.String("endpoint", string(c.Endpoint)), slog.String("customer_id", c.CustomerID),
		slog.String("failure", c.Failure), slog.String("hint", c.Hint),
	} {
		if named.Value.String() != "" {
			attrs = append(attrs, named)
		}
	}
	if c.Error != nil {
		attrs = append(attrs, slog.String("code", c.Error.Code))
	}
	return slog.GroupValue(attrs...)
}

// Calls returns the latest 10,000 calls to the server, in the order in which they ended. A
// call is included before the client can see the end of its response.
func (s *Server) Calls() Calls {
	all, _ := s.callsAfter(0)
	return all
}

// LatestCalls returns the latest n of [Server.Calls], in the same order. It is cheap enough
// to call often.
func (s *Server) LatestCalls(n int) Calls {
	kept := s.calls.latest(n)
	all := make(Calls, len(kept))
	for i := range kept {
		all[i] = s.show(&kept[i])
	}
	return all
}

// Call returns the call with the given id, from the header x-lava-request-id of its
// response. It returns false if there was no such call or if it is no longer kept.
func (s *Server) Call(id string) (Call, bool) {
	kept := s.calls.find(id)
	if kept == nil {
		return Call{}, false
	}
	return s.show(kept), true
}

// WaitForCalls waits until enough reports true for the calls, and returns them. It calls
// enough whenever another call has ended. If ctx ends first, or the server is closed, the
// error lists the calls so far.
func (s *Server) WaitForCalls(ctx context.Context, enough func(Calls) bool) (Calls, error) {
	for {
		all, more := s.callsAfter(0)
		if enough(all) {
			return all, nil
		}
		select {
		case <-more:
		case <-s.closing:
			return all, fmt.Errorf("waiting for calls: the server was closed; so far there were %s", all.summary())
		case <-ctx.Done():
			return all, fmt.Errorf("waiting for calls: %w; so far there were %s", ctx.Err(), all.summary())
		}
	}
}

// callsAfter returns the calls after a position, and a channel that is closed when there are more.
func (s *Server) callsAfter(position int) (Calls, <-chan struct{}) {
	kept, more := s.calls.after(uint64(max(position, 0)))
	all := make(Calls, len(kept))
	for i := range kept {
		all[i] = s.show(&kept[i])
	}
	return all, more
}

// show returns a call with its secrets masked. c is a copy that does not change.
func (s *Server) show(c *keptCall) Call {
	out := Call{
		ID: c.id, Position: int(c.position), At: c.at, Took: c.took, Method: c.method, Path: s.maskURL(c.uri), Endpoint: c.endpoint,
		Status: c.status, MerchantID: c.merchant, CustomerID: s.maskURL(c.customer), IdempotencyKey: s.maskURL(c.idempotencyKey),
		Replayed: c.replayed, Hint: c.hint, Failure: c.failure,
	}
	if s.isShared() {
		out.tenant = c.merchant
	}
	if c.customer != "" {
		if known, err := s.engine.Customer(c.merchant, c.customer); err == nil {
			out.ReferenceID = s.mask(known.ReferenceID)
		}
	}
	if c.err != nil {
		e := *c.err
		e.Code, e.Message, e.Param = s.maskMessage(e.Code), s.maskMessage(e.Message), s.maskMessage(e.Param)
		out.Error = &e
	}
	if out.Hint == "" {
		out.Hint = hintAtInput(c.input, c.request.data)
	}
	out.Hint = s.maskMessage(out.Hint)
	request, response, fields := c.request, c.response, secretFieldsAt(c.endpoint)
	out.request = func() ([]byte, int) { return s.maskBody(fields, request.data), request.size }
	out.response = func() ([]byte, int) { return s.maskBody(fields, response.data), response.size }
	out.header = func() (http.Header, http.Header) {
		return s.maskHeader(parseHeaderLines(c.requestHeader)), s.maskHeader(parseHeaderLines(c.responseHeader))
	}
	out.tries = func() []ProviderCall {
		all := make([]ProviderCall, len(c.providerCalls))
		for i := range all {
			all[i] = s.showProviderCall(c, i)
		}
		return all
	}
	for _, e := range c.trace.Effects {
		thread := &out.Thread
		if e.Due {
			thread = &out.Due
		}
		switch e.Kind {
		case billing.EffectPayment:
			thread.Payments = append(thread.Payments, e.ID)
		case billing.EffectEntry:
			thread.LedgerEntries = append(thread.LedgerEntries, entryID(e.ID, e.Number))
		case billing.EffectEvent:
			if at, ok := s.events.at(e.Number); ok {
				thread.Events = append(thread.Events, s.eventID(at, e.Number))
			}
		case billing.EffectDelivery:
			thread.Deliveries = append(thread.Deliveries, e.ID)
		}
	}
	for i := range c.providerCalls {
		out.ProviderCalls = append(out.ProviderCalls, providerCallID(c.id, i))
	}
	return out
}

// complete adds what is known about a call at its end.
func (s *Server) complete(c *keptCall, r *http.Request) {
	if c.customer == "" && !c.endpoint.isGateway() { // those get it from admission
		c.customer = c.customerNamed()
	}
	if c.customer != "" && !strings.HasPrefix(c.customer, "con_") { // a reference id
		if known, err := s.engine.Customer(c.merchant, c.customer); err == nil {
			c.customer = known.ID
		}
	}
	switch {
	case c.struck || c.status == 0 && c.failure != "":
		c.hint = "nothing is wrong with the call: a test armed this failure, " + c.failure
	case c.err != nil || c.status >= 400:
		c.hint = s.hint(c, r)
	}
}

// customerNamed returns the customer of a call to the management API, from the path, the response, or the request.
func (c *keptCall) customerNamed() string {
	switch {
	case strings.HasPrefix(string(c.endpoint), "customers.") && c.subject != "":
		return c.subject
	case strings.HasSuffix(string(c.endpoint), ".list"):
		return ""
	}
	if id := textField(c.response.data, "customer_id"); id != "" {
		return id
	}
	return ownText(c.request.data, "customer_id")
}

// ownText returns the text of an object's own field, as opposed to one in its metadata.
func ownText(object []byte, name string) string {
	text, _ := jsonscan.Text(jsonscan.Field(object, name))
	return text
}

// textField finds the first JSON field of a name whose value is a string without escapes.
func textField(body []byte, name string) string {
	for rest := body; ; {
		i := bytes.Index(rest, []byte(name))
		if i < 0 {
			return ""
		}
		quoted := i > 0 && rest[i-1] == '"'
		rest = rest[i+len(name):]
		after, ok := bytes.CutPrefix(rest, []byte(`"`))
		if !quoted || !ok {
			continue
		}
		after, ok = bytes.CutPrefix(bytes.TrimLeft(after, " \t\r\n"), []byte(":"))
		after, isText := bytes.CutPrefix(bytes.TrimLeft(after, " \t\r\n"), []byte(`"`))
		if end := bytes.IndexByte(after, '"'); ok && isText && end >= 0 && bytes.IndexByte(after[:end], '\\') < 0 {
			return string(after[:end])
		}
	}
}

// tellOf notifies watchers of a call that has ended.
func (s *Server) tellOf(c *keptCall) {
	if s.cfg.onCall == nil {
		return
	}
	shown := s.show(s.calls.copyOf(c))
	s.calls.telling.Lock()
	defer s.calls.telling.Unlock()
	if !s.calls.closed {
		s.cfg.onCall(shown)
	}
}

// maxLogged limits how many calls are logged to a test.
const maxLogged = 100

// logCalls logs the latest calls to the test.
func (s *Server) logCalls(t TB) {
	t.Helper()
	all := s.Calls()
	if n := len(all) - maxLogged; n > 0 {
		t.Logf("mockserver: %d calls before these", all[n].Position-1)
		all = all[n:]
	}
	for _, c := range all {
		t.Logf("mockserver: call %d: %s", c.Position, c)
	}
}
