package mockserver_test

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// mailbox is a receiver that records what it gets, as "customer status".
type mailbox struct {
	t      *testing.T
	secret string

	mu  sync.Mutex
	got []string
}

func (m *mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the test fails because it is missing
	}
	status, reference := http.StatusUnauthorized, ""
	if event, err := lava.ConstructEvent(body, r.Header.Get(lava.WebhookSignatureHeader), m.secret); err == nil {
		status, reference = http.StatusOK, event.Customer.ReferenceID
	}
	m.mu.Lock()
	m.got = append(m.got, fmt.Sprintf("%s%d", reference, status))
	m.mu.Unlock()
	w.WriteHeader(status)
}

func (m *mailbox) open(s *mockserver.Server) string {
	m.t.Helper()
	w, err := s.Client().Webhooks.Create(m.t.Context(), lava.CreateWebhookParams{Name: "app", URL: hookURL})
	require.NoError(m.t, err)
	m.secret = w.Secret.Reveal()
	require.NoError(m.t, s.HandleWebhooks(hookURL, m))
	return w.WebhookID
}

func TestHostileWebhooks(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		armed mockserver.WebhookFailure
		// What the receiver has got immediately, 5 seconds later, and a minute later.
		atOnce, soon, later []string
		status              []mockserver.DeliveryStatus
	}{
		"dropped": {
			mockserver.WebhookFailure{Kind: mockserver.WebhookDropped, After: 1, Times: 1},
			[]string{"a200", "c200"}, nil, nil,
			[]mockserver.DeliveryStatus{"delivered", "given_up", "delivered"},
		},
		"duplicated": {
			mockserver.WebhookFailure{Kind: mockserver.WebhookDuplicated, Times: 1},
			[]string{"a200", "a200", "b200", "c200"}, nil, nil,
			[]mockserver.DeliveryStatus{"delivered", "delivered", "delivered"},
		},
		"delayed": {
			mockserver.WebhookFailure{Kind: mockserver.WebhookDelayed, Delay: time.Minute, After: 1, Times: 1},
			[]string{"a200"}, nil, []string{"b200", "c200"},
			[]mockserver.DeliveryStatus{"delivered", "delivered", "delivered"},
		},
		"reordered": {
			mockserver.WebhookFailure{Kind: mockserver.WebhookReordered, Times: 1},
			[]string{"b200", "c200"}, []string{"a200"}, nil,
			[]mockserver.DeliveryStatus{"delivered", "delivered", "delivered"},
		},
		"wrong signature": {
			mockserver.WebhookFailure{Kind: mockserver.WebhookWrongSignature, Times: 1},
			[]string{"401"}, []string{"a200", "b200", "c200"}, nil,
			[]mockserver.DeliveryStatus{"delivered", "delivered", "delivered"},
		},
		"timed out": {
			mockserver.WebhookFailure{Kind: mockserver.WebhookTimedOut, Times: 1},
			[]string{"a200"}, []string{"a200", "b200", "c200"}, nil,
			[]mockserver.DeliveryStatus{"delivered", "delivered", "delivered"},
		},
		"dead for two attempts": {
			mockserver.WebhookFailure{Kind: mockserver.WebhookUnreachable, Times: 2},
			nil, nil, []string{"a200", "b200", "c200"},
			[]mockserver.DeliveryStatus{"delivered", "delivered", "delivered"},
		},
		"for one event": {
			mockserver.WebhookFailure{Kind: mockserver.WebhookDropped, Event: lava.EventCustomerCreated},
			nil, nil, nil,
			[]mockserver.DeliveryStatus{"given_up", "given_up", "given_up"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mockserver.Start(t, mockserver.InMemory())
			m := &mailbox{t: t}
			tt.armed.Webhook = m.open(s)
			s.FailWebhooks(tt.armed)
			for _, reference := range []string{"a", "b", "c"} {
				require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{"reference_id":"`+reference+`"}`).status)
			}
			require.NoError(t, s.Settle(t.Context()))
			require.Equal(t, tt.atOnce, m.got)
			s.Advance(5 * time.Second)
			require.Equal(t, append(tt.atOnce, tt.soon...), m.got)
			s.Advance(55 * time.Second)
			require.Equal(t, append(append(tt.atOnce, tt.soon...), tt.later...), m.got)
			var status []mockserver.DeliveryStatus
			for _, d := range s.Deliveries() {
				status = append(status, d.Status)
			}
			require.Equal(t, tt.status, status)
		})
	}
}

// An armed failure looks like a real one, and the delivery can be resent.
func TestDroppedWebhooksCanBeResent(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	m := &mailbox{t: t}
	m.open(s)
	s.FailWebhooks(mockserver.WebhookFailure{Kind: mockserver.WebhookDropped, Times: 1})
	addCustomer(t, s)
	require.NoError(t, s.Settle(t.Context()))
	dropped := s.Deliveries()[0]
	require.Empty(t, m.got)
	require.Equal(t, "not sent: the test dropped this delivery", dropped.Attempts[0].Error)
	require.NoError(t, s.Resend(dropped.ID))
	require.NoError(t, s.Settle(t.Context()))
	require.Equal(t, []string{"200"}, m.got)
}

func TestWebhookFailuresOfAMerchant(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	m := &mailbox{t: t}
	m.open(s)
	tenant := s.NewMerchant()
	tenant.FailWebhooks(mockserver.WebhookFailure{Kind: mockserver.WebhookDropped})
	addCustomer(t, s)
	require.NoError(t, s.Settle(t.Context()))
	require.Equal(t, []string{"200"}, m.got)
	require.Len(t, tenant.Unused(), 1)
	tenant.Disarm()
}

func TestWebhookFailuresOfNonsense(t *testing.T) {
	t.Parallel()
	s, err := mockserver.New(mockserver.InMemory())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	for want, f := range map[string]mockserver.WebhookFailure{
		`kind: is required: one of "dropped", "duplicated"`:            {},
		`kind: "lost" is not one of`:                                   {Kind: "lost"},
		`no webhook "wh_1"`:                                            {Kind: mockserver.WebhookDropped, Webhook: "wh_1"},
		`event: "customer.eaten" is not one of`:                        {Kind: mockserver.WebhookDropped, Event: "customer.eaten"},
		`delay: 0s must be greater than 0`:                             {Kind: mockserver.WebhookDelayed},
		`delay: only allowed with the kinds "delayed" and "reordered"`: {Kind: mockserver.WebhookDropped, Delay: time.Second},
		`after: -1 is negative`:                                        {Kind: mockserver.WebhookDropped, After: -1},
	} {
		require.Contains(t, panicOf(func() { s.FailWebhooks(f) }), want)
	}
	require.Empty(t, s.Unused())
}
