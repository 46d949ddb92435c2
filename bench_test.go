package lava_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// customerJSON is a response of about 600 bytes, as the API sends it for a customer.
const customerJSON = `{"customer_id":"con_test_01KJHF4SFPHQ9Q3YE4WKHWCXWG","reference_id":"user_8f14e45fceea167a5a36dedd4bea2543",` +
	`"contact":{"phone":"+14155550100","email":"ada.lovelace@example.com","first_name":"Ada","last_name":"Lovelace"},` +
	`"subscription":{"subscription_id":"sub_test_01KJHF4SFQFDW3FSTNKVB00N6E","plan_id":"sc_test_01KJHF4SFDVBMHJDVAP71KP4QH","name":"Pro","status":"active"},` +
	`"metadata":{"team":"analytical engines","seats":"12","region":"eu-west-1","source":"a note on the engine"},"created_at":"2026-03-04T05:06:07.089Z"}`

// newFloor serves customerJSON and returns a client with its own connections.
func newFloor(tb testing.TB) (*httptest.Server, *http.Client) {
	tb.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, customerJSON)
	}))
	tb.Cleanup(server.Close)
	return server, server.Client()
}

// The baseline: the same call as a careful programmer writes it by hand.

type handwritten struct {
	http *http.Client
	base string
	key  string
}

func (h *handwritten) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, h.base+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+h.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := h.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(out)
}

var createParams = lava.CreateCustomerParams{
	ReferenceID: "user_8f14e45fceea167a5a36dedd4bea2543",
	Email:       "ada.lovelace@example.com",
	Phone:       "+14155550100",
	Name:        "Ada Lovelace",
}

// clientCalls are the same two calls, with this package and by hand.
func clientCalls(tb testing.TB) map[string]func() {
	tb.Helper()
	server, httpClient := newFloor(tb)
	client, err := lava.New(lava.WithSecretKey("aks_test_bench"), lava.WithBaseURL(server.URL), lava.WithHTTPClient(httpClient))
	require.NoError(tb, err)
	byHand := &handwritten{http: httpClient, base: server.URL + "/v1/", key: "aks_test_bench"}
	ctx := context.Background()
	check := func(err error) {
		if err != nil {
			tb.Fatal(err)
		}
	}
	return map[string]func(){
		"get/lava": func() {
			_, err := client.Customers.Retrieve(ctx, "con_test_01KJHF4SFPHQ9Q3YE4WKHWCXWG")
			check(err)
		},
		"get/floor": func() {
			var c lava.Customer
			check(byHand.call(ctx, "GET", "customers/con_test_01KJHF4SFPHQ9Q3YE4WKHWCXWG", nil, &c))
		},
		"post/lava": func() {
			_, err := client.Customers.Create(ctx, createParams)
			check(err)
		},
		"post/floor": func() {
			var c lava.Customer
			check(byHand.call(ctx, "POST", "customers", createParams, &c))
		},
	}
}

// BenchmarkClient measures a call and the same call by hand. Both include the same server.
func BenchmarkClient(b *testing.B) {
	calls := clientCalls(b)
	for _, name := range []string{"get/floor", "get/lava", "post/floor", "post/lava"} {
		b.Run(name, func(b *testing.B) {
			call := calls[name]
			call()
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}

// The limit: a call allocates no more than the same call by hand. Both counts include the server. The test does not
// run under the race detector, which allocates.
func TestClientAllocations(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts what others allocate
	if build, ok := debug.ReadBuildInfo(); ok && slices.Contains(build.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		t.Skip("the race detector allocates")
	}
	calls := clientCalls(t)
	for _, method := range []string{"get", "post"} {
		floor := testing.AllocsPerRun(500, calls[method+"/floor"])
		client := testing.AllocsPerRun(500, calls[method+"/lava"])
		require.LessOrEqual(t, client, floor, method)
	}
}
