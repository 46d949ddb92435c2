package gateway_test

import (
	"net/http"
	"strings"
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
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			respond := responding(200, "application/json", test.created)
			provider := &recorder{respond: func(req *http.Request) (*http.Response, error) { return respond(req) }}
			r := newRig(t, recording(provider))
			expect := func(cost string, usage billing.Usage) {
				t.Helper()
				o := r.last(t)
				assert.Equal(t, cost, trimmed(o.InputCost+o.OutputCost))
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

func trimmed(a billing.Amount) string {
	if s := strings.TrimRight(strings.TrimRight(a.String(), "0"), "."); s != "" {
		return s
	}
	return "0"
}
