package mockserver

import (
	"sync"

	"github.com/lavapayments/lava-go/internal/billing"
)

func createSecretKey(c *call) (any, error) {
	in, err := decode[struct {
		Name string `json:"name"`
	}](c)
	if err != nil {
		return nil, err
	}
	k, key, err := c.newSecretKey(c.merchant, in.Name)
	return createdSecretKeyBody{encodeSecretKey(k), key}, err
}

func listSecretKeys(c *call) (any, error) {
	page, err := c.page()
	if err != nil {
		return nil, err
	}
	keys, err := c.engine.SecretKeys(c.merchant, page)
	return list(keys, encodeSecretKey), err
}

func deleteSecretKey(c *call) (any, error) {
	_, err := do(c, billing.DeleteSecretKey{MerchantID: c.merchant, ID: c.id})
	return deletedBody{ID: c.id, Deleted: true}, err
}

// newSecretKey makes a key for a merchant. It is returned this once.
func (s *Server) newSecretKey(merchant, name string) (billing.SecretKey, string, error) {
	key := newSecret(testKeyPrefix)
	k, err := billing.Do(s.engine, s.Now(), billing.CreateSecretKey{
		MerchantID: merchant, Name: name, KeyHash: billing.HashKey(key), KeyHint: hint(key),
	})
	return k, key, err
}

// hint is what may be shown of a key: its end.
func hint(key string) string { return key[len(key)-4:] }

type secretKeyBody struct {
	ID        string  `json:"secret_key_id"`
	Name      string  `json:"name"`
	Hint      string  `json:"secret_key_hint"`
	CreatedAt instant `json:"created_at"`
}

type createdSecretKeyBody struct {
	secretKeyBody
	Key string `json:"secret_key"`
}

func encodeSecretKey(k billing.SecretKey) secretKeyBody {
	return secretKeyBody{ID: k.ID, Name: k.Name, Hint: k.Hint, CreatedAt: instant(k.CreatedAt)}
}

// secrets holds what has to sign, by the id of what it signs for. The engine
// must not know them, because it can be written out.
type secrets struct{ byID sync.Map }

// create makes the secret of a webhook. It is returned this once. Assumption
// webhook-secret.
func (s *secrets) create(webhookID string) string {
	secret := newSecret("whsec_")
	s.byID.Store(webhookID, secret)
	return secret
}

// get returns the secret of a webhook, and makes one where a restored snapshot
// has brought the webhook without it.
func (s *secrets) get(webhookID string) string {
	secret, _ := s.byID.LoadOrStore(webhookID, newSecret("whsec_"))
	return secret.(string)
}
