package billing

import (
	"fmt"
	"slices"

	"github.com/stretchr/testify/require"
)

// The simulation of what tests do to an engine: arm failures, script replies, trigger events, and create and delete
// tenants.

// modelTurns count like [Turns], but differently: by what is left.
type modelTurns struct {
	id            string
	endpoint      string
	pass, left    int // left below 0: no end
	owner         string
	isReplyNumber int
}

func newModelTurns(id string, t Turns) *modelTurns {
	left := t.Times
	if left == 0 {
		left = -1
	}
	return &modelTurns{id: id, pass: t.After, left: left}
}

// turnOf returns whose turn it is. All of them count, not only the first.
func turnOf(all []*modelTurns) (struck *modelTurns) {
	for _, t := range all {
		switch {
		case t.pass > 0:
			t.pass--
		case t.left == 0 || struck != nil:
		default:
			struck = t
			if t.left > 0 {
				t.left--
			}
		}
	}
	return struck
}

func (s *sim) turns() Turns { return Turns{After: s.n(3), Times: s.n(3)} }

// renew ends a customer's cycle now.
func (s *sim) renew() {
	id, c := s.someCustomer()
	if c == nil {
		return
	}
	_, err := give(s, RenewNow{MerchantID: s.merchant, Customer: id})
	s.noError(err)
	s.model.endNow(c, s.order)
}

// cancelNow ends a subscription now.
func (s *sim) cancelNow() {
	id, c := s.someCustomer()
	if c == nil {
		return
	}
	_, err := give(s, CancelNow{MerchantID: s.merchant, Customer: id})
	s.noError(err)
	c.ending, c.next = true, ""
	s.model.endNow(c, s.order)
}

func (m *model) endNow(c *modelCustomer, order func() uint64) {
	c.anchor, c.cycles = m.now, -1
	m.endCycle(c, order)
}

func (s *sim) changeCard() {
	id, c := s.someCustomer()
	if c == nil {
		return
	}
	number := []string{goodCard, laterCard, badCard}[s.n(3)]
	_, err := give(s, ChangeCard{MerchantID: s.merchant, Customer: id, Card: *mustCard(s.T, number)})
	s.noError(err)
	c.card, c.blocked = number, false
}

// armDecline arms a decline of a customer's renewals.
func (s *sim) armDecline() {
	id, c := s.someCustomer()
	if c == nil || len(c.declines) == 3 {
		return
	}
	owner := []string{"", s.merchant}[s.n(2)]
	d, err := give(s, ArmDecline{Decline{MerchantID: owner, Customer: id, Purpose: PaymentRenewal, Turns: s.turns()}})
	s.noError(err)
	t := newModelTurns(d.ID, d.Turns)
	t.owner = owner
	c.declines = append(c.declines, t)
}

func (s *sim) dropDeclines() {
	whose := []DropDeclines{{}, {MerchantID: s.merchant}, {All: true}}[s.n(3)]
	_, err := give(s, whose)
	s.noError(err)
	for _, c := range s.model.customers {
		c.declines = slices.DeleteFunc(c.declines, func(d *modelTurns) bool { return whose.All || d.owner == whose.MerchantID })
	}
}

// disarm removes one failure.
func (s *sim) disarm() {
	if len(s.model.failures) == 0 {
		return
	}
	i := s.n(len(s.model.failures))
	t := s.model.failures[i]
	found, err := give(s, Disarm{ID: t.id, MerchantID: []string{"", t.owner}[s.n(2)]})
	s.noError(err)
	require.True(s, found, "a failure is disarmed, %s", s.where())
	s.model.failures = slices.Delete(s.model.failures, i, i+1)
}

var simEndpoints = []string{"customers.create", "gateway.forward", ""}

func (s *sim) armFailure() {
	if len(s.model.failures) == 20 {
		_, err := give(s, DropFailures{All: true})
		s.noError(err)
		s.model.failures = nil
	}
	owner := []string{"", s.merchant, s.tenant}[s.n(3)]
	f, err := give(s, ArmFailure{Failure{MerchantID: owner, Endpoint: simEndpoints[s.n(3)], Status: 500, Turns: s.turns()}})
	s.noError(err)
	t := newModelTurns(f.ID, f.Turns)
	t.endpoint, t.owner = f.Endpoint, owner
	s.model.failures = append(s.model.failures, t)
}

// meetFailures takes a call to the point at which failures strike.
func (s *sim) meetFailures() {
	whose, endpoint := []string{s.merchant, s.tenant}[s.n(2)], simEndpoints[s.n(2)]
	if whose == "" {
		return
	}
	var those []*modelTurns
	for _, t := range s.model.failures {
		if (t.owner == "" || t.owner == whose) && (t.endpoint == "" || t.endpoint == endpoint) {
			those = append(those, t)
		}
	}
	want := turnOf(those)
	f, err := give(s, TakeFailure{Point: BeforeEffect, Endpoint: endpoint, MerchantID: whose})
	s.noError(err)
	require.Equal(s, want == nil, f == nil, "a failure strikes, %s", s.where())
	if f != nil {
		require.Equal(s, want.id, f.ID, "which failure strikes, %s", s.where())
	}
	require.Len(s, s.engine.Failures(), len(s.model.failures), s.where())
}

func (s *sim) script() {
	if len(s.model.replies) == 20 {
		_, err := give(s, DropReplies{})
		s.noError(err)
		s.model.replies = nil
	}
	owner := []string{"", s.tenant}[s.n(2)]
	scripted, err := give(s, ScriptReplies{MerchantID: owner, Replies: []ScriptedReply{{Turns: Turns{Times: s.n(3)}, Data: []byte(`{}`)}}})
	s.noError(err)
	t := newModelTurns("", scripted[0].Turns)
	t.isReplyNumber, t.owner = scripted[0].ID, owner
	s.model.replies = append(s.model.replies, t)
}

func (s *sim) useReply() {
	if len(s.model.replies) == 0 {
		return
	}
	t := s.model.replies[s.n(len(s.model.replies))]
	used, err := give(s, UseReply{ID: t.isReplyNumber})
	s.noError(err)
	require.Equal(s, turnOf([]*modelTurns{t}) != nil, used, "a reply is used, %s", s.where())
	require.Len(s, s.engine.Replies(), len(s.model.replies), s.where())
}

func (s *sim) setLenience() {
	_, err := give(s, SetLenience{MerchantID: []string{"", s.merchant}[s.n(2)], Rules: []string{[]string{"", "a", "b"}[s.n(3)]}, Lenient: s.chance(60)})
	s.noError(err)
}

// tenantGoes resets or deletes a tenant whose request is in progress: it is neither recorded nor charged, and what
// was armed for the tenant is gone.
func (s *sim) tenantGoes() {
	if s.tenant == "" {
		m, err := give(s, CreateMerchant{Key: fmt.Sprint("aks_test_tenant_", s.step), WalletBalance: Dollar})
		s.noError(err)
		s.tenant = m.ID
		return
	}
	d, err := give(s, Admit{MerchantID: s.tenant})
	s.noError(err)
	tenant, isReset := s.tenant, s.chance(60)
	if isReset {
		_, err = give(s, ResetMerchant{MerchantID: tenant, WalletBalance: Dollar})
	} else {
		_, err = give(s, DeleteMerchant{MerchantID: tenant})
		s.tenant = ""
	}
	s.noError(err)
	ofTenant := func(t *modelTurns) bool { return t.owner == tenant }
	s.model.failures = slices.DeleteFunc(s.model.failures, ofTenant)
	s.model.replies = slices.DeleteFunc(s.model.replies, ofTenant)
	require.Len(s, s.engine.Failures(), len(s.model.failures), s.where())
	require.Len(s, s.engine.Replies(), len(s.model.replies), s.where())
	_, err = give(s, RecordUsage{Decision: d, Source: Source{KeyType: KeyManaged}, InputCost: Dollar / 2})
	s.noError(err)
	if m, err := s.engine.Merchant(tenant); isReset {
		s.noError(err)
		require.Equal(s, Dollar, m.WalletBalance, "charged after a reset, %s", s.where())
	}
}
