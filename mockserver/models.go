package mockserver

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// listModels lists the models that a key may use, in OpenAI's format. Without a key, it lists all models.
func listModels(c *call) (any, error) {
	allowed := billing.SpendKeyTerms{}
	if key := bearer(c.r); strings.HasPrefix(key, billing.SpendKeyPrefix) {
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
	known := c.catalog()
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

// catalogDate replaces the creation dates of models, which aren't published.
func catalogDate(c *catalog.Catalog) time.Time {
	t, _ := time.Parse(time.DateOnly, c.Date)
	return t
}

// listServices lists what the gateway meters, with prices: a service is a model with one purpose.
func listServices(c *call) (any, error) {
	only := c.r.URL.Query().Get("provider")
	body := serviceCatalogBody{Object: "list", Data: []serviceBody{}, Providers: []serviceProviderBody{}}
	for _, p := range c.catalog().Providers() {
		if only != "" && p.ID != only {
			continue
		}
		before := len(body.Data)
		for _, m := range p.Models() {
			if s, ok := encodeService(p, m); ok {
				body.Data = append(body.Data, s)
			}
		}
		body.Providers = append(body.Providers, serviceProviderBody{
			ID: p.ID, Label: p.Name, ServiceType: "model", Managed: true, EntryCount: len(body.Data) - before, APIReference: p.BaseURL,
		})
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
	ID            string         `json:"id"`
	Object        string         `json:"object"`
	Provider      string         `json:"provider"`
	ProviderLabel string         `json:"provider_label"`
	ServiceType   string         `json:"service_type"`
	Managed       bool           `json:"managed"`
	Pricing       *pricingBody   `json:"pricing"`
	Capabilities  []string       `json:"capabilities"`
	Endpoint      string         `json:"endpoint"`
	Method        string         `json:"method"`
	URLTemplate   string         `json:"url_template"`
	Workflow      any            `json:"workflow"` // all respond immediately
	ExampleBody   map[string]any `json:"example_body"`
}

type serviceProviderBody struct {
	ID           string `json:"id"`
	Label        string `json:"label"`
	ServiceType  string `json:"service_type"`
	Managed      bool   `json:"managed"`
	EntryCount   int    `json:"entry_count"`
	APIReference string `json:"api_reference"`
}

// encodeService returns a model as a service, or false if the gateway can't meter anything that the model does. The
// example for an endpoint that accepts a form contains the form's fields, with a data URL for a file (assumption
// services).
func encodeService(p *catalog.Provider, m catalog.Model) (serviceBody, bool) {
	format, ok := formats.ByName(p.Dialect)
	if !ok || p.BaseURL == "" {
		return serviceBody{}, false
	}
	example, ok := format.Example(m.Operation, m.ID)
	template := p.BaseURL + example.Path
	return serviceBody{
		ID: m.ID, Object: "model", Provider: p.ID, ProviderLabel: p.Name, ServiceType: "model", Managed: true,
		Pricing: encodeRates(m.Rates), Capabilities: capabilities(example.Operation, m.Rates), Method: "POST",
		Endpoint: strings.ReplaceAll(template, "{model}", url.PathEscape(m.ID)), URLTemplate: template, ExampleBody: example.Body,
	}, ok
}

// capabilities returns what a model can do, as search terms.
func capabilities(op dialect.Operation, r catalog.Rates) []string {
	names := map[dialect.Operation]string{
		dialect.ChatCompletions: "chat", dialect.Messages: "chat", dialect.Generate: "chat", dialect.Converse: "chat",
		dialect.Completions: "text-completion", dialect.Responses: "responses", dialect.Embeddings: "embeddings", dialect.Embed: "embeddings",
		dialect.Images: "image-generation", dialect.Speech: "text-to-speech", dialect.Transcription: "speech-to-text",
	}
	list := []string{cmp.Or(names[op], string(op))}
	for _, has := range []struct {
		rate billing.Amount
		name string
	}{
		{r.Cached, "prompt-caching"}, {r.AudioInput, "audio-input"}, {r.AudioOutput, "audio-output"},
		{r.ImageInput, "image-input"}, {r.ImageOutput, "image-output"},
	} {
		if has.rate != 0 {
			list = append(list, has.name)
		}
	}
	return list
}

// pricingBody is a price in dollars: per million tokens or characters, per minute, or per image of a request,
// depending on Type.
type pricingBody struct {
	Type            string            `json:"type"`
	Input           json.Number       `json:"input"`
	Output          json.Number       `json:"output"`
	CacheInputRead  json.Number       `json:"cache_input_read,omitzero"`
	CacheInputWrite json.Number       `json:"cache_input_write,omitzero"`
	CostPerRequest  json.Number       `json:"cost_per_request,omitzero"`
	Text            *mediaPricingBody `json:"text,omitzero"`
	Audio           *mediaPricingBody `json:"audio,omitzero"`
	Image           *mediaPricingBody `json:"image,omitzero"`
}

type mediaPricingBody struct {
	Input  json.Number `json:"input,omitzero"`
	Output json.Number `json:"output,omitzero"`
}

func encodeRates(r catalog.Rates) *pricingBody {
	switch {
	case r.CharacterInput != 0:
		return &pricingBody{Type: "characters_1m", Input: price(r.CharacterInput), Output: "0"}
	case r.AudioHour != 0:
		minute := r.AudioHour.Decimal().DivRound(decimal.New(60, 0), 10)
		return &pricingBody{Type: "minutes", Input: json.Number(minute.String()), Output: "0"}
	case r.Image != 0:
		return &pricingBody{Type: "requests", Input: "0", Output: "0", CostPerRequest: price(r.Image)}
	}
	body := &pricingBody{
		Type: "tokens_1m", Input: json.Number(r.Input.Plain()), Output: json.Number(r.Output.Plain()),
		CacheInputRead: price(r.Cached), CacheInputWrite: price(r.CacheWrite),
		Audio: encodeMedia(r.AudioInput, r.AudioOutput), Image: encodeMedia(r.ImageInput, r.ImageOutput),
	}
	if body.Audio != nil || body.Image != nil { // usage that is neither
		body.Text = encodeMedia(r.Input, r.Output)
	}
	return body
}

// encodeMedia returns the prices of one kind of input and output, or nil.
func encodeMedia(input, output billing.Amount) *mediaPricingBody {
	if input == 0 && output == 0 {
		return nil
	}
	return &mediaPricingBody{Input: price(input), Output: price(output)}
}

// price formats an amount; "" if it is zero.
func price(a billing.Amount) json.Number {
	if a == 0 {
		return ""
	}
	return json.Number(a.Plain())
}
