package e2e

import (
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/lavapayments/lava-go"
	lavaotel "github.com/lavapayments/lava-go/otel"
)

// A span has the same data as the official OpenAI SDK, and the id of the record.
func TestOpenTelemetry(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	p := newPayer(t, lavaotel.Instrument(lavaotel.WithTracerProvider(trace.NewTracerProvider(trace.WithSyncer(spans)))))
	client := openai.NewClient(option.WithHTTPClient(p.http), option.WithAPIKey("replaced by lava"), option.WithMaxRetries(0))
	params := openai.ChatCompletionNewParams{
		Model:    "gpt-5-mini",
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Why is the sky blue?")},
	}
	// span returns the attributes of the only span that has ended in the meantime.
	span := func() attribute.Set {
		ended := spans.GetSpans()
		spans.Reset()
		require.Len(t, ended, 1)
		assert.Equal(t, "chat gpt-5-mini", ended[0].Name)
		return attribute.NewSet(ended[0].Attributes...)
	}
	spans.Reset() // of the calls that created the customer

	completion, err := client.Chat.Completions.New(t.Context(), params)
	require.NoError(t, err)
	assertSpan(t, p, span(), completion.ID, completion.Usage)

	spans.Reset()
	params.StreamOptions.IncludeUsage = openai.Bool(true)
	stream := client.Chat.Completions.NewStreaming(t.Context(), params)
	var streamed openai.ChatCompletionAccumulator
	for stream.Next() {
		streamed.AddChunk(stream.Current())
	}
	require.NoError(t, stream.Err())
	require.NoError(t, stream.Close())
	assertSpan(t, p, span(), streamed.ID, streamed.Usage)
}

func assertSpan(t *testing.T, p *payer, attrs attribute.Set, id string, usage openai.CompletionUsage) {
	t.Helper()
	value := func(key attribute.Key) any {
		v, _ := attrs.Value(key)
		return v.AsInterface()
	}
	assert.Equal(t, id, value("gen_ai.response.id"))
	assert.Equal(t, usage.PromptTokens, value("gen_ai.usage.input_tokens"))
	assert.Equal(t, usage.CompletionTokens, value("gen_ai.usage.output_tokens"))
	assert.Equal(t, p.customerID, value("lava.customer_id"))
	assert.Equal(t, "api.openai.com", value("server.address"))
	requestID, _ := value("lava.request_id").(string)
	record, err := p.lava.Requests.Retrieve(t.Context(), requestID)
	require.NoError(t, err)
	assert.Equal(t, id, record.ResponseID)
	assert.Equal(t, lava.RequestCompleted, record.Status)
}
