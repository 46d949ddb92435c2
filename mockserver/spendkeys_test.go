package mockserver_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

var spendKeyMethods = methods{
	"SpendKeys.Create": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			expires := s.Now().AddDate(0, 1, 0)
			got, err := c.SpendKeys.Create(t.Context(), lava.CreateSpendKeyParams{
				Name: "Laptop", RequestShape: lava.ShapeAnthropic, AllowedModels: lava.Set([]string{"gpt-4o-mini"}), AllowedProviders: lava.Set([]string{"openai"}),
				SpendLimit:   lava.Set(lava.SpendLimit{Amount: dec("20"), Cycle: lava.CycleDaily}),
				RequestLimit: lava.Set(lava.RequestLimit{Count: 100, Cycle: lava.CycleTotal}),
				RateLimit:    lava.Set(lava.RateLimit{RPM: 60}), ExpiresAt: lava.Set(expires),
			})
			if err != nil {
				return err
			}
			require.Regexp(t, "^lava_sk_", got.Key.Reveal())
			require.Equal(t, lava.SpendKeyActive, got.Status)
			require.Equal(t, "20", got.SpendLimit.Amount.String())
			require.EqualValues(t, 100, got.RequestLimit.Count)
			require.Equal(t, 60, got.RateLimit.RPM)
			require.True(t, expires.Equal(got.ExpiresAt))
			require.True(t, got.LastUsedAt.IsZero())
			return nil
		},
		bad: []badCall{
			{"no name", func(ctx context.Context, s *account) error {
				return only(s.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "name"},
			{"a limit of 0", func(ctx context.Context, s *account) error {
				return only(s.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{Name: "a", SpendLimit: lava.Set(lava.SpendLimit{Cycle: lava.CycleDaily})}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "spend_limit.amount"},
			{"no cycle", func(ctx context.Context, s *account) error {
				return only(s.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{Name: "a", RequestLimit: lava.Set(lava.RequestLimit{Count: 1})}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "request_limit.cycle"},
			{"an unknown cycle", func(ctx context.Context, s *account) error {
				return only(s.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{Name: "a", SpendLimit: lava.Set(lava.SpendLimit{Amount: dec("5"), Cycle: "hourly"})}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "spend_limit.cycle"},
			{"no requests per minute", func(ctx context.Context, s *account) error {
				return only(s.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{Name: "a", RateLimit: lava.Set(lava.RateLimit{})}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "rate_limit.rpm"},
			{"a limit of no requests", func(ctx context.Context, s *account) error {
				return only(s.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{Name: "a", RequestLimit: lava.Set(lava.RequestLimit{Cycle: lava.CycleDaily})}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "request_limit.count"},
			{"expired", func(ctx context.Context, s *account) error {
				return only(s.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{Name: "a", ExpiresAt: lava.Set(s.Now().Add(-time.Second))}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "expires_at"},
		},
	},
	"SpendKeys.Retrieve": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.SpendKeys.Retrieve(t.Context(), s.spendKey)
			if err != nil {
				return err
			}
			require.Equal(t, "CI", got.Name)
			require.Nil(t, got.SpendLimit)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *account) error {
			return only(s.SpendKeys.Retrieve(ctx, "spk_test_nope"))
		}, lava.ErrNotFound, 404, "not_found", ""}},
	},
	"SpendKeys.List": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.SpendKeys.List(t.Context(), lava.ListSpendKeysParams{})
			if err != nil {
				return err
			}
			require.Equal(t, s.spendKey, got.Data[0].SpendKeyID)
			return nil
		},
		bad: []badCall{{"a limit of 101", func(ctx context.Context, s *account) error {
			return only(s.SpendKeys.List(ctx, lava.ListSpendKeysParams{Limit: 101}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"}},
	},
	"SpendKeys.All": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			return count(t, 1, c.SpendKeys.All(t.Context(), lava.ListSpendKeysParams{}))
		},
		bad: []badCall{{"an invented cursor", func(ctx context.Context, s *account) error {
			return last(s.SpendKeys.All(ctx, lava.ListSpendKeysParams{Cursor: "x"}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "cursor"}},
	},
	"SpendKeys.Update": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			ctx := t.Context()
			got, err := c.SpendKeys.Update(ctx, s.spendKey, lava.UpdateSpendKeyParams{
				Status: lava.SpendKeyPaused, SpendLimit: lava.Set(lava.SpendLimit{Amount: dec("5"), Cycle: lava.CycleWeekly}),
				AllowedModels: lava.Set([]string{"gpt-4o-mini"}), ExpiresAt: lava.Set(s.Now().Add(time.Hour)),
			})
			if err != nil {
				return err
			}
			require.Equal(t, "CI", got.Name, "omitted fields are unchanged")
			require.Equal(t, lava.SpendKeyPaused, got.Status)
			require.Equal(t, lava.CycleWeekly, got.SpendLimit.Cycle)
			got, err = c.SpendKeys.Update(ctx, s.spendKey, lava.UpdateSpendKeyParams{
				SpendLimit: lava.Null[lava.SpendLimit](), AllowedModels: lava.Null[[]string](), ExpiresAt: lava.Null[time.Time](),
			})
			require.NoError(t, err)
			require.Nil(t, got.SpendLimit, "null removes a limit")
			require.Nil(t, got.AllowedModels)
			require.True(t, got.ExpiresAt.IsZero())
			return nil
		},
		bad: []badCall{
			{"unknown status", func(ctx context.Context, s *account) error {
				return only(s.SpendKeys.Update(ctx, s.spendKey, lava.UpdateSpendKeyParams{Status: "asleep"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "status"},
			{"no requests per minute", func(ctx context.Context, s *account) error {
				return only(s.SpendKeys.Update(ctx, s.spendKey, lava.UpdateSpendKeyParams{RateLimit: lava.Set(lava.RateLimit{})}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "rate_limit.rpm"},
		},
	},
	"SpendKeys.Revoke": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			if err := c.SpendKeys.Revoke(t.Context(), s.spendKey); err != nil {
				return err
			}
			return count(t, 0, c.SpendKeys.All(t.Context(), lava.ListSpendKeysParams{}))
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *account) error { return s.SpendKeys.Revoke(ctx, "spk_test_nope") }, lava.ErrNotFound, 404, "not_found", ""}},
	},
	"SpendKeys.Rotate": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			first, err := c.SpendKeys.Rotate(t.Context(), s.spendKey)
			if err != nil {
				return err
			}
			second, err := c.SpendKeys.Rotate(t.Context(), s.spendKey)
			require.NoError(t, err)
			require.Equal(t, s.spendKey, second.SpendKeyID)
			require.NotEqual(t, first.Key, second.Key)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *account) error { return only(s.SpendKeys.Rotate(ctx, "spk_test_nope")) }, lava.ErrNotFound, 404, "not_found", ""}},
	},
}

// spendKey creates a spend key and returns it and its id.
func spendKey(t *testing.T, s *mockserver.Server, terms string) (key, id string) {
	t.Helper()
	a := send(t, s, "POST", "/v1/spend_keys", terms)
	require.Equal(t, 201, a.status, "%s", a.body)
	return a.object(t)["key"].(string), a.object(t)["spend_key_id"].(string)
}

func TestSpendKeyLimits(t *testing.T) {
	t.Parallel()
	const chat = "/v1/chat/completions"
	tests := []struct {
		name   string
		terms  string
		before func(t *testing.T, s *mockserver.Server, key, id string)
		status int
		code   string
	}{
		{"no limit", `{"name":"a"}`, nil, 200, ""},
		{"paused", `{"name":"a","status":"paused"}`, nil, 403, "key_paused"},
		{"another shape", `{"name":"a","request_shape":"anthropic"}`, nil, 403, "request_shape_mismatch"},
		{"another model", `{"name":"a","allowed_models":["gpt-4o"]}`, nil, 403, "model_not_allowed"},
		{"this model", `{"name":"a","allowed_models":["gpt-4o-mini"]}`, nil, 200, ""},
		{"another provider", `{"name":"a","allowed_providers":["anthropic"]}`, nil, 403, "model_not_allowed"},
		{"expired", `{"name":"a","expires_at":"2026-01-02T00:00:00Z"}`, func(_ *testing.T, s *mockserver.Server, _, _ string) { s.Advance(24 * time.Hour) }, 403, "forbidden"},
		{"spent", `{"name":"a","spend_limit":{"amount":"0.0000000001","cycle":"daily"}}`, use(1), 402, "spend_limit_exceeded"},
		{"spent yesterday", `{"name":"a","spend_limit":{"amount":"0.0000000001","cycle":"daily"}}`, useThen(1, 24*time.Hour), 200, ""},
		{"spent this week", `{"name":"a","spend_limit":{"amount":"0.0000000001","cycle":"weekly"}}`, useThen(1, 72*time.Hour), 402, "spend_limit_exceeded"},
		{"spent last week", `{"name":"a","spend_limit":{"amount":"0.0000000001","cycle":"weekly"}}`, useThen(1, 96*time.Hour), 200, ""},
		{"spent this month", `{"name":"a","spend_limit":{"amount":"0.0000000001","cycle":"monthly"}}`, useThen(1, 30*24*time.Hour), 402, "spend_limit_exceeded"},
		{"spent last month", `{"name":"a","spend_limit":{"amount":"0.0000000001","cycle":"monthly"}}`, useThen(1, 31*24*time.Hour), 200, ""},
		{"spent ever", `{"name":"a","spend_limit":{"amount":"0.0000000001","cycle":"total"}}`, useThen(1, 400*24*time.Hour), 402, "spend_limit_exceeded"},
		{"requests used up", `{"name":"a","request_limit":{"count":2,"cycle":"daily"}}`, use(2), 429, "rate_limit_exceeded"},
		{"requests left", `{"name":"a","request_limit":{"count":2,"cycle":"daily"}}`, use(1), 200, ""},
		{"too fast", `{"name":"a","rate_limit":{"rpm":2}}`, use(2), 429, "rate_limit_exceeded"},
		{"slow enough", `{"name":"a","rate_limit":{"rpm":2}}`, useThen(2, 30*time.Second), 200, ""},
		{"a burst", `{"name":"a","rate_limit":{"rpm":60,"burst":3}}`, use(3), 429, "rate_limit_exceeded"},
		{"after a burst", `{"name":"a","rate_limit":{"rpm":60,"burst":3}}`, useThen(3, time.Second), 200, ""},
		{"revoked", `{"name":"a"}`, func(t *testing.T, s *mockserver.Server, _, id string) {
			require.Equal(t, 200, send(t, s, "DELETE", "/v1/spend_keys/"+id, "").status)
		}, 401, "authentication_failed"},
		{"rotated", `{"name":"a"}`, func(t *testing.T, s *mockserver.Server, _, id string) {
			require.Equal(t, 200, send(t, s, "POST", "/v1/spend_keys/"+id+"/rotate", "").status)
		}, 401, "authentication_failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := mockserver.Start(t, mockserver.At(newYear)) // a Thursday
			key, id := spendKey(t, s, tt.terms)
			if tt.before != nil {
				tt.before(t, s, key, id)
			}
			a := sendAs(t, s, key, "POST", chat, chatBody)
			require.Equal(t, tt.status, a.status, "%s", a.body)
			if tt.code != "" {
				require.Equal(t, tt.code, a.object(t)["error"].(map[string]any)["code"])
			}
		})
	}
}

// A second "model" key in the body does not bypass a list of models, and the error at a spend limit is in Lava's
// words.
func TestSpendKeyModelsAreExact(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(newYear), mockserver.Lenient("openai.unknown-parameter"))
	key, _ := spendKey(t, s, `{"name":"a","allowed_models":["gpt-4o-mini"],"spend_limit":{"amount":"0.0000000001","cycle":"daily"}}`)
	const messages = `"messages":[{"role":"user","content":"Hello"}]}`
	for body, status := range map[string]int{
		`{"model":"gpt-4o",` + messages:                            403,
		`{"model":"gpt-4o","Model":"gpt-4o-mini",` + messages:      403,
		`{"Model":"gpt-4o-mini","model":"gpt-4o",` + messages:      403,
		`{"model":"gpt-4o-mini","model":"gpt-4o",` + messages:      400,
		`{"model":"gpt-4o","mod\u0065l":"gpt-4o-mini",` + messages: 400,
		`{"Model":"gpt-4o-mini",` + messages:                       400,
	} {
		for _, path := range []string{"/v1/chat/completions", "/v1/forward?u=https://api.openai.com/v1/chat/completions", "/v1/rewrite/openai/https://api.openai.com/v1/chat/completions"} {
			require.Equal(t, status, sendAs(t, s, key, "POST", path, body).status, "%s %s", path, body)
		}
	}
	require.Equal(t, 200, sendAs(t, s, key, "POST", "/v1/chat/completions", `{"Model":"gpt-4o","model":"gpt-4o-mini",`+messages).status)
	a := sendAs(t, s, key, "POST", "/v1/chat/completions", `{"model":"gpt-4o-mini",`+messages)
	require.Equal(t, 402, a.status)
	require.Regexp(t, `^Service key spend limit exceeded\. `, a.object(t)["error"].(map[string]any)["message"])
}

// use makes n requests with a key.
func use(n int) func(*testing.T, *mockserver.Server, string, string) { return useThen(n, 0) }

// useThen makes n requests with a key, and moves the clock.
func useThen(n int, d time.Duration) func(*testing.T, *mockserver.Server, string, string) {
	return func(t *testing.T, s *mockserver.Server, key, _ string) {
		for range n {
			require.Equal(t, 200, sendAs(t, s, key, "POST", "/v1/chat/completions", chatBody).status)
		}
		s.Advance(d)
	}
}

func TestSpendKeysOnRecord(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(newYear))
	key, id := spendKey(t, s, `{"name":"a","spend_limit":{"amount":"5","cycle":"daily"},"rate_limit":{"rpm":60}}`)
	require.Regexp(t, `^lava_sk_`, key)
	require.Equal(t, 200, sendAs(t, s, key, "POST", "/v1/chat/completions", chatBody).status)
	k := send(t, s, "GET", "/v1/manage/spend_keys/"+id, "").object(t)
	require.Equal(t, key[:12]+"****", k["key_preview"])
	require.NotEqual(t, "0.0000000000", k["current_spend"])
	require.Equal(t, k["current_spend"], k["total_spend"])
	require.EqualValues(t, 1, k["total_requests"])
	require.Equal(t, map[string]any{"rpm": 60.0, "burst": nil}, k["rate_limit"])
	require.Equal(t, "2026-01-01T00:00:00.000Z", k["last_used_at"])

	a := send(t, s, "PUT", "/v1/spend_keys/"+id, `{"spend_limit":null,"allowed_models":["gpt-4o"]}`)
	require.Equal(t, 200, a.status)
	require.Nil(t, a.object(t)["spend_limit"])
	require.Equal(t, []any{"gpt-4o"}, a.object(t)["allowed_models"])
	require.NotNil(t, a.object(t)["rate_limit"], "omitted fields are unchanged")

	models := sendAs(t, s, key, "GET", "/v1/models", "").object(t)["data"].([]any)
	require.NotEmpty(t, models)
	for _, m := range models {
		require.Equal(t, "gpt-4o", m.(map[string]any)["id"])
	}
	require.Equal(t, 401, sendAs(t, s, key, "GET", "/v1/meters", "").status, "it does not manage anything")
}

// A spend key's providers limit which provider of a model is chosen, and the fallbacks of a request.
func TestSpendKeyChoosesAmongItsProviders(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	const body = `{"model":"gpt-oss-120b","messages":[{"role":"user","content":"Hello"}]}`
	newest := func() string {
		page, err := s.Client().Requests.List(t.Context(), lava.ListRequestsParams{Limit: 1})
		require.NoError(t, err)
		return page.Data[0].Provider
	}
	require.Equal(t, 200, send(t, s, "POST", "/v1/chat/completions", body).status)
	first := newest()
	require.NotEqual(t, "cerebras", first)
	created := send(t, s, "POST", "/v1/spend_keys", `{"name":"Chat","allowed_providers":["cerebras","anthropic"]}`)
	require.Equal(t, 201, created.status, "%s", created.body)
	key := created.object(t)["key"].(string)
	require.Equal(t, 200, sendAs(t, s, key, "POST", "/v1/chat/completions", body).status)
	require.Equal(t, "cerebras", newest())
	require.Equal(t, 403, sendAs(t, s, key, "POST", "/v1/chat/completions", chatBody).status, "no provider of the model is allowed")

	require.NoError(t, s.Client().FallbackChain.Update(t.Context(), []lava.Fallback{
		{URL: "https://api.openai.com/v1/chat/completions", Model: "gpt-4o"}, {URL: claudeURL, Model: "claude-sonnet-4-5"},
	}))
	s.Script(mockserver.Reply{Provider: "cerebras", Status: http.StatusTooManyRequests})
	require.Equal(t, 200, sendAs(t, s, key, "POST", "/v1/chat/completions", body).status)
	require.Equal(t, "anthropic", newest())
}
