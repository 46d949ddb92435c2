package mockserver

import (
	"cmp"

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
	client := c.server.Client(lava.WithSecretKey(cmp.Or(bearer(c.r), c.server.SecretKey())))
	token, err := client.GenerateForwardToken(lava.ForCustomer{CustomerID: customer, MeterSlug: slug})
	return token.Reveal(), err
}
