package mockserver

import (
	"context"
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/gateway"
)

// serveGateway answers requests to the gateway, and only those.
func (s *Server) serveGateway(path string, w http.ResponseWriter, r *http.Request) bool {
	switch {
	case path == "forward" || strings.HasPrefix(path, "forward/"):
		s.gateway.Forward(w, r)
	case strings.HasPrefix(path, "rewrite/"):
		s.gateway.Rewrite(w, r)
	case path == "chat/completions" && r.Method == http.MethodPost:
		s.gateway.ChatCompletions(w, r)
	case path == "messages" && r.Method == http.MethodPost:
		s.gateway.Messages(w, r)
	default:
		return false
	}
	return true
}

// gatewayBilling lets the gateway ask the engine.
type gatewayBilling struct{ s *Server }

// Admit asks the engine whether a request may go to its provider.
func (b gatewayBilling) Admit(_ context.Context, t gateway.Token, to gateway.Destination) (gateway.Admission, error) {
	decision, err := b.decide(t, to)
	if err != nil {
		return gateway.Admission{}, err
	}
	if decision.Refused != nil {
		return gateway.Admission{}, decision.Refused
	}
	record := func(o gateway.Outcome) error {
		source := billing.Source{Provider: o.Provider, Model: o.Model, Endpoint: o.Endpoint, KeyType: billing.KeyManaged}
		if o.Unmanaged {
			source.KeyType = billing.KeyUnmanaged
		}
		_, err := billing.Do(b.s.engine, b.s.Now(), billing.RecordUsage{
			Decision: decision, DisableBilling: t.DisableBilling, Source: source,
			ResponseID: o.ResponseID, Usage: o.Usage, InputCost: o.InputCost, OutputCost: o.OutputCost,
			Metadata: o.Metadata, Failed: o.Failed,
		})
		return err
	}
	return gateway.Admission{
		RequestID: decision.RequestID, Record: record,
		Fallbacks: func() []gateway.Fallback { return b.fallbacks(decision.MerchantID) },
	}, nil
}

// fallbacks returns a merchant's chain.
func (b gatewayBilling) fallbacks(merchant string) []gateway.Fallback {
	m, err := b.s.engine.Merchant(merchant)
	if err != nil { // deleted meanwhile
		return nil
	}
	chain := make([]gateway.Fallback, len(m.Fallbacks))
	for i, f := range m.Fallbacks {
		chain[i] = gateway.Fallback(f)
	}
	return chain
}

// Allows says whether a spend key's terms allow a model of a provider. Other keys
// allow all.
func (b gatewayBilling) Allows(t gateway.Token, provider, model string) bool {
	if !strings.HasPrefix(t.SecretKey, spendKeyPrefix) {
		return true
	}
	k, ok := b.s.engine.SpendKeyByKey(billing.HashKey(t.SecretKey))
	return !ok || k.AllowsProvider(provider) && k.AllowsModel(model)
}

func (b gatewayBilling) decide(t gateway.Token, to gateway.Destination) (billing.Decision, error) {
	if strings.HasPrefix(t.SecretKey, spendKeyPrefix) {
		return billing.Do(b.s.engine, b.s.Now(), billing.AdmitSpendKey{
			KeyHash: billing.HashKey(t.SecretKey), Shape: billing.RequestShape(to.Shape), Provider: to.Provider, Model: to.Model,
		})
	}
	merchant, err := b.s.merchantByKey(t.SecretKey)
	if err != nil {
		return billing.Decision{}, err
	}
	return billing.Do(b.s.engine, b.s.Now(), billing.Admit{
		MerchantID: merchant, Customer: t.CustomerID, Meter: t.MeterSlug,
		DisableBilling: t.DisableBilling, Unmanaged: t.ProviderKey != "",
	})
}
