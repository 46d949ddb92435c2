package mockserver

import (
	"strings"
	"sync"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
)

func createWebhook(c *call) (any, error) {
	in, err := decode[struct {
		Name string `json:"name"`
		URL  string `json:"url"`
	}](c)
	if err != nil {
		return nil, err
	}
	w, err := do(c, billing.CreateWebhook{MerchantID: c.merchant, Name: in.Name, URL: in.URL})
	if err != nil {
		return nil, err
	}
	return createdWebhookBody{encodeWebhook(w), c.show(w.Secret())}, nil
}

func getWebhook(c *call) (any, error) {
	w, err := c.engine.Webhook(c.merchant, c.id)
	return encodeWebhook(w), err
}

func listWebhooks(c *call) (any, error) {
	page, err := c.page()
	if err != nil {
		return nil, err
	}
	webhooks, err := c.engine.Webhooks(c.merchant, page)
	return list(webhooks, encodeWebhook), err
}

func updateWebhook(c *call) (any, error) {
	in, err := decode[struct {
		Name *string `json:"name"`
		URL  *string `json:"url"`
	}](c)
	if err != nil {
		return nil, err
	}
	w, err := do(c, billing.UpdateWebhook{MerchantID: c.merchant, ID: c.id, Name: in.Name, URL: in.URL})
	return encodeWebhook(w), err
}

func deleteWebhook(c *call) (any, error) {
	_, err := do(c, billing.DeleteWebhook{MerchantID: c.merchant, ID: c.id})
	return deletedBody{ID: c.id, Deleted: true}, err
}

type webhookBody struct {
	ID        string  `json:"webhook_id"`
	Name      string  `json:"name"`
	URL       string  `json:"url"`
	CreatedAt instant `json:"created_at"`
}

type createdWebhookBody struct {
	webhookBody
	Secret string `json:"webhook_secret"`
}

func encodeWebhook(w billing.Webhook) webhookBody {
	return webhookBody{ID: w.ID, Name: w.Name, URL: w.URL, CreatedAt: instant(w.CreatedAt)}
}

// webhookSecretPrefix is the prefix of webhook secrets.
const webhookSecretPrefix = "whsec_"

// SetWebhookSecret signs a webhook's deliveries with a secret that its receiver already
// has, instead of the secret from the response that created the webhook. Snapshots do
// not include it.
func (m *Merchant) SetWebhookSecret(webhookID, secret string) error {
	if _, err := m.server.engine.Webhook(m.ID(), webhookID); err != nil {
		return toError(err)
	}
	if !strings.HasPrefix(secret, webhookSecretPrefix) || len(secret) < len(webhookSecretPrefix)+8 {
		return toError(billing.Invalid("webhook_secret", "must start with %q and have at least 8 characters after that", webhookSecretPrefix))
	}
	m.server.webhookSecrets.set(webhookID, secret)
	return nil
}

// SetWebhookSecret is [Merchant.SetWebhookSecret] of the merchant that the server
// started with.
func (s *Server) SetWebhookSecret(webhookID, secret string) error {
	return s.merchant.SetWebhookSecret(webhookID, secret)
}

// webhookSecrets are the secrets set by the user, by webhook.
type webhookSecrets struct {
	mu   sync.Mutex
	byID map[string]lava.Secret
}

func (s *webhookSecrets) set(webhookID, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID == nil {
		s.byID = map[string]lava.Secret{}
	}
	s.byID[webhookID] = lava.NewSecret(secret)
}

// of returns the secret with which deliveries to a webhook are signed.
func (s *webhookSecrets) of(w billing.Webhook, root billing.RootKey) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if chosen, ok := s.byID[w.ID]; ok {
		return chosen.Reveal()
	}
	return root.Derive(w.Secret())
}
