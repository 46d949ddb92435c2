package gateway_test

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/gateway"
)

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestToken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, credential string
		want             gateway.Token
	}{
		{"raw key", goodKey, gateway.Token{SecretKey: goodKey}},
		{"secret key alone", b64(`{"secret_key":"aks_test_good"}`), gateway.Token{SecretKey: goodKey}},
		{"null is absent", b64(`{"secret_key":"aks_test_good","customer_id":null,"meter_slug":"m","provider_key":null,"disable_billing":null}`),
			gateway.Token{SecretKey: goodKey, MeterSlug: "m"}},
		{"spend key", spendKey, gateway.Token{SecretKey: spendKey}},
		{"spend key alone", b64(`{"secret_key":"lava_sk_good","customer_id":null}`), gateway.Token{SecretKey: spendKey}},
		{"all", b64(`{"secret_key":"aks_test_good","customer_id":"c","meter_slug":"m","provider_key":"sk-1","disable_billing":true}`),
			gateway.Token{SecretKey: goodKey, CustomerID: "c", MeterSlug: "m", ProviderKey: "sk-1", DisableBilling: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			got := r.do(t, "POST", chatPath, chatBody, "Authorization", "Bearer "+test.credential)
			require.Equal(t, 200, got.status, got.body)
			assert.Equal(t, test.want, r.tokens[0])
			assert.Equal(t, test.want.ProviderKey != "", r.last(t).Unmanaged)
		})
	}
}

func TestBadTokens(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, credential string
		status           int
		says             string
	}{
		{"none", "", 401, "is required"},
		{"a provider's key", "sk-hidden", 401, "not one of Lava's credentials"},
		{"not base64", "%%%hidden", 401, "not one of Lava's credentials"},
		{"base64 of something other than an object", b64(`"hidden"`), 401, "not one of Lava's credentials"},
		{"broken JSON", b64(`{"secret_key":"aks_test_hidden`), 401, "valid JSON"},
		{"two objects", b64(`{"secret_key":"aks_test_hidden"}{}`), 401, "valid JSON"},
		{"a field twice", b64(`{"secret_key":"aks_test_hidden","meter_slug":"a","meter_slug":"b"}`), 401, "unique fields"},
		{"another case", b64(`{"Secret_Key":"aks_test_hidden"}`), 401, "secret_key"},
		{"no secret key", b64(`{"meter_slug":"m"}`), 401, "secret_key"},
		{"secret key null", b64(`{"secret_key":null}`), 401, "secret_key"},
		{"secret key of a wrong type", b64(`{"secret_key":5}`), 401, "secret_key"},
		{"customer of a wrong type", b64(`{"secret_key":"aks_test_hidden","customer_id":7,"meter_slug":"m"}`), 400, "customer_id must be a string"},
		{"flag of a wrong type", b64(`{"secret_key":"aks_test_hidden","disable_billing":"yes"}`), 400, "disable_billing must be a bool"},
		{"empty meter", b64(`{"secret_key":"aks_test_hidden","meter_slug":""}`), 400, "meter_slug must not be empty"},
		{"customer without meter", b64(`{"secret_key":"aks_test_hidden","customer_id":"c"}`), 400, "customer_id needs meter_slug"},
		{"misspelled field", b64(`{"secret_key":"aks_test_hidden","costumer_id":"c"}`), 400, "costumer_id"},
		{"a spend key", b64(`{"secret_key":"lava_sk_good","meter_slug":"m"}`), 400, "secret_key is a spend key"},
		{"a spend key with a customer", b64(`{"secret_key":"lava_sk_good","customer_id":"c","meter_slug":"m"}`), 400, "secret_key is a spend key"},
		{"a spend key with a provider's", b64(`{"secret_key":"lava_sk_good","provider_key":"sk-1"}`), 400, "secret_key is a spend key"},
		{"a spend key without billing", b64(`{"secret_key":"lava_sk_good","disable_billing":true}`), 400, "secret_key is a spend key"},
		{"a key of Lava's for the provider", b64(`{"secret_key":"aks_test_good","provider_key":"aks_test_hidden"}`), 400, "provider_key is one of Lava's credentials"},
		{"wrong key", "aks_test_other", 401, "wrong key"},
		{"wrong key in a token", b64(`{"secret_key":"aks_test_other","customer_id":7}`), 401, "wrong key"},
		{"wrong key after a misspelled field", b64(`{"costumer_id":"c","secret_key":"aks_test_other"}`), 401, "wrong key"},
		{"wrong spend key in a token", b64(`{"secret_key":"lava_sk_other"}`), 401, "wrong key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			header := []string{"Authorization", "Bearer " + test.credential}
			if test.credential == "" {
				header[1] = ""
			}
			got := r.do(t, "POST", chatPath, chatBody, header...)
			assert.Equal(t, test.status, got.status)
			assert.Contains(t, got.body, test.says)
			assert.NotContains(t, got.body, "hidden", "a secret in an error")
			assert.Zero(t, r.count())
		})
	}
}

func FuzzToken(f *testing.F) {
	f.Add("aks_test_good")
	f.Add(b64(`{"secret_key":"a","customer_id":null}`))
	f.Add(b64(`{"secret_key":`))
	f.Fuzz(func(_ *testing.T, credential string) { gateway.CheckToken(credential) })
}
