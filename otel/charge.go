package lavaotel

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"github.com/lavapayments/lava-go"
)

// RecordCharge adds a request's cost to the context's span: lava.charge is what the customer pays and lava.cost what
// the provider charges, in US dollars, and lava.request_id identifies the request. Lava knows the cost once the
// request is recorded, when the request's own span has already ended. So use it for a span around the call, in a
// program that reads the record anyway:
//
//	record, err := client.Requests.Retrieve(ctx, requestID)
//	...
//	lavaotel.RecordCharge(ctx, record)
//
// If the record is nil or not completed, RecordCharge adds nothing. There is no metric,
// because a counter would count a record twice if it is read twice; [lava.UsageService] has
// the exact sums.
func RecordCharge(ctx context.Context, record *lava.Request) {
	span := trace.SpanFromContext(ctx)
	if record == nil || record.Status != lava.RequestCompleted || !span.IsRecording() {
		return
	}
	span.SetAttributes(
		requestIDKey.String(clean(record.RequestID)),
		chargeKey.Float64(record.Charge.Amount.InexactFloat64()),
		costKey.Float64(record.Cost.InexactFloat64()),
	)
}
