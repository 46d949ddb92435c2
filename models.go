package lava

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/shopspring/decimal"
)

// ModelsService lists the models of the gateway.
type ModelsService service

// List returns all models that the key may use.
//
//lava:operation GET /models
func (s *ModelsService) List(ctx context.Context) ([]Model, error) {
	return listWhole[Model](ctx, s.client, "models", nil)
}

// Model is a model of a provider.
type Model struct {
	ID      string `json:"id"`
	Object  string `json:"object"`  // "model"
	Created int64  `json:"created"` // Unix seconds
	OwnedBy string `json:"owned_by"`
}

// ServicesService reads the catalog of models and APIs that the gateway can
// reach, with prices.
type ServicesService service

// List returns the services of the whole catalog, or those of one provider.
//
//lava:operation GET /services
func (s *ServicesService) List(ctx context.Context, params ListServicesParams) ([]Service, error) {
	catalog, err := s.catalog(ctx, params)
	if err != nil {
		return nil, err
	}
	return catalog.Data, nil
}

// ListProviders returns the providers of the same catalog.
func (s *ServicesService) ListProviders(ctx context.Context, params ListServicesParams) ([]ServiceProvider, error) {
	catalog, err := s.catalog(ctx, params)
	if err != nil {
		return nil, err
	}
	return catalog.Providers, nil
}

type serviceCatalog struct {
	Data      []Service         `json:"data"`
	Providers []ServiceProvider `json:"providers"`
}

func (s *ServicesService) catalog(ctx context.Context, params ListServicesParams) (*serviceCatalog, error) {
	q := make(url.Values)
	setQuery(q, "provider", params.Provider)
	return get[serviceCatalog](ctx, s.client, at("services"), q)
}

// ListServicesParams select services.
type ListServicesParams struct {
	Provider string // a provider's id, such as "openai"; by default all
}

// Service is a model or an API that the gateway can reach.
type Service struct {
	ID            string           `json:"id"`
	Object        string           `json:"object"` // "model" for models
	Provider      string           `json:"provider"`
	ProviderLabel string           `json:"provider_label"`
	ServiceType   string           `json:"service_type"` // "model" for models
	Managed       bool             `json:"managed"`      // works with Lava's own provider key
	Pricing       *ServicePricing  `json:"pricing"`
	Capabilities  []string         `json:"capabilities"`
	APIReference  string           `json:"api_reference"` // the provider's documentation
	Endpoint      string           `json:"endpoint"`
	Method        string           `json:"method"`
	URLTemplate   string           `json:"url_template"`
	Workflow      *ServiceWorkflow `json:"workflow"`
	ExampleBody   json.RawMessage  `json:"example_body"`
}

// ServicePricing is what a service costs, in US dollars. The unit depends on Type: a
// million tokens or characters, a minute, or a request. Prices that do not apply are
// nil.
type ServicePricing struct {
	Type            string           `json:"type"` // such as "tokens_1m"
	Input           *decimal.Decimal `json:"input"`
	Output          *decimal.Decimal `json:"output"`
	CacheInputRead  *decimal.Decimal `json:"cache_input_read"`
	CacheInputWrite *decimal.Decimal `json:"cache_input_write"`
	CostPerRequest  *decimal.Decimal `json:"cost_per_request"`
	Text            *MediaPricing    `json:"text"`
	Audio           *MediaPricing    `json:"audio"`
	Image           *MediaPricing    `json:"image"`
}

// MediaPricing is the price of one kind of input and output, if kinds have
// different prices.
type MediaPricing struct {
	Input  *decimal.Decimal `json:"input"`
	Output *decimal.Decimal `json:"output"`
}

// ServiceWorkflow describes how to wait for the result of an asynchronous
// service.
type ServiceWorkflow struct {
	Kind      string `json:"kind"` // such as "poll"
	PollAfter string `json:"poll_after"`
	IDField   string `json:"id_field"`
}

// ServiceProvider is a provider in the catalog.
type ServiceProvider struct {
	ID           string `json:"id"`
	Label        string `json:"label"`
	ServiceType  string `json:"service_type"`
	Managed      bool   `json:"managed"`
	EntryCount   int    `json:"entry_count"`
	APIReference string `json:"api_reference"`
}
