package lava_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// A 2xx response that isn't the requested object is an error, never an empty result.
func TestUnusableResponses(t *testing.T) {
	t.Parallel()
	page := "<!DOCTYPE html>\n<html>\x00  <h1>Log in</h1>" + strings.Repeat("é", 5000)
	for name, body := range map[string]string{
		"html": page, "empty": "", "null": "null", "array": "[]", "string": `"ok"`, "cut": `{"meter_id":`, "wrong type": `{"meter_id":7}`,
		"two objects": `{}{}`,
	} {
		t.Run(name, func(t *testing.T) {
			api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("X-Lava-Request-Id", "req_7")
				_, _ = fmt.Fprint(w, body)
			})
			client := api.client(t)
			meter, err := client.Meters.Retrieve(t.Context(), "prd_1")
			require.Nil(t, meter)
			var failed *lava.Error
			require.ErrorAs(t, err, &failed)
			require.Equal(t, 200, failed.Status)
			require.Equal(t, "req_7", failed.RequestID)
			require.Less(t, len(err.Error()), 500)
			require.NotContains(t, err.Error(), "\n")
			require.NotContains(t, err.Error(), "\x00")
			if body == page {
				require.ErrorContains(t, err, "<h1>Log in</h1>")
			}
			require.Len(t, api.seen(), 1, "a request with a response is not sent again")

			if name != "wrong type" { // a confirmation has no meter_id
				require.Error(t, client.Meters.Delete(t.Context(), "prd_1"))
			}
		})
	}
}

func TestConfirmations(t *testing.T) {
	t.Parallel()
	for body, ok := range map[string]bool{
		`{"success":true}`: true, `{"id":"prd_1","deleted":true}`: true, `{}`: true,
		`{"success":false}`: false, `{"id":"prd_1","deleted":false}`: false,
	} {
		client := newFakeAPI(t, respond(200, body)).client(t)
		for _, err := range []error{
			client.Meters.Delete(t.Context(), "prd_1"),
			client.Subscriptions.Update(t.Context(), "sub_1", lava.UpdateSubscriptionParams{}),
		} {
			require.Equal(t, ok, err == nil, body)
		}
	}
}

func TestResponseSizeIsBounded(t *testing.T) {
	t.Parallel()
	body := `{"meter_id":"` + strings.Repeat("x", 1000) + `"}`
	api := newFakeAPI(t, respond(200, body))
	_, err := api.client(t, lava.WithMaxResponseSize(int64(len(body)))).Meters.Retrieve(t.Context(), "prd_1")
	require.NoError(t, err)
	_, err = api.client(t, lava.WithMaxResponseSize(int64(len(body))-1)).Meters.Retrieve(t.Context(), "prd_1")
	require.ErrorIs(t, err, lava.ErrResponseTooLarge)
	require.Len(t, api.seen(), 2, "it would be as large the next time")
}

// Buffers are reused: a result must not change with a later response.
func TestResultsAreIndependent(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		writeJSON(w, 200, fmt.Sprintf(`{"data":[{"id":"%d","example_body":{"n":%d}}]}`, n, n))
	})
	client := api.client(t)
	first, err := client.Services.List(t.Context(), lava.ListServicesParams{})
	require.NoError(t, err)
	for range 10 {
		_, err = client.Services.List(t.Context(), lava.ListServicesParams{})
		require.NoError(t, err)
	}
	require.Equal(t, "1", first[0].ID)
	require.JSONEq(t, `{"n":1}`, string(first[0].ExampleBody))
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	elsewhere := newFakeAPI(t, respond(200, `{"meter_id":"stolen"}`))
	tests := []struct {
		name    string
		status  int
		call    func(context.Context, *lava.Client) error
		to      string
		wantErr string
	}{
		{"get, same host", 302, callGet, "/v2/meters", ""},
		{"get, same host, permanent", 308, callGet, "/v2/meters", ""},
		{"post, same host, 307", 307, callPost, "/v2/meters", ""},
		{"post, same host, 308", 308, callPost, "/v2/meters", ""},
		{"post, same host, 302", 302, callPost, "/v2/meters", "drop the request body"},
		{"delete, same host, 303", 303, callDelete, "/v2/meters", "drop the request body"},
		{"get, other host", 302, callGet, elsewhere.URL + "/v1/meters/prd_1?x=hunter2", "must not receive the credentials"},
		{"post, other host", 307, callPost, elsewhere.URL, "must not receive the credentials"},
		{"other scheme", 302, callGet, "ftp://example.com", "must not receive the credentials"},
		{"malformed", 302, callGet, "http://a b/", "malformed"},
		{"gateway, other host", 307, callGateway, elsewhere.URL, "must not receive the credentials"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := newFakeAPI(t, func(w http.ResponseWriter, r *http.Request, n int) {
				if n == 1 {
					w.Header().Set("Location", tt.to)
					w.WriteHeader(tt.status)
					return
				}
				writeJSON(w, 200, `{"meter_id":"prd_1"}`)
			})
			err := tt.call(t.Context(), api.client(t))
			seen := api.seen()
			if tt.wantErr != "" {
				require.ErrorContains(t, err, tt.wantErr)
				require.NotContains(t, err.Error(), "hunter2")
				var failed *lava.Error
				require.ErrorAs(t, err, &failed)
				require.Equal(t, tt.status, failed.Status)
				require.Len(t, seen, 1)
				return
			}
			require.NoError(t, err)
			require.Len(t, seen, 2)
			require.Equal(t, "/v2/meters", seen[1].URI)
			require.Equal(t, seen[0].Method, seen[1].Method)
			require.Equal(t, seen[0].Body, seen[1].Body, "the body is sent too")
			require.Equal(t, "Bearer "+testKey, seen[1].Header.Get("Authorization"))
		})
	}
	require.Empty(t, elsewhere.seen())
}

func TestEndlessRedirect(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("Location", r.URL.Path)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	require.ErrorContains(t, callPost(t.Context(), api.client(t)), "3 redirects")
	require.Len(t, api.seen(), 4)
}
