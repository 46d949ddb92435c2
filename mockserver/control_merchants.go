package mockserver

import (
	"cmp"

	"github.com/lavapayments/lava-go/internal/billing"
)

var merchantVerbs = []verb{
	{"merchants.list", "", "GET", "merchants", "MerchantIDs", "lists the merchants of the server", "", with(listMerchants)},
	{"merchants.create", "", "POST", "merchants", "NewMerchant", "adds a merchant that sees nothing of the others and begins with the data of -init, and returns its secret key", "secret_key=aks_test_second", with(createMerchant)},
	{"merchants.delete", "", "DELETE", "merchants/{id}", "DeleteMerchant", "removes a merchant and everything that it has", "$MERCHANT_ID", with(deleteMerchant)},
	{"merchants.reset", "reset", "POST", "reset", "Reset", "removes everything that the merchant has, and recreates what -init and -webhook created; other merchants and the clock don't change", "", with(resetMerchant)},
}

type merchantBody struct {
	ID            string         `json:"merchant_id"`
	WalletBalance billing.Amount `json:"wallet_balance"`
	SecretKey     string         `json:"secret_key,omitzero"` // only of a new merchant
}

func listMerchants(c *controlCall, _ none) (dataBody[merchantBody], error) {
	body := dataBody[merchantBody]{[]merchantBody{}}
	for _, id := range c.server.MerchantIDs() {
		if m, err := c.engine.Merchant(id); err == nil { // not deleted in the meantime
			body.Data = append(body.Data, merchantBody{ID: id, WalletBalance: m.WalletBalance})
		}
	}
	return body, nil
}

type createMerchantInput struct {
	SecretKey string `json:"secret_key,omitempty" about:"a key that starts with aks_test_; by default a random one"`
}

func createMerchant(c *controlCall, in createMerchantInput) (merchantBody, error) {
	if in.SecretKey != "" {
		if err := checkSecretKey(in.SecretKey); err != nil {
			return merchantBody{}, billing.Invalid("secret_key", "%v", err)
		}
	}
	m, err := c.server.addTenant(cmp.Or(in.SecretKey, newSecret(testKeyPrefix)))
	if err != nil {
		return merchantBody{}, err
	}
	return merchantBody{ID: m.ID(), WalletBalance: c.wallet, SecretKey: m.SecretKey()}, nil
}

type merchantInput struct {
	ID string `json:"id" positional:"true" about:"the merchant's id"`
}

func deleteMerchant(c *controlCall, in merchantInput) (deletedBody, error) {
	return deletedBody{ID: in.ID, Deleted: true}, c.server.DeleteMerchant(in.ID)
}

func resetMerchant(c *controlCall, _ none) (successBody, error) {
	return successBody{Success: true}, c.server.reset(c.merchant)
}
