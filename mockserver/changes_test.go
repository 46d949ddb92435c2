package mockserver_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// watch collects changes. It returns the first ones.
func watch(ctx context.Context, s *mockserver.Server) (first []mockserver.Change, changes *[]mockserver.Change, ended chan struct{}) {
	changes, ended = new([]mockserver.Change), make(chan struct{})
	go func() {
		defer close(ended)
		for some := range s.Changes(ctx) {
			*changes = append(*changes, some...)
		}
	}()
	synctest.Wait()
	first = *changes
	*changes = nil
	return first, changes, ended
}

func TestChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mockserver.Start(t, mockserver.InMemory())
		require.NoError(t, s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
		_, err := s.Client().Webhooks.Create(t.Context(), lava.CreateWebhookParams{Name: "app", URL: "https://app.example.com/lava"})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		first, changes, ended := watch(ctx, s)
		require.Equal(t, []mockserver.Change{{Kind: mockserver.ChangeAll}}, first)
		told := func() []mockserver.Change {
			synctest.Wait()
			all := *changes
			*changes = nil
			return all
		}

		customer, err := s.Client().Customers.Create(ctx, lava.CreateCustomerParams{})
		require.NoError(t, err)
		require.NoError(t, s.Settle(ctx))
		call, delivery := s.LatestCalls(1)[0], s.Deliveries()[0]
		require.Subset(t, told(), []mockserver.Change{
			{Kind: mockserver.ChangeCall, ID: call.ID}, {Kind: mockserver.ChangeCustomer, ID: customer.CustomerID}, {Kind: mockserver.ChangeDelivery, ID: delivery.ID},
		})

		subscribed, err := s.Scenario(mockserver.Subscribed)
		require.NoError(t, err)
		require.NoError(t, s.Settle(ctx))
		told()
		require.NoError(t, s.Trigger(mockserver.ExpireCard, subscribed.CustomerID))
		require.Equal(t, []mockserver.Change{{Kind: mockserver.ChangeCustomer, ID: subscribed.CustomerID}}, told())
		require.NoError(t, s.Trigger(mockserver.EmptyWallet, ""))
		require.Empty(t, told(), "this call has no customer")

		s.Advance(time.Hour)
		require.Equal(t, []mockserver.Change{{Kind: mockserver.ChangeClock}}, told())
		s.Fail(mockserver.Failure{Status: 503})
		require.Equal(t, []mockserver.Change{{Kind: mockserver.ChangeArmed}}, told())
		s.Disarm()
		require.Equal(t, []mockserver.Change{{Kind: mockserver.ChangeArmed}}, told())
		s.Reset()
		require.Contains(t, told(), mockserver.Change{Kind: mockserver.ChangeAll})

		cancel()
		<-ended
		s.Advance(time.Hour)
		require.Empty(t, told())
	})
}

// A slow watcher is told that everything may have changed, and nothing is kept for it.
func TestChangesAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mockserver.Start(t, mockserver.InMemory())
		turn := make(chan struct{})
		var got []mockserver.Change
		go func() {
			for changes := range s.Changes(t.Context()) {
				<-turn
				got = changes
			}
		}()
		turn <- struct{}{} // the first iteration
		synctest.Wait()
		for range 1100 {
			send(t, s, "GET", "/v1/models/none", "")
		}
		turn <- struct{}{} // the first call
		turn <- struct{}{}
		synctest.Wait()
		require.Equal(t, mockserver.ChangeAll, got[0].Kind)
		require.Len(t, got, 1)
	})
}

// Closing the server ends all loops, including those that begin afterwards.
func TestChangesEndWithTheServer(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*mockserver.Server) error{
		"close":    (*mockserver.Server).Close,
		"shutdown": func(s *mockserver.Server) error { return s.Shutdown(context.Background()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mockserver.Start(t, mockserver.InMemory())
				_, _, ended := watch(t.Context(), s)
				require.NoError(t, end(s))
				<-ended
				for range s.Changes(t.Context()) {
					t.Error("a closed server has reported a change")
				}
			})
		})
	}
}
