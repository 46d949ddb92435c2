package lava

import (
	"context"
	"fmt"
	"iter"
	"time"
	"unicode/utf8"
)

// CustomersService manages customers. Your own reference id works wherever a
// customer id does.
type CustomersService service

func customer(customerID string) endpoint { return item("customers", "customerID", customerID) }

// Create creates a customer on the free plan. If a customer with the same
// ReferenceID exists, Create returns that customer.
//
//lava:operation POST /customers
func (s *CustomersService) Create(ctx context.Context, params CreateCustomerParams) (*Customer, error) {
	if err := checkReferenceID(params.ReferenceID); err != nil {
		return nil, err
	}
	return post[Customer](ctx, s.client, at("customers"), params, retriesByID(params.ReferenceID))
}

// checkReferenceID rejects ids by which the customer could not be found again: the first two
// would lead to another endpoint, and JSON would change the third.
func checkReferenceID(id string) error {
	switch {
	case id == ".", id == "..":
		return fmt.Errorf("lava: ReferenceID must not be %q", id)
	case !utf8.ValidString(id):
		return fmt.Errorf("lava: ReferenceID %q is not valid UTF-8", id)
	}
	return nil
}

// Retrieve returns a customer.
//
//lava:operation GET /customers/{id}
func (s *CustomersService) Retrieve(ctx context.Context, customerID string) (*Customer, error) {
	return get[Customer](ctx, s.client, customer(customerID), nil)
}

// List returns a page of the customers.
//
//lava:operation GET /customers
func (s *CustomersService) List(ctx context.Context, params ListCustomersParams) (*Page[Customer], error) {
	return list[Customer](ctx, s.client, "customers", pageQuery(params.Cursor, params.Limit))
}

// All iterates over all customers, page by page.
func (s *CustomersService) All(ctx context.Context, params ListCustomersParams) iter.Seq2[Customer, error] {
	return all(params.Cursor, func(cursor string) (*Page[Customer], error) {
		params.Cursor = cursor
		return s.List(ctx, params)
	})
}

// RetrieveSubscription returns a customer's subscription: plan, credits and cycle.
// Without one the error is [ErrNoSubscription].
//
//lava:operation GET /customers/{id}/subscription
func (s *CustomersService) RetrieveSubscription(ctx context.Context, customerID string) (*Subscription, error) {
	resp, err := get[struct {
		Subscription *Subscription `json:"subscription"`
	}](ctx, s.client, customer(customerID).of("/subscription"), nil)
	if err != nil {
		return nil, err
	}
	if resp.Subscription == nil {
		return nil, ErrNoSubscription
	}
	return resp.Subscription, nil
}

// Update changes a customer.
//
//lava:operation PATCH /customers/{id}
func (s *CustomersService) Update(ctx context.Context, customerID string, params UpdateCustomerParams) (*Customer, error) {
	id, _ := params.ReferenceID.Get()
	if err := checkReferenceID(id); err != nil {
		return nil, err
	}
	return patch[Customer](ctx, s.client, customer(customerID), params)
}

// Delete removes a customer and ends the subscription immediately. Recorded requests remain.
//
//lava:operation DELETE /customers/{id}
func (s *CustomersService) Delete(ctx context.Context, customerID string) error {
	return remove(ctx, s.client, customer(customerID))
}

// CreateCustomerParams describe a new customer.
type CreateCustomerParams struct {
	ReferenceID string         `json:"reference_id,omitzero"` // your id: unique, up to 255 characters, not beginning with con_
	Email       string         `json:"email,omitzero"`
	Phone       string         `json:"phone,omitzero"` // E.164, such as +14155550100
	Name        string         `json:"name,omitzero"`
	Metadata    map[string]any `json:"metadata,omitzero"` // up to 16 KB as JSON; numbers have the precision of a float64
}

// ListCustomersParams select a page of the customers.
type ListCustomersParams struct {
	Cursor string // a page's NextCursor; "" for the first page
	Limit  int    // items per page, 1 to 100; by default 10
}

// UpdateCustomerParams change a customer: absent fields stay unchanged, null
// clears a field.
type UpdateCustomerParams struct {
	Name        Field[string]         `json:"name,omitzero"`
	Email       Field[string]         `json:"email,omitzero"`
	Phone       Field[string]         `json:"phone,omitzero"`
	ReferenceID Field[string]         `json:"reference_id,omitzero"`
	Metadata    Field[map[string]any] `json:"metadata,omitzero"` // replaced as a whole
}

// Customer is someone who uses, and pays for, a merchant's product.
type Customer struct {
	CustomerID   string               `json:"customer_id"`
	ReferenceID  string               `json:"reference_id"` // "" for none
	Contact      CustomerContact      `json:"contact"`
	Subscription *SubscriptionSummary `json:"subscription"` // nil only if the customer was deleted
	Metadata     map[string]any       `json:"metadata"`
	CreatedAt    time.Time            `json:"created_at"`
}

// CustomerContact is how to reach a customer. Unknown fields are "".
type CustomerContact struct {
	Phone     string `json:"phone"`
	Email     string `json:"email"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
}
