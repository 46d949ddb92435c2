package lava_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// Requests through the gateway.
var mockGateway = map[string]mockMethod{
	"Gateway": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			answer, err := c.Gateway(t.Context(), chatURL, lava.GatewayRequestParams{
				BillTo: lava.ForCustomer{CustomerID: "user_42", MeterSlug: "chat"}, Body: chat(false), Metadata: map[string]string{"team": "c"},
			})
			if err != nil {
				return err
			}
			request, err := c.Requests.Retrieve(t.Context(), answer.Header.Get("X-Lava-Request-Id"))
			require.NoError(t, err)
			require.Equal(t, s.customer, request.CustomerID)
			require.Equal(t, "gpt-4o-mini", request.Model)
			require.Equal(t, lava.ProviderKeyManaged, request.ProviderKeyType)
			require.Equal(t, map[string]string{"team": "c"}, request.Metadata)
			require.True(t, request.Charge.Amount.IsPositive())

			answer, err = c.Gateway(t.Context(), chatURL, lava.GatewayRequestParams{BillTo: lava.ForProviderKey{Key: "sk-mine"}, Body: chat(false)})
			require.NoError(t, err)
			request, err = c.Requests.Retrieve(t.Context(), answer.Header.Get("X-Lava-Request-Id"))
			require.NoError(t, err)
			require.Equal(t, lava.ProviderKeyUnmanaged, request.ProviderKeyType)
			require.Empty(t, request.CustomerID)
			require.Empty(t, request.MeterID)
			return nil
		},
		bad: badChats(func(ctx context.Context, s *shop, address string, params lava.GatewayRequestParams) error {
			return only(s.Gateway(ctx, address, params))
		}),
	},
	"GatewayStream": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			s.Script(mockserver.Reply{Text: "One two three."})
			text := ""
			for event, err := range c.GatewayStream(t.Context(), chatURL, lava.GatewayRequestParams{
				BillTo: lava.ForCustomer{CustomerID: "user_42", MeterSlug: "chat"}, Body: chat(true),
			}) {
				if err != nil {
					return err
				}
				var chunk struct {
					Choices []struct{ Delta struct{ Content string } }
				}
				require.NoError(t, event.Decode(&chunk))
				for _, choice := range chunk.Choices {
					text += choice.Delta.Content
				}
			}
			require.Equal(t, "One two three.", text)
			return count(t, 2, c.Requests.All(t.Context(), lava.RequestsListParams{CustomerID: s.customer}))
		},
		bad: badChats(func(ctx context.Context, s *shop, address string, params lava.GatewayRequestParams) error {
			return last(s.GatewayStream(ctx, address, params))
		}),
	},
}

func chat(stream bool) map[string]any {
	return map[string]any{"model": "gpt-4o-mini", "stream": stream, "messages": []map[string]string{{"role": "user", "content": "Count."}}}
}

// badChats are refusals of the gateway, which are the same with and without a
// stream.
func badChats(send func(context.Context, *shop, string, lava.GatewayRequestParams) error) []badCall {
	return []badCall{
		{"unknown customer", func(ctx context.Context, s *shop) error {
			return send(ctx, s, chatURL, lava.GatewayRequestParams{BillTo: lava.ForCustomer{CustomerID: "nobody", MeterSlug: "chat"}, Body: chat(true)})
		}, lava.ErrNotFound, 404, "not_found", "customer_id"},
		{"unknown host", func(ctx context.Context, s *shop) error {
			return send(ctx, s, "https://example.com/v1/chat/completions", lava.GatewayRequestParams{Body: chat(true)})
		}, lava.ErrInvalidRequest, 400, "forward_endpoint_not_supported", "u"},
		{"unknown model", func(ctx context.Context, s *shop) error {
			return send(ctx, s, chatURL, lava.GatewayRequestParams{Body: map[string]any{"model": "gpt-0"}})
		}, lava.ErrInvalidRequest, 400, "forward_model_not_supported", "model"},
		{"no credit left", func(ctx context.Context, s *shop) error {
			broke, err := s.Customers.Create(ctx, lava.CreateCustomerParams{})
			if err != nil {
				return err
			}
			return send(ctx, s, chatURL, lava.GatewayRequestParams{BillTo: lava.ForCustomer{CustomerID: broke.CustomerID, MeterSlug: "chat"}, Body: chat(true)})
		}, lava.ErrInsufficientCredits, 402, "insufficient_credits", "customer_id"},
		{"a provider that is down", func(ctx context.Context, s *shop) error {
			s.Script(mockserver.Reply{Times: 1, Status: 503, Message: "overloaded"})
			return send(ctx, s, chatURL, lava.GatewayRequestParams{Body: chat(true)})
		}, lava.ErrServer, 503, "server_error", ""},
	}
}
