package mockserver

import (
	"cmp"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
)

// Merchant is one tenant of a server: somebody who bills customers through
// Lava. Merchants can't see each other's things. A server starts with one.
type Merchant struct {
	server *Server
	key    lava.Secret
	id     atomic.Value // a string; [Server.Restore] changes it
}

// NewMerchant adds a tenant with a secret key and a wallet of its own.
func (s *Server) NewMerchant() *Merchant {
	m, err := s.signUp(newSecret(testKeyPrefix))
	if err != nil {
		panic(err) // a fresh random key is never taken
	}
	return m
}

// signUp adds a tenant with a secret key.
func (s *Server) signUp(key string) (*Merchant, error) {
	id, err := s.addMerchant(s.tick(), key)
	if err != nil {
		return nil, err
	}
	merchant := &Merchant{server: s, key: lava.NewSecret(key)}
	merchant.id.Store(id)
	return merchant, nil
}

// addMerchant gives a merchant money and a card to start with, and returns its
// id. Assumption wallet-start.
func (a *api) addMerchant(now time.Time, key string) (id string, err error) {
	card, err := billing.TestCard(cmp.Or(a.walletCard, goodCard), 12, now.Year()+3)
	if err != nil {
		return "", err
	}
	m, err := billing.Do(a.engine, now, billing.CreateMerchant{
		Key: key, WalletBalance: a.wallet, Card: &card,
	})
	return m.ID, err
}

// ID returns the merchant's id.
func (m *Merchant) ID() string { return m.id.Load().(string) }

// SecretKey returns the merchant's first secret key, which starts with
// "aks_test_".
func (m *Merchant) SecretKey() string { return m.key.Reveal() }

// SecretKey returns the secret key of the merchant that the server started with.
func (s *Server) SecretKey() string { return s.merchant.SecretKey() }

// Format implements [fmt.Formatter]: every verb prints the merchant's id.
func (m *Merchant) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "mockserver.Merchant(%s)", m.ID()) }
