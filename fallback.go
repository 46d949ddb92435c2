package lava

import (
	"context"
	"net/http"

	"github.com/lavapayments/lava-go/internal/exchange"
)

// FallbackChainService manages the account's fallback chain: the providers that
// the gateway tries next when a provider fails. It applies to translated
// requests that name no fallbacks of their own.
type FallbackChainService service

// Retrieve returns the chain, which is empty if none is set.
//
//lava:operation GET /account/fallback
func (s *FallbackChainService) Retrieve(ctx context.Context) ([]Fallback, error) {
	resp, err := get[struct {
		FallbackChain []Fallback `json:"fallback_chain"`
	}](ctx, s.client, at("account/fallback"), nil)
	if err != nil {
		return nil, err
	}
	return resp.FallbackChain, nil
}

// Update replaces the chain. A chain has at most 5 entries; an empty chain
// clears it.
//
//lava:operation PATCH /account/fallback
func (s *FallbackChainService) Update(ctx context.Context, chain []Fallback) error {
	params := struct {
		FallbackChain []Fallback `json:"fallback_chain"`
	}{chain}
	if len(chain) == 0 {
		params.FallbackChain = nil // null
	}
	return s.client.do(ctx, call{
		method: http.MethodPatch, at: at("account/fallback"), params: params, retries: exchange.IfRejected,
	}, new(confirmation))
}

// Fallback is a provider's address and a model to try there.
type Fallback struct {
	URL   string `json:"url"`
	Model string `json:"model"`
}
