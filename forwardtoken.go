package lava

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// Payer is who pays for a gateway request, and where its usage counts: [ForCustomer],
// [ForMeter], [ForMerchant] or [ForProviderKey].
//
// A nil Payer is the merchant, ForMerchant{}: if you forget the payer, you pay, and
// no call fails. With [WithRequiredPayer], such calls fail with [ErrNoPayer].
type Payer interface {
	claims() (tokenClaims, error)
}

// ForCustomer charges a customer's credits according to a meter. Both are required.
type ForCustomer struct {
	CustomerID string // or your reference id
	MeterSlug  string

	// DisableBilling counts the usage for the customer, but does not check or charge
	// credits: the merchant pays.
	DisableBilling bool

	// ProviderKey is your own key at the provider. Lava forwards the request with
	// it, and does not take the provider's cost from your wallet.
	ProviderKey Secret
}

// ForMeter counts usage on a meter, at the merchant's cost.
type ForMeter struct {
	MeterSlug   string
	ProviderKey Secret // see [ForCustomer]
}

// ForMerchant only forwards, at the merchant's cost.
type ForMerchant struct {
	ProviderKey Secret // see [ForCustomer]
}

// ForProviderKey forwards with your own key at the provider and only records the
// request: there is no meter and no customer, and nothing is taken from your wallet.
// The Node SDK's documentation calls this unmanaged. It is [ForMerchant] with a
// ProviderKey, except that the token has an explicit null for customer and meter, as
// that documentation writes it.
type ForProviderKey struct {
	Key Secret // required
}

// tokenClaims are the fields of a token, in the order in which the Node SDK writes
// them.
type tokenClaims struct {
	SecretKey      string `json:"secret_key"`
	CustomerID     any    `json:"customer_id,omitempty"` // a string, or jsonNull
	MeterSlug      any    `json:"meter_slug,omitempty"`  // a string, or jsonNull
	ProviderKey    string `json:"provider_key,omitempty"`
	DisableBilling bool   `json:"disable_billing,omitempty"`
}

var jsonNull = json.RawMessage("null")

func (p ForCustomer) claims() (tokenClaims, error) {
	switch {
	case p.CustomerID == "":
		return tokenClaims{}, errors.New("lava: ForCustomer needs a CustomerID; if the merchant pays, use ForMeter or ForMerchant")
	case p.MeterSlug == "":
		return tokenClaims{}, errors.New("lava: ForCustomer needs a MeterSlug: a customer is charged by a meter")
	}
	return tokenClaims{
		CustomerID:     p.CustomerID,
		MeterSlug:      p.MeterSlug,
		ProviderKey:    p.ProviderKey.Reveal(),
		DisableBilling: p.DisableBilling,
	}, nil
}

func (p ForMeter) claims() (tokenClaims, error) {
	if p.MeterSlug == "" {
		return tokenClaims{}, errors.New("lava: ForMeter needs a MeterSlug; use ForMerchant to forward without one")
	}
	return tokenClaims{MeterSlug: p.MeterSlug, ProviderKey: p.ProviderKey.Reveal()}, nil
}

func (p ForMerchant) claims() (tokenClaims, error) {
	return tokenClaims{ProviderKey: p.ProviderKey.Reveal()}, nil
}

func (p ForProviderKey) claims() (tokenClaims, error) {
	if p.Key.IsZero() {
		return tokenClaims{}, errors.New("lava: ForProviderKey needs a Key; use ForMerchant to forward with Lava's")
	}
	return tokenClaims{CustomerID: jsonNull, MeterSlug: jsonNull, ProviderKey: p.Key.Reveal()}, nil
}

// GenerateForwardToken returns a token that authorizes requests through Lava's
// gateway and names their payer:
//
//	req.Header.Set("Authorization", "Bearer "+token.Reveal())
//
// It creates the token locally, without a call to Lava. The token does not
// expire. It contains the secret key: keep it on the server.
func (c *Client) GenerateForwardToken(payer Payer) (Secret, error) {
	token, err := c.forwardToken(payer)
	return NewSecret(token), err
}

func (c *Client) forwardToken(payer Payer) (string, error) {
	payer, err := c.payer(payer)
	if err != nil {
		return "", err
	}
	claims, err := payer.claims()
	if err != nil {
		return "", err
	}
	return c.sign(claims)
}

// payer returns p, or the merchant if p is nil.
func (c *Client) payer(payer Payer) (Payer, error) {
	switch {
	case payer != nil:
		return payer, nil
	case c.needPayer:
		return nil, ErrNoPayer
	}
	return ForMerchant{}, nil
}

// sign writes claims as JavaScript would: without the escapes that Go adds to
// JSON for HTML and old browsers.
func (c *Client) sign(claims tokenClaims) (string, error) {
	claims.SecretKey = c.key.Reveal()
	text, err := jsonscan.Append(nil, claims)
	if err != nil {
		return "", fmt.Errorf("lava: forward token: %w", err)
	}
	return base64.StdEncoding.EncodeToString(unescapeSeparators(text)), nil
}

// unescapeSeparators turns the escapes \u2028 and \u2029, which Go always
// writes, back into the characters. An escaped backslash before "u2028" is not
// such an escape.
func unescapeSeparators(text []byte) []byte {
	if !bytes.Contains(text, []byte(`\u202`)) {
		return text
	}
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		switch {
		case bytes.HasPrefix(text, []byte(`\u2028`)):
			out, text = append(out, "\u2028"...), text[6:]
		case bytes.HasPrefix(text, []byte(`\u2029`)):
			out, text = append(out, "\u2029"...), text[6:]
		case text[0] == '\\':
			out, text = append(out, text[:2]...), text[2:]
		default:
			out, text = append(out, text[0]), text[1:]
		}
	}
	return out
}
