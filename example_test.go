package lava_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/lavapayments/lava-go"
)

// Sentinels tell the usual cases apart; the error itself has the details.
func ExampleError() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	_, err := client.Customers.Retrieve(ctx, "user_404")
	if errors.Is(err, lava.ErrNotFound) {
		fmt.Println("no such customer")
	}

	_, err = client.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "Mine", URL: "app.example.com"})
	var failed *lava.Error
	if errors.As(err, &failed) && errors.Is(err, lava.ErrInvalidRequest) {
		fmt.Println(failed.Status, failed.Code, failed.Param)
	}
	// Output:
	// no such customer
	// 400 invalid_request url
}

// Absent leaves as it is, null clears, a value sets.
func ExampleField() {
	params, _ := json.Marshal(lava.UpdateCustomerParams{
		Name:  lava.Set("Ada Lovelace"),
		Email: lava.Null[string](),
	})
	fmt.Println(string(params))
	// Output: {"name":"Ada Lovelace","email":null}
}

// roundTripperFunc is a function as an [http.RoundTripper].
type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Middleware sees every attempt. This one logs what was asked and answered.
func ExampleWithMiddleware() {
	ctx := context.Background()
	_, mock := startMock()
	defer mock.stop()
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))

	logging := func(next http.RoundTripper) http.RoundTripper {
		return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			if err != nil {
				logger.Warn("lava", "method", r.Method, "path", r.URL.Path, "err", err)
				return nil, err
			}
			logger.Info("lava", "method", r.Method, "path", r.URL.Path, "status", resp.StatusCode)
			return resp, nil
		})
	}
	client, err := lava.New(
		lava.WithMiddleware(logging),
		lava.WithSecretKey(mock.SecretKey()), lava.WithBaseURL(mock.URL()), // by default from the environment
	)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Wallet.Retrieve(ctx); err != nil {
		log.Fatal(err)
	}
	// Output: level=INFO msg=lava method=GET path=/v1/wallet status=200
}

func withoutTime(groups []string, attr slog.Attr) slog.Attr {
	if attr.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return lava.RedactAttr(groups, attr)
}

// What the typed result leaves out: status, header, body as it came.
func ExampleContextWithResponse() {
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	var response lava.Response
	ctx := lava.ContextWithResponse(context.Background(), &response)
	if _, err := client.Wallet.Retrieve(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Status, response.Header.Get("X-RateLimit-Limit"), strings.Contains(string(response.Body), "balance"))
	// Output: 200 1000 true
}

func ExampleRedact() {
	fmt.Println(lava.Redact("calling with Bearer aks_live_0123456789"))
	// Output: calling with Bearer aks_live_[redacted]
}
