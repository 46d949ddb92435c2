package mockserver

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/billing"
)

func createMeter(c *call) (any, error) {
	in, err := decode[struct {
		Name     string      `json:"name"`
		Slug     string      `json:"meter_slug"`
		RateType string      `json:"rate_type"`
		TierType string      `json:"tier_type"`
		Tiers    []tierInput `json:"tiers"`
	}](c)
	if err != nil {
		return nil, err
	}
	m, err := do(c, billing.CreateMeter{
		MerchantID: c.merchant, Name: in.Name, Slug: in.Slug,
		RateType: billing.RateType(in.RateType), Unit: billing.Unit(in.TierType), Tiers: tierParams(in.Tiers),
	})
	return encodeMeter(m), err
}

func getMeter(c *call) (any, error) {
	m, err := c.engine.Meter(c.merchant, c.id)
	return encodeMeter(m), err
}

func listMeters(c *call) (any, error) {
	page, err := c.page()
	if err != nil {
		return nil, err
	}
	meters, err := c.engine.Meters(c.merchant, page)
	return list(meters, encodeMeter), err
}

func updateMeter(c *call) (any, error) {
	in, err := decode[struct {
		Name  *string     `json:"name"`
		Tiers []tierInput `json:"tiers"`
	}](c)
	if err != nil {
		return nil, err
	}
	m, err := do(c, billing.UpdateMeter{MerchantID: c.merchant, ID: c.id, Name: in.Name, Tiers: tierParams(in.Tiers)})
	return encodeMeter(m), err
}

func deleteMeter(c *call) (any, error) {
	_, err := do(c, billing.DeleteMeter{MerchantID: c.merchant, ID: c.id})
	return deletedBody{ID: c.id, Deleted: true}, err
}

type tierInput struct {
	Start string `json:"start"`
	Rate  string `json:"rate"`
}

func tierParams(in []tierInput) []billing.TierParams {
	if in == nil {
		return nil
	}
	tiers := make([]billing.TierParams, len(in))
	for i, t := range in {
		tiers[i] = billing.TierParams(t)
	}
	return tiers
}

type meterBody struct {
	ID        string           `json:"meter_id"`
	Slug      string           `json:"meter_slug"`
	Name      string           `json:"name"`
	RateType  billing.RateType `json:"rate_type"`
	Tiers     []tierBody       `json:"tiers"`
	CreatedAt instant          `json:"created_at"`
}

type tierBody struct {
	Start json.Number    `json:"start"`
	Rate  billing.Amount `json:"rate"`
	Type  billing.Unit   `json:"type"`
}

func encodeMeter(m billing.Meter) meterBody {
	tiers := make([]tierBody, len(m.Tiers))
	for i, t := range m.Tiers {
		tiers[i] = encodeTier(t, m.Unit)
	}
	return meterBody{
		ID: m.ID, Slug: m.Slug, Name: m.Name, RateType: m.RateType,
		Tiers: tiers, CreatedAt: instant(m.CreatedAt),
	}
}

func encodeTier(t billing.Tier, unit billing.Unit) tierBody {
	return tierBody{Start: json.Number(unit.Displayed(t.Start)), Rate: t.Rate, Type: unit}
}
