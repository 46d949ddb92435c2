package billing

import "slices"

// Merchant is an account with Lava, which the engine isolates from others.
type Merchant struct {
	Object
	AccountID     string
	WalletID      string
	WalletBalance Amount // pays the providers
	FreePlanID    string // the plan of new customers
	Cards         []PaymentMethod
	Fallbacks     []Fallback // where requests go when a provider fails; replaced, never modified
}

// merchant is a Merchant with everything it owns. No merchant can reach what another one owns.
type merchant struct {
	Merchant

	meters        list[*Meter]
	plans         list[*plan]
	customers     list[*customer]
	subscriptions list[*subscription]
	sessions      list[*CheckoutSession]
	payments      list[*Payment]
	secretKeys    list[*SecretKey]
	spendKeys     list[*SpendKey]
	webhooks      list[*Webhook]
	requests      requestLog
	epoch         uint64 // of the state when it was added, restored or reset

	bySlug      map[string]*Meter
	byReference map[string]*customer
	byPhone     map[string]*customer // phones that a checkout has verified
}

// CreateMerchant adds a merchant with the plan "Free" and one secret key.
type CreateMerchant struct {
	Key           string // the first secret key, chosen by the caller
	WalletBalance Amount
	Card          *Card // funds the wallet, or nil
}

func (CreateMerchant) owner(*state) (*merchant, error) { return nil, nil }

func (c CreateMerchant) apply(tx *tx, _ *merchant) (Merchant, error) {
	hash := HashKey(c.Key)
	if _, taken := tx.byKey[hash]; taken {
		return Merchant{}, Errorf(CodeConflict, "", "the secret key that ends in %q already belongs to a merchant", KeyHint(c.Key))
	}
	m := &merchant{epoch: tx.epoch, Merchant: Merchant{
		Object:    tx.object("mer"),
		AccountID: tx.object("acc").ID,
		WalletID:  tx.object("wal").ID,
	}}
	tx.merchants.add(m)
	tx.furnish(m, c.WalletBalance, c.Card)
	tx.addSecretKey(m, &SecretKey{Object: tx.object("sk"), Name: "Default", Hash: hash, Hint: KeyHint(c.Key)})
	return m.Merchant, nil
}

// furnish gives a merchant what every merchant starts with.
func (tx *tx) furnish(m *merchant, wallet Amount, card *Card) {
	m.WalletBalance = wallet
	if card != nil {
		m.Cards = []PaymentMethod{{Object: tx.object("pm"), Card: *card, Default: true}}
	}
	free := &plan{
		Object: tx.object("sc"), Name: "Free", Interval: Month,
		Rollover: RolloverNone, BundleRollover: RolloverFull,
	}
	m.plans.add(free)
	m.FreePlanID = free.ID
}

// ResetMerchant removes everything that a merchant has, except its identity and its
// secret keys, and starts it again. No event announces it. Requests that were
// admitted before are not recorded.
type ResetMerchant struct {
	MerchantID    string
	WalletBalance Amount
	Card          *Card // as in [CreateMerchant]
}

func (c ResetMerchant) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c ResetMerchant) apply(tx *tx, m *merchant) (struct{}, error) {
	tx.vacate(m)
	tx.epoch++
	*m = merchant{
		Merchant:   Merchant{Object: m.Object, AccountID: m.AccountID, WalletID: m.WalletID},
		secretKeys: m.secretKeys,
		epoch:      tx.epoch,
	}
	tx.furnish(m, c.WalletBalance, c.Card)
	return struct{}{}, nil
}

// DeleteMerchant removes a merchant with all that it has. Its keys don't work any more.
type DeleteMerchant struct{ MerchantID string }

func (c DeleteMerchant) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c DeleteMerchant) apply(tx *tx, m *merchant) (struct{}, error) {
	tx.vacate(m)
	for _, k := range m.secretKeys.items {
		delete(tx.byKey, k.Hash)
	}
	tx.merchants.remove(m)
	return struct{}{}, nil
}

// vacate removes a merchant's objects from the indexes of the state.
func (tx *tx) vacate(m *merchant) {
	tx.due.forget(m)
	tx.dropReplies(m.ID)
	tx.lenient = slices.DeleteFunc(tx.lenient, func(l Lenience) bool { return l.MerchantID == m.ID })
	tx.failures = slices.DeleteFunc(tx.failures, func(f *Failure) bool { return f.MerchantID == m.ID })
	tx.dropDeclines(func(d *Decline) bool { return d.MerchantID == m.ID })
	for _, s := range m.sessions.items {
		delete(tx.bySecret, s.SecretHash)
	}
	for _, k := range m.spendKeys.items {
		delete(tx.bySpendKey, k.Hash)
	}
}

// put sets an entry of a map that is allocated on first use: most merchants need none.
func put[K comparable, V any](m *map[K]V, key K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[key] = v
}

// Merchant returns a merchant by its id.
func (e *Engine) Merchant(id string) (Merchant, error) {
	return read(e, id, func(m *merchant) (Merchant, error) { return m.Merchant, nil })
}

// MerchantIDs returns the ids of all merchants, oldest first.
func (e *Engine) MerchantIDs() (ids []string) {
	e.view(func(s *state) {
		for _, m := range s.merchants.items {
			ids = append(ids, m.ID)
		}
	})
	return ids
}
