package lava_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// A 2xx answer that is not the object asked for is an error, never an empty result.
func TestUnusableAnswers(t *testing.T) {
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
			require.Len(t, api.seen(), 1, "an answer that came is not asked for again")

			if name != "wrong type" { // a confirmation has no meter_id
				require.Error(t, client.Meters.Delete(t.Context(), "prd_1"))
			}
		})
	}
}

func TestConfirmations(t *testing.T) {
	for body, ok := range map[string]bool{
		`{"success":true}`: true, `{"id":"prd_1","deleted":true}`: true, `{}`: true,
		`{"success":false}`: false, `{"id":"prd_1","deleted":false}`: false,
	} {
		client := newFakeAPI(t, answer(200, body)).client(t)
		for _, err := range []error{
			client.Meters.Delete(t.Context(), "prd_1"),
			client.Subscriptions.Update(t.Context(), "sub_1", lava.UpdateSubscriptionParams{}),
		} {
			require.Equal(t, ok, err == nil, body)
		}
	}
}

func TestResponseSizeIsBounded(t *testing.T) {
	body := `{"meter_id":"` + strings.Repeat("x", 1000) + `"}`
	api := newFakeAPI(t, answer(200, body))
	_, err := api.client(t, lava.WithMaxResponseSize(int64(len(body)))).Meters.Retrieve(t.Context(), "prd_1")
	require.NoError(t, err)
	_, err = api.client(t, lava.WithMaxResponseSize(int64(len(body))-1)).Meters.Retrieve(t.Context(), "prd_1")
	require.ErrorIs(t, err, lava.ErrResponseTooLarge)
	require.Len(t, api.seen(), 2, "it would not be smaller the next time")
}

// Buffers are reused: a result must not change with a later answer.
func TestResultsAreIndependent(t *testing.T) {
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
