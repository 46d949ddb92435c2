package lavaotel

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"github.com/lavapayments/lava-go"
)

// RecordCharge adds what a request cost to the context's span: lava.charge is what the
// customer pays and lava.cost what the provider takes, in US dollars, and lava.request_id
// tells which request it was. Lava knows it when the request is recorded, and the request's
// own span has ended by then. So it is for a span around the call, in a program that reads
// the record anyway:
//
//	record, err := client.Requests.Retrieve(ctx, requestID)
//	...
//	lavaotel.RecordCharge(ctx, record)
//
// Of a record that is nil or not complete it adds nothing. There is no metric of it: a
// counter would count a record twice that is read twice, and [lava.UsageService] has the
// exact sums.
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
