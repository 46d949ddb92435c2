package billing

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Failure is a fault of the API that a test has armed: which calls it affects, and how.
// It is not part of Lava's billing. It is here because it is state: it counts calls in
// the order of the commands, and snapshots include it.
type Failure struct {
	Object
	MerchantID string // whose calls; empty: all merchants'
	Endpoint   string // empty: every endpoint
	Customer   string // id or reference id of the customer in the call; empty: all
	KeyID      string // of the secret key or spend key used; empty: every key
	Turns

	Point      FailurePoint
	Latency    time.Duration // before anything else
	Cut        bool          // the connection is closed without a response
	Status     int           // of the response; 0 for no error
	Code       string
	Message    string
	RetryAfter time.Duration // 0 omits the header
}

// FailurePoint is the point at which a call fails.
type FailurePoint string

// The points, in the order in which a call reaches them.
const (
	BeforeEffect  FailurePoint = "before_effect"  // nothing has happened
	AfterProvider FailurePoint = "after_provider" // the provider has responded, but nothing is recorded
	AfterEffect   FailurePoint = "after_effect"   // everything but the response has happened
)

// ArmFailure arms a failure.
type ArmFailure struct{ Failure Failure }

func (c ArmFailure) owner(s *state) (*merchant, error) {
	if c.Failure.MerchantID == "" {
		return nil, nil
	}
	return s.merchant(c.Failure.MerchantID)
}

func (c ArmFailure) apply(tx *tx, m *merchant) (Failure, error) {
	f := c.Failure
	f.Point = cmp.Or(f.Point, BeforeEffect)
	f.Met, f.Used = 0, 0
	if err := f.check(); err != nil {
		return Failure{}, err
	}
	if err := tx.checkCustomer(m, f.Customer); err != nil {
		return Failure{}, err
	}
	if f.KeyID != "" && !tx.isKey(m, f.KeyID) {
		return Failure{}, Errorf(CodeNotFound, "key_id", "key_id: no secret key or spend key has the id %q", shorten(f.KeyID))
	}
	f.Object = tx.object("flt")
	var err error
	tx.failures, err = arm(tx.failures, &f)
	return f, err
}

// check rejects failures that could never happen.
func (f *Failure) check() error {
	if err := f.Turns.check(); err != nil {
		return err
	}
	if err := oneOf("at", f.Point, BeforeEffect, AfterProvider, AfterEffect); err != nil {
		return err
	}
	switch {
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return Invalid("status", "%d is not the status of an error: use 400 to 599", f.Status)
	case f.Latency < 0:
		return Invalid("latency", "%v is negative", f.Latency)
	case f.RetryAfter < 0:
		return Invalid("retry_after", "%v is negative", f.RetryAfter)
	case f.Cut && f.Status != 0:
		return Invalid("cut", "can't be combined with status: a cut connection has no response")
	case f.Status == 0 && (f.Code != "" || f.Message != "" || f.RetryAfter != 0):
		return Invalid("status", "is required with code, message or retry_after")
	case !f.Cut && f.Status == 0 && f.Latency == 0:
		return Invalid("status", "nothing fails: give a status, cut or a latency")
	case f.Point != BeforeEffect && (f.Status == 429 || f.Status == 503):
		return Invalid("at", "%d means that nothing was done, so clients retry: use 500, 502 or 504 for a request that has taken effect", f.Status)
	}
	return nil
}

// checkCustomer rejects the id of a customer who doesn't exist. A reference id may belong to a customer who is created
// later.
func (s *state) checkCustomer(m *merchant, customer string) error {
	if !strings.HasPrefix(customer, "con_") {
		return nil
	}
	for _, other := range s.merchants.items {
		if m != nil && other != m {
			continue
		}
		if _, ok := other.customers.get(customer); ok {
			return nil
		}
	}
	return unknown("customer_id", "customer", customer)
}

// isKey reports whether an id belongs to a secret key or a spend key of a merchant, or of any merchant if m is nil.
func (s *state) isKey(m *merchant, id string) bool {
	return slices.ContainsFunc(s.merchants.items, func(other *merchant) bool {
		_, secret := other.secretKeys.get(id)
		_, spend := other.spendKeys.get(id)
		return (m == nil || other == m) && (secret || spend)
	})
}

// TakeFailure counts a call that has reached a point, and returns the failure that
// applies to it there, or nil.
type TakeFailure struct {
	Point        FailurePoint
	Endpoint     string
	MerchantID   string   // of the call; empty: unknown, or the spend key's
	Key          KeyHash  // the credential of the call; zero: none
	Customers    []string // ids and reference ids that the call names
	Subscription string   // id that the call names, or empty
}

func (c TakeFailure) owner(s *state) (*merchant, error) {
	if ref, ok := s.bySpendKey[c.Key]; ok {
		return ref.m, nil
	}
	if c.MerchantID == "" {
		return nil, nil
	}
	return s.merchant(c.MerchantID)
}

func (c TakeFailure) apply(tx *tx, m *merchant) (*Failure, error) {
	struck, ok := strike(tx.failures, func(f *Failure) bool { return tx.appliesTo(f, c, m) })
	if !ok {
		return nil, nil
	}
	f := *struck
	return &f, nil
}

// appliesTo reports whether a failure applies to a call, regardless of turns.
func (s *state) appliesTo(f *Failure, c TakeFailure, m *merchant) bool {
	switch {
	case f.Point != c.Point, f.Endpoint != "" && f.Endpoint != c.Endpoint:
		return false
	case f.MerchantID != "" && (m == nil || m.ID != f.MerchantID):
		return false
	case f.KeyID != "" && (m == nil || m.keyID(c.Key) != f.KeyID):
		return false
	}
	return f.Customer == "" || m != nil && m.names(c, f.Customer)
}

// keyID returns the id of one of a merchant's keys, or "".
func (m *merchant) keyID(hash KeyHash) string {
	for _, k := range m.secretKeys.items {
		if k.Hash == hash {
			return k.ID
		}
	}
	for _, k := range m.spendKeys.items {
		if k.Hash == hash {
			return k.ID
		}
	}
	return ""
}

// names reports whether a call names a customer, by id or reference id.
func (m *merchant) names(c TakeFailure, customer string) bool {
	known, _ := m.customer(customer)
	is := func(id string) bool {
		return id == customer || known != nil && (id == known.ID || id == known.ReferenceID && id != "")
	}
	if s, ok := m.subscriptions.get(c.Subscription); ok && is(s.CustomerID) {
		return true
	}
	return slices.ContainsFunc(c.Customers, is)
}

// DropFailures disarms the failures that were armed for a merchant.
type DropFailures struct {
	MerchantID string // empty: those that were armed for all merchants
	All        bool   // regardless of the merchant
}

func (DropFailures) owner(*state) (*merchant, error) { return nil, nil }

func (c DropFailures) apply(tx *tx, _ *merchant) (struct{}, error) {
	tx.failures = slices.DeleteFunc(tx.failures, func(f *Failure) bool { return c.All || f.MerchantID == c.MerchantID })
	return struct{}{}, nil
}

// Disarm removes one failure, decline or reply, and reports whether there was one with the ID. The ID of a reply is
// its Name.
type Disarm struct {
	ID         string
	MerchantID string // only if it was armed for this merchant; empty: for any, or for all
}

func (Disarm) owner(*state) (*merchant, error) { return nil, nil }

func (c Disarm) apply(tx *tx, _ *merchant) (bool, error) {
	isIt := func(id, merchantID string) bool {
		return id == c.ID && (c.MerchantID == "" || c.MerchantID == merchantID)
	}
	before := len(tx.failures) + len(tx.declines) + len(tx.replies)
	tx.failures = slices.DeleteFunc(tx.failures, func(f *Failure) bool { return isIt(f.ID, f.MerchantID) })
	tx.declines = slices.DeleteFunc(tx.declines, func(d *Decline) bool { return isIt(d.ID, d.MerchantID) })
	tx.replies = slices.DeleteFunc(tx.replies, func(r *ScriptedReply) bool { return isIt(r.Name(), r.MerchantID) })
	return len(tx.failures)+len(tx.declines)+len(tx.replies) < before, nil
}

// Failures returns the armed failures, including spent ones, in the order in which they were armed.
func (e *Engine) Failures() []Failure {
	var all []Failure
	e.view(func(s *state) {
		for _, f := range s.failures {
			all = append(all, *f)
		}
	})
	return all
}

// isArmed reports whether a failure has turns left.
func (s *state) isArmed() bool {
	return slices.ContainsFunc(s.failures, func(f *Failure) bool { return !f.spent() })
}
