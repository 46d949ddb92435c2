package mockserver

import "github.com/lavapayments/lava-go/internal/billing"

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
