package mockserver

import (
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

func createSpendKey(c *call) (any, error) {
	in, err := decode[spendKeyInput](c)
	if err != nil {
		return nil, err
	}
	terms := billing.SpendKeyTerms{
		Name: in.Name.value, Status: in.Status.value, Shape: in.Shape.value,
		AllowedModels: in.AllowedModels.value, AllowedProviders: in.AllowedProviders.value,
	}
	if terms.SpendLimit, err = in.SpendLimit.value.limit(); err != nil {
		return nil, err
	}
	terms.RequestLimit = in.RequestLimit.value.limit()
	terms.RateLimit = in.RateLimit.value.limit()
	if terms.ExpiresAt, err = c.expiry(in.ExpiresAt.value); err != nil {
		return nil, err
	}
	k, err := do(c, billing.CreateSpendKey{MerchantID: c.merchant, Terms: terms})
	return c.encodeCreatedSpendKey(k), err
}

func getSpendKey(c *call) (any, error) {
	k, err := c.engine.SpendKey(c.merchant, c.id)
	return c.encodeSpendKey(k), err
}

func listSpendKeys(c *call) (any, error) {
	page, err := c.page()
	if err != nil {
		return nil, err
	}
	keys, err := c.engine.SpendKeys(c.merchant, page)
	return list(keys, c.encodeSpendKey), err
}

func updateSpendKey(c *call) (any, error) {
	in, err := decode[spendKeyInput](c)
	if err != nil {
		return nil, err
	}
	cmd := billing.UpdateSpendKey{
		MerchantID: c.merchant, ID: c.id, Name: in.Name.ptr(), Status: in.Status.ptr(), Shape: in.Shape.ptr(),
		AllowedModels: in.AllowedModels.ptr(), AllowedProviders: in.AllowedProviders.ptr(),
	}
	if in.SpendLimit.set {
		limit, err := in.SpendLimit.value.limit()
		if err != nil {
			return nil, err
		}
		cmd.SpendLimit = &limit
	}
	if in.RequestLimit.set {
		limit := in.RequestLimit.value.limit()
		cmd.RequestLimit = &limit
	}
	if in.RateLimit.set {
		limit := in.RateLimit.value.limit()
		cmd.RateLimit = &limit
	}
	if in.ExpiresAt.set {
		at, err := c.expiry(in.ExpiresAt.value)
		if err != nil {
			return nil, err
		}
		cmd.ExpiresAt = &at
	}
	k, err := do(c, cmd)
	return c.encodeSpendKey(k), err
}

func revokeSpendKey(c *call) (any, error) {
	_, err := do(c, billing.RevokeSpendKey{MerchantID: c.merchant, ID: c.id})
	return successBody{Success: true}, err
}

func rotateSpendKey(c *call) (any, error) {
	k, err := do(c, billing.RotateSpendKey{MerchantID: c.merchant, ID: c.id})
	return c.encodeCreatedSpendKey(k), err
}

// expiry reads the time at which a key expires.
func (c *call) expiry(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	at, _, err := parseInstant("expires_at", s, time.UTC)
	switch {
	case err != nil:
	case !at.After(c.now):
		err = billing.Invalid("expires_at", "%s is in the past", at.Format(time.RFC3339))
	case at.UTC().Year() > 9999: // because of an offset: it could not be written in UTC
		err = billing.Invalid("expires_at", "%s is after the year 9999", at.Format(time.RFC3339))
	}
	return at.UTC(), err
}

type spendKeyInput struct {
	Name             patch[string]                 `json:"name"`
	Status           patch[billing.SpendKeyStatus] `json:"status"`
	Shape            patch[billing.RequestShape]   `json:"request_shape"`
	AllowedModels    patch[[]string]               `json:"allowed_models"`
	AllowedProviders patch[[]string]               `json:"allowed_providers"`
	SpendLimit       patch[*spendLimitBody]        `json:"spend_limit"`
	RequestLimit     patch[*requestLimitBody]      `json:"request_limit"`
	RateLimit        patch[*rateLimitBody]         `json:"rate_limit"`
	ExpiresAt        patch[string]                 `json:"expires_at"`
}

type spendLimitBody struct {
	Amount string             `json:"amount"`
	Cycle  billing.LimitCycle `json:"cycle"`
}

func (b *spendLimitBody) limit() (*billing.SpendLimit, error) {
	if b == nil {
		return nil, nil
	}
	amount, err := billing.ParseAmount(b.Amount)
	if err != nil {
		return nil, billing.Invalid("spend_limit.amount", "%v", err)
	}
	return &billing.SpendLimit{Amount: amount, Cycle: b.Cycle}, nil
}

type requestLimitBody struct {
	Count int64              `json:"count"`
	Cycle billing.LimitCycle `json:"cycle"`
}

func (b *requestLimitBody) limit() *billing.RequestLimit {
	return (*billing.RequestLimit)(b)
}

type rateLimitBody struct {
	RPM   int64  `json:"rpm"`
	Burst *int64 `json:"burst"`
}

func (b *rateLimitBody) limit() *billing.RateLimit {
	if b == nil {
		return nil
	}
	limit := &billing.RateLimit{RPM: b.RPM}
	if b.Burst != nil {
		limit.Burst = *b.Burst
	}
	return limit
}

type spendKeyBody struct {
	ID               string                 `json:"spend_key_id"`
	Preview          string                 `json:"key_preview"`
	Name             string                 `json:"name"`
	Status           billing.SpendKeyStatus `json:"status"`
	Shape            billing.RequestShape   `json:"request_shape"`
	WalletID         string                 `json:"wallet_id"`
	AllowedModels    []string               `json:"allowed_models"`
	AllowedProviders []string               `json:"allowed_providers"`
	SpendLimit       *spendLimitBody        `json:"spend_limit"`
	CurrentSpend     billing.Amount         `json:"current_spend"`
	TotalSpend       billing.Amount         `json:"total_spend"`
	RequestLimit     *requestLimitBody      `json:"request_limit"`
	CurrentRequests  int64                  `json:"current_requests"`
	TotalRequests    int64                  `json:"total_requests"`
	RateLimit        *rateLimitBody         `json:"rate_limit"`
	ExpiresAt        *instant               `json:"expires_at"`
	LastUsedAt       *instant               `json:"last_used_at"`
	CreatedAt        instant                `json:"created_at"`
}

type createdSpendKeyBody struct {
	spendKeyBody
	Key string `json:"key"`
}

func (c *call) encodeCreatedSpendKey(k billing.SpendKey) createdSpendKeyBody {
	return createdSpendKeyBody{c.encodeSpendKey(k), c.show(k.Secret())}
}

func (c *call) encodeSpendKey(k billing.SpendKey) spendKeyBody {
	merchant, _ := c.engine.Merchant(c.merchant) // of this call's key
	body := spendKeyBody{
		ID: k.ID, Preview: k.Preview, Name: k.Name, Status: k.Status, Shape: k.Shape, WalletID: merchant.WalletID,
		AllowedModels: k.AllowedModels, AllowedProviders: k.AllowedProviders,
		TotalSpend: k.Total.Spend, TotalRequests: k.Total.Requests, RequestLimit: (*requestLimitBody)(k.RequestLimit),
		ExpiresAt: instantOrNull(k.ExpiresAt), LastUsedAt: instantOrNull(k.LastUsedAt), CreatedAt: instant(k.CreatedAt),
	}
	body.CurrentSpend, body.CurrentRequests = k.Current(c.now)
	if l := k.SpendLimit; l != nil {
		body.SpendLimit = &spendLimitBody{Amount: l.Amount.String(), Cycle: l.Cycle}
	}
	if l := k.RateLimit; l != nil {
		body.RateLimit = &rateLimitBody{RPM: l.RPM, Burst: orNull(l.Burst)}
	}
	return body
}
