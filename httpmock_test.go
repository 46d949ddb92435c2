package lava_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// Applications that stub HTTP with a library can continue to do so: the client sends everything through the
// http.Client it is given. These stubs return broken responses, which the mock server never sends.
func TestAStubbedTransport(t *testing.T) {
	t.Parallel()
	const address = "https://api.example.com/v1/meters/prd_1"
	jsonError := httpmock.NewStringResponder(404, `{"error":{"message":"no meter","code":"not_found","status":404}}`)
	tests := []struct {
		name     string
		response httpmock.Responder
		status   int // of the error
		contains string
		is       error
		calls    int
	}{
		{"a page with status 200", httpmock.NewStringResponder(200, "<html>maintenance</html>"), 200, "maintenance", nil, 1},
		{"nothing with status 200", httpmock.NewStringResponder(200, ""), 200, "", nil, 1},
		{"a page with status 502", httpmock.NewStringResponder(502, "<html>bad gateway</html>"), 502, "bad gateway", nil, 3},
		{"an error in Lava's format", jsonError, 404, "no meter", lava.ErrNotFound, 1},
		{"an error that is a string", httpmock.NewStringResponder(400, `{"error":"name is required"}`), 400, "name is required", lava.ErrInvalidRequest, 1},
		{"no connection", httpmock.NewErrorResponder(errors.New("connection refused")), 0, "connection refused", nil, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // the pauses take no time
				stub := httpmock.NewMockTransport()
				stub.RegisterResponder(http.MethodGet, address, tt.response)
				client, err := lava.New(
					lava.WithSecretKey("aks_test_stubbed"),
					lava.WithBaseURL("https://api.example.com"),
					lava.WithHTTPClient(&http.Client{Transport: stub}),
				)
				require.NoError(t, err)
				_, err = client.Meters.Retrieve(t.Context(), "prd_1")
				var failed *lava.Error
				require.ErrorAs(t, err, &failed)
				require.Equal(t, tt.status, failed.Status)
				require.ErrorContains(t, err, tt.contains)
				if tt.is != nil {
					require.ErrorIs(t, err, tt.is)
				}
				require.Equal(t, tt.calls, stub.GetTotalCallCount())
			})
		})
	}
}
