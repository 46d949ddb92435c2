package billing

import "net/url"

// Webhook is an address that receives a merchant's events.
type Webhook struct {
	Object
	Name string
	URL  string
}

// Secret names the secret with which its deliveries are signed. It is derived when needed, and not stored.
func (w Webhook) Secret() Secret { return Secret{Kind: SecretOfWebhook, ID: w.ID} }

// maxWebhooks is how many webhooks a merchant can have, according to Lava's documentation. One more is a conflict.
// Assumption webhook-limit.
const maxWebhooks = 3

// CreateWebhook registers a receiver.
type CreateWebhook struct {
	MerchantID string
	Name       string
	URL        string
}

func (c CreateWebhook) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c CreateWebhook) apply(tx *tx, m *merchant) (Webhook, error) {
	w := Webhook{Name: c.Name, URL: c.URL}
	if err := w.check(); err != nil {
		return Webhook{}, err
	}
	if len(m.webhooks.items) >= maxWebhooks {
		return Webhook{}, Errorf(CodeConflict, "", "there are already %d webhooks, the maximum: delete one first", maxWebhooks)
	}
	w.Object = tx.object("wh")
	m.webhooks.add(&w)
	return w, nil
}

// UpdateWebhook changes a receiver. A nil field stays as it is.
type UpdateWebhook struct {
	MerchantID string
	ID         string
	Name       *string
	URL        *string
}

func (c UpdateWebhook) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c UpdateWebhook) apply(_ *tx, m *merchant) (Webhook, error) {
	w, err := m.webhook(c.ID)
	if err != nil {
		return Webhook{}, err
	}
	next := *w
	next.Name, next.URL = deref(c.Name, w.Name), deref(c.URL, w.URL)
	if err := next.check(); err != nil {
		return Webhook{}, err
	}
	*w = next
	return next, nil
}

// DeleteWebhook removes a receiver.
type DeleteWebhook struct {
	MerchantID string
	ID         string
}

func (c DeleteWebhook) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c DeleteWebhook) apply(_ *tx, m *merchant) (struct{}, error) {
	w, err := m.webhook(c.ID)
	if err != nil {
		return struct{}{}, err
	}
	m.webhooks.remove(w)
	return struct{}{}, nil
}

// Webhook returns a receiver by its id.
func (e *Engine) Webhook(merchantID, id string) (Webhook, error) {
	return read(e, merchantID, func(m *merchant) (Webhook, error) {
		w, err := m.webhook(id)
		if err != nil {
			return Webhook{}, err
		}
		return *w, nil
	})
}

// Webhooks lists receivers.
func (e *Engine) Webhooks(merchantID string, page PageParams) (Page[Webhook], error) {
	return read(e, merchantID, func(m *merchant) (Page[Webhook], error) {
		return pageOf(m.webhooks.items, page, m.webhooks.seq, nil, valueOf), nil
	})
}

func (m *merchant) webhook(id string) (*Webhook, error) {
	w, ok := m.webhooks.get(id)
	if !ok {
		return nil, notFound("webhook", id)
	}
	return w, nil
}

func (w Webhook) check() error {
	if err := checkName("name", w.Name); err != nil {
		return err
	}
	if w.URL == "" {
		return missing("url")
	}
	u, err := url.Parse(w.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || len(w.URL) > 2048 {
		return Invalid("url", "%q is not an http or https URL of at most 2048 characters", shorten(w.URL))
	}
	return nil
}
