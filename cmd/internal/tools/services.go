package tools

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/spelling"
)

// service is a model or an API in the catalog.
type service struct {
	ID           string          `json:"id" jsonschema:"the model, as prompt takes it"`
	Provider     string          `json:"provider" jsonschema:"the provider's id, as get_provider_docs takes it"`
	Kind         string          `json:"kind,omitzero" jsonschema:"such as model"`
	Managed      bool            `json:"managed" jsonschema:"works without a key of the provider's"`
	Capabilities []string        `json:"capabilities,omitempty"`
	Pricing      *pricing        `json:"pricing,omitzero"`
	Endpoint     string          `json:"endpoint,omitzero" jsonschema:"the address to begin with for call"`
	Method       string          `json:"method,omitzero"`
	URLTemplate  string          `json:"url_template,omitzero"`
	APIReference string          `json:"api_reference,omitzero" jsonschema:"the provider's documentation"`
	PollAfter    string          `json:"poll_after,omitzero" jsonschema:"the service does not respond at once: how to wait for its result"`
	ExampleBody  json.RawMessage `json:"example_body,omitzero" jsonschema:"a body to begin with for call"`
}

// pricing is what the provider charges, in dollars.
type pricing struct {
	Unit            string `json:"unit" jsonschema:"what the prices are for, such as tokens_1m: a million tokens"`
	Input           string `json:"input,omitzero" jsonschema:"US dollars"`
	Output          string `json:"output,omitzero" jsonschema:"US dollars"`
	CacheInputRead  string `json:"cache_input_read,omitzero" jsonschema:"US dollars"`
	CacheInputWrite string `json:"cache_input_write,omitzero" jsonschema:"US dollars"`
	Request         string `json:"request,omitzero" jsonschema:"US dollars for each request"`
	Audio           *media `json:"audio,omitzero" jsonschema:"where audio has prices of its own"`
	Image           *media `json:"image,omitzero" jsonschema:"where images have prices of their own"`
}

// media is the price of one kind of input and output.
type media struct {
	Input  string `json:"input,omitzero" jsonschema:"US dollars"`
	Output string `json:"output,omitzero" jsonschema:"US dollars"`
}

type searchArgs struct {
	Query    string `json:"query" jsonschema:"words that all occur in the name, provider or capabilities, such as: claude haiku"`
	Provider string `json:"provider,omitzero" jsonschema:"only this provider, by its id"`
	Limit    int    `json:"limit,omitzero" jsonschema:"how many results at most, 1 to 100; by default 10"`
}

type searchResult struct {
	Services []service `json:"services" jsonschema:"the best matches first"`
	Found    int       `json:"found" jsonschema:"how many services match"`
}

type docsArgs struct {
	Provider string `json:"provider" jsonschema:"the provider's id, such as openai"`
	Limit    int    `json:"limit,omitzero" jsonschema:"how many services at most, 1 to 100; by default 50"`
}

type docsResult struct {
	Provider     string    `json:"provider"`
	Name         string    `json:"name"`
	Managed      bool      `json:"managed" jsonschema:"works without a key of the provider's"`
	APIReference string    `json:"api_reference,omitzero" jsonschema:"the provider's documentation"`
	Services     []service `json:"services"`
	Found        int       `json:"found" jsonschema:"how many services there are"`
}

func addServices(t toolbox) {
	add(t, tool{
		name:        "search",
		title:       "Search models and APIs",
		description: "Find models and APIs that the gateway can reach, with prices, by words in their name, provider or capabilities.",
		effect:      reads,
	}, search)
	add(t, tool{
		name:        "get_provider_docs",
		title:       "Read about a provider",
		description: "Read what a provider offers through the gateway: its services with addresses and prices, and the address of its documentation.",
		effect:      reads,
	}, getProviderDocs)
}

func search(ctx context.Context, client *lava.Client, in searchArgs) (searchResult, string, error) {
	limit, err := limitOf(in.Limit, 10)
	if err != nil {
		return searchResult{}, "", err
	}
	all, err := services(ctx, client, in.Provider)
	if err != nil {
		return searchResult{}, "", err
	}
	query := strings.ToLower(strings.TrimSpace(in.Query))
	found := slices.DeleteFunc(all, func(s lava.Service) bool { return !matches(s, query) })
	slices.SortStableFunc(found, func(a, b lava.Service) int {
		return cmp.Compare(relevance(b, query), relevance(a, query))
	})
	out := searchResult{Services: encodeServices(found, limit), Found: len(found)}
	if len(found) == 0 {
		return out, fmt.Sprintf("Nothing matches %q. Use fewer or other words.", in.Query), nil
	}
	return out, listServices(out.Services, len(found)), nil
}

// matches reports whether a service's fields contain all words of a query.
func matches(s lava.Service, query string) bool {
	text := strings.ToLower(strings.Join(append([]string{s.ID, s.Provider, s.ProviderLabel, s.ServiceType}, s.Capabilities...), " "))
	for word := range strings.FieldsSeq(query) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// relevance puts the service with exactly that name first, then those whose name begins with it.
func relevance(s lava.Service, query string) int {
	switch id := strings.ToLower(s.ID); {
	case id == query:
		return 2
	case strings.HasPrefix(id, query):
		return 1
	}
	return 0
}

func getProviderDocs(ctx context.Context, client *lava.Client, in docsArgs) (docsResult, string, error) {
	limit, err := limitOf(in.Limit, 50)
	if err != nil {
		return docsResult{}, "", err
	}
	if in.Provider == "" {
		return docsResult{}, "", errors.New("provider: must not be empty")
	}
	found, err := services(ctx, client, in.Provider)
	if err != nil {
		return docsResult{}, "", err
	}
	providers, err := client.Services.ListProviders(ctx, lava.ListServicesParams{Provider: in.Provider})
	if err != nil {
		return docsResult{}, "", err
	}
	out := docsResult{Provider: in.Provider, Name: in.Provider, Services: encodeServices(found, limit), Found: len(found)}
	for _, p := range providers {
		if p.ID == in.Provider {
			out.Name, out.Managed, out.APIReference = p.Label, p.Managed, p.APIReference
		}
	}
	return out, fmt.Sprintf("%s (%s), documentation: %s\n%s", out.Name, out.Provider,
		cmp.Or(out.APIReference, "none"), listServices(out.Services, out.Found)), nil
}

// services returns the services of a provider, or all services.
func services(ctx context.Context, client *lava.Client, provider string) ([]lava.Service, error) {
	found, err := client.Services.List(ctx, lava.ListServicesParams{Provider: provider})
	if none := err == nil && len(found) == 0; provider == "" || !none && !errors.Is(err, lava.ErrNotFound) {
		return found, err
	}
	providers, err := client.Services.ListProviders(ctx, lava.ListServicesParams{})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(providers))
	for i, p := range providers {
		ids[i] = p.ID
	}
	if slices.Contains(ids, provider) {
		return found, nil // a provider without services
	}
	if like := spelling.Nearest(provider, ids); len(like) > 0 {
		ids = like
	}
	return nil, fmt.Errorf("provider: there is no %.100q; did you mean one of %s?", provider, strings.Join(ids, ", "))
}

func encodeServices(all []lava.Service, limit int) []service {
	list := make([]service, 0, min(limit, len(all)))
	for _, s := range all[:min(limit, len(all))] {
		entry := service{
			ID: s.ID, Provider: s.Provider, Kind: s.ServiceType, Managed: s.Managed, Capabilities: s.Capabilities,
			Pricing: encodePricing(s.Pricing), Endpoint: s.Endpoint, Method: s.Method, URLTemplate: s.URLTemplate,
			APIReference: s.APIReference, ExampleBody: s.ExampleBody,
		}
		if s.Workflow != nil {
			entry.PollAfter = s.Workflow.PollAfter
		}
		list = append(list, entry)
	}
	return list
}

func encodePricing(p *lava.ServicePricing) *pricing {
	if p == nil {
		return nil
	}
	text := func(d *decimal.Decimal) string {
		if d == nil {
			return ""
		}
		return d.String()
	}
	kind := func(m *lava.MediaPricing) *media {
		if m == nil {
			return nil
		}
		return &media{Input: text(m.Input), Output: text(m.Output)}
	}
	return &pricing{
		Unit: p.Type, Input: text(p.Input), Output: text(p.Output),
		CacheInputRead: text(p.CacheInputRead), CacheInputWrite: text(p.CacheInputWrite), Request: text(p.CostPerRequest),
		Audio: kind(p.Audio), Image: kind(p.Image),
	}
}

// listServices lists services as text, one per line.
func listServices(list []service, found int) string {
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "%s (%s)", s.ID, s.Provider)
		if p := s.Pricing; p != nil && p.Request != "" {
			fmt.Fprintf(&b, ": $%s for each request", p.Request)
		} else if p != nil && p.Input+p.Output != "" {
			fmt.Fprintf(&b, ": $%s in, $%s out, for %s", cmp.Or(p.Input, "0"), cmp.Or(p.Output, "0"), p.Unit)
		}
		b.WriteByte('\n')
	}
	if found > len(list) {
		fmt.Fprintf(&b, "and %d more\n", found-len(list))
	}
	return b.String()
}

// limitOf checks the limit of a list without pages.
func limitOf(limit, otherwise int) (int, error) {
	if limit < 0 || limit > 100 {
		return 0, fmt.Errorf("limit: %d is not between 1 and 100", limit)
	}
	return cmp.Or(limit, otherwise), nil
}
