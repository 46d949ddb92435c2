package mockserver_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

var requestMethods = methods{
	"Requests.Create": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			params := lava.CreateRequestParams{
				RequestID: "job 1", CustomerID: s.customer, MeterSlug: "chat", InputTokens: 600, OutputTokens: 100,
				InputSeconds: 1.5, Metadata: map[string]string{"team": "b"},
			}
			got, err := c.Requests.Create(t.Context(), params)
			if err != nil {
				return err
			}
			require.Equal(t, "0.0021", got.Charge.Amount.String(), "700 tokens at 3 per million")
			require.EqualValues(t, 700, got.ModelUsage.TotalTokens)
			require.InDelta(t, 1.5, got.ModelUsage.TotalSeconds, 0)
			require.Equal(t, lava.ProviderKeyUnmanaged, got.ProviderKeyType)
			require.Equal(t, lava.RequestCompleted, got.Status)
			params.InputTokens = 1_000_000
			again, err := c.Requests.Create(t.Context(), params)
			require.NoError(t, err)
			require.Equal(t, got, again, "recorded once")
			return nil
		},
		bad: []badCall{
			{"no id", func(ctx context.Context, s *account) error {
				return only(s.Requests.Create(ctx, lava.CreateRequestParams{CustomerID: s.customer, MeterSlug: "chat"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "request_id"},
			{"unknown customer", func(ctx context.Context, s *account) error {
				return only(s.Requests.Create(ctx, lava.CreateRequestParams{RequestID: "r2", CustomerID: "nobody", MeterSlug: "chat"}))
			}, lava.ErrNotFound, 404, "not_found", "customer_id"},
			{"unknown meter", func(ctx context.Context, s *account) error {
				return only(s.Requests.Create(ctx, lava.CreateRequestParams{RequestID: "r2", CustomerID: s.customer, MeterSlug: "nope"}))
			}, lava.ErrNotFound, 404, "not_found", "meter_slug"},
			{"a negative number of tokens", func(ctx context.Context, s *account) error {
				return only(s.Requests.Create(ctx, lava.CreateRequestParams{RequestID: "r2", CustomerID: s.customer, MeterSlug: "chat", InputTokens: -1}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "input_tokens"},
			{"seconds that aren't a number", func(ctx context.Context, s *account) error {
				return s.Do(ctx, "POST", "requests", json.RawMessage(`{"request_id":"r","customer_id":"c","meter_slug":"m","input_seconds":"long"}`), nil)
			}, lava.ErrInvalidRequest, 400, "invalid_request", "input_seconds"},
			{"too many seconds", func(ctx context.Context, s *account) error {
				return s.Do(ctx, "POST", "requests", json.RawMessage(`{"request_id":"r","customer_id":"c","meter_slug":"m","output_seconds":1e999999999}`), nil)
			}, lava.ErrInvalidRequest, 400, "invalid_request", "output_seconds"},
			{"seconds on a token meter", func(ctx context.Context, s *account) error {
				return only(s.Requests.Create(ctx, lava.CreateRequestParams{RequestID: "r2", CustomerID: s.customer, MeterSlug: "chat", InputSeconds: 90}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "meter_slug"},
			{"another customer's id", func(ctx context.Context, s *account) error {
				other, err := s.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "user_43"})
				if err != nil {
					return err
				}
				return only(s.Requests.Create(ctx, lava.CreateRequestParams{RequestID: s.request, CustomerID: other.CustomerID, MeterSlug: "chat"}))
			}, lava.ErrConflict, 409, "conflict", "request_id"},
			{"a metadata key with a space", func(ctx context.Context, s *account) error {
				return only(s.Requests.Create(ctx, lava.CreateRequestParams{RequestID: "r2", CustomerID: s.customer, MeterSlug: "chat", Metadata: map[string]string{"a b": "c"}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "metadata"},
		},
	},
	"Requests.Retrieve": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.Requests.Retrieve(t.Context(), s.request)
			if err != nil {
				return err
			}
			require.Equal(t, s.meter.MeterID, got.MeterID)
			require.Equal(t, map[string]string{"team": "a"}, got.Metadata)
			require.EqualValues(t, 1000, got.Charge.Breakdown[0].Tokens)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *account) error {
			return only(s.Requests.Retrieve(ctx, "req_test_nope"))
		}, lava.ErrNotFound, 404, "not_found", ""}},
	},
	"Requests.List": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			params := lava.ListRequestsParams{CustomerID: "user_42", MeterID: s.meter.MeterID, MetadataFilters: map[string]string{"team": "a"}}
			got, err := c.Requests.List(t.Context(), params)
			if err != nil {
				return err
			}
			require.Equal(t, s.request, got.Data[0].RequestID)
			params.MetadataFilters["team"] = "b"
			got, err = c.Requests.List(t.Context(), params)
			require.NoError(t, err)
			require.Empty(t, got.Data)
			return nil
		},
		bad: []badCall{
			{"unknown customer", func(ctx context.Context, s *account) error {
				return only(s.Requests.List(ctx, lava.ListRequestsParams{CustomerID: "nobody"}))
			}, lava.ErrNotFound, 404, "not_found", "customer_id"},
			{"an odd metadata filter", func(ctx context.Context, s *account) error {
				return s.Do(ctx, "GET", "requests?metadata_filters=a", nil, nil)
			}, lava.ErrInvalidRequest, 400, "invalid_request", "metadata_filters"},
		},
	},
	"Requests.All": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			return count(t, 1, c.Requests.All(t.Context(), lava.ListRequestsParams{}))
		},
		bad: []badCall{{"a limit of 101", func(ctx context.Context, s *account) error {
			return last(s.Requests.All(ctx, lava.ListRequestsParams{Limit: 101}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"}},
	},
}

// Records are delayed, like Lava's, and tests don't have to wait for them.
func TestLateRecords(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(newYear), mockserver.RecordDelay(time.Second))
	shop := openShop(t, s)
	called := sendAs(t, s, shop.token(t), "POST", chatPath, chatBody)
	require.Equal(t, 200, called.status)
	id := called.header.Get("X-Lava-Request-Id")
	require.Equal(t, "24", shop.credits(t).TotalRemaining.String(), "charged immediately")
	reads := func() (found *lava.Request, listed int, used string) {
		found, err := shop.client.Requests.Retrieve(t.Context(), id)
		if err != nil {
			require.ErrorIs(t, err, lava.ErrNotFound)
		}
		list, err := shop.client.Requests.List(t.Context(), lava.ListRequestsParams{CustomerID: shop.customer})
		require.NoError(t, err)
		usage, err := shop.client.Usage.Retrieve(t.Context(), lava.RetrieveUsageParams{Start: newYear})
		require.NoError(t, err)
		return found, len(list.Data), usage.Totals.TotalCharge.String()
	}
	found, listed, used := reads()
	require.Nil(t, found)
	require.Zero(t, listed)
	require.Equal(t, "0", used)

	s.Advance(time.Second - time.Millisecond)
	found, _, _ = reads()
	require.Nil(t, found)

	s.Advance(time.Millisecond)
	found, listed, used = reads()
	require.Equal(t, lava.RequestPending, found.Status)
	require.Equal(t, shop.customer, found.CustomerID)
	require.Zero(t, found.ModelUsage.TotalTokens)
	require.True(t, found.Cost.IsZero())
	require.True(t, found.Charge.Amount.IsZero())
	require.Equal(t, 1, listed)
	require.Equal(t, "0", used)

	s.Advance(time.Second)
	found, listed, used = reads()
	require.Equal(t, lava.RequestCompleted, found.Status)
	require.Equal(t, "1", found.Charge.Amount.String())
	require.Positive(t, found.ModelUsage.TotalTokens)
	require.Equal(t, newYear, found.CreatedAt, "when it was recorded")
	require.Equal(t, 1, listed)
	require.Equal(t, "1", used)

	reported, err := shop.client.Requests.Create(t.Context(), lava.CreateRequestParams{RequestID: "job", CustomerID: shop.customer, MeterSlug: shop.meter.MeterSlug})
	require.NoError(t, err)
	require.Equal(t, lava.RequestCompleted, reported.Status, "the whole record")
	_, err = shop.client.Requests.Retrieve(t.Context(), "job")
	require.ErrorIs(t, err, lava.ErrNotFound)

	_, err = mockserver.New(mockserver.RecordDelay(-1))
	require.ErrorContains(t, err, "record delay")
}

// With a running clock, records appear automatically.
func TestLateRecordsInRealTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mockserver.Start(t, mockserver.InMemory(), mockserver.RealTime(), mockserver.RecordDelay(time.Second))
		shop := openShop(t, s)
		id := sendAs(t, s, shop.token(t), "POST", chatPath, chatBody).header.Get("X-Lava-Request-Id")
		var seen []lava.RequestStatus
		for start := time.Now(); time.Since(start) < 3*time.Second; time.Sleep(100 * time.Millisecond) { // virtual
			r, err := shop.client.Requests.Retrieve(t.Context(), id)
			status := lava.RequestStatus("absent")
			if err == nil {
				status = r.Status
			}
			if len(seen) == 0 || seen[len(seen)-1] != status {
				seen = append(seen, status)
			}
		}
		require.Equal(t, []lava.RequestStatus{"absent", lava.RequestPending, lava.RequestCompleted}, seen)
	})
}
