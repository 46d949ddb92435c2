package billing

import (
	"cmp"
	"time"
)

// SpendKey lets its holder use models at the expense of the merchant's wallet, within limits. The key itself is not
// stored.
type SpendKey struct {
	Object
	SpendKeyTerms
	Hash       KeyHash
	Preview    string // the start of the key
	Generation int    // how many times the key was rotated
	Days       []SpendDay
	Total      SpendDay // ever; its Day is unused
	LastUsedAt time.Time
	NextAt     time.Time // when the rate limit allows a full burst again
}

// SpendKeyTerms are the settings of a spend key. Empty means no limit.
type SpendKeyTerms struct {
	Name             string
	Status           SpendKeyStatus
	Shape            RequestShape
	AllowedModels    []string // nil is all
	AllowedProviders []string // nil is all
	SpendLimit       *SpendLimit
	RequestLimit     *RequestLimit
	RateLimit        *RateLimit
	ExpiresAt        time.Time
}

// SpendKeyStatus is the state of a key.
type SpendKeyStatus string

// The states that Lava documents.
const (
	SpendKeyActive SpendKeyStatus = "active"
	SpendKeyPaused SpendKeyStatus = "paused"
)

// RequestShape is the format that a key's requests have.
type RequestShape string

// The shapes that Lava documents.
const (
	ShapeOpenAI    RequestShape = "openai"
	ShapeAnthropic RequestShape = "anthropic"
)

type spendKeyRef struct {
	m *merchant
	k *SpendKey
}

// CreateSpendKey adds a spend key.
type CreateSpendKey struct {
	MerchantID string
	Terms      SpendKeyTerms // Status active and Shape openai if empty
}

func (c CreateSpendKey) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c CreateSpendKey) apply(tx *tx, m *merchant) (SpendKey, error) {
	terms := c.Terms
	terms.Status = cmp.Or(terms.Status, SpendKeyActive)
	terms.Shape = cmp.Or(terms.Shape, ShapeOpenAI)
	if err := terms.check(); err != nil {
		return SpendKey{}, err
	}
	k := &SpendKey{Object: tx.object("spk"), SpendKeyTerms: terms}
	m.spendKeys.add(k)
	tx.issue(m, k)
	return *k, nil
}

// UpdateSpendKey changes the terms of a spend key. Nil leaves a term as it is.
type UpdateSpendKey struct {
	MerchantID string
	ID         string
	Name       *string
	Status     *SpendKeyStatus
	Shape      *RequestShape
	// In the following, nil leaves a term unchanged; a pointer to nil or to the zero time removes the limit.
	AllowedModels    *[]string
	AllowedProviders *[]string
	SpendLimit       **SpendLimit
	RequestLimit     **RequestLimit
	RateLimit        **RateLimit
	ExpiresAt        *time.Time
}

func (c UpdateSpendKey) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c UpdateSpendKey) apply(_ *tx, m *merchant) (SpendKey, error) {
	k, err := m.spendKey(c.ID)
	if err != nil {
		return SpendKey{}, err
	}
	terms := SpendKeyTerms{
		Name: deref(c.Name, k.Name), Status: deref(c.Status, k.Status), Shape: deref(c.Shape, k.Shape),
		AllowedModels:    deref(c.AllowedModels, k.AllowedModels),
		AllowedProviders: deref(c.AllowedProviders, k.AllowedProviders),
		SpendLimit:       deref(c.SpendLimit, k.SpendLimit),
		RequestLimit:     deref(c.RequestLimit, k.RequestLimit),
		RateLimit:        deref(c.RateLimit, k.RateLimit),
		ExpiresAt:        deref(c.ExpiresAt, k.ExpiresAt),
	}
	if err := terms.check(); err != nil {
		return SpendKey{}, err
	}
	if c.RateLimit != nil {
		k.NextAt = time.Time{}
	}
	k.SpendKeyTerms = terms
	return *k, nil
}

// Secret names the text of the key.
func (k SpendKey) Secret() Secret {
	return Secret{Kind: SecretOfSpendKey, ID: k.ID, Generation: k.Generation}
}

// issue registers the hash of a key, which is derived from the root key.
func (tx *tx) issue(m *merchant, k *SpendKey) {
	key := tx.root.Derive(k.Secret())
	k.Hash, k.Preview = HashKey(key), preview(key)
	put(&tx.bySpendKey, k.Hash, spendKeyRef{m, k})
}

// RotateSpendKey replaces the secret of a spend key. The old one stops working immediately; limits and history stay.
type RotateSpendKey struct {
	MerchantID string
	ID         string
}

func (c RotateSpendKey) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c RotateSpendKey) apply(tx *tx, m *merchant) (SpendKey, error) {
	k, err := m.spendKey(c.ID)
	if err != nil {
		return SpendKey{}, err
	}
	delete(tx.bySpendKey, k.Hash)
	k.Generation++
	tx.issue(m, k)
	return *k, nil
}

// RevokeSpendKey ends a spend key.
type RevokeSpendKey struct {
	MerchantID string
	ID         string
}

func (c RevokeSpendKey) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c RevokeSpendKey) apply(tx *tx, m *merchant) (struct{}, error) {
	k, err := m.spendKey(c.ID)
	if err != nil {
		return struct{}{}, err
	}
	m.spendKeys.remove(k)
	delete(tx.bySpendKey, k.Hash)
	return struct{}{}, nil
}

// SpendKey returns a spend key by its id.
func (e *Engine) SpendKey(merchantID, id string) (SpendKey, error) {
	return read(e, merchantID, func(m *merchant) (SpendKey, error) {
		k, err := m.spendKey(id)
		if err != nil {
			return SpendKey{}, err
		}
		return *k, nil
	})
}

// SpendKeys lists spend keys.
func (e *Engine) SpendKeys(merchantID string, page PageParams) (Page[SpendKey], error) {
	return read(e, merchantID, func(m *merchant) (Page[SpendKey], error) {
		return pageOf(m.spendKeys.items, page, m.spendKeys.seq, nil, valueOf), nil
	})
}

// MerchantBySpendKey returns the id of the merchant whose spend key has this hash.
func (e *Engine) MerchantBySpendKey(hash KeyHash) (merchantID string, ok bool) {
	e.view(func(s *state) {
		var ref spendKeyRef
		if ref, ok = s.bySpendKey[hash]; ok {
			merchantID = ref.m.ID
		}
	})
	return merchantID, ok
}

// SpendKeyByKey returns the spend key that has this hash.
func (e *Engine) SpendKeyByKey(hash KeyHash) (key SpendKey, ok bool) {
	e.view(func(s *state) {
		var ref spendKeyRef
		if ref, ok = s.bySpendKey[hash]; ok {
			key = *ref.k
		}
	})
	return key, ok
}

func (m *merchant) spendKey(id string) (*SpendKey, error) {
	k, ok := m.spendKeys.get(id)
	if !ok {
		return nil, notFound("spend key", id)
	}
	return k, nil
}

func (t *SpendKeyTerms) check() error {
	if err := checkName("name", t.Name); err != nil {
		return err
	}
	if err := oneOf("status", t.Status, SpendKeyActive, SpendKeyPaused); err != nil {
		return err
	}
	if err := oneOf("request_shape", t.Shape, ShapeOpenAI, ShapeAnthropic); err != nil {
		return err
	}
	if err := t.SpendLimit.check(); err != nil {
		return err
	}
	if err := t.RequestLimit.check(); err != nil {
		return err
	}
	return t.RateLimit.check()
}
