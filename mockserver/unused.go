package mockserver

import (
	"fmt"
	"slices"

	"github.com/lavapayments/lava-go/internal/billing"
)

// Unused returns a sentence for each [Failure], [Decline], [WebhookFailure] or [Reply]
// that was armed or scripted but not used: each must be used at least once, and as often
// as its Times. So a test of a failure can't pass without it. [Start] fails such tests
// automatically.
func (s *Server) Unused() []string { return s.unused("") }

// Unused is [Server.Unused] for what was armed for this merchant.
func (m *Merchant) Unused() []string { return m.server.unused(m.ID()) }

func (s *Server) unused(merchant string) []string {
	var all []string
	for _, f := range s.engine.Failures() {
		if !f.IsUsed() && (merchant == "" || merchant == f.MerchantID) {
			all = append(all, fmt.Sprintf("Fail: %s%s%s%s met %s: %s", tooFew(f.Turns, "call"), toEndpoint(f.Endpoint), ofCustomer(f.Customer), s.ofMerchant(f.MerchantID), describeFailure(&f), whyUnused(f.Turns, "such calls")))
		}
	}
	all = append(all, s.unusedDeclines(merchant)...)
	for i, sentence := range all { // may contain a credential that is used as a reference id
		all[i] = s.mask(sentence)
	}
	return slices.Concat(all, s.unusedWebhookFailures(merchant), s.unusedReplies(merchant))
}

func toEndpoint(endpoint string) string {
	if endpoint == "" {
		return ""
	}
	return " to " + endpoint
}

func ofCustomer(customer string) string {
	if customer == "" {
		return ""
	}
	return " of customer " + customer
}

// ofMerchant names the merchant that something was armed for, if the server has several.
func (s *Server) ofMerchant(id string) string {
	if id == "" || !s.isShared() {
		return ""
	}
	return " of merchant " + id
}

// tooFew describes how many matching calls, charges or deliveries came. what ends in the noun, in the singular.
func tooFew(t billing.Turns, what string) string {
	switch {
	case t.Least() == 1:
		return "no " + what
	case t.Used == 0:
		return fmt.Sprintf("none of %d %ss", t.Least(), what)
	}
	return fmt.Sprintf("only %d of %d %ss", t.Used, t.Least(), what)
}

// whyUnused explains why something armed was not used as often as required.
func whyUnused(t billing.Turns, what string) string {
	switch {
	case t.Used > 0:
		return "no more " + what + " came; without Times, one is enough"
	case t.Met == 0:
		return "no " + what + " came after it was armed"
	case t.Met <= t.After:
		return fmt.Sprintf("%d %s had to pass first, but only %d came", t.After, what, t.Met)
	}
	return "what was armed earlier took precedence each time"
}
