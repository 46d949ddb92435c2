package billing

// SecretKey is a merchant's credential. The key itself is not kept.
type SecretKey struct {
	Object
	Name string
	Hint string // its last four characters
	Hash KeyHash
}

// maxSecretKeys is how many keys a merchant can have, according to Lava's documentation.
const maxSecretKeys = 100

// CreateSecretKey adds a key to a merchant. Its text is derived from the root key.
type CreateSecretKey struct {
	MerchantID string
	Name       string
}

func (c CreateSecretKey) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c CreateSecretKey) apply(tx *tx, m *merchant) (SecretKey, error) {
	if err := checkName("name", c.Name); err != nil {
		return SecretKey{}, err
	}
	if len(m.secretKeys.items) >= maxSecretKeys {
		return SecretKey{}, Errorf(CodeConflict, "", "there are already %d secret keys, the maximum: delete one first", maxSecretKeys)
	}
	k := SecretKey{Object: tx.object("sk"), Name: c.Name}
	key := tx.root.Derive(k.Secret())
	k.Hash, k.Hint = HashKey(key), KeyHint(key)
	tx.addSecretKey(m, &k)
	return k, nil
}

// DeleteSecretKey revokes a key immediately. The last one can't be deleted, because the merchant could no longer
// authenticate. Assumption last-secret-key.
type DeleteSecretKey struct {
	MerchantID string
	ID         string
}

func (c DeleteSecretKey) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c DeleteSecretKey) apply(tx *tx, m *merchant) (struct{}, error) {
	k, ok := m.secretKeys.get(c.ID)
	if !ok {
		return struct{}{}, notFound("secret key", c.ID)
	}
	if len(m.secretKeys.items) == 1 {
		return struct{}{}, Errorf(CodeConflict, "", "the last secret key can't be deleted: create another key first")
	}
	m.secretKeys.remove(k)
	delete(tx.byKey, k.Hash)
	return struct{}{}, nil
}

// SecretKeys lists a merchant's keys.
func (e *Engine) SecretKeys(merchantID string, page PageParams) (Page[SecretKey], error) {
	return read(e, merchantID, func(m *merchant) (Page[SecretKey], error) {
		return pageOf(m.secretKeys.items, page, m.secretKeys.seq, nil, valueOf), nil
	})
}

// MerchantByKey returns the id of the merchant whose secret key has this hash.
func (e *Engine) MerchantByKey(hash KeyHash) (merchantID string, ok bool) {
	e.view(func(s *state) {
		var m *merchant
		if m, ok = s.byKey[hash]; ok {
			merchantID = m.ID
		}
	})
	return merchantID, ok
}

func (tx *tx) addSecretKey(m *merchant, k *SecretKey) {
	m.secretKeys.add(k)
	tx.byKey[k.Hash] = m
}

// Secret names the key, if an engine has given it out.
func (k SecretKey) Secret() Secret { return Secret{Kind: SecretOfMerchant, ID: k.ID} }
