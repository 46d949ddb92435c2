package mockserver

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// serve handles a request without a connection. Whatever a client sends, the response must not be a 500 and must be
// JSON.
func serve(t *testing.T, s *Server, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/", strings.NewReader(body))
	r.URL = &url.URL{Path: path}
	if p, query, ok := strings.Cut(path, "?"); ok {
		r.URL = &url.URL{Path: p, RawQuery: query}
	}
	r.Host, r.RemoteAddr = "localhost", "127.0.0.1:1"
	r.Header.Set("Authorization", "Bearer "+s.SecretKey())
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	require.Less(t, w.Code, 500, "%s %s %q: %s", method, path, body, w.Body)
	require.True(t, json.Valid(w.Body.Bytes()), "%s %s: %s", method, path, w.Body)
	return w
}

// FuzzBodies sends a body to every endpoint that accepts one.
func FuzzBodies(f *testing.F) {
	for _, body := range []string{
		`{"name":"a","rate_type":"fixed","tier_type":"minutes","tiers":[{"start":"0","rate":"1"},{"start":"0.5","rate":"0.1"}]}`,
		`{"name":"a","period_amount":"49","billing_interval":"month","credit_bundles":[{"name":"b","cost":"1","credit_amount":"2"}],"default_auto_top_up_bundle_index":0}`,
		`{"reference_id":"r","name":"Ada L","email":"a@b.c","phone":"+15551234567","metadata":{"a":[1,null]}}`,
		`{"request_id":"r1","customer_id":"ref","meter_slug":"m","input_tokens":1,"input_seconds":0.25,"metadata":{"k":"v"}}`,
		`{"checkout_mode":"subscription","origin_url":"https://a.b","plan_id":"p"}`,
		`{"name":"k","spend_limit":{"amount":"5","cycle":"daily"},"rate_limit":{"rpm":1,"burst":null},"expires_at":"2027-01-01T00:00:00+02:00"}`,
		`{"fallback_chain":[{"url":"https://a.b","model":"m"}]}`, `{"advance":"1h"}`, `{"input_seconds":1e999999999}`, `{"tiers":null}`, `[]`, `null`, ``, `{`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s := Start(t, InMemory())
		customer := decodeID(t, serve(t, s, "POST", "/v1/customers", `{"reference_id":"ref"}`), "customer_id")
		ids := map[string]string{
			"customers":         customer,
			"meters":            decodeID(t, serve(t, s, "POST", "/v1/meters", `{"name":"m","meter_slug":"m","rate_type":"fixed","tier_type":"minutes","tiers":[{"start":"0","rate":"1"}]}`), "meter_id"),
			"plans":             decodeID(t, serve(t, s, "POST", "/v1/plans", `{"name":"p","period_amount":"0","billing_interval":"day"}`), "plan_id"),
			"spend_keys":        decodeID(t, serve(t, s, "POST", "/v1/spend_keys", `{"name":"k"}`), "spend_key_id"),
			"webhooks":          decodeID(t, serve(t, s, "POST", "/v1/webhooks", `{"name":"w","url":"http://127.0.0.1:1"}`), "webhook_id"),
			"subscriptions":     "sub_test_none",
			"checkout_sessions": "cs_test_none",
		}
		send := func(prefix, shape, method string) {
			if method == http.MethodGet || method == http.MethodDelete {
				return
			}
			collection, _, _ := strings.Cut(shape, "/")
			serve(t, s, method, prefix+strings.Replace(shape, "{id}", ids[collection], 1), body)
		}
		for shape, at := range routes {
			for _, r := range at {
				send(apiPrefix, shape, r.method)
			}
		}
		for shape, at := range controlRoutes {
			for _, r := range at {
				send(controlPrefix, shape, r.method)
				s.Disarm() // the input may have armed something
			}
		}
		s.Reset() // unused replies fail a test
	})
}

func decodeID(t *testing.T, w *httptest.ResponseRecorder, key string) string {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v))
	id, ok := v[key].(string)
	require.True(t, ok, "%s", w.Body)
	return id
}

// FuzzQueries sends a query to every endpoint that accepts one.
func FuzzQueries(f *testing.F) {
	for _, q := range []string{
		"limit=10&cursor=MQ", "start=2026-01-01T00:00:00+05:30", "start=2026-01-01T00:00:00 05:30&end=2026-01-31",
		`start=2026-01-01&metadata_filters=[["a","b"]]`, "metadata_filters=[[]]", "status=all&customer_id=ref", "limit=-1", "start=0000-01-01&end=9999-12-31", "%zz", "provider=openai", "cursor=%00",
	} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, query string) {
		s := Start(t, InMemory())
		serve(t, s, "POST", "/v1/customers", `{"reference_id":"ref"}`)
		for _, path := range []string{"meters", "plans", "customers", "subscriptions", "requests", "usage", "credit_bundles", "webhooks", "secret_keys", "spend_keys", "services"} {
			serve(t, s, "GET", "/v1/"+path+"?"+query, "")
		}
	})
}

// FuzzPaths sends a request to any path.
func FuzzPaths(f *testing.F) {
	for _, p := range []string{"/v1/meters", "/v1//meters", "/v1/meters/", "/v1/meters/a/b", "/v1/../meters", "/", "", "/_mock/clock", "/v1/manage/spend_keys/x/rotate", "/v1/customers/\x00/subscription", "/embed/checkout/x"} {
		f.Add("GET", p)
		f.Add("POST", p)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		s := Start(t, InMemory())
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Method, r.URL, r.Host, r.RemoteAddr = method, &url.URL{Path: path}, "localhost", "127.0.0.1:1"
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		s.Disarm() // the input may have armed something
		require.Less(t, w.Code, 500, "%s %q: %s", method, path, w.Body)
	})
}
