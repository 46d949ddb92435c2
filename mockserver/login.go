package mockserver

import (
	"maps"
	"sync"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

// authCodeLife is how long the code from a login can be exchanged.
const authCodeLife = time.Minute

// authCodes are the codes from logins. Each works once.
type authCodes struct {
	mu     sync.Mutex
	byCode map[string]authCode
}

type authCode struct {
	merchant string
	expires  time.Time
}

// issue returns a code for signing in as a merchant.
func (a *authCodes) issue(merchant string, now time.Time) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.byCode == nil {
		a.byCode = map[string]authCode{}
	}
	maps.DeleteFunc(a.byCode, func(_ string, c authCode) bool { return !now.Before(c.expires) })
	code := newSecret("code_")
	a.byCode[code] = authCode{merchant, now.Add(authCodeLife)}
	return code
}

// redeem returns the merchant of a code. It works once per code.
func (a *authCodes) redeem(code string, now time.Time) (merchant string, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c, ok := a.byCode[code]
	delete(a.byCode, code)
	return c.merchant, ok && now.Before(c.expires)
}

// forget removes a merchant's codes.
func (a *authCodes) forget(merchantID string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	maps.DeleteFunc(a.byCode, func(_ string, c authCode) bool { return c.merchant == merchantID })
}

// exchangeAuthCode returns a new secret key for a code.
func exchangeAuthCode(c *call) (any, error) {
	in, err := decode[struct {
		Code string `json:"code"`
	}](c)
	switch {
	case err != nil:
		return nil, err
	case in.Code == "":
		return nil, billing.Invalid("code", "is required")
	}
	merchantID, ok := c.authCodes.redeem(in.Code, c.now)
	if !ok {
		return nil, billing.Errorf(billing.CodeAuthentication, "code", "code: is unknown, used, or older than %v", authCodeLife)
	}
	m, err := c.engine.Merchant(merchantID)
	if err != nil {
		return nil, err
	}
	k, err := do(c, billing.CreateSecretKey{MerchantID: merchantID, Name: "CLI login"})
	return credentialsBody{
		WalletID: m.WalletID, SecretKeyID: k.ID, SecretKey: c.show(k.Secret()), MerchantID: m.ID, AccountID: m.AccountID,
	}, err
}

type credentialsBody struct {
	WalletID    string `json:"wallet_id"`
	SecretKeyID string `json:"secret_key_id"`
	SecretKey   string `json:"secret_key"`
	MerchantID  string `json:"merchant_id"`
	AccountID   string `json:"account_id"`
}
