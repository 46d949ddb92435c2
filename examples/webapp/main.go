// Webapp is a chat that people subscribe to in the browser: a backend in Go and
// one page, which opens Lava's checkout with the published React hook. It needs
// no account. The first two lines build the page, once:
//
//	npm ci --prefix examples/webapp/web --ignore-scripts
//	npm run build --prefix examples/webapp/web
//	go run ./examples/webapp
//
// Lava itself is played by the mock server then, and the card 4242 4242 4242 4242
// pays. With -live it is the real one, with the key in LAVA_SECRET_KEY, a plan
// and one of its meters.
//
// The page is in web/app.jsx. What the browser gets, static/app.js, is built from
// it (see web/package.json). Without it the program runs too, and the page shows
// the two lines.
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
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// static has the page as far as it is built: app.js may be missing.
//
//go:embed static
var static embed.FS

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:3000", "the TCP `address` to serve the application on")
	live := flag.Bool("live", false, "use Lava itself instead of the mock server")
	plan := flag.String("plan", "", "with -live: the `id` of the plan to sell")
	meter := flag.String("meter", "", "with -live: the `slug` of the meter that counts messages")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	a, closeLava, err := open(ctx, *live, *plan, *meter)
	if err != nil {
		log.Fatal(err)
	}
	files, err := fs.Sub(static, "static")
	if err == nil {
		err = serve(ctx, *addr, a.handler(files))
	}
	if err := errors.Join(err, closeLava()); err != nil {
		log.Fatal(err)
	}
}

// open connects the application to Lava, or to a mock server with something to
// sell.
func open(ctx context.Context, live bool, plan, meter string) (*app, func() error, error) {
	if live {
		client, err := lava.New() // reads LAVA_SECRET_KEY
		if err == nil && (plan == "" || meter == "") {
			err = errors.New("-live needs -plan and -meter")
		}
		return newApp(client, plan, meter), func() error { return nil }, err
	}
	mock, err := mockserver.New(mockserver.RealTime())
	if err != nil {
		return nil, nil, err
	}
	client := mock.Client()
	plan, meter, err = createPlan(ctx, client)
	return newApp(client, plan, meter), mock.Close, err
}

// createPlan makes a plan of 49.00 a month with 25.00 of credit, of which every
// message takes 0.25.
func createPlan(ctx context.Context, client *lava.Client) (planID, meterSlug string, err error) {
	meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name:     "Messages",
		RateType: lava.RateFixed,
		TierType: lava.TierRequests,
		Tiers:    []lava.MeterTierParams{{Rate: decimal.RequireFromString("0.25")}},
	})
	if err != nil {
		return "", "", err
	}
	plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name:            "Pro Plan",
		PeriodAmount:    decimal.RequireFromString("49.00"),
		BillingInterval: lava.IntervalMonth,
		IncludedCredit:  lava.Set(decimal.RequireFromString("25.00")),
		MeterIDs:        []string{meter.MeterID},
	})
	if err != nil {
		return "", "", err
	}
	return plan.PlanID, meter.MeterSlug, nil
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
