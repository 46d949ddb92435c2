package mockserver_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func TestWaitVerb(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct{ query, field, status string }{
		"call":     {"for=call&endpoint=customers.create&status=201", "call", "201"},
		"event":    {"for=event&type=customer.created", "event", ""},
		"delivery": {"for=delivery&status=delivered", "delivery", "delivered"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mockserver.Start(t, mockserver.InMemory())
				require.NoError(t, s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(time.Second) })))
				require.Equal(t, 201, send(t, s, "POST", "/v1/webhooks", `{"name":"w","url":"https://app.example.com/hook"}`).status)
				got := make(chan answer)
				go func() { got <- send(t, s, "GET", "/_mock/wait?"+test.query, "") }() //nolint:testifylint // it has to wait
				synctest.Wait()
				id := send(t, s, "POST", "/v1/customers", `{}`).object(t)["customer_id"].(string)
				a := <-got
				require.Equal(t, 200, a.status, "%s", a.body)
				assert.Equal(t, id, a.object(t)[test.field].(map[string]any)["customer_id"])
				require.Equal(t, 200, send(t, s, "GET", "/_mock/wait?"+test.query+"&customer="+id, "").status, "it already exists")

				began := time.Now()
				a = send(t, s, "GET", "/_mock/wait?times=2&timeout=3s&"+test.query, "")
				require.Equal(t, 408, a.status, "%s", a.body)
				assert.Equal(t, 3*time.Second, time.Since(began))
				assert.Contains(t, string(a.body), "after 3s, 1 of 2 matched; ")
				assert.Equal(t, 408, send(t, s, "GET", "/_mock/wait?customer=nobody&"+test.query, "").status)
			})
		})
	}
}

func TestWaitVerbRejects(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{"reference_id":"ada"}`).status)
	for _, what := range []string{"call", "event"} {
		require.Equal(t, 200, send(t, s, "GET", "/_mock/wait?customer=ada&for="+what, "").status, "a customer can be named by reference id")
	}
	for query, message := range map[string]string{
		"":                               "for: is required",
		"for=calls":                      `for: \"calls\" is not one of call, event, delivery; did you mean \"call\"?`,
		"for=call&timeout=2m":            "timeout: 2m0s is more than 1m0s",
		"for=call&times=-1":              "times: -1 is negative",
		"for=call&endpoint=meters.make":  "endpoint: ",
		"for=event&endpoint=meters.get":  "endpoint: applies to calls",
		"for=call&type=customer.created": "type: applies to events and deliveries",
		"for=call&status=ok":             `status: \"ok\" is not the status of a call`,
		"for=event&status=200":           "status: applies to calls and deliveries",
		"for=delivery&status=done":       `status: \"done\" is not one of pending`,
	} {
		a := send(t, s, "GET", "/_mock/wait?"+query, "")
		assert.Equal(t, 400, a.status, query)
		assert.Contains(t, string(a.body), message, query)
	}
}

// With a key, wait only considers the merchant's items.
func TestWaitVerbIsScopedByMerchant(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mockserver.Start(t, mockserver.InMemory())
		other := s.NewMerchant().SecretKey()
		require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{}`).status)
		for _, what := range []string{"call", "event"} {
			require.Equal(t, 200, sendAs(t, s, s.SecretKey(), "GET", "/_mock/wait?for="+what, "").status)
			require.Equal(t, 408, sendAs(t, s, other, "GET", "/_mock/wait?for="+what, "").status)
		}
	})
}
