package mockserver_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

// lastAttempt creates a customer, with a webhook at a URL, and returns the last attempt of the delivery.
func lastAttempt(t *testing.T, s *mockserver.Server, url string) (mockserver.DeliveryStatus, mockserver.DeliveryAttempt) {
	t.Helper()
	require.Equal(t, 201, send(t, s, "POST", "/v1/webhooks", `{"name":"w","url":"`+url+`"}`).status)
	addCustomer(t, s)
	require.NoError(t, s.Settle(t.Context()))
	all := s.Deliveries()
	last := all[len(all)-1]
	require.Equal(t, url, last.Attempts[len(last.Attempts)-1].URL)
	return last.Status, last.Attempts[len(last.Attempts)-1]
}

// A test with production webhooks must not send to them. example.invalid has no address by RFC 2606: an attempt to
// reach it would fail differently.
func TestWebhooksStayOnThisMachine(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		status, attempt := lastAttempt(t, s, "https://hooks.example.invalid/lava")
		require.Equal(t, mockserver.DeliveryRefused, status)
		require.Contains(t, attempt.Error, `mockserver.AllowWebhooks("hooks.example.invalid")`)
		require.Contains(t, attempt.Error, `lavamock -allow-webhooks hooks.example.invalid`)
		require.Contains(t, attempt.Error, "HandleWebhooks")
		require.Zero(t, s.Deliveries()[0].NextAttempt, "it is not retried")

		received := atomic.Int32{}
		require.NoError(t, s.HandleWebhooks("https://hooks.example.invalid", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			received.Add(1)
		})))
		require.NoError(t, s.Resend(s.Deliveries()[0].ID))
		require.NoError(t, s.Settle(t.Context()))
		require.Equal(t, int32(1), received.Load())
		require.Equal(t, mockserver.DeliveryDelivered, s.Deliveries()[0].Status)
	})
}

// 192.0.2.1 is a documentation address (RFC 5737), not this machine.
func TestWebhooksToAddresses(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"192.0.2.1", "[2001:db8::1]:8443", "localhost.example.invalid", "127.0.0.1.example.invalid"} {
		s := mockserver.Start(t)
		status, _ := lastAttempt(t, s, "http://"+host+"/hook")
		require.Equal(t, mockserver.DeliveryRefused, status, host)
	}
	received := atomic.Int32{}
	app := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { received.Add(1) }))
	t.Cleanup(app.Close)
	_, port, err := net.SplitHostPort(app.Listener.Addr().String())
	require.NoError(t, err)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		status, _ := lastAttempt(t, mockserver.Start(t), "http://"+host+":"+port+"/hook")
		require.Equal(t, mockserver.DeliveryDelivered, status, host)
	}
	require.Equal(t, int32(2), received.Load())
}

// An allowed host is tried. This one has no address, so the attempt fails.
func TestAllowWebhooks(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.AllowWebhooks("Hooks.example.invalid"))
	status, attempt := lastAttempt(t, s, "http://hooks.example.invalid/lava")
	require.Equal(t, mockserver.DeliveryPending, status)
	require.NotContains(t, attempt.Error, "AllowWebhooks")

	for _, host := range []string{"", "https://hooks.example.com", "hooks.example.com/lava", "hooks.example.com:443"} {
		_, err := mockserver.New(mockserver.AllowWebhooks(host))
		require.ErrorContains(t, err, "without scheme, port and path", host)
	}
}

// A receiver on this machine can't redirect a webhook to another machine.
func TestRedirectedWebhooks(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	require.NoError(t, s.HandleWebhooks("https://app.example.com", http.RedirectHandler("https://hooks.example.invalid/lava", http.StatusTemporaryRedirect)))
	status, attempt := lastAttempt(t, s, "https://app.example.com/hook")
	require.Equal(t, mockserver.DeliveryPending, status)
	require.Equal(t, http.StatusTemporaryRedirect, attempt.Status)
	require.True(t, strings.HasSuffix(attempt.Error, "redirects are not followed"), attempt.Error)
}
