package mockserver

import (
	"slices"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/upstream"
)

var ruleVerbs = []verb{
	{"rules.list", "", "GET", "rules", "Relax Enforce", "lists the rules of the fake providers, and which of them are relaxed", "", with(listRules)},
	{"rules.relax", "relax", "POST", "rules", "Relax", "makes fake providers accept requests that break a rule, or any rule; with a key, only its merchant's requests", "openai.tool-message", with(relaxRules)},
	{"rules.enforce", "enforce", "DELETE", "rules", "Enforce", "undoes relax for a rule, or for all; reset also does", "openai.tool-message", with(enforceRules)},
}

type ruleBody struct {
	Rule    Rule `json:"rule"`
	Relaxed bool `json:"relaxed"`
}

func listRules(c *controlCall, _ none) (dataBody[ruleBody], error) {
	body, set, option := dataBody[ruleBody]{}, c.engine.Lenient(), c.server.cfg.upstreams.lenient
	whose := c.selected()
	for _, rule := range Rules() {
		relaxed := option != nil && option(upstream.Rule(rule)) || slices.ContainsFunc(set, func(l billing.Lenience) bool {
			return (l.MerchantID == "" || l.MerchantID == whose) && (l.Rule == "" || l.Rule == string(rule))
		})
		body.Data = append(body.Data, ruleBody{rule, relaxed})
	}
	return body, nil
}

type ruleInput struct {
	Rule Rule `json:"rule,omitempty" positional:"true" about:"a rule such as openai.tool-message; by default all"`
}

func (in ruleInput) rules() []Rule {
	if in.Rule == "" {
		return nil
	}
	return []Rule{in.Rule}
}

func relaxRules(c *controlCall, in ruleInput) (successBody, error) {
	return successBody{Success: true}, c.server.relax(c.selected(), true, in.rules())
}

func enforceRules(c *controlCall, in ruleInput) (successBody, error) {
	return successBody{Success: true}, c.server.relax(c.selected(), false, in.rules())
}
