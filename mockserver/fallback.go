package mockserver

import "github.com/lavapayments/lava-go/internal/billing"

// getFallbackChain returns null for a chain that isn't set. Assumption fallback-unset.
func getFallbackChain(c *call) (any, error) {
	m, err := c.engine.Merchant(c.merchant)
	body := fallbackChainBody{Chain: make([]fallbackBody, len(m.Fallbacks))}
	for i, f := range m.Fallbacks {
		body.Chain[i] = fallbackBody(f)
	}
	if m.Fallbacks == nil {
		body.Chain = nil
	}
	return body, err
}

func setFallbackChain(c *call) (any, error) {
	in, err := decode[struct {
		Chain patch[[]fallbackBody] `json:"fallback_chain"`
	}](c)
	switch {
	case err != nil:
		return nil, err
	case !in.Chain.set:
		return nil, billing.Invalid("fallback_chain", "is required: an array, or null to clear it")
	}
	var chain []billing.Fallback
	for _, f := range in.Chain.value {
		chain = append(chain, billing.Fallback(f))
	}
	_, err = do(c, billing.SetFallbacks{MerchantID: c.merchant, Chain: chain})
	return successBody{Success: true}, err
}

type fallbackChainBody struct {
	Chain []fallbackBody `json:"fallback_chain"`
}

type fallbackBody struct {
	URL   string `json:"url"`
	Model string `json:"model"`
}
