package tools

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lavapayments/lava-go"
)

type createMeterArgs struct {
	Name      string         `json:"name"`
	MeterSlug string         `json:"meter_slug,omitzero" jsonschema:"a short unique name, which call takes; by default Lava makes one of the name"`
	RateType  lava.RateType  `json:"rate_type" jsonschema:"fixed: rates are dollars for units; percentage: rates are percent of what the provider charges"`
	TierType  lava.TierType  `json:"tier_type" jsonschema:"the unit: tokens_1m and characters_1m have rates for a million, minutes and requests for one"`
	Tiers     []meterTierArg `json:"tiers" jsonschema:"one or more, ascending; each unit costs the rate of the tier that it falls in"`
}

type meterTierArg struct {
	Start amount `json:"start,omitzero" jsonschema:"from how many units on, as a decimal string; the first tier starts at 0"`
	Rate  amount `json:"rate" jsonschema:"US dollars or percent, as a decimal string such as 3.00"`
}

type meter struct {
	MeterID   string      `json:"meter_id"`
	MeterSlug string      `json:"meter_slug" jsonschema:"what call takes"`
	Name      string      `json:"name"`
	RateType  string      `json:"rate_type"`
	TierType  string      `json:"tier_type"`
	Tiers     []meterTier `json:"tiers"`
	CreatedAt time.Time   `json:"created_at"`
}

type meterTier struct {
	Start string `json:"start" jsonschema:"units"`
	Rate  string `json:"rate" jsonschema:"US dollars or percent"`
}

func addMeters(t toolbox) {
	add(t, tool{
		name:        "create_meter",
		title:       "Create a meter",
		description: "Create a meter: what usage costs a customer, by tokens, characters, minutes or requests.",
		effect:      creates,
	}, createMeter)
	add(t, tool{
		name:        "list_meters",
		title:       "List meters",
		description: "List the meters with their rates.",
		effect:      reads,
	}, func(ctx context.Context, client *lava.Client, in listArgs) (listResult[meter], string, error) {
		page, err := client.Meters.List(ctx, lava.ListMetersParams(in))
		return encodeList(page, err, encodeMeter, meter.String)
	})
}

func createMeter(ctx context.Context, client *lava.Client, in createMeterArgs) (meter, string, error) {
	params := lava.CreateMeterParams{Name: in.Name, MeterSlug: in.MeterSlug, RateType: in.RateType, TierType: in.TierType}
	for _, t := range in.Tiers {
		params.Tiers = append(params.Tiers, lava.MeterTierParams{Start: t.Start.decimal(), Rate: t.Rate.decimal()})
	}
	created, err := client.Meters.Create(ctx, params)
	if err != nil {
		return meter{}, "", err
	}
	out := encodeMeter(*created)
	return out, "Created " + out.String(), nil
}

func encodeMeter(m lava.Meter) meter {
	out := meter{
		MeterID: m.MeterID, MeterSlug: m.MeterSlug, Name: m.Name, RateType: string(m.RateType),
		Tiers: make([]meterTier, len(m.Tiers)), CreatedAt: m.CreatedAt,
	}
	for i, t := range m.Tiers {
		out.TierType = string(t.Type)
		out.Tiers[i] = meterTier{Start: t.Start.String(), Rate: t.Rate.String()}
	}
	return out
}

// String summarizes a meter in one line.
func (m meter) String() string {
	rates := make([]string, len(m.Tiers))
	for i, t := range m.Tiers {
		rates[i] = fmt.Sprintf("%s from %s", t.Rate, t.Start)
	}
	return fmt.Sprintf("meter %q, slug %s, id %s: %s, %s, rates %s", m.Name, m.MeterSlug, m.MeterID, m.RateType, m.TierType, strings.Join(rates, ", "))
}
