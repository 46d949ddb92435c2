package mockserver

import (
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
)

const (
	testKeyPrefix = "aks_test_"
	liveKeyPrefix = "aks_live_"
)

// authenticate returns the id of the merchant whose key a call has.
func (c *call) authenticate() (string, error) {
	key := bearer(c.r)
	if key == "" {
		return "", errNoKey()
	}
	return c.merchantByKey(key)
}

// bearer returns the key in a request's Authorization header, or "".
func bearer(r *http.Request) string {
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}

// merchantByKey returns the id of the merchant with a secret key.
func (a *api) merchantByKey(key string) (string, error) {
	if strings.HasPrefix(key, liveKeyPrefix) {
		return "", errLiveKey()
	}
	hash := billing.HashKey(key)
	if id, ok := a.engine.MerchantByKey(hash); ok {
		return id, nil
	}
	if own := a.own.Load(); own != nil && own.hash == hash {
		return own.merchant, nil
	}
	if strings.HasPrefix(key, billing.SpendKeyPrefix) {
		return "", errSpendKey()
	}
	return "", errWrongKey()
}

// ownKey is the server's own secret key if the restored snapshot does not contain it. It isn't added to the state,
// because the state must equal the snapshot.
type ownKey struct {
	hash     billing.KeyHash
	merchant string
}

func errNoKey() error {
	return billing.Errorf(billing.CodeAuthentication, "", "no secret key: send it as \"Authorization: Bearer aks_test_…\"")
}

func errWrongKey() error {
	return billing.Errorf(billing.CodeAuthentication, "", "the secret key is not known to this mock server")
}

func errSpendKey() error {
	return billing.Errorf(billing.CodeAuthentication, "", "a spend key works only at the gateway: this endpoint needs the secret key (aks_test_…)")
}

// errLiveKey keeps real credentials out of a mock. Assumption live-key.
func errLiveKey() error {
	return billing.Errorf(billing.CodeAuthentication, "", "this is a mock server, but it received a live key: use a key that starts with %q, and check why the live key was sent here", testKeyPrefix)
}
