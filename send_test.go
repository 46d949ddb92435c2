package lava_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

func TestRedirects(t *testing.T) {
	elsewhere := newFakeAPI(t, answer(200, `{"meter_id":"stolen"}`))
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
		{"get, other host", 302, callGet, elsewhere.URL + "/v1/meters/prd_1?x=hunter2", "must not see the credentials"},
		{"post, other host", 307, callPost, elsewhere.URL, "must not see the credentials"},
		{"other scheme", 302, callGet, "ftp://example.com", "must not see the credentials"},
		{"malformed", 302, callGet, "http://a b/", "malformed"},
		{"gateway, other host", 307, callGateway, elsewhere.URL, "must not see the credentials"},
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
			require.Equal(t, seen[0].Body, seen[1].Body, "the body goes along")
			require.Equal(t, "Bearer "+testKey, seen[1].Header.Get("Authorization"))
		})
	}
	require.Empty(t, elsewhere.seen())
}

func TestEndlessRedirect(t *testing.T) {
	api := newFakeAPI(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("Location", r.URL.Path)
		w.WriteHeader(307)
	})
	require.ErrorContains(t, callPost(t.Context(), api.client(t)), "3 redirects")
	require.Len(t, api.seen(), 4)
}
