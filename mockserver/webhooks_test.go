package mockserver_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

var webhookMethods = methods{
	"Webhooks.Create": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			got, err := c.Webhooks.Create(t.Context(), lava.CreateWebhookParams{Name: "Two", URL: "https://app.example.com/two"})
			if err != nil {
				return err
			}
			require.Regexp(t, "^whsec_", got.Secret.Reveal())
			require.Equal(t, "https://app.example.com/two", got.URL)
			return nil
		},
		bad: []badCall{
			{"no URL", func(ctx context.Context, s *account) error {
				return only(s.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "a"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "url"},
			{"a fourth", func(ctx context.Context, s *account) error {
				for range 2 {
					if _, err := s.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "a", URL: "https://app.example.com"}); err != nil {
						return err
					}
				}
				return only(s.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "a", URL: "https://app.example.com"}))
			}, lava.ErrConflict, 409, "conflict", ""},
		},
	},
	"Webhooks.Retrieve": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.Webhooks.Retrieve(t.Context(), s.webhook)
			if err != nil {
				return err
			}
			require.Equal(t, "Hook", got.Name)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *account) error { return only(s.Webhooks.Retrieve(ctx, "wh_test_nope")) }, lava.ErrNotFound, 404, "not_found", ""}},
	},
	"Webhooks.List": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.Webhooks.List(t.Context(), lava.ListWebhooksParams{})
			if err != nil {
				return err
			}
			require.Equal(t, s.webhook, got.Data[0].WebhookID)
			return nil
		},
		bad: []badCall{{"a limit of 101", func(ctx context.Context, s *account) error {
			return only(s.Webhooks.List(ctx, lava.ListWebhooksParams{Limit: 101}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"}},
	},
	"Webhooks.All": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			return count(t, 1, c.Webhooks.All(t.Context(), lava.ListWebhooksParams{}))
		},
		bad: []badCall{{"an invented cursor", func(ctx context.Context, s *account) error {
			return last(s.Webhooks.All(ctx, lava.ListWebhooksParams{Cursor: "x"}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "cursor"}},
	},
	"Webhooks.Update": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.Webhooks.Update(t.Context(), s.webhook, lava.UpdateWebhookParams{Name: "Renamed"})
			if err != nil {
				return err
			}
			require.Equal(t, "Renamed", got.Name)
			require.Equal(t, "https://app.example.com/hook", got.URL, "omitted fields are unchanged")
			return nil
		},
		bad: []badCall{
			{"a URL without a scheme", func(ctx context.Context, s *account) error {
				return only(s.Webhooks.Update(ctx, s.webhook, lava.UpdateWebhookParams{URL: "app.example.com"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "url"},
			{"a URL of another scheme", func(ctx context.Context, s *account) error {
				return only(s.Webhooks.Update(ctx, s.webhook, lava.UpdateWebhookParams{URL: "ftp://app.example.com"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "url"},
		},
	},
	"Webhooks.Delete": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			if err := c.Webhooks.Delete(t.Context(), s.webhook); err != nil {
				return err
			}
			return count(t, 0, c.Webhooks.All(t.Context(), lava.ListWebhooksParams{}))
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *account) error { return s.Webhooks.Delete(ctx, "wh_test_nope") }, lava.ErrNotFound, 404, "not_found", ""}},
	},
}

func TestWebhooks(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	var id string
	for range 3 {
		a := send(t, s, "POST", "/v1/webhooks", `{"name":"a","url":"https://a.example/hook"}`)
		require.Equal(t, 201, a.status)
		require.Regexp(t, `^whsec_`, a.object(t)["webhook_secret"])
		id = a.object(t)["webhook_id"].(string)
	}
	require.NotContains(t, string(send(t, s, "GET", "/v1/webhooks/"+id, "").body), "whsec_")
	require.Equal(t, "b", send(t, s, "PATCH", "/v1/webhooks/"+id, `{"name":"b"}`).object(t)["name"])
	require.Equal(t, true, send(t, s, "DELETE", "/v1/webhooks/"+id, "").object(t)["deleted"])
	require.Equal(t, 404, send(t, s, "GET", "/v1/webhooks/"+id, "").status)
}
