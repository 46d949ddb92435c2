// Package lava is a client for Lava, usage-based billing for AI products.
//
// A complete program: it meters a chat feature, sells a plan, sends a customer's
// chat completion through Lava's gateway, and reads back what it cost.
//
//	package main
//
//	import (
//		"context"
//		"errors"
//		"fmt"
//		"log"
//		"time"
//
//		"github.com/lavapayments/lava-go"
//		"github.com/shopspring/decimal"
//	)
//
//	func main() {
//		ctx := context.Background()
//		client, err := lava.New() // reads LAVA_SECRET_KEY
//		if err != nil {
//			log.Fatal(err)
//		}
//
//		meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{
//			Name:      "Chat tokens",
//			MeterSlug: "chat",
//			RateType:  lava.RateFixed,
//			TierType:  lava.TierTokens1M,
//			Tiers:     []lava.MeterTierParams{{Rate: decimal.RequireFromString("3.00")}},
//		})
//		if err != nil {
//			log.Fatal(err)
//		}
//
//		plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
//			Name:            "Pro",
//			PeriodAmount:    decimal.RequireFromString("49.00"),
//			BillingInterval: lava.IntervalMonth,
//			IncludedCredit:  lava.Set(decimal.RequireFromString("25.00")),
//			MeterIDs:        []string{meter.MeterID},
//		})
//		if err != nil {
//			log.Fatal(err)
//		}
//
//		// You can use your own id wherever a customer id is expected.
//		customer, err := client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "user-42"})
//		if err != nil {
//			log.Fatal(err)
//		}
//
//		// The browser opens this session with the checkout package.
//		session, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{
//			CheckoutMode: lava.CheckoutSubscription,
//			OriginURL:    "https://app.example.com",
//			PlanID:       plan.PlanID,
//			CustomerID:   customer.CustomerID,
//		})
//		if err != nil {
//			log.Fatal(err)
//		}
//		fmt.Println("check out:", session.CheckoutSessionID)
//
//		// The customer's requests are paid from the plan's credit, once the checkout is complete.
//		response, err := client.Gateway(ctx, "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
//			Payer: lava.ForCustomer{CustomerID: customer.CustomerID, MeterSlug: meter.MeterSlug},
//			Body: map[string]any{
//				"model":    "gpt-4o-mini",
//				"messages": []map[string]string{{"role": "user", "content": "Why is the sky blue?"}},
//			},
//		})
//		switch {
//		case errors.Is(err, lava.ErrInsufficientCredits):
//			fmt.Println("the checkout is not paid yet")
//			return
//		case err != nil:
//			log.Fatal(err)
//		}
//		fmt.Printf("%s\n", response.Body())
//
//		usage, err := client.Usage.Retrieve(ctx, lava.RetrieveUsageParams{
//			Start:      time.Now().AddDate(0, 0, -30),
//			CustomerID: customer.CustomerID,
//		})
//		if err != nil {
//			log.Fatal(err)
//		}
//		fmt.Println("charged so far:", usage.Totals.TotalCharge)
//	}
//
// # Conventions
//
// A method takes a context first, then ids, then its parameters by value. The name of
// their type begins with the method's verb: Meters.Create takes [CreateMeterParams],
// Usage.Retrieve takes [RetrieveUsageParams].
//
// Zero-valued parameters are omitted. If null or zero has its own meaning, the
// parameter is a [Field].
//
// List returns a [Page] of a list; Cursor and Limit in its parameters select the
// page. All takes the same parameters and iterates over all pages. A list without
// pages is a slice.
//
// An [Option] is named With… and configures a client. A function that adds a value to
// a context is named ContextWith…, such as [ContextWithIdempotencyKey]. A [Payer] is
// who pays for a gateway request.
//
// Money and rates are exact [decimal.Decimal] values in US dollars; times are
// [time.Time]. Enums are typed strings. A value that is newer than this package passes
// through unchanged, as do unknown fields.
//
// # Errors
//
// A call that was sent and failed returns an [*Error] with the status, Lava's code and
// message, and the request id for Lava's support. Use [errors.Is] to distinguish the
// usual cases: see [ErrNotFound] and the errors next to it. Those are Lava's own
// errors; a provider's error is [ErrProvider]. [AsError] finds Lava's error inside the
// error of a provider's SDK.
//
// # Secrets
//
// The keys and tokens that Lava issues are of type [Secret], and so are your own
// provider keys. The package never prints a secret, and no error contains one. Reveal
// returns the text, to use or store.
//
// # Retries
//
// Reads and deletes are retried after connection errors and the statuses 408, 429 and
// 5xx. A call that creates or changes something is retried only if it cannot take
// effect twice: see [WithIdempotentRetries].
package lava

import (
	"fmt"
	"log/slog"
	"net/url"

	"github.com/lavapayments/lava-go/internal/exchange"
)

// Client calls the Lava API on behalf of one merchant. It is immutable and safe
// for concurrent use: create one and share it.
type Client struct {
	CheckoutSessions *CheckoutSessionsService
	CreditBundles    *CreditBundlesService
	Customers        *CustomersService
	FallbackChain    *FallbackChainService
	Meters           *MetersService
	Models           *ModelsService
	PaymentMethods   *PaymentMethodsService
	Requests         *RequestsService
	SecretKeys       *SecretKeysService
	Services         *ServicesService
	SpendKeys        *SpendKeysService
	Subscriptions    *SubscriptionsService
	Usage            *UsageService
	Wallet           *WalletService
	Webhooks         *WebhooksService

	// Providers has the gateway addresses of the AI providers.
	Providers Providers

	base          *url.URL
	http          *exchange.Client
	key           Secret            // "aks_…"
	authorization Secret            // "Bearer aks_…"
	timeout       *exchange.Timeout // of an attempt
	trustKeys     bool              // see WithIdempotentRetries
	needPayer     bool              // see WithRequiredPayer
}

// service is the common part of the client's services.
type service struct{ client *Client }

// New returns a client. Without options, it takes the secret key from the
// environment variable LAVA_SECRET_KEY and the address from LAVA_API_URL. If that
// is not set, the kind of key determines the address: test keys (aks_test_…) go
// to Lava's sandbox, others to production. Without a key, the error is
// [ErrNoSecretKey].
//
// New sends no request: a wrong key fails the first call, with [ErrUnauthorized].
func New(opts ...Option) (*Client, error) {
	cfg := newConfig(opts)
	if err := cfg.resolve(); err != nil {
		return nil, err
	}
	return newClient(cfg), nil
}

func newClient(cfg *config) *Client {
	c := &Client{
		base: cfg.base,
		http: &exchange.Client{
			Send:    exchange.Sender(cfg.http, cfg.wrap),
			Retry:   cfg.retry,
			MaxBody: cfg.maxBody,
			Observe: observer(cfg.logger),
		},
		key:           NewSecret(cfg.key),
		authorization: NewSecret(bearer(cfg.key)),
		timeout:       exchange.NewTimeout(cfg.timeout),
		trustKeys:     cfg.trustKeys,
		needPayer:     cfg.needPayer,
		Providers:     newProviders(cfg.base.String()),
	}
	s := service{client: c}
	c.CheckoutSessions = (*CheckoutSessionsService)(&s)
	c.CreditBundles = (*CreditBundlesService)(&s)
	c.Customers = (*CustomersService)(&s)
	c.FallbackChain = (*FallbackChainService)(&s)
	c.Meters = (*MetersService)(&s)
	c.Models = (*ModelsService)(&s)
	c.PaymentMethods = (*PaymentMethodsService)(&s)
	c.Requests = (*RequestsService)(&s)
	c.SecretKeys = (*SecretKeysService)(&s)
	c.Services = (*ServicesService)(&s)
	c.SpendKeys = (*SpendKeysService)(&s)
	c.Subscriptions = (*SubscriptionsService)(&s)
	c.Usage = (*UsageService)(&s)
	c.Wallet = (*WalletService)(&s)
	c.Webhooks = (*WebhooksService)(&s)
	return c
}

// bearer returns the Authorization header for a key; "" if there is none.
func bearer(key string) string {
	if key == "" {
		return ""
	}
	return "Bearer " + key
}

// BaseURL returns the address that the client calls. It ends in /v1/.
func (c *Client) BaseURL() string { return c.base.String() }

// Format implements [fmt.Formatter]: every verb prints the address only.
func (c Client) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "lava.Client{BaseURL: %s}", c.base)
}

// LogValue implements [slog.LogValuer] with the address only.
func (c Client) LogValue() slog.Value {
	return slog.GroupValue(slog.String("base_url", c.base.String()))
}
