package billing

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// customer is a person or company that the merchant bills.
type customer struct {
	Object
	Profile
	ReferenceID    string
	SubscriptionID string // the active one
	Credits        Credits
	Ledger         ledger
	Card           *Card
	PhoneVerified  bool             // by a checkout
	Counts         map[string]int64 // cumulative usage in raw units, by meter id
}

// Profile is what is known about a person. Unknown fields are empty.
type Profile struct {
	Phone     string // E.164
	Email     string
	FirstName string
	LastName  string
	Metadata  json.RawMessage // a JSON object, or nil
}

// Customer is a customer as an application sees it.
type Customer struct {
	Object
	Profile
	ReferenceID  string
	Subscription *SubscriptionSummary // nil only after the customer was deleted (assumption customer-plan)
}

// SubscriptionSummary is the part of a subscription that a customer shows.
type SubscriptionSummary struct {
	ID       string
	PlanID   string
	PlanName string
	Status   SubscriptionStatus
}

// CreateCustomer adds a customer on the plan "Free". If the ReferenceID is
// taken, it returns that customer unchanged.
type CreateCustomer struct {
	MerchantID  string
	ReferenceID string
	Name        string
	Phone       string
	Email       string
	Metadata    json.RawMessage
}

func (c CreateCustomer) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c CreateCustomer) apply(tx *tx, m *merchant) (Customer, error) {
	profile := Profile{Phone: c.Phone, Email: c.Email, Metadata: c.Metadata}
	profile.FirstName, profile.LastName = splitName(c.Name)
	if c.ReferenceID != "" {
		if err := checkReference(c.ReferenceID); err != nil {
			return Customer{}, err
		}
	}
	if err := checkLength("name", c.Name); err != nil {
		return Customer{}, err
	}
	if err := profile.check(); err != nil {
		return Customer{}, err
	}
	if existing, ok := m.byReference[c.ReferenceID]; ok {
		return m.viewCustomer(existing), nil
	}
	cust := tx.addCustomer(m, profile)
	if c.ReferenceID != "" {
		cust.ReferenceID = c.ReferenceID
		put(&m.byReference, c.ReferenceID, cust)
	}
	tx.subscribe(m, cust, m.freePlan())
	tx.announce(m, cust, CustomerCreated)
	return m.viewCustomer(cust), nil
}

// UpdateCustomer changes a customer. A nil field stays unchanged, an empty one
// is cleared; Metadata "null" clears it, an object replaces it. Assumption
// customer-metadata.
type UpdateCustomer struct {
	MerchantID  string
	Customer    string // id or reference id
	ReferenceID *string
	Name        *string
	Phone       *string
	Email       *string
	Metadata    json.RawMessage
}

func (c UpdateCustomer) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c UpdateCustomer) apply(_ *tx, m *merchant) (Customer, error) {
	cust, err := m.customer(c.Customer)
	if err != nil {
		return Customer{}, err
	}
	profile, reference := cust.Profile, cust.ReferenceID
	if c.Name != nil {
		if err := checkLength("name", *c.Name); err != nil {
			return Customer{}, err
		}
		profile.FirstName, profile.LastName = splitName(*c.Name)
	}
	if c.Phone != nil {
		profile.Phone = *c.Phone
	}
	if c.Email != nil {
		profile.Email = *c.Email
	}
	if c.Metadata != nil {
		profile.Metadata = c.Metadata
		if string(c.Metadata) == "null" {
			profile.Metadata = nil
		}
	}
	if err := profile.check(); err != nil {
		return Customer{}, err
	}
	if c.ReferenceID != nil {
		reference = *c.ReferenceID
		if reference != "" {
			if err := checkReference(reference); err != nil {
				return Customer{}, err
			}
		}
		if other, taken := m.byReference[reference]; taken && other != cust {
			return Customer{}, Errorf(CodeConflict, "reference_id", "reference_id: %q belongs to another customer", reference)
		}
	}

	if profile.Phone != cust.Phone {
		m.forgetPhone(cust)
	}
	cust.Profile = profile
	delete(m.byReference, cust.ReferenceID)
	cust.ReferenceID = reference
	if reference != "" {
		put(&m.byReference, reference, cust)
	}
	return m.viewCustomer(cust), nil
}

// DeleteCustomer ends the customer's subscription immediately and frees its reference id. Recorded requests remain.
// Assumption customer-delete.
type DeleteCustomer struct {
	MerchantID string
	Customer   string // id or reference id
}

func (c DeleteCustomer) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c DeleteCustomer) apply(tx *tx, m *merchant) (struct{}, error) {
	cust, err := m.customer(c.Customer)
	if err != nil {
		return struct{}{}, err
	}
	tx.end(m, cust)
	delete(m.byReference, cust.ReferenceID)
	m.forgetPhone(cust)
	m.customers.remove(cust)
	tx.announce(m, cust, CustomerDeleted)
	return struct{}{}, nil
}

// Customer returns a customer by its id or reference id.
func (e *Engine) Customer(merchantID, customer string) (Customer, error) {
	return read(e, merchantID, func(m *merchant) (Customer, error) {
		c, err := m.customer(customer)
		if err != nil {
			return Customer{}, err
		}
		return m.viewCustomer(c), nil
	})
}

// Customers lists customers.
func (e *Engine) Customers(merchantID string, page PageParams) (Page[Customer], error) {
	return read(e, merchantID, func(m *merchant) (Page[Customer], error) {
		return pageOf(m.customers.items, page, m.customers.seq, nil, m.viewCustomer), nil
	})
}

// customer finds a customer by its id or reference id.
func (m *merchant) customer(id string) (*customer, error) {
	if c, ok := m.customers.get(id); ok {
		return c, nil
	}
	if c, ok := m.byReference[id]; ok {
		return c, nil
	}
	return nil, unknown("customer_id", "customer", id)
}

// customerID returns the id of a customer by id or reference id. The id of a deleted customer is still accepted, so
// that its records can be read.
func (m *merchant) customerID(id string) (string, error) {
	c, err := m.customer(id)
	if err == nil {
		return c.ID, nil
	}
	// Every customer has had a subscription.
	if slices.ContainsFunc(m.subscriptions.items, func(s *subscription) bool { return s.CustomerID == id }) {
		return id, nil
	}
	return "", err
}

func (m *merchant) viewCustomer(c *customer) Customer {
	v := Customer{Object: c.Object, Profile: c.Profile, ReferenceID: c.ReferenceID}
	if s, ok := m.subscriptions.get(c.SubscriptionID); ok {
		p := m.plan(s.PlanID)
		v.Subscription = &SubscriptionSummary{ID: s.ID, PlanID: p.ID, PlanName: p.Name, Status: s.Status}
	}
	return v
}

func (tx *tx) addCustomer(m *merchant, p Profile) *customer {
	c := &customer{Object: tx.object("con"), Profile: p, Counts: map[string]int64{}}
	m.customers.add(c)
	return c
}

// verifyPhone records that a checkout has verified the customer's phone. A later checkout with that phone belongs to
// this customer. Assumption known-phone.
func (m *merchant) verifyPhone(c *customer, phone string) {
	m.forgetPhone(c)
	c.Phone, c.PhoneVerified = phone, true
	put(&m.byPhone, phone, c)
}

func (m *merchant) forgetPhone(c *customer) {
	if m.byPhone[c.Phone] == c {
		delete(m.byPhone, c.Phone)
	}
	c.PhoneVerified = false
}

var (
	phonePattern = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	emailPattern = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
	// hugeNumber matches what may be a number that no float64 holds, such as 1e400, which clients couldn't read.
	hugeNumber = regexp.MustCompile(`[0-9][eE]\+?[0-9]{3}|[0-9]{309}`)
)

func (p Profile) check() error {
	const mostMetadata = 16 << 10
	switch {
	case p.Phone != "" && !phonePattern.MatchString(p.Phone):
		return Invalid("phone", "%q is not an E.164 number such as \"+15551234567\"", shorten(p.Phone))
	case p.Email != "" && (len(p.Email) > 255 || !emailPattern.MatchString(p.Email)):
		return Invalid("email", "%q is not an email address", shorten(p.Email))
	case len(p.Metadata) > mostMetadata:
		return Invalid("metadata", "has %d bytes, at most %d are allowed", len(p.Metadata), mostMetadata)
	}
	if hugeNumber.Match(p.Metadata) { // decoding all metadata would be 10 allocations
		var metadata map[string]any
		if json.Unmarshal(p.Metadata, &metadata) != nil {
			return Invalid("metadata", "has a number that is out of range: send it as a string")
		}
	}
	return nil
}

func checkReference(id string) error {
	switch {
	case strings.HasPrefix(id, "con_"):
		return Invalid("reference_id", "%q must not start with \"con_\"", shorten(id))
	case id == "":
		return missing("reference_id")
	}
	return checkLength("reference_id", id)
}

// splitName splits a name at the first space. Assumption customer-name.
func splitName(name string) (first, last string) {
	first, last, _ = strings.Cut(strings.TrimSpace(name), " ")
	return first, strings.TrimSpace(last)
}
