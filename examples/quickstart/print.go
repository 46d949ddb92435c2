package main

import (
	"fmt"
	"io"

	"github.com/lavapayments/lava-go"
)

// Prices are printed with two digits or more, amounts with all ten.

func printMeters(out io.Writer, meters []*lava.Meter) {
	_, _ = fmt.Fprintln(out, "1. Meters")
	for _, m := range meters {
		_, _ = fmt.Fprintf(out, "   %-16s %s", m.Name, m.MeterSlug)
		for _, t := range m.Tiers {
			_, _ = fmt.Fprintf(out, "  from %s: $%s per %s", t.Start, t.Rate, unit[t.Type])
		}
		_, _ = fmt.Fprintln(out)
	}
}

var unit = map[lava.TierType]string{lava.TierTokens1M: "1M tokens", lava.TierRequests: "request"}

func printPlans(out io.Writer, plans []*lava.Plan) {
	_, _ = fmt.Fprintln(out, "2. Plans")
	for _, p := range plans {
		_, _ = fmt.Fprintf(out, "   %-16s $%s per %s with $%s credit, rollover %s, %d meters, %d credit bundles\n",
			p.Name, p.PeriodAmount.StringFixed(2), p.BillingInterval, p.IncludedCredit.StringFixed(2),
			p.RolloverType, len(p.LinkedMeters), len(p.CreditBundles))
	}
}

func printSession(out io.Writer, s *lava.CheckoutSession) {
	_, _ = fmt.Fprintf(out, "3. Checkout session\n   %s\n", s.CheckoutSessionID)
}

func printChat(out io.Writer, c *lava.Customer, answer *completion) {
	plan := "no plan"
	if c.Subscription != nil {
		plan = c.Subscription.Name
	}
	_, _ = fmt.Fprintf(out, "4. Chat completion\n   customer %s on %q\n   %q (%d tokens)\n",
		c.CustomerID, plan, answer.Choices[0].Message.Content, answer.Usage.TotalTokens)
}

func printUsage(out io.Writer, u *lava.Usage, s *lava.Subscription) {
	_, _ = fmt.Fprintf(out, "5. Usage of the last 30 days\n   requests %d, tokens %d, provider cost $%s, charge $%s\n   credit left $%s of $%s, until %s\n",
		u.Totals.TotalRequests, u.Totals.TotalUsageTokens,
		u.Totals.TotalCost.StringFixed(10), u.Totals.TotalCharge.StringFixed(10),
		s.Credits.TotalRemaining.StringFixed(10), s.Plan.IncludedCredit.StringFixed(10), s.CycleEndAt.Format("2006-01-02"))
}
