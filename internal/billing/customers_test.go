package billing

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUpdatingCustomers(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	c := must(s, CreateCustomer{
		MerchantID: s.merchant.ID, ReferenceID: "user-1", Name: " Ada  King Lovelace ", Phone: "+15551234567", Email: "ada@example.com",
		Metadata: json.RawMessage(`{"a":1}`),
	})
	require.Equal(t, "Ada", c.FirstName)
	require.Equal(t, "King Lovelace", c.LastName)

	empty, name, reference := "", "Grace", "user-2"
	update := UpdateCustomer{MerchantID: s.merchant.ID, Customer: "user-1"}
	require.Equal(t, c, must(s, update), "omitted fields are unchanged")
	update.Name, update.Email, update.ReferenceID, update.Metadata = &name, &empty, &reference, json.RawMessage("null")
	c = must(s, update)
	require.Equal(t, Profile{FirstName: "Grace", Phone: "+15551234567"}, c.Profile)
	_, err := s.Customer(s.merchant.ID, "user-1")
	require.Error(t, err, "the old reference id no longer finds the customer")

	other := must(s, CreateCustomer{MerchantID: s.merchant.ID, ReferenceID: "user-1"})
	update = UpdateCustomer{MerchantID: s.merchant.ID, Customer: other.ID, ReferenceID: &reference}
	require.Equal(t, CodeConflict, rejected(s, update).Code)
	update.ReferenceID = &empty
	require.Empty(t, must(s, update).ReferenceID)
}

func TestAReferenceIsOneCustomer(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	first := must(s, CreateCustomer{MerchantID: s.merchant.ID, ReferenceID: "user-1", Email: "a@example.com"})
	again := must(s, CreateCustomer{MerchantID: s.merchant.ID, ReferenceID: "user-1", Email: "b@example.com"})
	require.Equal(t, first, again)
	require.Len(t, s.events, 1)
	must(s, DeleteCustomer{MerchantID: s.merchant.ID, Customer: "user-1"})
	require.Equal(t, CustomerDeleted, s.events[1].Type)
	require.NotEqual(t, first.ID, must(s, CreateCustomer{MerchantID: s.merchant.ID, ReferenceID: "user-1"}).ID)
}

// A phone that is changed through the API is no longer verified.
func TestAnotherPhoneIsNotVerified(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	p := s.plan("49", "25")
	complete := func(phone string) string {
		return must(s, CompleteCheckout{MerchantID: s.merchant.ID, SessionID: s.session(p).ID, Phone: phone, Card: s.card(goodCard)}).CustomerID
	}
	first := complete("+15551234567")
	other := "+15550000000"
	must(s, UpdateCustomer{MerchantID: s.merchant.ID, Customer: first, Phone: &other})
	require.NotEqual(t, first, complete("+15551234567"))
	require.NotEqual(t, first, complete(other))
}

func TestBadCustomers(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 256)
	for _, tt := range []struct {
		param string
		cmd   CreateCustomer
	}{
		{"reference_id", CreateCustomer{ReferenceID: "con_1"}},
		{"reference_id", CreateCustomer{ReferenceID: long}},
		{"name", CreateCustomer{Name: long}},
		{"phone", CreateCustomer{Phone: "555-1234"}},
		{"email", CreateCustomer{Email: "ada"}},
		{"email", CreateCustomer{Email: long + "@example.com"}},
		{"metadata", CreateCustomer{Metadata: json.RawMessage(`"` + strings.Repeat("x", 16<<10) + `"`)}},
	} {
		s := newShop(t, Rules{})
		tt.cmd.MerchantID = s.merchant.ID
		e := rejected(s, tt.cmd)
		require.Equal(t, CodeInvalidRequest, e.Code)
		require.Equal(t, tt.param, e.Param, e.Message)
		require.Empty(t, s.events)
	}
}
