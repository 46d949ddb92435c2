package mockserver_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// serve passes a request to a server as a program does that mounts it, and returns a channel that is closed when the
// response is complete.
func serve(ctx context.Context, s *mockserver.Server, key, method, path, body string) (*httptest.ResponseRecorder, <-chan struct{}) {
	req := httptest.NewRequestWithContext(ctx, method, s.URL()+path, strings.NewReader(body))
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	req.RemoteAddr = "127.0.0.1:1"
	w, done := httptest.NewRecorder(), make(chan struct{})
	go func() {
		defer close(done)
		s.ServeHTTP(w, req)
	}()
	return w, done
}

// A test that shares a server isn't affected by calls that the previous test has left in progress: they are neither
// charged nor recorded nor kept, and use up nothing that the new test has armed or scripted.
func TestCallsUnderWayAtReset(t *testing.T) {
	t.Parallel()
	const chat = `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}`
	for name, forget := range map[string]func(*mockserver.Server, *mockserver.Merchant) error{
		"reset":  func(_ *mockserver.Server, m *mockserver.Merchant) error { m.Reset(); return nil },
		"delete": func(s *mockserver.Server, m *mockserver.Merchant) error { return s.DeleteMerchant(m.ID()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mockserver.Start(t, mockserver.InMemory())
				other, tenant := s.NewMerchant(), s.NewMerchant()
				s.Script(mockserver.Reply{Latency: time.Minute})
				s.Fail(mockserver.Failure{Endpoint: "customers.create", Latency: time.Minute})
				asked, answered := serve(t.Context(), s, tenant.SecretKey(), "POST", "/v1/chat/completions", chat)
				created, done := serve(t.Context(), s, tenant.SecretKey(), "POST", "/v1/customers", `{"reference_id":"ada"}`)
				_, others := serve(t.Context(), s, other.SecretKey(), "POST", "/v1/customers", `{"reference_id":"bob"}`)
				synctest.Wait()

				require.NoError(t, forget(s, tenant))
				for _, m := range s.MerchantIDs() {
					if m == tenant.ID() {
						tenant.Script(mockserver.Reply{Text: "for the next test", Times: 1})
						tenant.Fail(mockserver.Failure{Status: 500, At: mockserver.AfterEffect, Times: 1})
						tenant.Fail(mockserver.Failure{Status: 500, At: mockserver.AfterProvider, Times: 1})
					}
				}
				<-answered
				<-done
				<-others
				assert.NotContains(t, asked.Body.String(), "for the next test")
				assert.Equal(t, 401, created.Code, "%s", created.Body)
				assert.Contains(t, created.Body.String(), "was reset or deleted while this call was in progress")
				var kept []string
				for _, c := range s.Calls() {
					kept = append(kept, c.MerchantID)
				}
				assert.Equal(t, []string{other.ID()}, kept)
				assert.Empty(t, s.ProviderCalls())
				if name == "reset" {
					customers, err := s.Client(lava.WithSecretKey(tenant.SecretKey())).Customers.List(t.Context(), lava.ListCustomersParams{})
					require.NoError(t, err, "the client retries")
					assert.Empty(t, customers.Data)
					assert.Len(t, tenant.Unused(), 2, "the reply and one failure; this call has met the other")
					tenant.Disarm()
					tenant.Reset()
				}
			})
		})
	}
}

// A wait that can't succeed any more ends with an error, however the server is reached.
func TestWaitsEndWithTheServer(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/_mock/calls?wait=60s", "/_mock/wait?for=call&timeout=60s", "/_mock/wait?for=event&timeout=60s", "/_mock/wait?for=delivery&timeout=60s"} {
		synctest.Test(t, func(t *testing.T) {
			s, err := mockserver.New(mockserver.InMemory())
			require.NoError(t, err)
			waiting, done := serve(context.Background(), s, "", "GET", path, "")
			failed := make(chan error, 1)
			go func() {
				_, err := s.WaitForCalls(context.Background(), func(mockserver.Calls) bool { return false })
				failed <- err
			}()
			synctest.Wait()
			began := time.Now()
			require.NoError(t, s.Close())
			<-done
			assert.Zero(t, time.Since(began), path)
			assert.Equal(t, http.StatusServiceUnavailable, waiting.Code, path)
			assert.Contains(t, waiting.Body.String(), "closed", path)
			require.ErrorContains(t, <-failed, "closed")
		})
	}
}
