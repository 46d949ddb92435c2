package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/cmd/internal/tools"
	"github.com/lavapayments/lava-go/mockserver"
)

var hello = map[string]any{"model": "gpt-4o-mini", "messages": []map[string]any{{"role": "user", "content": "Hello"}}}

func TestLogin(t *testing.T) {
	s, file := setup(t)
	a := start(t)
	_, text, failed := a.call("prompt", hello)
	require.True(t, failed)
	assert.Contains(t, text, "not logged in: call the tool login")

	login := a.do("login", nil)
	kept := stored(t, file)[s.URL()]
	assert.Equal(t, map[string]any{
		"status": "logged_in", "key_from": file, "api_url": s.URL() + "/v1/",
		"merchant_id": kept["merchant_id"], "account_id": kept["account_id"],
		"wallet_id": kept["wallet_id"], "secret_key_id": kept["secret_key_id"],
		"spend_key_id": kept["spend_key_id"],
	}, login)
	assert.NotEmpty(t, login["merchant_id"])
	assert.Contains(t, <-a.progress, "Waiting")
	assert.NotEmpty(t, a.do("prompt", hello)["content"])
	key, err := s.Client().SpendKeys.Retrieve(t.Context(), kept["spend_key_id"])
	require.NoError(t, err)
	assert.Contains(t, key.Name, "lava-mcp")
	assert.EqualValues(t, 1, key.TotalRequests, "the prompt was sent with the spend key")

	assert.NotEmpty(t, kept["secret_key"])
	assert.NotEmpty(t, kept["spend_key"])
	assert.NotContains(t, a.said.String(), kept["spend_key"])
	assert.NotContains(t, a.said.String(), kept["secret_key"], "the agent never sees the key")
	if runtime.GOOS != "windows" {
		info, err := os.Stat(file)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		info, err = os.Stat(filepath.Dir(file))
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	}
	files, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	assert.Len(t, files, 2, "only the credentials and their lock are left")

	t.Run("the next run is logged in", func(t *testing.T) {
		useBrowser(t, false)
		next := start(t)
		assert.Equal(t, login, next.do("login", nil))
		assert.NotEmpty(t, next.do("prompt", hello)["content"])
	})
	t.Run("a revoked key", func(t *testing.T) {
		require.NoError(t, s.Client().SecretKeys.Delete(t.Context(), kept["secret_key_id"]))
		_, text, failed := a.call("list_meters", nil)
		require.True(t, failed)
		assert.Contains(t, text, "Call login with again")
		renewed := a.do("login", nil)
		assert.Equal(t, "logged_in", renewed["status"])
		assert.NotEqual(t, login["secret_key_id"], renewed["secret_key_id"])
		requireRevoked(t, s.Client(), kept)
		a.do("list_meters", nil)
	})
	t.Run("again", func(t *testing.T) {
		before := a.do("login", nil)
		kept := stored(t, file)[s.URL()]
		after := a.do("login", map[string]any{"again": true})
		assert.NotEqual(t, before["secret_key_id"], after["secret_key_id"])
		requireRevoked(t, s.Client(), kept)
		a.do("list_meters", nil)
		assert.NotEmpty(t, a.do("prompt", hello)["content"])
	})
}

// The keys of another account's login must be revoked by that account.
func TestLoginToAnotherAccount(t *testing.T) {
	s, file := setup(t)
	other := s.NewMerchant()
	secret, err := other.Client().SecretKeys.Create(t.Context(), lava.CreateSecretKeyParams{Name: "CLI login"})
	require.NoError(t, err)
	spend, err := other.Client().SpendKeys.Create(t.Context(), lava.CreateSpendKeyParams{Name: "lava-mcp"})
	require.NoError(t, err)
	_, err = credentialsFile{file}.save(t.Context(), s.URL(), credentials{
		AuthCredentials: lava.AuthCredentials{MerchantID: other.ID(), SecretKeyID: secret.SecretKeyID, SecretKey: secret.Key},
		SpendKeyID:      spend.SpendKeyID, SpendKey: spend.Key,
	})
	require.NoError(t, err)
	kept := stored(t, file)[s.URL()]
	login := start(t).do("login", map[string]any{"again": true})
	assert.NotEqual(t, other.ID(), login["merchant_id"])
	requireRevoked(t, other.Client(), kept)
}

// requireRevoked fails if a key of a stored login still works.
func requireRevoked(t *testing.T, client *lava.Client, kept map[string]string) {
	t.Helper()
	require.NotEmpty(t, kept["spend_key"])
	for key, err := range client.SpendKeys.All(t.Context(), lava.ListSpendKeysParams{}) {
		require.NoError(t, err)
		require.NotEqual(t, kept["spend_key_id"], key.SpendKeyID)
	}
	for _, key := range []string{kept["secret_key"], kept["spend_key"]} {
		with, err := lava.New(lava.WithSecretKey(key), lava.WithBaseURL(client.BaseURL()))
		require.NoError(t, err)
		err = with.Do(t.Context(), http.MethodPost, "chat/completions", hello, nil)
		require.ErrorIs(t, err, lava.ErrUnauthorized)
	}
}

func TestLoginWithoutBrowser(t *testing.T) {
	setup(t)
	useBrowser(t, false)
	a := start(t)
	out, text, failed := a.call("login", nil)
	require.False(t, failed, text)
	assert.Equal(t, "waiting", out["status"])
	link := out["login_url"].(string)
	assert.Contains(t, text, link)

	// The person opens the link while no call waits for it.
	require.NoError(t, agree(link))
	out = a.do("login", nil)
	assert.Equal(t, "logged_in", out["status"])
}

func TestKeyInEnvironment(t *testing.T) {
	s, file := setup(t)
	start(t).do("login", nil)
	t.Setenv("LAVA_SECRET_KEY", "aks_test_wrong")
	a := start(t)
	_, text, failed := a.call("login", nil)
	require.True(t, failed)
	assert.Contains(t, text, "LAVA_SECRET_KEY", "the wrong key of the environment takes precedence over the right one of the file")

	t.Setenv("LAVA_SECRET_KEY", s.SecretKey())
	require.NoError(t, os.Remove(file))
	a = start(t)
	login := a.do("login", nil)
	assert.Equal(t, map[string]any{
		"status": "logged_in", "key_from": "the environment variable LAVA_SECRET_KEY", "api_url": s.URL() + "/v1/",
	}, login)
	assert.NotEmpty(t, a.do("prompt", hello)["content"])
	assert.NoFileExists(t, file)
	assert.NotContains(t, a.said.String(), s.SecretKey())
}

// The credentials for one address are neither used nor lost with another one.
func TestTwoAddresses(t *testing.T) {
	first, file := setup(t)
	start(t).do("login", nil)
	kept := stored(t, file)

	t.Setenv("LAVA_API_URL", first.URL()+"/v1/")
	start(t).do("list_meters", nil)

	t.Setenv("LAVA_API_URL", "")
	t.Setenv("LAVA_APP_URL", mockserver.Start(t).URL())
	a := start(t)
	_, text, failed := a.call("list_meters", nil)
	require.True(t, failed)
	assert.Contains(t, text, "not logged in")
	a.do("login", nil)
	assert.Equal(t, kept[first.URL()], stored(t, file)[first.URL()])
	assert.Len(t, stored(t, file), 2)
}

func TestDamagedCredentials(t *testing.T) {
	_, file := setup(t)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, []byte(`{"http`), 0o600))
	a := start(t)
	for _, tool := range []string{"list_meters", "login"} {
		_, text, failed := a.call(tool, nil)
		require.True(t, failed)
		assert.Contains(t, text, file+" is damaged: remove it")
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, `{"http`, string(text), "a person may want to rescue it")
}

// login returns an account whose waits are short.
func loginAccountFor(t *testing.T, open func(context.Context, string) error) *loginAccount {
	t.Helper()
	setup(t)
	account, err := newAccount(t.Context(), os.Getenv)
	require.NoError(t, err)
	a := account.(*loginAccount)
	a.openBrowser = open
	return a
}

func quiet(string) {}

func TestLoginTakesLong(t *testing.T) {
	pages := make(chan string, 1)
	a := loginAccountFor(t, func(_ context.Context, page string) error { pages <- page; return nil })
	a.patience, a.tick = 20*time.Millisecond, time.Millisecond
	reports := 0
	login, err := a.Login(t.Context(), false, func(string) { reports++ })
	require.NoError(t, err)
	assert.Equal(t, tools.Login{Status: tools.Waiting, LoginURL: <-pages}, login)
	assert.Greater(t, reports, 1)

	a.patience = time.Minute
	go func() { _ = agree(login.LoginURL) }()
	login, err = a.Login(t.Context(), false, quiet)
	require.NoError(t, err)
	assert.Equal(t, tools.LoggedIn, login.Status)
}

func TestLoginExpires(t *testing.T) {
	a := loginAccountFor(t, func(context.Context, string) error { return nil })
	a.life = 20 * time.Millisecond
	_, err := a.Login(t.Context(), false, quiet)
	require.ErrorContains(t, err, "nobody logged in")
	assert.ErrorContains(t, err, "call login again")
}

func TestLoginIsCalledOff(t *testing.T) {
	a := loginAccountFor(t, func(context.Context, string) error { return nil })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := a.Login(ctx, true, quiet)
	assert.ErrorIs(t, err, context.Canceled)
}

// The error for a code that can't be exchanged isn't about the key in use.
func TestLoginIsRefused(t *testing.T) {
	s, _ := setup(t)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"error":{"message":"the code is used","code":"authentication_failed","status":401}}`, http.StatusUnauthorized)
	}))
	defer api.Close()
	t.Setenv("LAVA_API_URL", api.URL)
	t.Setenv("LAVA_APP_URL", s.URL())
	_, text, failed := start(t).call("login", nil)
	require.True(t, failed)
	assert.Contains(t, text, "the login failed: ")
	assert.Contains(t, text, "the code is used")
	assert.NotContains(t, text, "again")
}
