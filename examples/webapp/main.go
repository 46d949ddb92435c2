// Webapp is a chat that people subscribe to in the browser, with two plans that they can change between and cancel, and
// extra credit to buy. It consists of a backend in Go and one page, which opens Lava's checkout with the published React hook. It needs no
// account. The first two lines build the page, once:
//
//	npm ci --prefix examples/webapp/web --ignore-scripts
//	npm run build --prefix examples/webapp/web
//	go run ./examples/webapp
//
// The mock server stands in for Lava, and the card 4242 4242 4242 4242 works. The program prints the address of the
// mock's dashboard, which moves the clock to a renewal or to the end of a cancelled plan. With -live, the app uses the real
// Lava, with the key in LAVA_SECRET_KEY, the secret of a webhook for /webhooks/lava in LAVA_WEBHOOK_SECRET, plans
// and one of their meters.
//
// The page is in web/app.jsx. The browser's file static/app.js is built from it (see web/package.json). Without
// that file the program still runs, and the page shows the two lines.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
	"github.com/lavapayments/lava-go/mockserver/dashboard"
)

// static contains the page; app.js may be missing if it isn't built.
//
//go:embed static
var static embed.FS

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:3000", "the TCP `address` to serve the application on")
	live := flag.Bool("live", false, "use Lava itself instead of the mock server")
	plans := flag.String("plans", "", "with -live: the `ids` of the plans to sell, separated by commas; the environment has LAVA_WEBHOOK_SECRET")
	meter := flag.String("meter", "", "with -live: the `slug` of the meter that counts messages")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	h, closeLava, err := open(ctx, *live, *plans, *meter)
	if err != nil {
		log.Fatal(err)
	}
	if err := errors.Join(serve(ctx, *addr, h), closeLava()); err != nil {
		log.Fatal(err)
	}
}

// open connects the application to Lava, or to a mock server with something to sell.
func open(ctx context.Context, live bool, plans, meter string) (http.Handler, func() error, error) {
	files, err := fs.Sub(static, "static")
	if err != nil {
		return nil, nil, err
	}
	if live {
		client, err := lava.New() // reads LAVA_SECRET_KEY
		if err != nil {
			return nil, nil, err
		}
		a, err := newLiveApp(ctx, client, plans, meter)
		if err != nil {
			return nil, nil, err
		}
		return a.handler(files, os.Getenv("LAVA_WEBHOOK_SECRET")), func() error { return nil }, nil
	}
	mock, err := mockserver.New(mockserver.RealTime())
	if err != nil {
		return nil, nil, err
	}
	h, err := openMock(ctx, mock, files)
	if err != nil {
		return nil, nil, errors.Join(err, mock.Close())
	}
	dashboard.Mount(mock)
	log.Printf("the mock's dashboard, with its clock: %s", mock.URL())
	return h, mock.Close, nil
}

// newLiveApp returns an application that sells existing plans.
func newLiveApp(ctx context.Context, client *lava.Client, ids, meter string) (*app, error) {
	if ids == "" || meter == "" || os.Getenv("LAVA_WEBHOOK_SECRET") == "" {
		return nil, errors.New("-live needs -plans, -meter and LAVA_WEBHOOK_SECRET")
	}
	var plans []lava.Plan
	for id := range strings.SplitSeq(ids, ",") {
		plan, err := client.Subscriptions.RetrievePlan(ctx, id)
		if err != nil {
			return nil, err
		}
		plans = append(plans, *plan)
	}
	return newApp(client, plans, meter), nil
}

// openMock returns the application with a mock server as Lava, which delivers its webhooks.
func openMock(ctx context.Context, mock *mockserver.Server, files fs.FS) (http.Handler, error) {
	client := mock.Client()
	plans, meter, err := createPlans(ctx, client)
	if err != nil {
		return nil, err
	}
	const origin = "https://webapp.example.com"
	webhook, err := client.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "webapp", URL: origin + "/webhooks/lava"})
	if err != nil {
		return nil, err
	}
	h := newApp(client, plans, meter).handler(files, webhook.Secret.Reveal())
	return h, mock.HandleWebhooks(origin, h)
}

// createPlans creates two monthly plans, one for 9 dollars with 5 dollars of credit and one for 49 with 25. Each
// message costs 0.25. Both sell 12 dollars of extra credit for 10.
func createPlans(ctx context.Context, client *lava.Client) (plans []lava.Plan, meterSlug string, err error) {
	meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name:     "Messages",
		RateType: lava.RateFixed,
		TierType: lava.TierRequests,
		Tiers:    []lava.MeterTierParams{{Rate: decimal.RequireFromString("0.25")}},
	})
	if err != nil {
		return nil, "", err
	}
	for _, p := range []struct{ name, price, credit string }{{"Basic", "9.00", "5.00"}, {"Pro", "49.00", "25.00"}} {
		plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
			Name:            p.name,
			PeriodAmount:    decimal.RequireFromString(p.price),
			BillingInterval: lava.IntervalMonth,
			IncludedCredit:  lava.Set(decimal.RequireFromString(p.credit)),
			MeterIDs:        []string{meter.MeterID},
			CreditBundles: []lava.PlanCreditBundleParams{
				{Name: "Extra credit", Cost: decimal.RequireFromString("10.00"), CreditAmount: decimal.RequireFromString("12.00")},
			},
		})
		if err != nil {
			return nil, "", err
		}
		plans = append(plans, *plan)
	}
	return plans, meter.MeterSlug, nil
}

// serve serves until ctx ends.
func serve(ctx context.Context, addr string, h http.Handler) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", l.Addr())
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
