package gateway_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/billing"
)

// What a response in the background or a batch uses is recorded once, by the first retrieval that shows it. The batch is that
// of platform.openai.com/docs/api-reference/batch/object; batches cost half the price.
func TestUsageThatIsReportedLater(t *testing.T) {
	t.Parallel()
	const openai = "https://api.openai.com/v1"
	const done = `{"id":"resp_123","object":"response","status":"completed","background":true,"model":"gpt-4o-2024-08-06","output":[],"usage":{"input_tokens":1000,"output_tokens":100,"total_tokens":1100}}`
	for name, test := range map[string]struct {
		url, id, kind             string
		created, underWay, result string
		usage                     billing.Usage
		cost                      string
	}{
		"a response": {openai + "/responses", "resp_123", "application/json",
			`{"id":"resp_123","object":"response","status":"queued","background":true,"model":"gpt-4o-2024-08-06","output":[],"usage":null}`,
			`{"id":"resp_123","object":"response","status":"in_progress","background":true,"model":"gpt-4o-2024-08-06","output":[],"usage":null}`,
			done, billing.Usage{InputTokens: 1000, OutputTokens: 100}, "0.0035"},
		"a response as a stream": {openai + "/responses", "resp_123", "text/event-stream",
			`{"id":"resp_123","object":"response","status":"queued","background":true,"model":"gpt-4o-2024-08-06","output":[],"usage":null}`,
			"",
			"event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":" + done + "}\n\n", billing.Usage{InputTokens: 1000, OutputTokens: 100}, "0.0035"},
		"a batch": {openai + "/batches", "batch_abc123", "application/json",
			`{"id":"batch_abc123","object":"batch","endpoint":"/v1/completions","errors":null,"input_file_id":"file-abc123","completion_window":"24h","status":"validating","request_counts":{"total":0,"completed":0,"failed":0}}`,
			`{"id":"batch_abc123","object":"batch","endpoint":"/v1/completions","model":"gpt-4o","status":"in_progress","request_counts":{"total":100,"completed":9,"failed":0},"usage":{"input_tokens":10,"output_tokens":1}}`,
			`{"id":"batch_abc123","object":"batch","endpoint":"/v1/completions","model":"gpt-4o-2024-08-06","errors":null,"input_file_id":"file-abc123","completion_window":"24h","status":"completed","output_file_id":"file-cvaTdG","error_file_id":"file-HOWS94","request_counts":{"total":100,"completed":95,"failed":5},
			"usage":{"input_tokens":1500,"input_tokens_details":{"cached_tokens":1024},"output_tokens":500,"output_tokens_details":{"reasoning_tokens":300},"total_tokens":2000},"metadata":{"customer_id":"user_123456789"}}`,
			billing.Usage{InputTokens: 1500, OutputTokens: 500}, "0.003735"}, // half of 476×2.50 + 1024×1.25 + 500×10 per million
		// Not one of its requests is long, for which gpt-5.4 costs twice as much.
		"a large batch": {openai + "/batches", "batch_abc123", "application/json",
			`{"id":"batch_abc123","object":"batch","status":"validating"}`, "",
			`{"id":"batch_abc123","object":"batch","model":"gpt-5.4","status":"completed","usage":{"input_tokens":1000000,"output_tokens":1000,"total_tokens":1001000}}`,
			billing.Usage{InputTokens: 1_000_000, OutputTokens: 1000}, "1.2575"}, // half of 1,000,000×2.50 + 1000×15
		// platform.claude.com/docs/en/build-with-claude/batch-processing, with a message that costs less. The request for the
		// batch itself shows no usage.
		"a batch of Anthropic": {"https://api.anthropic.com/v1/messages/batches", "msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d/results", "application/x-jsonl",
			`{"id":"msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d","type":"message_batch","processing_status":"in_progress","request_counts":{"processing":2,"succeeded":0,"errored":0,"canceled":0,"expired":0},"ended_at":null,"results_url":null}`, "",
			`{"custom_id":"my-second-request","result":{"type":"succeeded","message":{"id":"msg_014VwiXbi91y3JMjcpyGBHX5","type":"message","role":"assistant","model":"claude-opus-4-8","content":[{"type":"text","text":"Hello again!"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":11,"output_tokens":36}}}}
{"custom_id":"my-first-request","result":{"type":"succeeded","message":{"id":"msg_01FqfsLoHwgeFbguDgpz48m7","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[{"type":"text","text":"Hello!"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":34,"service_tier":"batch"}}}}
{"custom_id":"wrong","result":{"type":"errored","error":{"type":"error","error":{"type":"invalid_request_error","message":"messages: Field required"}}}}
`, billing.Usage{InputTokens: 21, OutputTokens: 70}, "0.0005675"}, // half of 11×5 + 36×25 + 10×1 + 34×5 per million
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			respond := responding(200, "application/json", test.created)
			provider := &recorder{respond: func(req *http.Request) (*http.Response, error) { return respond(req) }}
			r := newRig(t, recording(provider))
			expect := func(cost string, usage billing.Usage) {
				t.Helper()
				o := r.last(t)
				assert.Equal(t, cost, (o.InputCost + o.OutputCost).Plain())
				assert.Equal(t, usage, o.Usage)
				assert.Empty(t, o.Metadata)
			}
			get := func(kind, body string) {
				t.Helper()
				respond = responding(200, kind, body)
				assert.Equal(t, body, r.do(t, "GET", "/v1/forward?u="+test.url+"/"+test.id, "").body)
			}
			r.do(t, "POST", "/v1/forward?u="+test.url, `{"model":"gpt-4o","input":"Write a very long novel about otters in space.","background":true}`)
			expect("0", billing.Usage{})
			if test.underWay != "" {
				get(test.kind, test.underWay)
				expect("0", billing.Usage{})
			}
			get(test.kind, test.result)
			expect(test.cost, test.usage)
			get(test.kind, test.result)
			expect("0", billing.Usage{})
		})
	}
}
