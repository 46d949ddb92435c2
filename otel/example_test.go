package lavaotel_test

import (
	"context"
	"fmt"
	"log"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
	lavaotel "github.com/lavapayments/lava-go/otel"
)

// Spans of a call to Lava's API and of a model call. In this example, spans are kept in memory, and calls are sent to
// a mock.
func ExampleInstrument() {
	ctx := context.Background()
	mock, err := mockserver.New(mockserver.InMemory())
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = mock.Close() }()
	spans := tracetest.NewInMemoryExporter()
	provider := trace.NewTracerProvider(trace.WithSyncer(spans))

	client := mock.Client(lavaotel.Instrument(lavaotel.WithTracerProvider(provider))) // instead of lava.New
	if _, err := client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "ada"}); err != nil {
		log.Fatal(err)
	}
	if _, err := client.Gateway(ctx, "https://api.openai.com/v1/chat/completions", lava.GatewayParams{Body: map[string]any{
		"model": "gpt-4o-mini", "messages": []map[string]string{{"role": "user", "content": "Say hello."}},
	}}); err != nil {
		log.Fatal(err)
	}
	for _, span := range spans.GetSpans() {
		fmt.Println(span.Name)
	}
	// Output:
	// POST /v1/customers
	// chat gpt-4o-mini
}

// The charge is known when the request is recorded. Add it to the span around the call.
func ExampleRecordCharge() {
	ctx := context.Background()
	mock, err := mockserver.New(mockserver.InMemory())
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = mock.Close() }()
	ada, err := mock.Scenario(mockserver.Subscribed)
	if err != nil {
		log.Fatal(err)
	}
	spans := tracetest.NewInMemoryExporter()
	tracer := trace.NewTracerProvider(trace.WithSyncer(spans)).Tracer("app")
	client := mock.Client()

	ctx, span := tracer.Start(ctx, "summarize")
	var response lava.Response
	_, err = client.Gateway(lava.ContextWithResponse(ctx, &response), "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
		Payer: lava.ForCustomer{CustomerID: ada.CustomerID, MeterSlug: ada.MeterSlug},
		Body:  map[string]any{"model": "gpt-4o-mini", "messages": []map[string]string{{"role": "user", "content": "Say hello."}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	record, err := client.Requests.Retrieve(ctx, response.Header().Get("X-Lava-Request-Id"))
	if err != nil {
		log.Fatal(err)
	}
	lavaotel.RecordCharge(ctx, record)
	span.End()

	for _, attr := range spans.GetSpans()[0].Attributes {
		if attr.Key == "lava.charge" {
			fmt.Println(attr.Key, attr.Value.AsFloat64())
		}
	}
	// Output: lava.charge 1
}
