package mockserver

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// Merchant is a tenant of a server, who bills customers through Lava. Merchants
// can't see each other's data. A server starts with one merchant.
type Merchant struct {
	server *Server
	key    lava.Secret
	id     atomic.Value // a string; [Server.Restore] changes it
}

// NewMerchant adds a tenant with its own secret key and wallet.
func (s *Server) NewMerchant() *Merchant {
	m, err := s.addTenant(newSecret(testKeyPrefix))
	if err != nil {
		panic(fmt.Sprintf("mockserver: NewMerchant: %v", err)) // Setup failed: a new random key is never taken
	}
	return m
}

// addTenant adds a tenant that starts with what [Setup] creates.
func (s *Server) addTenant(key string) (*Merchant, error) {
	m, err := s.signUp(key)
	if err != nil {
		return nil, err
	}
	if err := s.setUp(m.ID()); err != nil {
		return nil, errors.Join(err, s.DeleteMerchant(m.ID()))
	}
	return m, nil
}

// signUp adds a tenant with a secret key.
func (s *Server) signUp(key string) (*Merchant, error) {
	id, err := s.addMerchant(s.tick(), key)
	if err != nil {
		return nil, err
	}
	merchant := &Merchant{server: s, key: lava.NewSecret(key)}
	merchant.id.Store(id)
	s.merchants.add(merchant)
	s.watchers.tell(ChangeAll, "")
	return merchant, nil
}

// merchants are those that have signed up, not those from a snapshot.
type merchants struct {
	mu  sync.Mutex
	all []*Merchant
}

func (ms *merchants) add(m *Merchant) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	ms.all = append(ms.all, m)
}

func (ms *merchants) remove(id string) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	ms.all = slices.DeleteFunc(ms.all, func(m *Merchant) bool { return m.ID() == id })
}

func (ms *merchants) find(id string) *Merchant {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	for _, m := range ms.all {
		if m.ID() == id {
			return m
		}
	}
	return nil
}

// Merchant returns the merchant with the given id. A merchant from a snapshot
// has no SecretKey, because snapshots contain no secrets.
func (s *Server) Merchant(id string) (*Merchant, error) {
	if _, err := s.engine.Merchant(id); err != nil {
		return nil, toError(err)
	}
	if m := s.merchants.find(id); m != nil {
		return m, nil
	}
	m := &Merchant{server: s}
	m.id.Store(id)
	return m, nil
}

// addMerchant creates a merchant with money and a card to start with, and returns its id. Assumption wallet-start.
func (a *api) addMerchant(now time.Time, key string) (id string, err error) {
	card, err := a.startingCard(now)
	if err != nil {
		return "", err
	}
	m, err := billing.Do(a.engine, now, billing.CreateMerchant{
		Key: key, WalletBalance: a.wallet, Card: &card,
	})
	return m.ID, err
}

// startingCard returns the initial card of a merchant.
func (a *api) startingCard(now time.Time) (billing.Card, error) {
	return billing.TestCard(cmp.Or(a.walletCard, goodCard), 12, now.Year()+3)
}

// isGone reports whether the merchant no longer exists.
func (a *api) isGone(id string) bool {
	_, err := a.engine.Merchant(id)
	return err != nil
}

// isShared reports whether the server has several merchants.
func (s *Server) isShared() bool { return len(s.engine.MerchantIDs()) > 1 }

// MerchantIDs returns the ids of all merchants, oldest first.
func (s *Server) MerchantIDs() []string { return s.engine.MerchantIDs() }

// Reset is [Merchant.Reset] for the merchant that the server started with, plus
// [Server.ResetScript]; it also removes failures that were armed, and enforces rules that
// were relaxed, for all merchants, and forgets calls without a merchant, such as those
// with a wrong key.
func (s *Server) Reset() { s.merchant.Reset() }

// Reset removes everything that the merchant has, and all effects of its calls, except its id, its secret keys, and
// the wallet and card that each merchant starts with. It also removes everything scripted and armed for the merchant,
// used or not. Other merchants keep their data, and the clock keeps its time. Calls in progress don't affect the new
// state: gateway requests continue, but are not recorded or charged, and none of these calls is kept. At the end,
// [Setup] runs again.
func (m *Merchant) Reset() {
	if err := m.server.reset(m.ID()); err != nil {
		panic(fmt.Sprintf("mockserver: Reset: %v", err)) // it was deleted, or Setup failed
	}
}

func (s *Server) reset(merchantID string) error {
	s.resets.Lock()
	defer s.resets.Unlock()
	if merchantID == s.merchant.ID() {
		s.ResetScript()
		s.disarm("", false)
		_ = s.relax("", false, nil) // it is never rejected
		s.calls.forget("")
	}
	if err := s.empty(merchantID); err != nil {
		return err
	}
	return s.setUp(merchantID)
}

// empty removes what a merchant has.
func (s *Server) empty(merchantID string) error {
	s.responses.gate.Lock()
	defer s.responses.gate.Unlock()
	now := s.tick()
	card, err := s.startingCard(now)
	if err != nil {
		return err
	}
	if _, err := billing.Do(s.engine, now, billing.ResetMerchant{MerchantID: merchantID, WalletBalance: s.wallet, Card: &card}); err != nil {
		return err
	}
	s.forget(merchantID)
	return nil
}

// DeleteMerchant removes a merchant and everything that it has. Its keys stop working.
// The merchant that the server started with can't be deleted.
func (s *Server) DeleteMerchant(id string) error {
	if id == s.merchant.ID() {
		return toError(billing.Errorf(billing.CodeConflict, "id", "id: the merchant that the server started with can't be deleted; reset it instead"))
	}
	s.responses.gate.Lock()
	defer s.responses.gate.Unlock()
	if _, err := billing.Do(s.engine, s.Now(), billing.DeleteMerchant{MerchantID: id}); err != nil {
		return toError(err)
	}
	s.merchants.remove(id)
	s.forget(id)
	return nil
}

// forget removes what is kept about a merchant outside the engine. The caller holds the gate of the responses.
func (s *Server) forget(merchantID string) {
	s.calls.forget(merchantID)
	s.events.forget(merchantID)
	s.deliveries.forget(merchantID)
	s.deliveries.disarm(merchantID, false)
	s.responses.forgetMerchant(merchantID)
	s.authCodes.forget(merchantID)
	s.rateLimits.forget(merchantID)
	s.fakes.Forget(func(o upstream.Owner) bool { return o.ID == merchantID })
	s.pruneReplies()
	s.watchers.tell(ChangeAll, "")
}

// Server returns the server whose tenant the merchant is.
func (m *Merchant) Server() *Server { return m.server }

// ID returns the merchant's id.
func (m *Merchant) ID() string { return m.id.Load().(string) }

// SecretKey returns the merchant's first secret key, which starts with
// "aks_test_".
func (m *Merchant) SecretKey() string { return m.key.Reveal() }

// SecretKey returns the secret key of the merchant that the server started with.
func (s *Server) SecretKey() string { return s.merchant.SecretKey() }

// Format implements [fmt.Formatter]: every verb prints the merchant's id.
func (m *Merchant) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "mockserver.Merchant(%s)", m.ID()) }
