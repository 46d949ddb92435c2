package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
)

// Token is what a caller's credential says: a decoded forward token, a raw
// secret key, or a spend key.
type Token struct {
	SecretKey      string // a secret key or a spend key
	CustomerID     string
	MeterSlug      string
	ProviderKey    string
	DisableBilling bool
}

// credential takes the scheme off a header's value, if there is one.
func credential(value string) string {
	const scheme = "Bearer "
	if len(value) > len(scheme) && strings.EqualFold(value[:len(scheme)], scheme) {
		value = value[len(scheme):]
	}
	return strings.TrimSpace(value)
}

// isLava reports whether a credential is meant for Lava, well-formed or not, and
// so must never reach a provider.
func isLava(value string) bool {
	if isRawKey(value) {
		return true
	}
	b, err := decodeBase64(value)
	return err == nil && len(b) > 0 && b[0] == '{'
}

func isRawKey(value string) bool {
	return strings.HasPrefix(value, "aks_") || strings.HasPrefix(value, "lava_sk_")
}

// decodeBase64 takes padding as optional: shells and URLs lose it.
func decodeBase64(s string) ([]byte, error) {
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
}

// parseToken reads a credential. What can't be read as a token is 401, a field
// that is wrong is 400 and named (assumption token-errors). Errors never quote a
// value.
func parseToken(place, value string) (Token, error) {
	if isRawKey(value) {
		return Token{SecretKey: value}, nil
	}
	b, err := decodeBase64(value)
	if err != nil {
		return Token{}, unauthorized(place, "the forward token is not valid base64")
	}
	var f struct {
		SecretKey      *string `json:"secret_key"`
		CustomerID     *string `json:"customer_id"`
		MeterSlug      *string `json:"meter_slug"`
		ProviderKey    *string `json:"provider_key"`
		DisableBilling *bool   `json:"disable_billing"`
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return Token{}, tokenFault(place, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Token{}, unauthorized(place, "something follows the JSON object in the forward token")
	}
	if f.SecretKey == nil || *f.SecretKey == "" {
		return Token{}, unauthorized(place, "the forward token has no secret_key")
	}
	t := Token{SecretKey: *f.SecretKey, DisableBilling: f.DisableBilling != nil && *f.DisableBilling}
	for _, field := range []struct {
		name  string
		value *string
		into  *string
	}{
		{"customer_id", f.CustomerID, &t.CustomerID},
		{"meter_slug", f.MeterSlug, &t.MeterSlug},
		{"provider_key", f.ProviderKey, &t.ProviderKey},
	} {
		if field.value == nil { // absent or null
			continue
		}
		if *field.value == "" {
			return Token{}, billing.Errorf(billing.CodeInvalidRequest, field.name, "forward token: %s must not be empty: leave it out instead", field.name)
		}
		*field.into = *field.value
	}
	if t.CustomerID != "" && t.MeterSlug == "" {
		return Token{}, billing.Errorf(billing.CodeInvalidRequest, "meter_slug",
			"forward token: customer_id needs meter_slug: give both to bill a customer, or none to bill the merchant")
	}
	return t, nil
}

// tokenFault says what is wrong with a token's JSON. The decoder's own messages
// may quote the input, so they are not passed on.
func tokenFault(place string, err error) error {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) && wrongType.Field != "" {
		return billing.Errorf(billing.CodeInvalidRequest, wrongType.Field,
			"forward token: %s must be a %s, not a %s", wrongType.Field, wrongType.Type, wrongType.Value)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return billing.Errorf(billing.CodeInvalidRequest, place,
			"forward token: there is no field %.64s; the fields are secret_key, customer_id, meter_slug, provider_key and disable_billing", name)
	}
	return unauthorized(place, "the forward token does not hold a valid JSON object")
}

func unauthorized(place, what string) error {
	return billing.Errorf(billing.CodeAuthentication, place, "%s: %s", place, what)
}
