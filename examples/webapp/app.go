package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"log"
	"net/http"
	"slices"
	"sync"

	"github.com/lavapayments/lava-go"
)

// app is the application. Its users are cookies, and its data about them is in memory; yours has accounts and a
// database. A user's id is the customer's reference id at Lava, so there is no second id to store.
type app struct {
	lava  *lava.Client
	plans []lava.Plan // for sale, cheapest first
	meter string

	mu       sync.Mutex
	accounts map[string]account // by user
}

func newApp(client *lava.Client, plans []lava.Plan, meter string) *app {
	return &app{lava: client, plans: plans, meter: meter, accounts: map[string]account{}}
}

// handler serves the page with the given files, its API, and Lava's webhook deliveries, which are signed with the
// secret.
func (a *app) handler(files fs.FS, webhookSecret string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	if _, err := fs.Stat(files, "app.js"); err != nil {
		mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { showBuild(w, files) })
	}
	mux.Handle("GET /api/plans", a.endpoint(a.listPlans))
	mux.Handle("GET /api/account", a.endpoint(a.account))
	mux.Handle("POST /api/checkout", a.endpoint(a.checkout))
	mux.Handle("POST /api/refresh", a.endpoint(a.refresh))
	mux.Handle("POST /api/cancel", a.endpoint(a.cancel))
	mux.Handle("POST /api/chat", a.endpoint(a.chat))
	mux.Handle("POST /webhooks/lava", lava.NewWebhookHandler(webhookSecret, a.onEvent))
	return mux
}

// showBuild shows how to build the page, until it is built.
func showBuild(w http.ResponseWriter, files fs.FS) {
	page, err := fs.ReadFile(files, "build.html")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write(page)
}

// endpoint responds in JSON to a user whom a cookie identifies.
func (a *app) endpoint(handle func(r *http.Request, user string) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, err := r.Cookie("user")
		if err != nil || len(user.Value) != len(rand.Text()) {
			user = &http.Cookie{Name: "user", Value: rand.Text(), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode}
			http.SetCookie(w, user)
		}
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		id := "webapp-" + user.Value // so that a browser can't name a customer by Lava's id
		result, err := any(nil), a.meet(r.Context(), id)
		if err == nil {
			result, err = handle(r, id)
		}
		status := http.StatusOK
		if err != nil {
			log.Printf("%s: %v", r.URL.Path, err) // Lava's errors contain a request id, and no secrets
			var text string
			status, text = explain(err)
			result = map[string]string{"error": text}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(result)
	})
}

// errInput means a request that the page never sends.
var errInput = errors.New("malformed request")

// explain returns the message for a user about an error.
func explain(err error) (status int, text string) {
	switch {
	case errors.Is(err, errInput):
		return http.StatusBadRequest, "That request is not valid."
	case errors.Is(err, lava.ErrInsufficientCredits):
		return http.StatusPaymentRequired, "You have used up your credit. Buy more, choose another plan, or wait until it renews."
	case errors.Is(err, lava.ErrProvider), errors.Is(err, lava.ErrRateLimited), errors.Is(err, lava.ErrServer):
		return http.StatusServiceUnavailable, "The model is busy. Please try again."
	}
	// Also lava.ErrInsufficientBalance and lava.ErrUnauthorized: our fault, so we must fix it.
	return http.StatusInternalServerError, "That did not work. We are looking into it."
}

// account is what the page shows about a user. It is a copy of Lava's data.
type account struct {
	PlanID  string `json:"plan_id"`
	Plan    string `json:"plan"`
	Paid    bool   `json:"paid"` // the plan costs something
	Credits string `json:"credits"`
	Next    string `json:"next"` // the plan of a pending change
	On      string `json:"on"`   // the day of the change
}

func (a *app) account(_ *http.Request, user string) (any, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.accounts[user], nil
}

// meet reads the account of a user who is seen for the first time since the start.
func (a *app) meet(ctx context.Context, user string) error {
	a.mu.Lock()
	_, known := a.accounts[user]
	a.mu.Unlock()
	if known {
		return nil
	}
	_, err := a.read(ctx, user)
	return err
}

// refresh reads the account again. The page calls it after a checkout, because the
// browser may return before Lava's event arrives.
func (a *app) refresh(r *http.Request, user string) (any, error) {
	return a.read(r.Context(), user)
}

// read reads a user's account from Lava and creates a customer for a new user.
func (a *app) read(ctx context.Context, user string) (account, error) {
	sub, err := a.lava.Customers.RetrieveSubscription(ctx, user)
	if errors.Is(err, lava.ErrNotFound) {
		if _, err = a.lava.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: user}); err == nil {
			sub, err = a.lava.Customers.RetrieveSubscription(ctx, user)
		}
	}
	if err != nil {
		return account{}, err
	}
	now := account{
		PlanID: sub.PlanID, Plan: sub.Plan.Name, Paid: sub.Plan.PeriodAmount.IsPositive(),
		Credits: sub.Credits.TotalRemaining.StringFixed(2),
	}
	if change := sub.PendingChange; change != nil {
		now.Next, now.On = "Free", change.EffectiveAt.Format("January 2")
		if change.Type == lava.PendingDowngrade {
			now.Next = change.Name
		}
	}
	a.mu.Lock()
	a.accounts[user] = now
	a.mu.Unlock()
	return now, nil
}

// onEvent reads the account of an event's customer again: events may arrive twice, late or out of order, but what is
// read is current.
func (a *app) onEvent(ctx context.Context, event lava.WebhookEvent) error {
	if event.Customer == nil {
		return nil // an unknown type of event
	}
	user := event.Customer.ReferenceID
	if event.Type == lava.EventCustomerDeleted {
		a.mu.Lock()
		delete(a.accounts, user)
		a.mu.Unlock()
		return nil
	}
	_, err := a.read(ctx, user)
	if errors.Is(err, lava.ErrNotFound) {
		return nil // deleted in the meantime
	}
	return err
}

// planOffer is a plan as the page shows it.
type planOffer struct {
	PlanID string `json:"plan_id"`
	Name   string `json:"name"`
	Price  string `json:"price"`
	Credit string `json:"credit"`
	Per    string `json:"per"`

	Bundles []bundleOffer `json:"bundles"` // for customers on this plan
}

// bundleOffer is extra credit.
type bundleOffer struct {
	CreditBundleID string `json:"credit_bundle_id"`
	Price          string `json:"price"`
	Credit         string `json:"credit"`
}

func (a *app) listPlans(*http.Request, string) (any, error) {
	offers := make([]planOffer, len(a.plans))
	for i, p := range a.plans {
		bundles := make([]bundleOffer, len(p.CreditBundles))
		for j, b := range p.CreditBundles {
			bundles[j] = bundleOffer{b.CreditBundleID, b.Cost.StringFixed(2), b.CreditAmount.StringFixed(2)}
		}
		offers[i] = planOffer{p.PlanID, p.Name, p.PeriodAmount.StringFixed(2), p.IncludedCredit.StringFixed(2), string(p.BillingInterval), bundles}
	}
	return offers, nil
}

// checkout creates a checkout of a plan or a credit bundle, which the browser opens with the token. Only the requesting
// page may show it. A customer who has a plan changes to the other one.
func (a *app) checkout(r *http.Request, user string) (any, error) {
	params := lava.CreateCheckoutSessionParams{OriginURL: "http://" + r.Host, CustomerID: user}
	var in struct {
		PlanID         string `json:"plan_id"`
		CreditBundleID string `json:"credit_bundle_id"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	switch {
	case slices.ContainsFunc(a.plans, func(p lava.Plan) bool { return p.PlanID == in.PlanID }):
		params.CheckoutMode, params.PlanID = lava.CheckoutSubscription, in.PlanID
	case in.CreditBundleID != "": // Lava rejects a bundle that is not one of the customer's plan
		params.CheckoutMode, params.CreditBundleID = lava.CheckoutCreditBundle, in.CreditBundleID
	default:
		return nil, errInput
	}
	session, err := a.lava.CheckoutSessions.Create(r.Context(), params)
	if errors.Is(err, lava.ErrInvalidRequest) {
		return nil, errors.Join(errInput, err)
	}
	if err != nil {
		return nil, err
	}
	return map[string]string{"token": session.CheckoutSessionToken.Reveal()}, nil
}

// cancel ends the plan at the end of the paid period.
func (a *app) cancel(r *http.Request, user string) (any, error) {
	sub, err := a.lava.Customers.RetrieveSubscription(r.Context(), user)
	if err != nil {
		return nil, err
	}
	if err := a.lava.Subscriptions.Cancel(r.Context(), sub.SubscriptionID); err != nil {
		return nil, err
	}
	return a.read(r.Context(), user) // there is no event for a change that is only scheduled
}

// chat sends a message through the gateway, which charges the customer for it.
func (a *app) chat(r *http.Request, user string) (any, error) {
	var in struct {
		Message string `json:"message"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	reply, err := a.complete(r.Context(), user, in.Message)
	if err != nil {
		return nil, err
	}
	now, err := a.read(r.Context(), user)
	return struct {
		account
		Reply string `json:"reply"`
	}{now, reply}, err
}

func (a *app) complete(ctx context.Context, user, message string) (string, error) {
	response, err := a.lava.Gateway(ctx, "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
		Payer: lava.ForCustomer{CustomerID: user, MeterSlug: a.meter},
		Body: map[string]any{
			"model":    "gpt-4o-mini",
			"messages": []map[string]string{{"role": "user", "content": message}},
		},
	})
	if err != nil {
		return "", err
	}
	var completion struct {
		Choices []struct {
			Message struct {
				Content string `json:"content"`
			} `json:"message"`
		} `json:"choices"`
	}
	if err := response.Decode(&completion); err != nil {
		return "", err
	}
	if len(completion.Choices) == 0 {
		return "", errors.New("chat completion: the response has no choices")
	}
	return completion.Choices[0].Message.Content, nil
}

func decode(r *http.Request, in any) error {
	if err := json.NewDecoder(r.Body).Decode(in); err != nil {
		return errors.Join(errInput, err)
	}
	return nil
}
