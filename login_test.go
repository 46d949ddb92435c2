package lava_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

const credentials = `{"wallet_id":"wal_1","secret_key_id":"sk_1","secret_key":"aks_test_new","merchant_id":"mer_1","account_id":"acc_1"}`

func TestExchangeAuthCode(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(200, credentials))
	got, err := lava.ExchangeAuthCode(t.Context(), "c0de", lava.WithBaseURL(api.URL), lava.WithHTTPClient(api.Client()), lava.WithSecretKey(testKey))
	require.NoError(t, err)
	require.Equal(t, &lava.AuthCredentials{WalletID: "wal_1", SecretKeyID: "sk_1", SecretKey: lava.NewSecret("aks_test_new"), MerchantID: "mer_1", AccountID: "acc_1"}, got)
	seen := api.seen()[0]
	require.Equal(t, "POST /v1/auth/callback", seen.Method+" "+seen.URI)
	require.JSONEq(t, `{"code":"c0de"}`, seen.Body)
	require.NotContains(t, seen.Header, "Authorization")

	api = newFakeAPI(t, respond(400, `{"error":{"message":"the code is used","code":"invalid_request"}}`))
	_, err = lava.ExchangeAuthCode(t.Context(), "c0de", lava.WithBaseURL(api.URL))
	require.ErrorIs(t, err, lava.ErrInvalidRequest)

	_, err = lava.ExchangeAuthCode(t.Context(), "c0de", lava.WithBaseURL("localhost"))
	require.ErrorContains(t, err, "must begin with")
}

// browser returns an opener that behaves as a browser would: it opens the app's page, which redirects it with what
// requests returns for the state.
func browser(t *testing.T, statuses chan<- int, requests ...func(callback *url.URL, state string) *http.Request) func(context.Context, string) error {
	t.Helper()
	return func(_ context.Context, page string) error {
		u, err := url.Parse(page)
		require.NoError(t, err)
		require.Equal(t, "/auth/connect", u.Path)
		callback := &url.URL{Scheme: "http", Host: "127.0.0.1:" + u.Query().Get("port"), Path: "/callback"}
		go func() {
			for _, request := range requests {
				resp, err := http.DefaultClient.Do(request(callback, u.Query().Get("state")))
				if err != nil {
					t.Error(err)
					close(statuses)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				statuses <- resp.StatusCode
			}
		}()
		return nil
	}
}

func comeBack(method, path string, query func(state string) url.Values) func(*url.URL, string) *http.Request {
	return func(callback *url.URL, state string) *http.Request {
		u := *callback
		u.Path = path
		u.RawQuery = query(state).Encode()
		req, _ := http.NewRequestWithContext(context.Background(), method, u.String(), nil)
		return req
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	good := func(state string) url.Values { return url.Values{"code": {"c0de"}, "state": {state}} }
	tests := []struct {
		name     string
		requests []func(*url.URL, string) *http.Request
		statuses []int
		wantErr  string
	}{
		{"good", []func(*url.URL, string) *http.Request{comeBack("GET", "/callback", good)}, []int{200}, ""},
		{
			"the browser requests more than the callback",
			[]func(*url.URL, string) *http.Request{
				comeBack("GET", "/favicon.ico", good), comeBack("POST", "/callback", good), comeBack("GET", "/callback", good),
			}, []int{404, 405, 200}, "",
		},
		{
			"stray requests before the person's",
			[]func(*url.URL, string) *http.Request{
				comeBack("GET", "/callback", func(string) url.Values { return url.Values{"code": {"theirs"}, "state": {"guess"}} }),
				comeBack("GET", "/callback", func(string) url.Values { return url.Values{"code": {"theirs"}} }),
				comeBack("GET", "/callback", good),
			}, []int{400, 400, 200}, "",
		},
		{"wrong state", []func(*url.URL, string) *http.Request{comeBack("GET", "/callback", func(string) url.Values {
			return url.Values{"code": {"c0de"}, "state": {"guess"}}
		})}, []int{400}, "state does not match"},
		{"no state", []func(*url.URL, string) *http.Request{comeBack("GET", "/callback", func(string) url.Values {
			return url.Values{"code": {"c0de"}}
		})}, []int{400}, "state does not match"},
		{"no code", []func(*url.URL, string) *http.Request{comeBack("GET", "/callback", func(state string) url.Values {
			return url.Values{"state": {state}}
		})}, []int{400}, "no code"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := newFakeAPI(t, respond(200, credentials))
			statuses := make(chan int, len(tt.requests))
			// On this machine the same origin serves the app and the API.
			ctx := t.Context()
			if strings.Contains(tt.wantErr, "state") { // nothing else will come
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 200*time.Millisecond)
				defer cancel()
			}
			got, err := lava.Login(ctx, lava.LoginParams{AppURL: api.URL + "/", OpenBrowser: browser(t, statuses, tt.requests...)})
			for _, want := range tt.statuses {
				require.Equal(t, want, <-statuses, "the browser gets its response")
			}
			if tt.wantErr != "" {
				require.ErrorContains(t, err, tt.wantErr)
				require.Equal(t, strings.Contains(tt.wantErr, "state"), errors.Is(err, lava.ErrLoginState))
				require.Empty(t, api.seen())
				return
			}
			require.NoError(t, err)
			require.Equal(t, "aks_test_new", got.SecretKey.Reveal())
			require.Equal(t, "/v1/auth/callback", api.seen()[0].URI)
		})
	}
}

func TestLoginEnds(t *testing.T) {
	t.Parallel()
	nobody := func(context.Context, string) error { return nil }
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := lava.Login(ctx, lava.LoginParams{OpenBrowser: nobody})
	require.ErrorIs(t, err, context.DeadlineExceeded)

	broken := errors.New("no display")
	var page string
	_, err = lava.Login(t.Context(), lava.LoginParams{OpenBrowser: func(_ context.Context, p string) error {
		page = p
		return broken
	}})
	require.ErrorIs(t, err, broken)
	require.True(t, strings.HasPrefix(page, "https://www.lava.so/auth/connect?state="), page)
	// The port is free again.
	u, err := url.Parse(page)
	require.NoError(t, err)
	_, err = (&net.Dialer{}).DialContext(t.Context(), "tcp", "127.0.0.1:"+u.Query().Get("port"))
	require.ErrorContains(t, err, "connection refused")

	_, err = lava.Login(t.Context(), lava.LoginParams{AppURL: "lava", OpenBrowser: nobody})
	require.ErrorContains(t, err, "app URL")
}
