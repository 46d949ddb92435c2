package mockserver

import (
	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/spelling"
)

var tokenVerbs = []verb{
	{"tokens.create", "token", "POST", "tokens", "Client", "creates a forward token that charges gateway requests to a customer according to a meter; it contains the secret key", "ada chat", with(createToken)},
}

type tokenInput struct {
	Customer string `json:"customer" positional:"true" about:"the customer's id or reference id"`
	Meter    string `json:"meter" positional:"true" about:"the meter's slug or id"`
}

type tokenBody struct {
	ForwardToken string `json:"forward_token"`
	CustomerID   string `json:"customer_id"`
	MeterSlug    string `json:"meter_slug"`
}

func createToken(c *controlCall, in tokenInput) (tokenBody, error) {
	customer, err := c.engine.Customer(c.merchant, in.Customer)
	if err != nil {
		return tokenBody{}, err
	}
	meter, err := c.meter(in.Meter)
	if err != nil {
		return tokenBody{}, err
	}
	token, err := c.forwardToken(customer.ID, meter.Slug)
	return tokenBody{token, customer.ID, meter.Slug}, err
}

// meter finds a meter by its slug or id.
func (c *controlCall) meter(name string) (billing.Meter, error) {
	if id, ok := c.engine.MeterBySlug(c.merchant, name); ok {
		return c.engine.Meter(c.merchant, id)
	}
	if m, err := c.engine.Meter(c.merchant, name); err == nil {
		return m, nil
	}
	first, err := c.engine.Meters(c.merchant, billing.PageParams{Limit: 100})
	if err != nil {
		return billing.Meter{}, err
	}
	slugs := make([]string, len(first.Items))
	for i, m := range first.Items {
		slugs[i] = m.Slug
	}
	return billing.Meter{}, billing.Errorf(billing.CodeNotFound, "meter", "meter: no meter %.60q%s", name, spelling.Suggest(name, slugs))
}

// forwardToken creates a forward token. It contains the merchant's secret key and is
// returned to the caller, who controls the server and can act for the merchant anyway.
func (c *controlCall) forwardToken(customer, slug string) (string, error) {
	key, err := c.secretKey()
	if err != nil {
		return "", err
	}
	token, err := c.server.Client(lava.WithSecretKey(key)).GenerateForwardToken(lava.ForCustomer{CustomerID: customer, MeterSlug: slug})
	return token.Reveal(), err
}

// secretKey returns the key that the caller has sent, or else the first of the merchant that
// the call is about.
func (c *controlCall) secretKey() (string, error) {
	if key := bearer(c.r); key != "" {
		return key, nil
	}
	m, err := c.server.Merchant(c.merchant)
	if err != nil {
		return "", err
	}
	if m.SecretKey() == "" {
		return "", billing.Errorf(billing.CodeConflict, "merchant",
			"merchant: %s comes from a snapshot, which contains no secret keys: send one of its keys as the bearer token", c.merchant)
	}
	return m.SecretKey(), nil
}
