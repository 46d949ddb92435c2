package mockserver

import (
	"crypto/rand"
	"encoding/base64"
	"sync"
)

// newSecret returns prefix and 55 random characters of [A-Za-z0-9_-].
func newSecret(prefix string) string {
	var b [42]byte
	_, _ = rand.Read(b[:]) // never fails
	secret := base64.RawURLEncoding.AppendEncode([]byte(prefix), b[:])
	return string(secret[:len(prefix)+55])
}

// secrets holds what has to sign, by the id of what it signs for. The engine
// must not know them, because it can be written out.
type secrets struct{ byID sync.Map }

// create returns a new secret of a webhook. It is told this once.
// Assumption webhook-secret.
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
