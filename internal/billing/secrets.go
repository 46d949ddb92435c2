package billing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
)

// RootKey is the key from which an engine derives all secrets that it issues.
// Snapshots do not include it. An engine with the same root key that restores a
// snapshot has the same secrets; other engines know only their hashes.
type RootKey [sha256.Size]byte

// Secret names a secret that an engine has given out.
type Secret struct {
	Kind       SecretKind
	ID         string // of the object it belongs to
	Generation int    // how many times it was replaced
}

// SecretKind is the purpose of a secret.
type SecretKind string

// The kinds of secrets.
const (
	SecretOfMerchant SecretKind = "secret_key"
	SecretOfSpendKey SecretKind = "spend_key"
	SecretOfCheckout SecretKind = "checkout_session"
	SecretOfWebhook  SecretKind = "webhook"
)

// SpendKeyPrefix begins all spend keys.
const SpendKeyPrefix = "lava_sk_"

// Derive returns the text of a secret: an HMAC-SHA256 of its name. Spend keys have
// 48 hexadecimal digits, the others 55 of [A-Za-z0-9_-]. Lava documents how they
// begin, except for the secrets of webhooks. Assumption webhook-secret.
func (k RootKey) Derive(s Secret) string {
	name := []byte(s.Kind)
	name = append(append(name, 0), s.ID...)
	name = binary.BigEndian.AppendUint64(append(name, 0), uint64(s.Generation))
	var raw []byte
	for block := range byte(2) {
		mac := hmac.New(sha256.New, k[:])
		mac.Write(append(name, block))
		raw = mac.Sum(raw)
	}
	if s.Kind == SecretOfSpendKey {
		return SpendKeyPrefix + hex.EncodeToString(raw[:24])
	}
	prefix := map[SecretKind]string{SecretOfMerchant: "aks_test_", SecretOfCheckout: "css_test_", SecretOfWebhook: "whsec_"}[s.Kind]
	return prefix + base64.RawURLEncoding.EncodeToString(raw)[:55]
}

// preview returns the part of a spend key that may be shown: its start.
func preview(key string) string { return key[:len(SpendKeyPrefix)+4] + "****" }

// KeyHint is what may be shown of a secret key: its end.
func KeyHint(key string) string { return key[max(0, len(key)-4):] }
