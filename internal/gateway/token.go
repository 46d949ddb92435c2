package gateway

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// Token is the content of a caller's credential: a decoded forward token, a raw
// secret key, or a spend key.
type Token struct {
	SecretKey      string // a secret key or a spend key
	CustomerID     string
	MeterSlug      string
	ProviderKey    string
	DisableBilling bool
}

// credential removes the scheme, if any, from a header's value.
func credential(value string) string {
	const scheme = "Bearer "
	if len(value) > len(scheme) && strings.EqualFold(value[:len(scheme)], scheme) {
		value = value[len(scheme):]
	}
	return strings.TrimSpace(value)
}

// isLava reports whether a credential is meant for Lava, well-formed or not.
func isLava(value string) bool {
	if isRawKey(value) {
		return true
	}
	if !strings.HasPrefix(value, "e") { // the base64 of a brace starts like this
		return false
	}
	b, err := decodeBase64(value)
	return err == nil && len(b) > 0 && b[0] == '{'
}

func isRawKey(value string) bool { return strings.HasPrefix(value, "aks_") || isSpendKey(value) }

func isSpendKey(value string) bool { return strings.HasPrefix(value, "lava_sk_") }

// decodeBase64 accepts missing padding, because shells and URLs lose it, and both alphabets, like JavaScript's
// Buffer.
func decodeBase64(s string) ([]byte, error) {
	s = strings.TrimRight(s, "=")
	if strings.ContainsAny(s, "-_") {
		return base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_").Replace(s))
	}
	return base64.RawStdEncoding.DecodeString(s)
}

// parseToken reads a credential. A text that isn't a token leads to 401, an invalid field to 400 with its name
// (assumption token-errors). In the latter case, the returned token still has its key, because a wrong key takes
// precedence. Errors never quote a value.
func parseToken(place, value string) (Token, error) {
	if isRawKey(value) {
		return Token{SecretKey: value}, nil
	}
	b, err := decodeBase64(value)
	if err != nil {
		return Token{}, unauthorized(place, "the forward token is not valid base64")
	}
	fields, err := dialect.ReadObject(b)
	if err != nil {
		return Token{}, unauthorized(place, "the forward token must contain a valid JSON object with unique fields")
	}
	t := Token{SecretKey: fields.Text("secret_key")}
	if t.SecretKey == "" {
		return Token{}, unauthorized(place, "the forward token has no secret_key")
	}
	return t, t.read(place, fields)
}

// read reads the fields of a forward token other than its key.
func (t *Token) read(place string, fields dialect.Object) error {
	for name, value := range fields.All() {
		var err error
		switch name {
		case "secret_key":
		case "customer_id":
			err = readText(name, value, &t.CustomerID)
		case "meter_slug":
			err = readText(name, value, &t.MeterSlug)
		case "provider_key":
			err = readText(name, value, &t.ProviderKey)
		case "disable_billing":
			if json.Unmarshal(value, &t.DisableBilling) != nil {
				err = billing.Errorf(billing.CodeInvalidRequest, name, "forward token: disable_billing must be a bool")
			}
		default:
			err = billing.Errorf(billing.CodeInvalidRequest, place,
				"forward token: there is no field %.64q; the fields are secret_key, customer_id, meter_slug, provider_key and disable_billing", name)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case isSpendKey(t.SecretKey) && *t != Token{SecretKey: t.SecretKey}: // alone, it is equivalent to the key itself
		return billing.Errorf(billing.CodeInvalidRequest, "secret_key",
			"forward token: secret_key is a spend key, which bills only the merchant: send it without other fields, or use a secret key (aks_...) in the token")
	case t.CustomerID != "" && t.MeterSlug == "":
		return billing.Errorf(billing.CodeInvalidRequest, "meter_slug",
			"forward token: customer_id needs meter_slug: send both to bill a customer, or neither to bill the merchant")
	}
	return nil
}

// readText reads a field that is a string or null, which counts as absent.
func readText(name string, value json.RawMessage, into *string) error {
	if string(value) == "null" {
		return nil
	}
	if json.Unmarshal(value, into) != nil {
		return billing.Errorf(billing.CodeInvalidRequest, name, "forward token: %s must be a string", name)
	}
	if *into == "" {
		return billing.Errorf(billing.CodeInvalidRequest, name, "forward token: %s must not be empty: leave it out instead", name)
	}
	return nil
}

func unauthorized(place, what string) error {
	return billing.Errorf(billing.CodeAuthentication, place, "%s: %s", place, what)
}
