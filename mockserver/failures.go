package mockserver

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/spelling"
)

// Failure is a fault of Lava's API: which calls fail, and how. Zero fields match all
// calls. A [Fault], in contrast, is a provider's.
type Failure struct {
	Endpoint Endpoint // such as "subscriptions.create": see [Endpoints]
	// Customer is the id or reference id of the call's customer, as named by its path,
	// query or body, its subscription, or its forward token.
	Customer string
	Key      string // the id of the secret key or spend key used

	// After is how many calls pass first, and Times how many must then fail: see
	// [Server.Unused]. 0 is no limit. For example, After 2 and Times 1 match the third
	// call only. A retry counts as a call.
	After, Times int

	// At is the point at which the call fails. By default, it fails before any effect.
	At FailurePoint

	// Status is that of an error in Lava's format, from 400 to 599. Code and Message
	// default to the usual ones. Code must be a code that the mock knows: see
	// [FailureCodes]. RetryAfter is sent in the response's header.
	Status        int
	Code, Message string
	RetryAfter    time.Duration

	// Cut ends the connection without a response: the client sees EOF. If the
	// connection was used before, Go's http.Client then resends a GET, or a request
	// with an Idempotency-Key, on its own.
	Cut bool

	// Latency delays the call first, in Go's time, not the server's. On its own, it makes
	// a call slow but does not fail it. If the client disconnects while the call waits
	// before its effect, there is no effect.
	Latency time.Duration
}

// FailurePoint is the point at which a call fails.
type FailurePoint string

// The points, in the order in which a call reaches them.
const (
	// BeforeEffect is before anything has happened.
	BeforeEffect = FailurePoint(billing.BeforeEffect)
	// AfterProvider is for gateway calls: the provider has responded, but the request is
	// not recorded or charged. A stream that has begun can't become an error, so it is cut
	// before its end even if Status is set.
	AfterProvider = FailurePoint(billing.AfterProvider)
	// AfterEffect is when everything except the response has happened. The response is
	// lost; a retry with the same Idempotency-Key gets it. A stream that has begun is cut,
	// as at AfterProvider.
	AfterEffect = FailurePoint(billing.AfterEffect)
)

// Fail makes calls of this merchant to Lava's API fail, if they have a valid key, even if they would be rejected
// anyway. A call that fails before its effect does not use up its Idempotency-Key. An invalid failure, such as one
// with a status that isn't an error, fails the test of [Start]; elsewhere Fail panics. At the end of the test, a
// failure that struck no call, or fewer than its Times, fails it too: see [Server.Unused]. Fail returns the failure's
// id, with which [Merchant.Disarm] ends it.
func (m *Merchant) Fail(f Failure) (id string) {
	m.server.test.Helper()
	armed, err := m.server.fail(m.ID(), f)
	m.server.mustArm("Fail", err)
	return armed.ID
}

// Fail is [Merchant.Fail] for the calls of all merchants, and for calls that need no
// key.
//
//	s.Fail(mockserver.Failure{Endpoint: "subscriptions.create", Times: 1, Status: 503})
func (s *Server) Fail(f Failure) (id string) {
	s.test.Helper()
	armed, err := s.fail("", f)
	s.mustArm("Fail", err)
	return armed.ID
}

// mustArm fails the test of [Start], or panics, if what was to be armed is invalid.
func (s *Server) mustArm(method string, err error) {
	if err != nil {
		s.test.Helper()
		s.test.Fatalf("mockserver: %s: %s", method, s.maskMessage(err.Error()))
	}
}

func (s *Server) fail(merchant string, f Failure) (Armed, error) {
	if err := f.check(merchant); err != nil {
		return Armed{}, toError(err)
	}
	failure := billing.Failure{
		MerchantID: merchant, Endpoint: string(f.Endpoint), Customer: f.Customer, KeyID: f.Key,
		Turns: billing.Turns{After: f.After, Times: f.Times}, Point: billing.FailurePoint(f.At),
		Latency: f.Latency, Cut: f.Cut, Status: f.Status, Code: f.Code, Message: f.Message, RetryAfter: f.RetryAfter,
	}
	armed, err := billing.Do(s.engine, s.Now(), billing.ArmFailure{Failure: failure})
	if err != nil {
		return Armed{}, toError(err)
	}
	s.watchers.tell(ChangeArmed, "")
	return s.armedFailure(&armed), nil
}

// internalError is the code of an unexpected error.
const internalError = "internal_error"

// FailureCodes returns the codes of Lava's errors that the mock knows. A [Failure] with
// another Code is rejected, because it is probably misspelled.
func FailureCodes() []string {
	codes := []string{internalError}
	for code := range statuses {
		codes = append(codes, string(code))
	}
	slices.Sort(codes)
	return codes
}

// check rejects invalid failures that the engine can't recognize.
func (f Failure) check(merchant string) error {
	if codes := FailureCodes(); f.Code != "" && !slices.Contains(codes, f.Code) {
		return billing.Invalid("code", "%.40q is not one of Lava's codes%s", f.Code, spelling.Suggest(f.Code, codes))
	}
	if f.Endpoint == "" {
		return nil
	}
	if err := f.Endpoint.check(); err != nil {
		return billing.Invalid("endpoint", "%v", err)
	}
	if f.At == AfterProvider && !f.Endpoint.isGateway() {
		return billing.Invalid("at", "only calls to gateway endpoints reach a provider, and %s is not a gateway endpoint", f.Endpoint)
	}
	if f.Endpoint.isOpen() && (merchant != "" || f.Customer != "" || f.Key != "") {
		return billing.Invalid("endpoint", "calls to %s have no key, so their merchant is unknown: leave out merchant, customer and key", f.Endpoint)
	}
	return nil
}

// isOpen reports whether an endpoint needs no key.
func (e Endpoint) isOpen() bool {
	for _, at := range routes {
		for _, rt := range at {
			if rt.name == e {
				return rt.access == open
			}
		}
	}
	return !e.isGateway()
}

// describeFailure describes how calls fail, in a few words.
func describeFailure(f *billing.Failure) string {
	var all []string
	if f.Latency > 0 {
		all = append(all, fmt.Sprintf("latency of %v", f.Latency))
	}
	if f.Cut {
		all = append(all, "cut")
	}
	if f.Status != 0 {
		all = append(all, fmt.Sprintf("status %d", f.Status))
	}
	return strings.Join(all, " and ") + " " + strings.ReplaceAll(string(f.Point), "_", " ")
}

// meet takes a call to a point and returns the error that strikes it there. It ends the call if its connection is
// cut.
func (a *api) meet(ctx context.Context, kept *keptCall, now time.Time, at billing.TakeFailure) error {
	at.Endpoint, at.MerchantID = string(kept.endpoint), kept.merchant
	f, err := billing.DoTraced(a.engine, now, at, &kept.trace)
	if err != nil || f == nil {
		return nil //nolint:nilerr // of a merchant who is gone, no failure is left
	}
	kept.failure = describeFailure(f)
	if !wait(ctx, f.Latency) && f.Point == billing.BeforeEffect || f.Cut {
		panic(http.ErrAbortHandler)
	}
	if f.Status == 0 {
		return nil
	}
	kept.struck = true
	e := &Error{Status: f.Status, Code: f.Code, Message: f.Message, retryAfter: f.RetryAfter}
	if e.Code == "" {
		e.Code = usualCode(f.Status)
	}
	if e.Message == "" {
		e.Message = strings.ToLower(http.StatusText(f.Status))
	}
	return e
}

// wait waits, and reports whether the client is still there afterwards.
func wait(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// usualCode returns the most common code of errors with a status.
func usualCode(status int) string {
	usual := []billing.Code{
		billing.CodeInvalidRequest, billing.CodeAuthentication, billing.CodeInsufficientCredits, billing.CodeForbidden,
		billing.CodeNotFound, billing.CodeMethodNotAllowed, billing.CodeConflict, billing.CodeSessionExpired,
		billing.CodePayloadTooLarge, billing.CodeRateLimitExceeded, billing.CodeProviderError,
	}
	i := slices.IndexFunc(usual, func(code billing.Code) bool { return statuses[code] == status })
	switch {
	case i >= 0:
		return string(usual[i])
	case status >= http.StatusInternalServerError:
		return internalError
	}
	return string(billing.CodeInvalidRequest)
}

// meet takes a call to the management API to a point.
func (c *call) meet(point billing.FailurePoint) error {
	if !c.engine.Armed() {
		return nil
	}
	if c.named == nil {
		if err := c.readNames(); err != nil {
			return err
		}
	}
	at := billing.TakeFailure{Point: point, Customers: c.named}
	if key := bearer(c.r); key != "" {
		at.Key = billing.HashKey(key)
	}
	if strings.HasPrefix(string(c.kept.endpoint), "subscriptions.") {
		at.Subscription = c.id
	}
	return c.api.meet(c.r.Context(), c.kept, c.now, at)
}

// readNames reads which customers a call names. The body remains readable.
func (c *call) readNames() error {
	body, err := readBody(c.r, maxBody)
	if err != nil {
		return err
	}
	c.r.Body = io.NopCloser(bytes.NewReader(body))
	c.named = []string{c.r.URL.Query().Get("customer_id"), ownText(body, "customer_id"), ownText(body, "reference_id")}
	if strings.HasPrefix(string(c.kept.endpoint), "customers.") {
		c.named = append(c.named, c.id)
	}
	return nil
}

// meet takes a call to the gateway to a point.
func (b gatewayBilling) meet(ctx context.Context, t gateway.Token, point billing.FailurePoint) error {
	if !b.engine.Armed() || recorderOf(ctx).server.calls.isOver(recorderOf(ctx).call) { // failures armed since then are for other calls
		return nil
	}
	at := billing.TakeFailure{Point: point, Key: billing.HashKey(t.SecretKey)}
	if t.CustomerID != "" {
		at.Customers = []string{t.CustomerID}
	}
	return b.api.meet(ctx, recorderOf(ctx).call, b.clock.read(), at)
}
