package mockserver

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"github.com/lavapayments/lava-go/internal/billing"
)

// newSecret returns prefix and 55 random characters of [A-Za-z0-9_-].
func newSecret(prefix string) string {
	var b [42]byte
	_, _ = rand.Read(b[:]) // never fails
	secret := base64.RawURLEncoding.AppendEncode([]byte(prefix), b[:])
	return string(secret[:len(prefix)+55])
}

// newRootKey returns the key from which a server derives the secrets it issues: from the seed, if set, or random.
func newRootKey(seed *uint64) (key billing.RootKey) {
	if seed != nil {
		return sha256.Sum256(binary.BigEndian.AppendUint64([]byte("lava mock root key "), *seed))
	}
	_, _ = rand.Read(key[:]) // never fails
	return key
}

// shown is a secret that is shown in a single response.
type shown struct {
	billing.Secret
	Base string // of the token of a checkout session, which contains the secret
}

// show returns the text of a secret for the response to a call, and marks it so that the response can be kept without
// it.
func (c *call) show(s billing.Secret) string {
	c.shown = &shown{Secret: s}
	return c.shown.text(c.root)
}

// text returns the secret as the response shows it.
func (s *shown) text(root billing.RootKey) string {
	secret := root.Derive(s.Secret)
	if s.Kind == billing.SecretOfCheckout {
		return checkoutToken(secret, s.Base)
	}
	return secret
}
