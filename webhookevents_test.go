package lava_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

const delivery = `{"event":"customer.created","data":{"customer_id":"con_1","contact":{"first_name":"Ada"},"subscription":{"status":"active"}}}`

func TestSignWebhook(t *testing.T) {
	t.Parallel()
	// RFC 4231, test case 2.
	require.Equal(t, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		lava.SignWebhook([]byte("what do ya want for nothing?"), "Jefe"))
}

func TestConstructEvent(t *testing.T) {
	t.Parallel()
	sign := func(body string) string { return lava.SignWebhook([]byte(body), "whsec_1") }
	event, err := lava.ConstructEvent([]byte(delivery), sign(delivery), "whsec_1")
	require.NoError(t, err)
	require.Equal(t, lava.EventCustomerCreated, event.Type)
	require.Equal(t, "con_1", event.Customer.CustomerID)
	require.Equal(t, lava.SubscriptionActive, event.Customer.Subscription.Status)

	newer := `{"event":"plan.renamed","data":["anything"],"more":1}`
	event, err = lava.ConstructEvent([]byte(newer), sign(newer), "whsec_1")
	require.NoError(t, err)
	require.Nil(t, event.Customer)
	require.JSONEq(t, `["anything"]`, string(event.Data))

	for name, tt := range map[string]struct {
		body, signature, secret string
		want                    error
	}{
		"no secret":            {delivery, lava.SignWebhook([]byte(delivery), ""), "", lava.ErrWebhookSecret},
		"no signature":         {delivery, "", "whsec_1", lava.ErrWebhookSignature},
		"other secret":         {delivery, sign(delivery), "whsec_2", lava.ErrWebhookSignature},
		"changed body":         {delivery + " ", sign(delivery), "whsec_1", lava.ErrWebhookSignature},
		"upper-case":           {delivery, strings.ToUpper(sign(delivery)), "whsec_1", lava.ErrWebhookSignature},
		"no json":              {"hello", sign("hello"), "whsec_1", lava.ErrWebhookBody},
		"no event":             {"{}", sign("{}"), "whsec_1", lava.ErrWebhookBody},
		"no data":              {`{"event":"customer.created"}`, sign(`{"event":"customer.created"}`), "whsec_1", lava.ErrWebhookBody},
		"data isn't an object": {`{"event":"customer.created","data":7}`, sign(`{"event":"customer.created","data":7}`), "whsec_1", lava.ErrWebhookBody},
	} {
		_, err := lava.ConstructEvent([]byte(tt.body), tt.signature, tt.secret)
		require.ErrorIs(t, err, tt.want, name)
	}
}

func TestWebhookHandler(t *testing.T) {
	t.Parallel()
	errDatabase := errors.New("database down")
	big := `{"event":"x","data":"` + strings.Repeat("x", 1<<20) + `"}`
	for _, tt := range []struct {
		name      string
		method    string
		body      string
		signature string
		handleErr error
		secret    string
		want      int
		handled   bool
		reported  error
	}{
		{"good", "POST", delivery, lava.SignWebhook([]byte(delivery), "s"), nil, "s", 200, true, nil},
		{"the handler fails", "POST", delivery, lava.SignWebhook([]byte(delivery), "s"), errDatabase, "s", 500, true, errDatabase},
		{"wrong signature", "POST", delivery, lava.SignWebhook([]byte(delivery), "t"), nil, "s", 401, false, lava.ErrWebhookSignature},
		{"malformed", "POST", "{", lava.SignWebhook([]byte("{"), "s"), nil, "s", 400, false, lava.ErrWebhookBody},
		{"too large", "POST", big, lava.SignWebhook([]byte(big), "s"), nil, "s", 413, false, new(http.MaxBytesError)},
		{"get", "GET", "", "", nil, "s", 405, false, nil},
		{"no secret", "POST", delivery, lava.SignWebhook([]byte(delivery), ""), nil, "", 500, false, lava.ErrWebhookSecret},
	} {
		t.Run(tt.name, func(t *testing.T) {
			handled := false
			handler := lava.NewWebhookHandler(tt.secret, func(_ context.Context, event lava.WebhookEvent) error {
				handled = true
				return tt.handleErr
			})
			var reported []error
			handler.OnError = func(_ *http.Request, err error) { reported = append(reported, err) }
			r := httptest.NewRequestWithContext(t.Context(), tt.method, "/hooks", strings.NewReader(tt.body))
			r.Header.Set(lava.WebhookSignatureHeader, tt.signature)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			require.Equal(t, tt.want, w.Code)
			require.Equal(t, tt.handled, handled)
			require.NotContains(t, w.Body.String(), "database")
			if tt.reported == nil {
				require.Empty(t, reported)
				return
			}
			require.Len(t, reported, 1)
			var tooLarge *http.MaxBytesError
			if !errors.As(tt.reported, &tooLarge) {
				require.ErrorIs(t, reported[0], tt.reported)
				return
			}
			require.ErrorAs(t, reported[0], &tooLarge)
		})
	}
}

// Without OnError, errors are logged, without secrets. The test changes the default logger.
func TestWebhookHandlerLogs(t *testing.T) { //nolint:paralleltest // the default logger is global
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	var log bytes.Buffer
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	handler := lava.NewWebhookHandler("s", func(context.Context, lava.WebhookEvent) error {
		return errors.New("database down for whsec_hunter2")
	})
	for _, signature := range []string{lava.SignWebhook([]byte(delivery), "s"), "forged"} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/hooks", strings.NewReader(delivery))
		r.Header.Set(lava.WebhookSignatureHeader, signature)
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	failed, rejected, _ := strings.Cut(log.String(), "\n")
	require.Contains(t, failed, "level=ERROR")
	require.Contains(t, failed, "customer.created was not handled: database down")
	require.Contains(t, rejected, "level=WARN")
	require.Contains(t, rejected, "wrong webhook signature")
	require.NotContains(t, log.String(), "hunter2")
}

func FuzzConstructEvent(f *testing.F) {
	f.Add(delivery)
	f.Add(`{"event":"customer.deleted","data":null}`)
	f.Fuzz(func(t *testing.T, body string) {
		event, err := lava.ConstructEvent([]byte(body), lava.SignWebhook([]byte(body), "s"), "s")
		if (event == nil) == (err == nil) {
			t.Errorf("event %v, error %v", event, err)
		}
		if err == nil && event.Type == lava.EventCustomerDeleted && event.Customer == nil {
			t.Errorf("%s without a customer", event.Type)
		}
	})
}

var _ http.Handler = lava.NewWebhookHandler("", nil)
