package mockserver_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

var secretKeyMethods = methods{
	"SecretKeys.Create": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.SecretKeys.Create(t.Context(), lava.CreateSecretKeyParams{Name: "CI"})
			if err != nil {
				return err
			}
			key := got.Key.Reveal()
			require.Equal(t, key[len(key)-4:], got.SecretKeyHint)
			other, err := lava.New(lava.WithSecretKey(key), lava.WithBaseURL(s.URL()), lava.WithHTTPClient(s.HTTPClient()))
			require.NoError(t, err)
			require.NoError(t, only(other.Wallet.Retrieve(t.Context())), "it works immediately")
			return nil
		},
		bad: []badCall{{"no name", func(ctx context.Context, s *account) error {
			return only(s.SecretKeys.Create(ctx, lava.CreateSecretKeyParams{}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "name"}},
	},
	"SecretKeys.List": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.SecretKeys.List(t.Context(), lava.ListSecretKeysParams{})
			if err != nil {
				return err
			}
			require.Equal(t, "Default", got.Data[0].Name)
			require.Equal(t, s.SecretKey()[len(s.SecretKey())-4:], got.Data[0].SecretKeyHint)
			return nil
		},
		bad: []badCall{{"a limit of 101", func(ctx context.Context, s *account) error {
			return only(s.SecretKeys.List(ctx, lava.ListSecretKeysParams{Limit: 101}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"}},
	},
	"SecretKeys.All": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			return count(t, 1, c.SecretKeys.All(t.Context(), lava.ListSecretKeysParams{}))
		},
		bad: []badCall{{"an invented cursor", func(ctx context.Context, s *account) error {
			return last(s.SecretKeys.All(ctx, lava.ListSecretKeysParams{Cursor: "x"}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "cursor"}},
	},
	"SecretKeys.Delete": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			created, err := c.SecretKeys.Create(t.Context(), lava.CreateSecretKeyParams{Name: "CI"})
			if err != nil {
				return err
			}
			return c.SecretKeys.Delete(t.Context(), created.SecretKeyID)
		},
		bad: []badCall{
			{"unknown", func(ctx context.Context, s *account) error { return s.SecretKeys.Delete(ctx, "sk_test_nope") }, lava.ErrNotFound, 404, "not_found", ""},
			{"the last one", func(ctx context.Context, s *account) error { return s.SecretKeys.Delete(ctx, s.secretKey) }, lava.ErrConflict, 409, "conflict", ""},
		},
	},
}

func TestSecretKeys(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	list := func() []any { return send(t, s, "GET", "/v1/secret_keys", "").object(t)["data"].([]any) }
	require.Equal(t, "Default", list()[0].(map[string]any)["name"])
	created := send(t, s, "POST", "/v1/secret_keys", `{"name":"CI"}`).object(t)
	key := created["secret_key"].(string)
	require.True(t, strings.HasSuffix(key, created["secret_key_hint"].(string)))
	require.NotContains(t, list()[0], "secret_key", "shown once")
	require.Equal(t, 200, sendAs(t, s, key, "GET", "/v1/meters", "").status)
	require.Equal(t, 200, sendAs(t, s, key, "DELETE", "/v1/secret_keys/"+created["secret_key_id"].(string), "").status)
	require.Equal(t, 401, sendAs(t, s, key, "GET", "/v1/meters", "").status, "revoked immediately")
}
