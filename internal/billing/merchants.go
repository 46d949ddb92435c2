package billing

// Merchant is an account with Lava, which the engine keeps apart from others.
type Merchant struct {
	Object
	AccountID     string
	WalletID      string
	WalletBalance Amount // what pays the providers
	FreePlanID    string // the plan that new customers are on
	Cards         []PaymentMethod
	Fallbacks     []Fallback // where requests go when a provider fails; replaced, never written to
}

// merchant is a Merchant with everything that it owns. No merchant can reach what
// another one owns.
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
	declines      []*Decline

	bySlug      map[string]*Meter
	byReference map[string]*customer
	byPhone     map[string]*customer // phones that a checkout has verified
}

// CreateMerchant adds a merchant with the plan "Free" and one secret key.
type CreateMerchant struct {
	Key           string // the first secret key, which the merchant brings
	WalletBalance Amount
	Card          *Card // what the wallet can be funded with, or nil
}

func (CreateMerchant) owner(*state) (*merchant, error) { return nil, nil }

func (c CreateMerchant) apply(tx *tx, _ *merchant) (Merchant, error) {
	hash := HashKey(c.Key)
	if _, taken := tx.byKey[hash]; taken {
		return Merchant{}, Errorf(CodeConflict, "", "the secret key that ends in %q belongs to a merchant already", KeyHint(c.Key))
	}
	m := newMerchant(Merchant{
		Object:        tx.object("mer"),
		AccountID:     tx.object("acc").ID,
		WalletID:      tx.object("wal").ID,
		WalletBalance: c.WalletBalance,
	})
	tx.merchants.add(m)
	if c.Card != nil {
		m.Cards = []PaymentMethod{{Object: tx.object("pm"), Card: *c.Card, Default: true}}
	}
	free := &plan{
		Object: tx.object("sc"), Name: "Free", Interval: Month,
		Rollover: RolloverNone, BundleRollover: RolloverFull,
	}
	m.plans.add(free)
	m.FreePlanID = free.ID
	tx.addSecretKey(m, &SecretKey{Object: tx.object("sk"), Name: "Default", Hash: hash, Hint: KeyHint(c.Key)})
	return m.Merchant, nil
}

func newMerchant(m Merchant) *merchant {
	return &merchant{
		Merchant:    m,
		bySlug:      map[string]*Meter{},
		byReference: map[string]*customer{},
		byPhone:     map[string]*customer{},
	}
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
