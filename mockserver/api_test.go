package mockserver_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func TestBadInput(t *testing.T) {
	s := mockserver.Start(t)
	const okTiers = `"tiers":[{"start":"0","rate":"1"}]`
	tests := []struct {
		name   string
		method string
		path   string
		body   string
		status int
		code   string
		says   string
	}{
		{"missing name", "POST", "/v1/meters", `{"rate_type":"fixed","tier_type":"requests",` + okTiers + `}`, 400, "invalid_request", "name"},
		{"unknown rate type", "POST", "/v1/meters", `{"name":"a","rate_type":"flat","tier_type":"requests",` + okTiers + `}`, 400, "invalid_request", "rate_type"},
		{"tiers from 5", "POST", "/v1/meters", `{"name":"a","rate_type":"fixed","tier_type":"requests","tiers":[{"start":"5","rate":"1"}]}`, 400, "invalid_request", "tiers[0].start"},
		{"tiers that descend", "POST", "/v1/meters", `{"name":"a","rate_type":"fixed","tier_type":"requests","tiers":[{"start":"0","rate":"1"},{"start":"9","rate":"1"},{"start":"3","rate":"1"}]}`, 400, "invalid_request", "tiers[2].start"},
		{"a rate that is no number", "POST", "/v1/meters", `{"name":"a","rate_type":"fixed","tier_type":"requests","tiers":[{"start":"0","rate":"cheap"}]}`, 400, "invalid_request", "tiers[0].rate"},
		{"a rate that is a JSON number", "POST", "/v1/meters", `{"name":"a","rate_type":"fixed","tier_type":"requests","tiers":[{"start":"0","rate":1}]}`, 400, "invalid_request", "tiers.rate"},
		{"seconds that are no number", "POST", "/v1/requests", `{"request_id":"r","customer_id":"c","meter_slug":"m","input_seconds":"long"}`, 400, "invalid_request", "input_seconds"},
		{"seconds beyond measure", "POST", "/v1/requests", `{"request_id":"r","customer_id":"c","meter_slug":"m","output_seconds":1e999999999}`, 400, "invalid_request", "output_seconds"},
		{"broken JSON", "POST", "/v1/meters", `{"name":`, 400, "invalid_request", "JSON"},
		{"a JSON array", "POST", "/v1/meters", `[]`, 400, "invalid_request", "object"},
		{"an empty body", "POST", "/v1/meters", ``, 400, "invalid_request", "empty"},
		{"a body over the limit", "POST", "/v1/meters", `{"name":"` + strings.Repeat("a", 1<<20) + `"}`, 413, "payload_too_large", "1048576"},
		{"an unknown plan", "POST", "/v1/checkout_sessions", `{"checkout_mode":"subscription","origin_url":"https://a.example","plan_id":"sc_test_nope"}`, 404, "not_found", "plan_id"},
		{"a plan for too much", "POST", "/v1/plans", `{"name":"a","period_amount":"10001","billing_interval":"month"}`, 400, "invalid_request", "period_amount"},
		{"a plan with an unknown meter", "POST", "/v1/plans", `{"name":"a","period_amount":"1","billing_interval":"month","meter_ids":["prd_test_nope"]}`, 400, "invalid_request", "meter_ids"},
		{"an unknown customer", "GET", "/v1/customers/con_test_nope", ``, 404, "not_found", "con_test_nope"},
		{"usage without a start", "GET", "/v1/usage", ``, 400, "invalid_request", "start"},
		{"usage from an odd time", "GET", "/v1/usage?start=yesterday", ``, 400, "invalid_request", "start"},
		{"usage of a century", "GET", "/v1/usage?start=1900-01-01", ``, 400, "invalid_request", "start"},
		{"a limit of 0", "GET", "/v1/meters?limit=0", ``, 400, "invalid_request", "limit"},
		{"a limit of 101", "GET", "/v1/meters?limit=101", ``, 400, "invalid_request", "limit"},
		{"a cursor made up", "GET", "/v1/meters?cursor=next", ``, 400, "invalid_request", "cursor"},
		{"an odd metadata filter", "GET", "/v1/requests?metadata_filters=a", ``, 400, "invalid_request", "metadata_filters"},
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

func TestAuthentication(t *testing.T) {
	s := mockserver.Start(t)
	for key, says := range map[string]string{
		"":                      "no secret key",
		"aks_test_of_a_guess":   "not known",
		"aks_live_from_the_env": "live key",
	} {
		a := sendAs(t, s, key, "GET", "/v1/meters", "")
		require.Equal(t, 401, a.status)
		require.Contains(t, string(a.body), "authentication_failed")
		require.Contains(t, string(a.body), says)
		require.NotContains(t, string(a.body), "of_a_guess")
		require.NotContains(t, string(a.body), "from_the_env")
	}
}

// The shapes are those of the type file of the Node SDK 11.2.0.
func TestShapes(t *testing.T) {
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

func TestPagesNeitherSkipNorRepeat(t *testing.T) {
	s := mockserver.Start(t)
	add := func() string {
		return send(t, s, "POST", "/v1/customers", `{}`).object(t)["customer_id"].(string)
	}
	var want []string
	for range 7 {
		want = append([]string{add()}, want...) // newest first
	}
	var got []string
	cursor := ""
	for {
		page := send(t, s, "GET", "/v1/customers?limit=3"+cursor, "").object(t)
		for _, c := range page["data"].([]any) {
			got = append(got, c.(map[string]any)["customer_id"].(string))
		}
		add() // what comes in between belongs to no later page
		if page["has_more"] == false {
			require.NotContains(t, page, "next_cursor")
			break
		}
		cursor = "&cursor=" + page["next_cursor"].(string)
	}
	require.Equal(t, want, got)
}

func TestReferenceIDsAreAnything(t *testing.T) {
	s := mockserver.Start(t)
	for _, id := range []string{"user/7", "a b", "50%", "subscription", "ünï", "a?b#c"} {
		require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{"reference_id":"`+id+`"}`).status)
		a := send(t, s, "GET", "/v1/customers/"+url.PathEscape(id), "")
		require.Equal(t, 200, a.status, "%s", a.body)
		require.Equal(t, id, a.object(t)["reference_id"])
		require.Equal(t, 200, send(t, s, "GET", "/v1/customers/"+url.PathEscape(id)+"/subscription", "").status)
	}
}

func TestMerchantsCantSeeEachOther(t *testing.T) {
	s := mockserver.Start(t)
	mine := send(t, s, "POST", "/v1/customers", `{"reference_id":"user-1"}`).object(t)["customer_id"].(string)
	other := s.NewMerchant()
	for _, id := range []string{mine, "user-1"} {
		a := sendAs(t, s, other.SecretKey(), "GET", "/v1/customers/"+id, "")
		require.Equal(t, 404, a.status)
	}
	require.Empty(t, sendAs(t, s, other.SecretKey(), "GET", "/v1/customers", "").object(t)["data"])
	require.Equal(t, 201, sendAs(t, s, other.SecretKey(), "POST", "/v1/customers", `{"reference_id":"user-1"}`).status)
}
