package mockserver

import (
	"context"
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/gateway"
)

// gatewayRoute is an endpoint that forwards to providers.
type gatewayRoute struct {
	name   Endpoint
	method string // empty is any
	path   string // below /v1/
	below  string // prefix of further paths of the endpoint, or empty
	handle func(*gateway.Gateway, http.ResponseWriter, *http.Request)
}

var gatewayRoutes = [...]gatewayRoute{
	{"gateway.forward", "", "forward", "forward/", (*gateway.Gateway).Forward},
	{"gateway.rewrite", "", "", "rewrite/", (*gateway.Gateway).Rewrite},
	{"gateway.chat_completions", http.MethodPost, "chat/completions", "", (*gateway.Gateway).ChatCompletions},
	{"gateway.messages", http.MethodPost, "messages", "", (*gateway.Gateway).Messages},
}

// gatewayAt returns the gateway endpoint of a request, or nil.
func gatewayAt(r *http.Request) *gatewayRoute {
	path, versioned := strings.CutPrefix(r.URL.Path, apiPrefix)
	if !versioned || path == "" {
		return nil
	}
	for i := range gatewayRoutes {
		rt := &gatewayRoutes[i]
		if rt.method != "" && rt.method != r.Method {
			continue
		}
		if path == rt.path || rt.below != "" && strings.HasPrefix(path, rt.below) {
			return rt
		}
	}
	return nil
}

// gatewayBilling connects the gateway to the engine.
type gatewayBilling struct {
	*api
	clock *clock
}

// Authenticate asks the engine for the owner of a key.
func (b gatewayBilling) Authenticate(ctx context.Context, t gateway.Token) error {
	recorderOf(ctx).call.customer = t.CustomerID
	if !strings.HasPrefix(t.SecretKey, billing.SpendKeyPrefix) {
		merchant, err := b.merchantByKey(t.SecretKey)
		recorderOf(ctx).call.merchant = merchant
		if err != nil {
			return err
		}
	} else {
		merchant, ok := b.engine.MerchantBySpendKey(billing.HashKey(t.SecretKey))
		if !ok {
			return billing.Errorf(billing.CodeAuthentication, "", "the spend key is unknown or was revoked")
		}
		recorderOf(ctx).call.merchant = merchant
	}
	return b.meet(ctx, t, billing.BeforeEffect)
}

// Admit asks the engine whether a request may be sent to its provider.
func (b gatewayBilling) Admit(ctx context.Context, t gateway.Token, to gateway.Destination) (gateway.Admission, error) {
	rec := recorderOf(ctx)
	decision, err := b.decide(t, to, &rec.call.trace)
	if decision.MerchantID != "" {
		rec.call.merchant, rec.call.customer = decision.MerchantID, decision.CustomerID
	}
	if rec.server.calls.isOver(rec.call) {
		return gateway.Admission{}, errForgotten()
	}
	if err != nil {
		return gateway.Admission{}, err
	}
	switch {
	case b.isMeterID(decision.MerchantID, t.MeterSlug):
		rec.call.hint = "meter_slug contains a meter's id, which the mock accepts but Lava may not: send the meter's meter_slug"
	case decision.CustomerID == "" && !t.DisableBilling && t.ProviderKey == "" && !strings.HasPrefix(t.SecretKey, billing.SpendKeyPrefix):
		rec.call.hint = "your own wallet pays for this, not a customer: to charge a customer, send a forward token with customer_id and meter_slug"
	}
	if decision.Refused != nil {
		return gateway.Admission{}, decision.Refused
	}
	rec.epoch = decision.Epoch
	record := func(o gateway.Outcome) error {
		source := billing.Source{Provider: o.Provider, Model: o.Model, Endpoint: o.Endpoint, KeyType: billing.KeyManaged}
		if o.Unmanaged {
			source.KeyType = billing.KeyUnmanaged
		}
		if err := b.meet(ctx, t, billing.AfterProvider); err != nil {
			return err
		}
		rec.call.used(o.Usage)
		_, err := billing.DoTraced(b.engine, b.clock.read(), billing.RecordUsage{
			Decision: decision, DisableBilling: t.DisableBilling, Source: source,
			ResponseID: o.ResponseID, Usage: o.Usage, InputCost: o.InputCost, OutputCost: o.OutputCost,
			Metadata: o.Metadata, Failed: o.Failed,
		}, &rec.call.trace)
		rec.settled = true
		if err != nil {
			return err
		}
		return b.meet(ctx, t, billing.AfterEffect)
	}
	return gateway.Admission{
		RequestID: decision.RequestID, At: b.clock.read(), Record: record,
		Fallbacks: func() []gateway.Fallback { return b.fallbacks(decision.MerchantID) },
		Affords:   func() bool { return t.ProviderKey != "" || b.isFunded(decision.MerchantID) },
	}, nil
}

// isFunded reports whether a merchant's wallet can pay for requests with a price.
func (b gatewayBilling) isFunded(merchant string) bool {
	m, err := b.engine.Merchant(merchant)
	return err == nil && m.WalletBalance > 0
}

// fallbacks returns a merchant's fallback chain.
func (b gatewayBilling) fallbacks(merchant string) []gateway.Fallback {
	m, err := b.engine.Merchant(merchant)
	if err != nil { // deleted in the meantime
		return nil
	}
	chain := make([]gateway.Fallback, len(m.Fallbacks))
	for i, f := range m.Fallbacks {
		chain[i] = gateway.Fallback(f)
	}
	return chain
}

// Allows reports whether a spend key's terms allow a model of a provider. Other keys allow all models.
func (b gatewayBilling) Allows(t gateway.Token, provider, model string) bool {
	if !strings.HasPrefix(t.SecretKey, billing.SpendKeyPrefix) {
		return true
	}
	k, ok := b.engine.SpendKeyByKey(billing.HashKey(t.SecretKey))
	return !ok || k.AllowsProvider(provider) && k.AllowsModel(model)
}

func (b gatewayBilling) decide(t gateway.Token, to gateway.Destination, trace *billing.Trace) (billing.Decision, error) {
	if strings.HasPrefix(t.SecretKey, billing.SpendKeyPrefix) {
		return billing.DoTraced(b.engine, b.clock.read(), billing.AdmitSpendKey{
			KeyHash: billing.HashKey(t.SecretKey), Shape: billing.RequestShape(to.Shape), Provider: to.Provider, Model: to.Model,
			Unpriced: to.Unpriced,
		}, trace)
	}
	merchant, err := b.merchantByKey(t.SecretKey)
	if err != nil {
		return billing.Decision{}, err
	}
	return billing.DoTraced(b.engine, b.clock.read(), billing.Admit{
		MerchantID: merchant, Customer: t.CustomerID, Meter: t.MeterSlug,
		DisableBilling: t.DisableBilling, Unmanaged: t.ProviderKey != "", Unpriced: to.Unpriced,
	}, trace)
}
