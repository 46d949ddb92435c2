package catalog

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/spelling"
)

// Provider is a company that serves models over HTTP.
type Provider struct {
	ID      string   `json:"id"`   // "openai"; the provider in records
	Name    string   `json:"name"` // "OpenAI"
	BaseURL string   `json:"base_url"`
	Hosts   []string `json:"hosts"` // further hosts; a * matches one label, such as a region

	// Dialect is the format at BaseURL. Also has the base URLs of further formats.
	Dialect dialect.Name            `json:"dialect"`
	Also    map[dialect.Name]string `json:"also"`

	// Traits are its deviations from other providers of the same format.
	dialect.Traits

	// ModelsOf are the providers whose models it serves too, at their prices, by format.
	ModelsOf map[dialect.Name]string `json:"models_of"`

	// Closed reports whether its list of models is complete: others don't exist.
	Closed bool `json:"closed"`

	// Tiers are the factors on prices for other ways of processing, by the provider's
	// names: flex, batch, priority.
	Tiers map[string]billing.Amount `json:"tiers"`

	models func() *models
}

// Tier returns the factor on a model's prices for a way of processing, as the provider names it;
// false if its price is not public. Factors of several are multiplied. m may be nil.
func (p *Provider) Tier(m *Model, name string) (factor decimal.Decimal, known bool) {
	if first, others, several := strings.Cut(name, "+"); several {
		a, aKnown := p.Tier(m, first)
		b, bKnown := p.Tier(m, others)
		return a.Mul(b), aKnown && bKnown
	}
	f, ok := p.Tiers[name]
	if m != nil && m.Tiers[name] != 0 {
		f, ok = m.Tiers[name], true
	}
	switch {
	case ok:
		return f.Decimal(), true
	case name == "", name == "standard", name == "default", name == "auto", name == "on_demand":
		return standard, true
	}
	return standard, false
}

var standard = decimal.New(1, 0)

// BaseFor returns the base URL at which the provider natively serves a format, or "".
func (p *Provider) BaseFor(format dialect.Name) string {
	if p.Dialect == format {
		return p.BaseURL
	}
	return p.Also[format]
}

// FormatAt returns the format that the provider natively serves at a URL: that of the base URL above it, or else its
// usual one.
func (p *Provider) FormatAt(u *url.URL) dialect.Name {
	for format, base := range p.Also {
		if isBelow(u.Path, strings.TrimSuffix(pathOf(base), "/v1")) {
			return format
		}
	}
	return p.Dialect
}

// pathOf returns the path of a base URL, which has no escapes. It is called for each request.
func pathOf(base string) string {
	_, rest, _ := strings.Cut(base, "://")
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[i:]
	}
	return ""
}

func isBelow(path, base string) bool { return path == base || strings.HasPrefix(path, base+"/") }

// BaseAt returns the base URL of a format, at the requested host if the provider has several, such as one per region;
// nil if the provider has none.
func (p *Provider) BaseAt(host string, format dialect.Name) *url.URL {
	raw := p.BaseFor(format)
	base, err := url.Parse(raw)
	if err != nil || raw == "" {
		return nil
	}
	for _, h := range p.Hosts {
		if strings.Contains(h, "*") && newPattern(h, p).matches(strings.TrimSuffix(strings.ToLower(host), ":443")) {
			base.Host = host
		}
	}
	return base
}

// Model returns the model of a name, which may be an alias, carry a date or
// version, or Google's "models/" before it.
func (p *Provider) Model(name string) (*Model, bool) {
	if p.models == nil {
		return nil, false
	}
	return p.models().find(name)
}

// Models returns the provider's models by id.
func (p *Provider) Models() []Model {
	if p.models == nil {
		return nil
	}
	return slices.Clone(p.models().list)
}

// Nearest returns the id that is most similar to name, for error messages, or "" if none is similar.
func (p *Provider) Nearest(name string) string {
	best, distance := "", min(4, len(name)/4+1)
	for _, m := range p.Models() {
		if d := spelling.Distance(strings.ToLower(name), strings.ToLower(m.ID), distance); d < distance {
			best, distance = m.ID, d
		}
	}
	return best
}

// models is a provider's list, indexed by name.
type models struct {
	list     []Model
	exact    map[string]int // lower-case names
	prefixes []prefix       // longest first
}

type prefix struct {
	text  string
	model int
}

func newModels(list []Model) *models {
	slices.SortFunc(list, func(a, b Model) int { return cmp.Compare(a.ID, b.ID) })
	s := &models{list: list, exact: make(map[string]int, 2*len(list))}
	for i, m := range list {
		for _, alias := range m.Aliases {
			alias = strings.ToLower(alias)
			if text, ok := strings.CutSuffix(alias, "*"); ok {
				s.prefixes = append(s.prefixes, prefix{text, i})
			} else if _, taken := s.exact[alias]; !taken {
				s.exact[alias] = i
			}
		}
	}
	for i, m := range list { // after the aliases: an id is never another's alias
		s.exact[strings.ToLower(m.ID)] = i
	}
	slices.SortStableFunc(s.prefixes, func(a, b prefix) int { return cmp.Compare(len(b.text), len(a.text)) })
	return s
}

func (s *models) find(name string) (*Model, bool) {
	name = strings.TrimPrefix(strings.ToLower(name), "models/")
	for n := name; n != ""; n = unversioned(n) {
		if i, ok := s.exact[n]; ok {
			return &s.list[i], true
		}
	}
	for _, p := range s.prefixes {
		if strings.HasPrefix(name, p.text) {
			return &s.list[p.model], true
		}
	}
	return nil, false
}

// unversioned removes one version from the end of a name: gpt-4.1 for gpt-4.1-2025-04-14, gemini-2.0-flash for
// gemini-2.0-flash-001. It returns "" if there is none.
func unversioned(name string) string {
	i := strings.LastIndexAny(name, "-@")
	if i <= 0 {
		return ""
	}
	version := name[i+1:]
	if version == "latest" || version == "preview" {
		return name[:i]
	}
	if len(version) < 2 || strings.Trim(version, "0123456789") != "" {
		return ""
	}
	// Remove the rest of a date in three parts too.
	if rest := name[:i]; len(version) == 2 && len(rest) > 8 && isYearMonth(rest[len(rest)-8:]) {
		return rest[:len(rest)-8]
	}
	if len(version) == 2 {
		return ""
	}
	return name[:i]
}

// isYearMonth reports whether s looks like "-2025-04".
func isYearMonth(s string) bool {
	return s[0] == '-' && s[5] == '-' && strings.Trim(s[1:5]+s[6:], "0123456789") == ""
}
