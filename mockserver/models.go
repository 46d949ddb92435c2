package mockserver

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
)

// listModels lists the models that a key may use, in OpenAI's format. Without a
// key it lists all.
func listModels(c *call) (any, error) {
	allowed := billing.SpendKeyTerms{}
	if key := bearer(c.r); strings.HasPrefix(key, spendKeyPrefix) {
		k, ok := c.engine.SpendKeyByKey(billing.HashKey(key))
		if !ok {
			return nil, errWrongKey()
		}
		allowed = k.SpendKeyTerms
	} else if key != "" {
		if _, err := c.merchantByKey(key); err != nil {
			return nil, err
		}
	}
	body := modelListBody{Object: "list", Data: []modelBody{}}
	known := cmp.Or(c.catalog, catalog.Default())
	created := catalogDate(known)
	for _, p := range known.Providers() {
		if !allowed.AllowsProvider(p.ID) {
			continue
		}
		for _, m := range p.Models() {
			if allowed.AllowsModel(m.ID) {
				body.Data = append(body.Data, modelBody{ID: m.ID, Object: "model", Created: created.Unix(), OwnedBy: p.ID})
			}
		}
	}
	return body, nil
}

type modelListBody struct {
	Object string      `json:"object"`
	Data   []modelBody `json:"data"`
}

type modelBody struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
}

// catalogDate stands in for the date of models, which nobody publishes.
func catalogDate(c *catalog.Catalog) time.Time {
	t, _ := time.Parse(time.DateOnly, c.Date)
	return t
}

// listServices lists what the gateway reaches, with prices.
func listServices(c *call) (any, error) {
	only := c.r.URL.Query().Get("provider")
	body := serviceCatalogBody{Object: "list", Data: []serviceBody{}, Providers: []serviceProviderBody{}}
	for _, p := range cmp.Or(c.catalog, catalog.Default()).Providers() {
		if only != "" && p.ID != only {
			continue
		}
		models := p.Models()
		body.Providers = append(body.Providers, serviceProviderBody{
			ID: p.ID, Label: p.Name, ServiceType: "model", Managed: true, EntryCount: len(models), APIReference: p.BaseURL,
		})
		for _, m := range models {
			body.Data = append(body.Data, serviceBody{
				ID: m.ID, Object: "model", Provider: p.ID, ProviderLabel: p.Name, ServiceType: "model", Managed: true,
				Pricing: encodeRates(m.Rates), Endpoint: cmp.Or(p.BaseFor("openai"), p.BaseURL), Method: "POST",
			})
		}
	}
	if only != "" && len(body.Providers) == 0 {
		return nil, billing.Errorf(billing.CodeNotFound, "provider", "provider: no provider %.60q", only)
	}
	return body, nil
}

type serviceCatalogBody struct {
	Object    string                `json:"object"`
	Data      []serviceBody         `json:"data"`
	Providers []serviceProviderBody `json:"providers"`
}

type serviceBody struct {
	ID            string       `json:"id"`
	Object        string       `json:"object"`
	Provider      string       `json:"provider"`
	ProviderLabel string       `json:"provider_label"`
	ServiceType   string       `json:"service_type"`
	Managed       bool         `json:"managed"`
	Pricing       *pricingBody `json:"pricing"`
	Endpoint      string       `json:"endpoint"`
	Method        string       `json:"method"`
}

type pricingBody struct {
	Type            string      `json:"type"`
	Input           json.Number `json:"input"`
	Output          json.Number `json:"output"`
	CacheInputRead  json.Number `json:"cache_input_read,omitzero"`
	CacheInputWrite json.Number `json:"cache_input_write,omitzero"`
}

type serviceProviderBody struct {
	ID           string `json:"id"`
	Label        string `json:"label"`
	ServiceType  string `json:"service_type"`
	Managed      bool   `json:"managed"`
	EntryCount   int    `json:"entry_count"`
	APIReference string `json:"api_reference"`
}

func encodeRates(r catalog.Rates) *pricingBody {
	number := func(a billing.Amount) json.Number {
		if a == 0 {
			return ""
		}
		return json.Number(a.Plain())
	}
	return &pricingBody{
		Type: "tokens_1m", Input: json.Number(r.Input.Plain()), Output: json.Number(r.Output.Plain()),
		CacheInputRead: number(r.Cached), CacheInputWrite: number(r.CacheWrite),
	}
}
