package mockserver_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

func TestAChatCompletionIsMetered(t *testing.T) {
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		shop := openShop(t, s)
		a := sendAs(t, s, shop.token(t), "POST", chatPath, chatBody)
		require.Equal(t, 200, a.status, "%s", a.body)
		usage := a.object(t)["usage"].(map[string]any)
		require.NotZero(t, usage["total_tokens"])

		// No waiting: whoever has read the answer finds everything in place.
		r, err := shop.client.Requests.Retrieve(t.Context(), a.header.Get("X-Lava-Request-Id"))
		require.NoError(t, err)
		require.EqualValues(t, usage["prompt_tokens"], r.ModelUsage.InputTokens)
		require.EqualValues(t, usage["completion_tokens"], r.ModelUsage.OutputTokens)
		require.Equal(t, shop.customer, r.CustomerID)
		require.Equal(t, shop.meter.MeterID, r.MeterID)
		require.Equal(t, "openai", r.Provider)
		require.Equal(t, "1", r.Charge.Amount.String())
		require.Equal(t, "24", shop.credits(t).TotalRemaining.String())
		u, err := shop.client.Usage.Retrieve(t.Context(), lava.UsageParams{Start: s.Now().AddDate(0, 0, -30), CustomerID: shop.customer})
		require.NoError(t, err)
		require.EqualValues(t, 1, u.Totals.TotalRequests)
		require.Equal(t, usage["total_tokens"], float64(u.Totals.TotalUsageTokens))
		require.True(t, u.Totals.TotalCost.Equal(r.Cost))
		require.Len(t, u.Items, 31)
	})
}

func TestForwardTargets(t *testing.T) {
	s := mockserver.Start(t)
	shop := openShop(t, s)
	target := "https://api.openai.com/v1/chat/completions"
	for name, path := range map[string]string{
		"raw":     "/v1/forward?u=" + target,
		"encoded": "/v1/forward?u=" + url.QueryEscape(target),
		"named":   "/v1/forward/openai?u=" + target,
	} {
		t.Run(name, func(t *testing.T) {
			a := sendAs(t, s, shop.token(t), "POST", path, chatBody)
			require.Equal(t, 200, a.status, "%s", a.body)
		})
	}
}

func TestAStreamIsMeteredBeforeItsEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		shop := openShop(t, s)
		body := strings.TrimSuffix(chatBody, "}") + `,"stream":true}`
		req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL()+chatPath, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+shop.token(t))
		resp, err := s.HTTPClient().Do(req)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		require.Contains(t, resp.Header.Get("Content-Type"), "text/event-stream")
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() && lines.Text() != "data: [DONE]" {
			require.NotContains(t, lines.Text(), `"usage":{`, "nobody asked for usage")
		}
		require.Equal(t, "24", shop.credits(t).TotalRemaining.String(), "charged before [DONE] was passed on")
	})
}

func TestCreditsRunOut(t *testing.T) {
	s := mockserver.Start(t)
	shop := openShop(t, s)
	for range 25 {
		require.Equal(t, 200, sendAs(t, s, shop.token(t), "POST", chatPath, chatBody).status)
	}
	a := sendAs(t, s, shop.token(t), "POST", chatPath, chatBody)
	require.Equal(t, 402, a.status)
	e := a.object(t)["error"].(map[string]any)
	require.Equal(t, "insufficient_credits", e["code"])
	require.Contains(t, e["message"], shop.customer)
}

func TestParallelRequests(t *testing.T) {
	const callers, each = 64, 5 // of which 25 are paid for
	s := mockserver.Start(t)
	shop := openShop(t, s)
	token := shop.token(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	served := map[string]bool{}
	for range callers {
		wg.Go(func() {
			for range each {
				req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL()+chatPath, bytes.NewReader([]byte(chatBody)))
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("Authorization", "Bearer "+token)
				resp, err := s.HTTPClient().Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				_ = resp.Body.Close()
				if resp.StatusCode == 200 {
					mu.Lock()
					served[resp.Header.Get("X-Lava-Request-Id")] = true
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	require.GreaterOrEqual(t, len(served), 25)
	require.Less(t, len(served), 25+callers, "no more than were in flight")
	require.Equal(t, decimal.NewFromInt(int64(25-len(served))).String(), shop.credits(t).TotalRemaining.String())

	entries, err := s.Ledger(shop.customer)
	require.NoError(t, err)
	sum, charged := decimal.Zero, map[string]bool{}
	for _, e := range entries {
		sum = sum.Add(e.Cycle).Add(e.Bundle)
		require.True(t, sum.Equal(e.CycleBalance.Add(e.BundleBalance)))
		if e.Kind == mockserver.EntryCharge {
			require.False(t, charged[e.Cause], "%s is charged twice", e.Cause)
			charged[e.Cause] = true
		}
	}
	require.Equal(t, served, charged)
}

func TestBadForwardTokens(t *testing.T) {
	s := mockserver.Start(t)
	shop := openShop(t, s)
	token := func(json string) string { return base64.StdEncoding.EncodeToString([]byte(json)) }
	key := s.SecretKey()
	tests := []struct {
		name   string
		token  string
		status int
		code   string
		says   string
	}{
		{"none", "", 401, "authentication_failed", ""},
		{"no base64", "n%o b~ase64", 401, "authentication_failed", ""},
		{"no JSON", token("hello"), 401, "authentication_failed", ""},
		{"no key", token(`{"meter_slug":"a"}`), 401, "authentication_failed", "secret_key"},
		{"a wrong key", token(`{"secret_key":"aks_test_wrong"}`), 401, "authentication_failed", ""},
		{"a live key", token(`{"secret_key":"aks_live_real"}`), 401, "authentication_failed", "mock"},
		{"an unknown customer", token(`{"secret_key":"` + key + `","customer_id":"con_test_nope","meter_slug":"` + shop.meter.MeterSlug + `"}`), 404, "not_found", "customer_id"},
		{"an unknown meter", token(`{"secret_key":"` + key + `","customer_id":"` + shop.customer + `","meter_slug":"nope"}`), 404, "not_found", "meter_slug"},
		{"a customer without a meter", token(`{"secret_key":"` + key + `","customer_id":"` + shop.customer + `"}`), 400, "invalid_request", "meter_slug"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := sendAs(t, s, tt.token, "POST", chatPath, chatBody)
			require.Equal(t, tt.status, a.status, "%s", a.body)
			e := a.object(t)["error"].(map[string]any)
			require.Equal(t, tt.code, e["code"])
			require.Contains(t, e["message"], tt.says)
			for _, secret := range []string{key, "aks_test_wrong", "aks_live_real"} {
				require.NotContains(t, string(a.body), secret)
			}
			require.NotEmpty(t, a.header.Get("X-Lava-Request-Id"))
		})
	}
}
