package mockserver_test

import (
	"bufio"
	"bytes"
	"context"
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

var gatewayMethods = methods{
	"Gateway": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			answer, err := c.Gateway(t.Context(), chatURL, lava.GatewayParams{
				Payer: lava.ForCustomer{CustomerID: "user_42", MeterSlug: "chat"}, Body: chat(false), Metadata: map[string]string{"team": "c"},
			})
			if err != nil {
				return err
			}
			request, err := c.Requests.Retrieve(t.Context(), answer.Header().Get("X-Lava-Request-Id"))
			require.NoError(t, err)
			require.Equal(t, s.customer, request.CustomerID)
			require.Equal(t, "gpt-4o-mini", request.Model)
			require.Equal(t, lava.ProviderKeyManaged, request.ProviderKeyType)
			require.Equal(t, map[string]string{"team": "c"}, request.Metadata)
			require.True(t, request.Charge.Amount.IsPositive())

			answer, err = c.Gateway(t.Context(), chatURL, lava.GatewayParams{Payer: lava.ForProviderKey{Key: lava.NewSecret("sk-mine")}, Body: chat(false)})
			require.NoError(t, err)
			request, err = c.Requests.Retrieve(t.Context(), answer.Header().Get("X-Lava-Request-Id"))
			require.NoError(t, err)
			require.Equal(t, lava.ProviderKeyUnmanaged, request.ProviderKeyType)
			require.Empty(t, request.CustomerID)
			require.Empty(t, request.MeterID)
			return nil
		},
		bad: badChats(func(ctx context.Context, s *account, address string, params lava.GatewayParams) error {
			return only(s.Gateway(ctx, address, params))
		}),
	},
	"GatewayStream": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			s.Script(mockserver.Reply{Text: "One two three."})
			defer s.ResetScript() // without a valid key it is not used
			text := ""
			for event, err := range c.GatewayStream(t.Context(), chatURL, lava.GatewayParams{
				Payer: lava.ForCustomer{CustomerID: "user_42", MeterSlug: "chat"}, Body: chat(true),
			}) {
				if err != nil {
					return err
				}
				var chunk struct {
					Choices []struct{ Delta struct{ Content string } }
				}
				require.NoError(t, event.Decode(&chunk))
				for _, choice := range chunk.Choices {
					text += choice.Delta.Content
				}
			}
			require.Equal(t, "One two three.", text)
			return count(t, 2, c.Requests.All(t.Context(), lava.ListRequestsParams{CustomerID: s.customer}))
		},
		bad: badChats(func(ctx context.Context, s *account, address string, params lava.GatewayParams) error {
			return last(s.GatewayStream(ctx, address, params))
		}),
	},
}

func chat(stream bool) map[string]any {
	return map[string]any{"model": "gpt-4o-mini", "stream": stream, "messages": []map[string]string{{"role": "user", "content": "Count."}}}
}

// badChats are rejections by the gateway, which are the same with and without a stream.
func badChats(send func(context.Context, *account, string, lava.GatewayParams) error) []badCall {
	return []badCall{
		{"unknown customer", func(ctx context.Context, s *account) error {
			return send(ctx, s, chatURL, lava.GatewayParams{Payer: lava.ForCustomer{CustomerID: "nobody", MeterSlug: "chat"}, Body: chat(true)})
		}, lava.ErrNotFound, 404, "not_found", "customer_id"},
		{"unknown host", func(ctx context.Context, s *account) error {
			return send(ctx, s, "https://example.com/v1/chat/completions", lava.GatewayParams{Body: chat(true)})
		}, lava.ErrInvalidRequest, 400, "forward_endpoint_not_supported", "u"},
		{"unknown model", func(ctx context.Context, s *account) error {
			return send(ctx, s, chatURL, lava.GatewayParams{Body: map[string]any{"model": "gpt-0"}})
		}, lava.ErrInvalidRequest, 400, "forward_model_not_supported", "model"},
		{"no credit left", func(ctx context.Context, s *account) error {
			broke, err := s.Customers.Create(ctx, lava.CreateCustomerParams{})
			if err != nil {
				return err
			}
			return send(ctx, s, chatURL, lava.GatewayParams{Payer: lava.ForCustomer{CustomerID: broke.CustomerID, MeterSlug: "chat"}, Body: chat(true)})
		}, lava.ErrInsufficientCredits, 402, "insufficient_credits", "customer_id"},
		{"a provider that is down", func(ctx context.Context, s *account) error {
			s.Script(mockserver.Reply{Times: 1, Status: 503, Message: "overloaded"})
			return send(ctx, s, chatURL, lava.GatewayParams{Body: chat(true)})
		}, lava.ErrProvider, 503, "server_error", ""},
	}
}

func TestAChatCompletionIsMetered(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		shop := openShop(t, s)
		a := sendAs(t, s, shop.token(t), "POST", chatPath, chatBody)
		require.Equal(t, 200, a.status, "%s", a.body)
		usage := a.object(t)["usage"].(map[string]any)
		require.NotZero(t, usage["total_tokens"])

		// No waiting: after reading the response, a caller finds everything recorded.
		r, err := shop.client.Requests.Retrieve(t.Context(), a.header.Get("X-Lava-Request-Id"))
		require.NoError(t, err)
		require.EqualValues(t, usage["prompt_tokens"], r.ModelUsage.InputTokens)
		require.EqualValues(t, usage["completion_tokens"], r.ModelUsage.OutputTokens)
		require.Equal(t, shop.customer, r.CustomerID)
		require.Equal(t, shop.meter.MeterID, r.MeterID)
		require.Equal(t, "openai", r.Provider)
		require.Equal(t, "1", r.Charge.Amount.String())
		require.Equal(t, "24", shop.credits(t).TotalRemaining.String())
		u, err := shop.client.Usage.Retrieve(t.Context(), lava.RetrieveUsageParams{Start: s.Now().AddDate(0, 0, -30), CustomerID: shop.customer})
		require.NoError(t, err)
		require.EqualValues(t, 1, u.Totals.TotalRequests)
		require.EqualValues(t, usage["total_tokens"], u.Totals.TotalUsageTokens)
		require.True(t, u.Totals.TotalCost.Equal(r.Cost))
		require.Len(t, u.Items, 31)
	})
}

func TestForwardTargets(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		shop := openShop(t, s)
		body := strings.TrimSuffix(chatBody, "}") + `,"stream":true}`
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+chatPath, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+shop.token(t))
		resp, err := s.HTTPClient().Do(req)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		require.Contains(t, resp.Header.Get("Content-Type"), "text/event-stream")
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() && lines.Text() != "data: [DONE]" {
			require.NotContains(t, lines.Text(), `"usage":{`, "the request did not ask for usage")
		}
		require.Equal(t, "24", shop.credits(t).TotalRemaining.String(), "charged before [DONE] was passed on")
	})
}

func TestCreditsRunOut(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	const callers, each = 64, 5 // only 25 are paid for
	s := mockserver.Start(t)
	shop := openShop(t, s)
	token := shop.token(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	served := map[string]bool{}
	for range callers {
		wg.Go(func() {
			for range each {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+chatPath, bytes.NewReader([]byte(chatBody)))
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
				if resp.StatusCode == http.StatusOK {
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
	t.Parallel()
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

const claudeURL = "https://api.anthropic.com/v1/messages"

// Translated requests are metered like direct ones, and charged to the customer. The path contains a whole URL.
func TestTranslatedRequests(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		shop := openShop(t, s)
		got, err := shop.client.Gateway(t.Context(), claudeURL, lava.GatewayParams{
			Format: lava.FormatOpenAI, Payer: lava.ForCustomer{CustomerID: shop.customer, MeterSlug: shop.meter.MeterSlug},
			Body: map[string]any{"model": "claude-sonnet-4-5", "messages": []any{map[string]any{"role": "user", "content": "Hello"}}},
		})
		require.NoError(t, err)
		var completion struct {
			Object string
			Usage  struct {
				Prompt     int64 `json:"prompt_tokens"`
				Completion int64 `json:"completion_tokens"`
			}
		}
		require.NoError(t, got.Decode(&completion))
		require.Equal(t, "chat.completion", completion.Object)
		r, err := shop.client.Requests.Retrieve(t.Context(), got.Header().Get("X-Lava-Request-Id"))
		require.NoError(t, err)
		require.Equal(t, "anthropic", r.Provider)
		require.Equal(t, "claude-sonnet-4-5", r.Model)
		require.Equal(t, "POST https://api.anthropic.com/v1/messages", r.Endpoint)
		require.Equal(t, completion.Usage.Prompt, r.ModelUsage.InputTokens)
		require.Equal(t, completion.Usage.Completion, r.ModelUsage.OutputTokens)
		// 2 tokens at 3.00 a million and 9 at 15.00.
		require.Equal(t, "0.000141", r.Cost.String())
		require.Equal(t, "24", shop.credits(t).TotalRemaining.String())
	})
}
