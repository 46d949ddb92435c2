package mockserver

import (
	"bytes"
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/billing"
)

func createCustomer(c *call) (any, error) {
	in, err := decode[struct {
		ReferenceID string          `json:"reference_id"`
		Name        string          `json:"name"`
		Email       string          `json:"email"`
		Phone       string          `json:"phone"`
		Metadata    json.RawMessage `json:"metadata"`
	}](c)
	if err != nil {
		return nil, err
	}
	metadata, err := jsonObject("metadata", in.Metadata)
	if err != nil {
		return nil, err
	}
	if string(metadata) == "null" {
		metadata = nil
	}
	v, err := do(c, billing.CreateCustomer{
		MerchantID: c.merchant, ReferenceID: in.ReferenceID, Name: in.Name,
		Email: in.Email, Phone: in.Phone, Metadata: metadata,
	})
	return encodeCustomer(v), err
}

func getCustomer(c *call) (any, error) {
	v, err := c.engine.Customer(c.merchant, c.id)
	return encodeCustomer(v), err
}

func listCustomers(c *call) (any, error) {
	page, err := c.page()
	if err != nil {
		return nil, err
	}
	customers, err := c.engine.Customers(c.merchant, page)
	return list(customers, encodeCustomer), err
}

func updateCustomer(c *call) (any, error) {
	in, err := decode[struct {
		ReferenceID patch[string]   `json:"reference_id"`
		Name        patch[string]   `json:"name"`
		Email       patch[string]   `json:"email"`
		Phone       patch[string]   `json:"phone"`
		Metadata    json.RawMessage `json:"metadata"`
	}](c)
	if err != nil {
		return nil, err
	}
	metadata, err := jsonObject("metadata", in.Metadata)
	if err != nil {
		return nil, err
	}
	v, err := do(c, billing.UpdateCustomer{
		MerchantID: c.merchant, Customer: c.id, ReferenceID: in.ReferenceID.ptr(), Name: in.Name.ptr(),
		Email: in.Email.ptr(), Phone: in.Phone.ptr(), Metadata: metadata,
	})
	return encodeCustomer(v), err
}

func deleteCustomer(c *call) (any, error) {
	_, err := do(c, billing.DeleteCustomer{MerchantID: c.merchant, Customer: c.id})
	return successBody{Success: true}, err
}

func getCustomerSubscription(c *call) (any, error) {
	s, err := c.engine.CustomerSubscription(c.merchant, c.id)
	return subscriptionEnvelope{encodeSubscription(s)}, err
}

// jsonObject checks that raw is an object or null, and removes its white space.
func jsonObject(param string, raw json.RawMessage) (json.RawMessage, error) {
	if raw == nil {
		return nil, nil
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return nil, billing.Invalid(param, "is not JSON: %v", err)
	}
	if c := compact.Bytes()[0]; c != '{' && c != 'n' {
		return nil, billing.Invalid(param, "is not a JSON object")
	}
	return compact.Bytes(), nil
}

type customerBody struct {
	ID           string               `json:"customer_id"`
	ReferenceID  *string              `json:"reference_id"`
	Contact      contactBody          `json:"contact"`
	Subscription *subscriptionSummary `json:"subscription"`
	Metadata     json.RawMessage      `json:"metadata"`
	CreatedAt    instant              `json:"created_at"`
}

type contactBody struct {
	Phone     string `json:"phone"`
	Email     string `json:"email"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
}

type subscriptionSummary struct {
	ID     string                     `json:"subscription_id"`
	PlanID string                     `json:"plan_id"`
	Name   string                     `json:"name"`
	Status billing.SubscriptionStatus `json:"status"`
}

func encodeCustomer(v billing.Customer) customerBody {
	body := customerBody{
		ID: v.ID, ReferenceID: orNull(v.ReferenceID),
		Contact:   contactBody{Phone: v.Phone, Email: v.Email, FirstName: v.FirstName, LastName: v.LastName},
		Metadata:  v.Metadata,
		CreatedAt: instant(v.CreatedAt),
	}
	if s := v.Subscription; s != nil {
		body.Subscription = &subscriptionSummary{ID: s.ID, PlanID: s.PlanID, Name: s.PlanName, Status: s.Status}
	}
	return body
}
