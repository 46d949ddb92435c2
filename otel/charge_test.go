package lavaotel_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go"
	lavaotel "github.com/lavapayments/lava-go/otel"
)

// A charge is recorded when it is known, not before, and not without a span.
func TestRecordCharge(t *testing.T) {
	t.Parallel()
	record := func(status lava.RequestStatus) *lava.Request {
		return &lava.Request{
			RequestID: "req_1", Status: status,
			Cost: decimal.RequireFromString("0.02"), Charge: lava.RequestCharge{Amount: decimal.RequireFromString("0.05")},
		}
	}
	for name, tt := range map[string]struct {
		record *lava.Request
		want   map[string]any
	}{
		"none":      {nil, map[string]any{}},
		"pending":   {record(lava.RequestPending), map[string]any{}},
		"new":       {record("of a later version"), map[string]any{}},
		"completed": {record(lava.RequestCompleted), map[string]any{"lava.request_id": "req_1", "lava.charge": 0.05, "lava.cost": 0.02}},
	} {
		lavaotel.RecordCharge(t.Context(), tt.record) // there is no span
		tel := newTelemetry()
		ctx, span := tel.tracer.Tracer("app").Start(t.Context(), "chat")
		lavaotel.RecordCharge(ctx, tt.record)
		span.End()
		assert.Equal(t, tt.want, values(tel.spans.Ended()[0].Attributes()), name)
	}
}
