package mockserver_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

var meterMethods = methods{
	"Meters.Create": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			got, err := c.Meters.Create(t.Context(), lava.CreateMeterParams{
				Name: "Minutes", RateType: lava.RateFixed, TierType: lava.TierMinutes,
				Tiers: []lava.MeterTierParams{{Rate: dec("0.25")}, {Start: dec("100.5"), Rate: dec("0.2")}},
			})
			if err != nil {
				return err
			}
			require.Regexp(t, "^prd_test_", got.MeterID)
			require.Equal(t, lava.TierMinutes, got.Tiers[1].Type)
			require.Equal(t, "100.5", got.Tiers[1].Start.String())
			require.Equal(t, "0.2", got.Tiers[1].Rate.String())
			return nil
		},
		bad: []badCall{
			{"no name", func(ctx context.Context, s *account) error {
				return only(s.Meters.Create(ctx, lava.CreateMeterParams{RateType: lava.RateFixed, TierType: lava.TierMinutes, Tiers: []lava.MeterTierParams{{}}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "name"},
			{"unknown rate type", func(ctx context.Context, s *account) error {
				return only(s.Meters.Create(ctx, lava.CreateMeterParams{Name: "a", RateType: "flat", TierType: lava.TierRequests, Tiers: []lava.MeterTierParams{{}}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "rate_type"},
			{"tiers from 5", func(ctx context.Context, s *account) error {
				return only(s.Meters.Create(ctx, lava.CreateMeterParams{Name: "a", RateType: lava.RateFixed, TierType: lava.TierRequests, Tiers: []lava.MeterTierParams{{Start: dec("5")}}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "tiers[0].start"},
			{"a rate that isn't a number", func(ctx context.Context, s *account) error {
				return s.Do(ctx, "POST", "meters", json.RawMessage(`{"name":"a","rate_type":"fixed","tier_type":"requests","tiers":[{"start":"0","rate":"cheap"}]}`), nil)
			}, lava.ErrInvalidRequest, 400, "invalid_request", "tiers[0].rate"},
			{"a rate that is a JSON number", func(ctx context.Context, s *account) error {
				return s.Do(ctx, "POST", "meters", json.RawMessage(`{"name":"a","rate_type":"fixed","tier_type":"requests","tiers":[{"start":"0","rate":1}]}`), nil)
			}, lava.ErrInvalidRequest, 400, "invalid_request", "tiers.rate"},
			{"unknown unit", func(ctx context.Context, s *account) error {
				return only(s.Meters.Create(ctx, lava.CreateMeterParams{Name: "a", RateType: lava.RateFixed, TierType: "pounds", Tiers: []lava.MeterTierParams{{}}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "tier_type"},
			{"descending tiers", func(ctx context.Context, s *account) error {
				return only(s.Meters.Create(ctx, lava.CreateMeterParams{Name: "a", RateType: lava.RateFixed, TierType: lava.TierRequests, Tiers: []lava.MeterTierParams{{}, {Start: dec("9")}, {Start: dec("3")}}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "tiers[2].start"},
			{"a slug in use", func(ctx context.Context, s *account) error {
				return only(s.Meters.Create(ctx, lava.CreateMeterParams{Name: "a", MeterSlug: "chat", RateType: lava.RateFixed, TierType: lava.TierRequests, Tiers: []lava.MeterTierParams{{}}}))
			}, lava.ErrConflict, 409, "conflict", "meter_slug"},
		},
	},
	"Meters.Retrieve": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.Meters.Retrieve(t.Context(), s.meter.MeterID)
			if err != nil {
				return err
			}
			require.Equal(t, s.meter, got)
			return nil
		},
		bad: []badCall{
			{"unknown", func(ctx context.Context, s *account) error { return only(s.Meters.Retrieve(ctx, "prd_test_nope")) }, lava.ErrNotFound, 404, "not_found", ""},
			{"an id with a slash", func(ctx context.Context, s *account) error { return only(s.Meters.Retrieve(ctx, "../customers")) }, lava.ErrNotFound, 404, "not_found", ""},
		},
	},
	"Meters.List": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.Meters.List(t.Context(), lava.ListMetersParams{})
			if err != nil {
				return err
			}
			require.Equal(t, &lava.Page[lava.Meter]{Data: []lava.Meter{*s.meter}}, got)
			return nil
		},
		bad: []badCall{
			{"a limit of 101", func(ctx context.Context, s *account) error {
				return only(s.Meters.List(ctx, lava.ListMetersParams{Limit: 101}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"},
			{"a limit of 0", func(ctx context.Context, s *account) error {
				return s.Do(ctx, "GET", "meters?limit=0", nil, nil)
			}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"},
			{"an invented cursor", func(ctx context.Context, s *account) error {
				return only(s.Meters.List(ctx, lava.ListMetersParams{Cursor: "next"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "cursor"},
		},
	},
	"Meters.All": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			return count(t, 1, c.Meters.All(t.Context(), lava.ListMetersParams{}))
		},
		bad: []badCall{{"a negative limit", func(ctx context.Context, s *account) error {
			return last(s.Meters.All(ctx, lava.ListMetersParams{Limit: -1}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"}},
	},
	"Meters.Update": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.Meters.Update(t.Context(), s.meter.MeterID, lava.UpdateMeterParams{Name: "Talk"})
			if err != nil {
				return err
			}
			want := *s.meter
			want.Name = "Talk"
			require.Equal(t, &want, got, "the rest is unchanged")
			return nil
		},
		bad: []badCall{
			{"unknown", func(ctx context.Context, s *account) error {
				return only(s.Meters.Update(ctx, "prd_test_nope", lava.UpdateMeterParams{Name: "b"}))
			}, lava.ErrNotFound, 404, "not_found", ""},
			{"tiers not from 0", func(ctx context.Context, s *account) error {
				return only(s.Meters.Update(ctx, s.meter.MeterID, lava.UpdateMeterParams{Tiers: []lava.MeterTierParams{{Start: dec("5")}}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "tiers[0].start"},
		},
	},
	"Meters.Delete": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			if err := c.Meters.Delete(t.Context(), s.meter.MeterID); err != nil {
				return err
			}
			require.ErrorIs(t, only(c.Meters.Retrieve(t.Context(), s.meter.MeterID)), lava.ErrNotFound)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *account) error { return s.Meters.Delete(ctx, "prd_test_nope") }, lava.ErrNotFound, 404, "not_found", ""}},
	},
}
