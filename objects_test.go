package lava_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// objects are the types that the API responds with, by their names in
// testdata/objects.json.
var objects = map[string]any{
	"CheckoutSession":   lava.CheckoutSession{},
	"Customer":          lava.Customer{},
	"Meter":             lava.Meter{},
	"Plan":              lava.Plan{},
	"Subscription":      lava.Subscription{},
	"Request":           lava.Request{},
	"Usage":             lava.Usage{},
	"CreditBundle":      lava.CreditBundle{},
	"WebhookCreated":    lava.WebhookCreated{},
	"SecretKeyCreated":  lava.SecretKeyCreated{},
	"SpendKeyCreated":   lava.SpendKeyCreated{},
	"ModelList":         modelList{},
	"Wallet":            lava.Wallet{},
	"WalletFunding":     lava.WalletFunding{},
	"PaymentMethodList": paymentMethodList{},
	"ServiceCatalog":    serviceCatalog{},
	"AuthCredentials":   lava.AuthCredentials{},
}

// Lists without pages, for which the methods return only the items.
type (
	modelList struct {
		Object string       `json:"object"`
		Data   []lava.Model `json:"data"`
	}
	paymentMethodList struct {
		Data []lava.PaymentMethod `json:"data"`
	}
	serviceCatalog struct {
		Object    string                 `json:"object"`
		Data      []lava.Service         `json:"data"`
		Providers []lava.ServiceProvider `json:"providers"`
	}
)

func objectSamples(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "objects.json"))
	require.NoError(t, err)
	var samples map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &samples))
	require.Len(t, samples, len(objects))
	return samples
}

// Every key of a sample has a field, and every field a key.
func TestObjectsAreReadInFull(t *testing.T) {
	t.Parallel()
	for name, sample := range objectSamples(t) {
		t.Run(name, func(t *testing.T) {
			object := reflect.New(reflect.TypeOf(objects[name]))
			decoder := json.NewDecoder(bytes.NewReader(sample))
			decoder.DisallowUnknownFields()
			require.NoError(t, decoder.Decode(object.Interface()))
			requireSet(t, name, object.Elem())
		})
	}
}

// requireSet fails for every field that isn't in the sample.
func requireSet(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	require.False(t, v.IsZero(), path)
	switch v.Interface().(type) {
	case time.Time, decimal.Decimal, json.RawMessage, lava.Secret:
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		requireSet(t, path, v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			requireSet(t, fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			requireSet(t, path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	}
}

// Lava will add fields and enum values. Neither may break a program that was built earlier.
func TestNewerObjectsAreRead(t *testing.T) {
	t.Parallel()
	for name, sample := range objectSamples(t) {
		t.Run(name, func(t *testing.T) {
			var tree any
			require.NoError(t, json.Unmarshal(sample, &tree))
			text, err := json.Marshal(newer(tree))
			require.NoError(t, err)
			require.Contains(t, string(text), "added_later")
			object := reflect.New(reflect.TypeOf(objects[name]))
			require.NoError(t, json.Unmarshal(text, object.Interface()))
			requireSet(t, name, object.Elem())
			if hasEnum(object.Elem().Type()) {
				back, _ := json.Marshal(object.Interface()) // fails if there is a secret
				require.Contains(t, fmt.Sprintf("%+v %s", object, back), "unheard_of", "unknown fields are kept")
			}
		})
	}
}

// enumKeys are the keys whose values are enums.
var enumKeys = map[string]bool{
	"status": true, "checkout_mode": true, "rate_type": true, "type": true, "billing_interval": true, "rollover_type": true,
	"bundle_rollover_type": true, "provider_key_type": true, "request_shape": true, "cycle": true,
}

// newer adds a field to every object and sets every enum to an unknown value.
func newer(tree any) any {
	switch tree := tree.(type) {
	case map[string]any:
		for key, value := range tree {
			if _, text := value.(string); text && enumKeys[key] {
				tree[key] = "unheard_of"
				continue
			}
			tree[key] = newer(value)
		}
		if _, free := tree["user"]; !free { // metadata has only strings
			tree["added_later"] = map[string]any{"n": 1}
		}
	case []any:
		for i := range tree {
			tree[i] = newer(tree[i])
		}
	}
	return tree
}

// hasEnum reports whether a type has a field of a string type of this package.
func hasEnum(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return hasEnum(t.Elem())
	case reflect.String:
		return t != reflect.TypeFor[string]()
	case reflect.Struct:
		for i := range t.NumField() {
			if hasEnum(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}
