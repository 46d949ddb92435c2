// Package catalog contains the providers of the gateway, their models and public
// prices.
//
// The figures are data: providers.json has their sources and date, and models/<provider>.json has one model per line.
// Prices are in US dollars per million tokens, unless their name says otherwise. When prices change, edit the line;
// programs can override it with [Catalog.With].
//
// Data is loaded lazily, a provider's models only when that provider is used, and shared by all catalogs of a
// process.
package catalog

import (
	"embed"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/lavapayments/lava-go/internal/dialect"
)

//go:embed providers.json models
var data embed.FS

// Catalog is a set of providers. It is immutable: safe for concurrent use.
type Catalog struct {
	Date   string // of the figures, as YYYY-MM-DD
	Source string // where the figures come from

	providers []*Provider
	byID      map[string]*Provider
	byHost    map[string]*Provider
	patterns  []pattern // hosts that contain a *
}

// pattern is a family of hosts: the parts before and after one label.
type pattern struct {
	before, after string
	provider      *Provider
}

func newPattern(host string, p *Provider) pattern {
	before, after, _ := strings.Cut(host, "*")
	return pattern{before, after, p}
}

func (p pattern) matches(host string) bool {
	label, ok := strings.CutPrefix(host, p.before)
	if ok {
		label, ok = strings.CutSuffix(label, p.after)
	}
	return ok && label != "" && !strings.ContainsAny(label, ".:/@")
}

// Default returns the built-in catalog.
var Default = sync.OnceValue(func() *Catalog {
	var file struct {
		Date, Source string
		Providers    []*Provider
	}
	mustDecode("providers.json", &file)
	c := &Catalog{Date: file.Date, Source: file.Source, providers: file.Providers}
	for _, p := range c.providers {
		p.models = sync.OnceValue(func() *models { return newModels(builtin(p.ID)) })
	}
	return c.index()
})

func builtin(provider string) []Model {
	name := "models/" + provider + ".json"
	if f, err := data.Open(name); err != nil {
		return nil // this provider has no published table
	} else {
		_ = f.Close()
	}
	var list []Model
	mustDecode(name, &list)
	return list
}

// mustDecode decodes an embedded file, so an error is a bug in the program.
func mustDecode(name string, v any) {
	b, err := data.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		panic("catalog: " + name + ": " + err.Error())
	}
}

func (c *Catalog) index() *Catalog {
	c.byID = make(map[string]*Provider, len(c.providers))
	c.byHost = make(map[string]*Provider, len(c.providers)+4)
	for _, p := range c.providers {
		c.byID[p.ID] = p
		if u, err := url.Parse(p.BaseURL); err == nil && u.Host != "" {
			c.byHost[strings.ToLower(u.Host)] = p
		}
		for _, h := range p.Hosts {
			if strings.Contains(h, "*") {
				c.patterns = append(c.patterns, newPattern(h, p))
				continue
			}
			c.byHost[strings.ToLower(h)] = p
		}
	}
	return c
}

// Providers returns all providers, in the catalog's order.
func (c *Catalog) Providers() []*Provider { return slices.Clone(c.providers) }

// Provider returns the provider of an id such as "openai".
func (c *Catalog) Provider(id string) (*Provider, bool) {
	p, ok := c.byID[id]
	return p, ok
}

// ByHost returns the provider that serves a host such as "api.openai.com"; the
// host may carry a port if the provider's does.
func (c *Catalog) ByHost(host string) (*Provider, bool) {
	p, ok := c.byHost[host]
	if ok {
		return p, true
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if p, ok = c.byHost[host]; ok {
		return p, true
	}
	for _, pattern := range c.patterns {
		if pattern.matches(host) {
			return pattern.provider, true
		}
	}
	return nil, false
}

// Model returns the model of a name that a provider serves in a format: its own, or that of the maker of the model.
func (c *Catalog) Model(p *Provider, format dialect.Name, name string) (*Model, bool) {
	if m, ok := p.Model(name); ok {
		return m, true
	}
	if maker, ok := c.byID[p.ModelsOf[format]]; ok {
		return maker.Model(name)
	}
	return nil, false
}

// Find returns the providers that offer a model, in the catalog's order, which begins with the makers of models. The
// name may begin with a provider's id, as in "groq/llama-3.3-70b-versatile", which selects that provider.
func (c *Catalog) Find(model string) []Offer {
	if id, rest, ok := strings.Cut(model, "/"); ok {
		if p, ok := c.byID[id]; ok {
			if m, ok := p.Model(rest); ok {
				return []Offer{{Provider: p, Model: m, Name: rest}}
			}
		}
	}
	var offers []Offer
	for _, p := range c.providers {
		if m, ok := p.Model(model); ok {
			offers = append(offers, Offer{Provider: p, Model: m, Name: model})
		}
	}
	return offers
}

// Offer is a model at a provider.
type Offer struct {
	Provider *Provider
	Model    *Model
	Name     string // that provider's name of the model in a request
}

// With returns a catalog in which these models of a provider are added, or
// replace those of the same id. An unknown provider is added too; its BaseURL is
// then empty, so give it with [Catalog.WithProvider] first.
func (c *Catalog) With(provider string, list ...Model) *Catalog {
	p := Provider{ID: provider, Name: provider}
	if old, ok := c.byID[provider]; ok {
		p = *old
	}
	return c.WithProvider(p, list...)
}

// WithProvider returns a catalog in which p is added, or replaces the provider
// of the same id. p keeps the models it had; those in list are added to them or
// replace them.
func (c *Catalog) WithProvider(p Provider, list ...Model) *Catalog {
	before := p.models
	if before == nil {
		if old, ok := c.byID[p.ID]; ok {
			before = old.models
		}
	}
	p.models = sync.OnceValue(func() *models {
		var all []Model
		if before != nil {
			all = slices.Clone(before().list)
		}
		for _, m := range list {
			all = slices.DeleteFunc(all, func(o Model) bool { return o.ID == m.ID })
			all = append(all, m)
		}
		return newModels(all)
	})
	next := &Catalog{Date: c.Date, Source: c.Source, providers: slices.Clone(c.providers)}
	at := slices.IndexFunc(next.providers, func(o *Provider) bool { return o.ID == p.ID })
	if at < 0 {
		next.providers = append(next.providers, &p)
	} else {
		next.providers[at] = &p
	}
	return next.index()
}
