package lava_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

func TestNewChoosesKeyAndHost(t *testing.T) {
	tests := []struct {
		name    string
		env     map[string]string
		opts    []lava.Option
		wantURL string
		wantErr string
	}{
		{name: "no key", wantErr: "no secret key"},
		{name: "live key", env: map[string]string{"LAVA_SECRET_KEY": "aks_live_x"}, wantURL: "https://api.lava.so/v1/"},
		{name: "test key", env: map[string]string{"LAVA_SECRET_KEY": "aks_test_x"}, wantURL: "https://sandbox-api.lavapayments.com/v1/"},
		{
			name: "option before environment",
			env:  map[string]string{"LAVA_SECRET_KEY": "aks_live_x", "LAVA_API_URL": "https://env.example"},
			opts: []lava.Option{lava.WithSecretKey("aks_test_x")}, wantURL: "https://env.example/v1/",
		},
		{
			name: "base URL option before environment", env: map[string]string{"LAVA_API_URL": "https://env.example"},
			opts:    []lava.Option{lava.WithSecretKey("aks_test_x"), lava.WithBaseURL("https://option.example/")},
			wantURL: "https://option.example/v1/",
		},
		{name: "slash is added", opts: []lava.Option{lava.WithSecretKey("k"), lava.WithBaseURL("http://localhost:8080/v1")}, wantURL: "http://localhost:8080/v1/"},
		{name: "path is kept", opts: []lava.Option{lava.WithSecretKey("k"), lava.WithBaseURL("http://proxy/lava/v1/")}, wantURL: "http://proxy/lava/v1/"},
		{name: "no scheme", opts: []lava.Option{lava.WithSecretKey("k"), lava.WithBaseURL("api.lava.so")}, wantErr: "must begin with https://"},
		{name: "no scheme, in the environment", env: map[string]string{"LAVA_SECRET_KEY": "k", "LAVA_API_URL": "127.0.0.1:5282"}, wantErr: "(of LAVA_API_URL or WithBaseURL) is malformed: it must begin with https:// or http://"},
		{name: "query", opts: []lava.Option{lava.WithSecretKey("k"), lava.WithBaseURL("https://x/v1/forward?u=")}, wantErr: "must not have a user, query or fragment"},
		{name: "user", opts: []lava.Option{lava.WithSecretKey("k"), lava.WithBaseURL("https://me:hunter2@x/")}, wantErr: "must not have a user, query or fragment"},
		{name: "malformed", opts: []lava.Option{lava.WithSecretKey("k"), lava.WithBaseURL("https://me:hunter2@x:port/")}, wantErr: "malformed"},
		{name: "key with quotes", opts: []lava.Option{lava.WithSecretKey(`"aks_test_hunter2"`)}, wantErr: "quotes"},
		{name: "key with line end", opts: []lava.Option{lava.WithSecretKey("aks_test_hunter2\n")}, wantErr: "white space"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("LAVA_SECRET_KEY", tt.env["LAVA_SECRET_KEY"])
			t.Setenv("LAVA_API_URL", tt.env["LAVA_API_URL"])
			client, err := lava.New(tt.opts...)
			if tt.wantErr != "" {
				require.ErrorContains(t, err, tt.wantErr)
				require.NotContains(t, err.Error(), "hunter2")
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.wantURL, client.BaseURL())
			require.Equal(t, tt.wantURL+"forward?u=https://api.openai.com/v1", client.Providers.OpenAI)
		})
	}
}

func TestNoSecretKeyIsASentinel(t *testing.T) {
	t.Setenv("LAVA_SECRET_KEY", "")
	_, err := lava.New()
	require.ErrorIs(t, err, lava.ErrNoSecretKey)
}

func TestResponseSizesThatNoResponseHas(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{0, -1, math.MinInt64} {
		_, err := lava.New(lava.WithSecretKey(testKey), lava.WithMaxResponseSize(size))
		require.ErrorContains(t, err, "WithMaxResponseSize")
	}
}

func TestRequestHeaders(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(200, `{}`))
	client := api.client(t)
	_, err := client.Meters.Retrieve(t.Context(), "prd_1")
	require.NoError(t, err)
	_, err = client.Meters.Create(t.Context(), lava.CreateMeterParams{Name: "m"})
	require.NoError(t, err)

	get, post := api.seen()[0], api.seen()[1]
	require.Equal(t, "Bearer "+testKey, get.Header.Get("Authorization"))
	require.Regexp(t, `^lava-go/\S+$`, get.Header.Get("User-Agent"))
	require.Empty(t, get.Header.Get("Idempotency-Key"))
	require.Empty(t, get.Header.Get("Content-Type"))
	require.Equal(t, "application/json", post.Header.Get("Content-Type"))
	require.Regexp(t, `^[0-9a-f-]{36}$`, post.Header.Get("Idempotency-Key"))
}

func TestIDsStayInTheirPlace(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(200, `{"customer_id":"con_1"}`))
	client := api.client(t)
	for id, wantURI := range map[string]string{
		"con_1":         "/v1/customers/con_1",
		"../meters":     "/v1/customers/..%2Fmeters",
		"a/b?c#d%2Fe f": "/v1/customers/a%2Fb%3Fc%23d%252Fe%20f",
		"ünï@x.com":     "/v1/customers/%C3%BCn%C3%AF@x.com",
		"...":           "/v1/customers/...",
	} {
		_, err := client.Customers.Retrieve(t.Context(), id)
		require.NoError(t, err, id)
		seen := api.seen()
		require.Equal(t, wantURI, seen[len(seen)-1].URI)
	}
	before := len(api.seen())
	for _, id := range []string{"", ".", ".."} {
		_, err := client.Customers.RetrieveSubscription(t.Context(), id)
		require.ErrorContains(t, err, "customerID must not be")
		require.ErrorContains(t, client.SpendKeys.Revoke(t.Context(), id), "spendKeyID must not be")
	}
	for _, id := range []string{".", "..", "caf\xe9"} {
		_, err := client.Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: id})
		require.ErrorContains(t, err, "ReferenceID")
		_, err = client.Customers.Update(t.Context(), "con_1", lava.UpdateCustomerParams{ReferenceID: lava.Set(id)})
		require.ErrorContains(t, err, "ReferenceID")
	}
	require.Len(t, api.seen(), before, "rejected before anything is sent")
}

func TestMiddlewareSeesEveryAttempt(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 1 {
			writeJSON(w, 500, `{}`)
			return
		}
		writeJSON(w, 200, `{"meter_id":"prd_1"}`)
	})
	var calls []string
	layer := func(name string) lava.Option {
		return lava.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				calls = append(calls, name+" "+r.URL.Path)
				return next.RoundTrip(r)
			})
		})
	}
	_, err := api.client(t, layer("outer"), layer("inner")).Meters.Retrieve(t.Context(), "prd_1")
	require.NoError(t, err)
	require.Equal(t, []string{
		"outer /v1/meters/prd_1", "inner /v1/meters/prd_1", "outer /v1/meters/prd_1", "inner /v1/meters/prd_1",
	}, calls)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// An HTTP client with cookies and a timeout keeps both, and is not modified.
func TestHTTPClientKeepsItsSettings(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		http.SetCookie(w, &http.Cookie{Name: "n", Value: strconv.Itoa(n)})
		writeJSON(w, []int{500, 200, 500, 200}[n-1], `{"meter_id":"prd_1"}`)
	})
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	httpClient := &http.Client{Jar: jar, Timeout: time.Minute}
	client := api.client(t, lava.WithHTTPClient(httpClient))
	for range 2 {
		_, err = client.Meters.Retrieve(t.Context(), "prd_1")
		require.NoError(t, err)
	}
	require.Equal(t, []string{"n=2"}, api.seen()[2].Header["Cookie"])
	require.Equal(t, []string{"n=3"}, api.seen()[3].Header["Cookie"])
	require.Nil(t, httpClient.CheckRedirect)
	require.Nil(t, httpClient.Transport)
}

func TestClientIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(200, `{"customer_id":"con_1"}`))
	client := api.client(t)
	params := lava.CreateCustomerParams{Name: "Ada", Metadata: map[string]any{"a": 1}}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				_, err := client.Customers.Create(context.Background(), params)
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, lava.CreateCustomerParams{Name: "Ada", Metadata: map[string]any{"a": 1}}, params)
}

func TestContextWithResponse(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		w.Header().Set("X-RateLimit-Remaining", "7")
		writeJSON(w, []int{503, 200}[n-1], `{"meter_id":"prd_1","new":true}`)
	})
	var resp lava.Response
	_, err := api.client(t).Meters.Retrieve(lava.ContextWithResponse(t.Context(), &resp), "prd_1")
	require.NoError(t, err)
	require.Equal(t, 200, resp.Status)
	require.Equal(t, 2, resp.Attempts)
	require.Equal(t, "7", resp.Header().Get("X-RateLimit-Remaining"))
	require.JSONEq(t, `{"meter_id":"prd_1","new":true}`, string(resp.Body()))
}

// A failed call keeps its response too, and so does a call through a transport, without the body, which belongs to
// the SDK.
func TestContextWithResponseOfOtherCalls(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("X-Lava-Request-Id", "req_7")
		writeJSON(w, 404, `{"error":{"message":"no","code":"not_found","status":404}}`)
	})
	client := api.client(t)
	transport, err := client.Transport(lava.TransportParams{})
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		send func(context.Context)
		body bool
	}{
		"call": {func(ctx context.Context) {
			_, err := client.Meters.Retrieve(ctx, "prd_1")
			require.ErrorIs(t, err, lava.ErrNotFound)
		}, true},
		"gateway": {func(ctx context.Context) {
			_, err := client.Gateway(ctx, chatURL, lava.GatewayParams{})
			require.ErrorIs(t, err, lava.ErrNotFound)
		}, true},
		"stream": {func(ctx context.Context) {
			for _, err := range client.GatewayStream(ctx, chatURL, lava.GatewayParams{}) {
				require.ErrorIs(t, err, lava.ErrNotFound)
			}
		}, false},
		"transport": {func(ctx context.Context) {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, chatURL, nil)
			require.NoError(t, err)
			resp, err := (&http.Client{Transport: transport}).Do(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
		}, false},
	} {
		var resp lava.Response
		tt.send(lava.ContextWithResponse(t.Context(), &resp))
		require.Equal(t, 404, resp.Status, name)
		require.Equal(t, 1, resp.Attempts, name)
		require.Equal(t, "req_7", resp.Header().Get("X-Lava-Request-Id"), name)
		require.Equal(t, tt.body, len(resp.Body()) > 0, name)
	}
}

func TestDo(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(200, `{"id":"x"}`))
	client := api.client(t)
	var raw json.RawMessage
	require.NoError(t, client.Do(t.Context(), "POST", "skills/a%2Fb?dry=true", map[string]int{"n": 1}, &raw))
	require.JSONEq(t, `{"id":"x"}`, string(raw))
	seen := api.seen()[0]
	require.Equal(t, "POST /v1/skills/a%2Fb?dry=true", seen.Method+" "+seen.URI)
	require.Equal(t, `{"n":1}`, seen.Body)
	require.NoError(t, client.Do(t.Context(), "DELETE", "skills/a", nil, nil))

	for _, path := range []string{"", "/meters", "https://evil.example/x", "//evil.example/x", "../admin", "meters/../admin", "meters//x", "a#b", "%"} {
		require.Error(t, client.Do(t.Context(), "GET", path, nil, nil), path)
	}
	require.Len(t, api.seen(), 2)
}

func TestDoRefusesWhatIsNoJSON(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "<html>") }))
	defer server.Close()
	client, err := lava.New(lava.WithSecretKey(testKey), lava.WithBaseURL(server.URL))
	require.NoError(t, err)
	var raw json.RawMessage
	require.ErrorContains(t, client.Do(t.Context(), "GET", "x", nil, nil), "<html>")
	require.ErrorContains(t, client.Do(t.Context(), "GET", "x", nil, &raw), "<html>")
}
