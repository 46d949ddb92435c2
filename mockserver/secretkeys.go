package mockserver

import "github.com/lavapayments/lava-go/internal/billing"

func createSecretKey(c *call) (any, error) {
	in, err := decode[struct {
		Name string `json:"name"`
	}](c)
	if err != nil {
		return nil, err
	}
	k, err := do(c, billing.CreateSecretKey{MerchantID: c.merchant, Name: in.Name})
	return createdSecretKeyBody{encodeSecretKey(k), c.show(k.Secret())}, err
}

func listSecretKeys(c *call) (any, error) {
	page, err := c.page()
	if err != nil {
		return nil, err
	}
	keys, err := c.engine.SecretKeys(c.merchant, page)
	return list(keys, encodeSecretKey), err
}

func deleteSecretKey(c *call) (any, error) {
	_, err := do(c, billing.DeleteSecretKey{MerchantID: c.merchant, ID: c.id})
	return deletedBody{ID: c.id, Deleted: true}, err
}

type secretKeyBody struct {
	ID        string  `json:"secret_key_id"`
	Name      string  `json:"name"`
	Hint      string  `json:"secret_key_hint"`
	CreatedAt instant `json:"created_at"`
}

type createdSecretKeyBody struct {
	secretKeyBody
	Key string `json:"secret_key"`
}

func encodeSecretKey(k billing.SecretKey) secretKeyBody {
	return secretKeyBody{ID: k.ID, Name: k.Name, Hint: k.Hint, CreatedAt: instant(k.CreatedAt)}
}
