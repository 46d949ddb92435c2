package mockserver_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

// Requests that no client method sends. The others are in the tables of methods.
func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	tests := []struct {
		name   string
		method string
		path   string
		body   string
		status int
		code   string
		says   string
	}{
		{"broken JSON", "POST", "/v1/meters", `{"name":`, 400, "invalid_request", "JSON"},
		{"a JSON array", "POST", "/v1/meters", `[]`, 400, "invalid_request", "object"},
		{"an empty body", "POST", "/v1/meters", ``, 400, "invalid_request", "empty"},
		{"a body over the limit", "POST", "/v1/meters", `{"name":"` + strings.Repeat("a", 1<<20) + `"}`, 413, "payload_too_large", "1048576"},
		{"a key in another case", "POST", "/v1/meters", `{"Name":"a","rate_type":"fixed","tier_type":"tokens_1m","tiers":[{"start":"0","rate":"1"}]}`, 400, "invalid_request", `Name: is not a field; "name" is`},
		{"a key in another case in a list", "POST", "/v1/meters", `{"name":"a","tiers":[{"rate":"1","RATE":"9"}]}`, 400, "invalid_request", `tiers[0].RATE: is not a field; "rate" is`},
		{"a key in another case in a patch", "PUT", "/v1/spend_keys/x", `{"spend_limit":{"Amount":"1"}}`, 400, "invalid_request", `Amount: is not a field; "amount" is`},
		{"a key twice", "POST", "/v1/customers", `{"name":"a","name":"b"}`, 400, "invalid_request", "name: appears twice"},
		{"a key twice in a list", "POST", "/v1/meters", `{"name":"a","tiers":[{"rate":"1","rate":"9"}]}`, 400, "invalid_request", "tiers[0].rate: appears twice"},
		{"a key twice in metadata", "POST", "/v1/customers", `{"metadata":{"a":{"b":1,"b":1}}}`, 400, "invalid_request", "metadata.a.b: appears twice"},
		{"a control key twice", "POST", "/_mock/clock", `{"advance":"1h","advance":"2h"}`, 400, "invalid_request", "advance: appears twice"},
		{"an unknown endpoint", "GET", "/v1/metres", ``, 404, "not_found", "/v1/metres"},
		{"the wrong method", "PUT", "/v1/meters", ``, 405, "method_not_allowed", "GET or POST"},
		{"without /v1/", "GET", "/meters", ``, 404, "not_found", "/v1/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := send(t, s, tt.method, tt.path, tt.body)
			require.Equal(t, tt.status, a.status, "%s", a.body)
			e := a.object(t)["error"].(map[string]any)
			require.Equal(t, tt.code, e["code"])
			require.EqualValues(t, tt.status, e["status"])
			require.Contains(t, e["message"], tt.says)
			require.Equal(t, "application/json", a.header.Get("Content-Type"))
			require.Regexp(t, `^req_test_[0-9A-Z]{26}$`, a.header.Get("X-Lava-Request-Id"))
			require.Equal(t, tt.status == 405, a.header.Get("Allow") != "")
		})
	}
	require.Empty(t, send(t, s, "GET", "/v1/meters", "").object(t)["data"], "nothing was created")
}

// The shapes are those of the type file of the Node SDK 11.2.0.
func TestShapes(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	meter := send(t, s, "POST", "/v1/meters", `{"name":"Chat","rate_type":"fixed","tier_type":"tokens_1m","tiers":[{"start":"0","rate":"3.00"}]}`)
	require.Equal(t, 201, meter.status)
	m := meter.object(t)
	require.Regexp(t, `^prd_test_[0-9A-Z]{26}$`, m["meter_id"])
	require.Equal(t, []any{map[string]any{"start": 0.0, "rate": "3.0000000000", "type": "tokens_1m"}}, m["tiers"])
	require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`, m["created_at"])
	require.ElementsMatch(t, []string{"meter_id", "meter_slug", "name", "rate_type", "tiers", "created_at"}, keys(m))

	plan := send(t, s, "POST", "/v1/plans", `{"name":"Pro","period_amount":"49.00","billing_interval":"month","credit_bundles":[{"name":"10","cost":"10","credit_amount":"12"}],"default_auto_top_up_bundle_index":0}`).object(t)
	require.Equal(t, "49.0000000000", plan["included_credit"], "by default the price")
	require.Equal(t, "none", plan["rollover_type"])
	require.Equal(t, "full", plan["bundle_rollover_type"])
	require.Equal(t, []any{}, plan["linked_meters"])
	bundle := plan["credit_bundles"].([]any)[0].(map[string]any)
	require.Equal(t, plan["default_auto_top_up_bundle_id"], bundle["credit_bundle_id"])

	customer := send(t, s, "POST", "/v1/customers", `{"name":"Ada King Lovelace","reference_id":"user-1"}`)
	require.Equal(t, 201, customer.status)
	c := customer.object(t)
	require.Equal(t, map[string]any{"phone": "", "email": "", "first_name": "Ada", "last_name": "King Lovelace"}, c["contact"])
	require.Nil(t, c["metadata"])
	require.Equal(t, "Free", c["subscription"].(map[string]any)["name"])
	sub := send(t, s, "GET", "/v1/customers/user-1/subscription", "").object(t)["subscription"].(map[string]any)
	require.ElementsMatch(t, []string{
		"subscription_id", "plan_id", "status", "auto_top_up_bundle_id", "started_at", "cancelled_at",
		"cycle_start_at", "cycle_end_at", "plan", "credits", "pending_change",
	}, keys(sub))
	require.Nil(t, sub["pending_change"])

	deleted := send(t, s, "DELETE", "/v1/meters/"+m["meter_id"].(string), "")
	require.Equal(t, 200, deleted.status)
	require.Equal(t, map[string]any{"id": m["meter_id"], "deleted": true}, deleted.object(t))
	require.Equal(t, map[string]any{"success": true}, send(t, s, "DELETE", "/v1/customers/user-1", "").object(t))
}

func keys(m map[string]any) []string {
	all := make([]string, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	return all
}
