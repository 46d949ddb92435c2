package mockserver

import (
	"context"
	"fmt"
	"slices"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/spelling"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// Relax lets fake providers accept requests that break the given rules, or any rule if
// none is given, from now on. It is like [Lenient], which applies from the start.
// [Server.Enforce] and [Server.Reset] undo it. A rule that does not exist fails the test
// of [Start]; elsewhere Relax panics.
func (s *Server) Relax(rules ...Rule) {
	s.test.Helper()
	s.mustRelax("Relax", "", true, rules)
}

// Relax is [Server.Relax] for only this merchant's requests.
func (m *Merchant) Relax(rules ...Rule) {
	m.server.test.Helper()
	m.server.mustRelax("Relax", m.ID(), true, rules)
}

// Enforce undoes [Server.Relax] for the given rules, or for all rules if none is given.
// The option [Lenient] and [Merchant.Relax] stay in effect.
func (s *Server) Enforce(rules ...Rule) {
	s.test.Helper()
	s.mustRelax("Enforce", "", false, rules)
}

// Enforce undoes [Merchant.Relax] for the given rules, or for all rules if none is
// given.
func (m *Merchant) Enforce(rules ...Rule) {
	m.server.test.Helper()
	m.server.mustRelax("Enforce", m.ID(), false, rules)
}

func (s *Server) mustRelax(what, merchantID string, lenient bool, rules []Rule) {
	s.test.Helper()
	if err := s.relax(merchantID, lenient, rules); err != nil {
		s.test.Fatalf("mockserver: %s: %v", what, err)
	}
}

func (s *Server) relax(merchantID string, lenient bool, rules []Rule) error {
	if lenient && len(rules) == 0 {
		rules = Rules() // each by name, so that one can be enforced again
	}
	names := make([]string, len(rules))
	for i, rule := range rules {
		if err := rule.check(); err != nil {
			return billing.Invalid("rule", "%v", err)
		}
		names[i] = string(rule)
	}
	if len(names) == 0 {
		names = []string{""} // everything relaxed
	}
	if _, err := billing.Do(s.engine, s.Now(), billing.SetLenience{MerchantID: merchantID, Rules: names, Lenient: lenient}); err != nil {
		return toError(err)
	}
	s.watchers.tell(ChangeArmed, "")
	return nil
}

// lenientFor returns which rules are relaxed for a request to a provider.
func (s *Server) lenientFor(ctx context.Context) func(upstream.Rule) bool {
	option, set := s.cfg.upstreams.lenient, s.engine.Lenient()
	if len(set) == 0 {
		return option
	}
	merchant := recorderOf(ctx).call.merchant
	return func(rule upstream.Rule) bool {
		return option != nil && option(rule) || slices.ContainsFunc(set, func(l billing.Lenience) bool {
			return (l.MerchantID == "" || l.MerchantID == merchant) && (l.Rule == "" || l.Rule == string(rule))
		})
	}
}

// check rejects a rule that does not exist.
func (r Rule) check() error {
	if slices.Contains(upstream.Rules(), upstream.Rule(r)) {
		return nil
	}
	return fmt.Errorf("there is no rule %.60q in docs/provider-rules.md%s", string(r), spelling.Suggest(r, Rules()))
}
