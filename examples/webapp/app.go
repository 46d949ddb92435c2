package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"log"
	"net/http"
	"sync"

	"github.com/lavapayments/lava-go"
)

// app is the application. Its users are cookies, and what it knows of them is in
// memory; yours has accounts and a database.
type app struct {
	lava  *lava.Client
	plan  string
	meter string

	mu        sync.Mutex
	customers map[string]string // Lava's customer ids, by user
}

func newApp(client *lava.Client, plan, meter string) *app {
	return &app{lava: client, plan: plan, meter: meter, customers: map[string]string{}}
}

// handler serves the page, whose files are given, and what it asks for.
func (a *app) handler(files fs.FS) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	if _, err := fs.Stat(files, "app.js"); err != nil {
		mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { showBuild(w, files) })
	}
	mux.Handle("GET /api/account", a.endpoint(a.account))
	mux.Handle("POST /api/checkout", a.endpoint(a.checkout))
	mux.Handle("POST /api/customer", a.endpoint(a.saveCustomer))
	mux.Handle("POST /api/chat", a.endpoint(a.chat))
	return mux
}

// showBuild shows how to build the page, as long as it is not built.
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

// endpoint answers in JSON to a user whom a cookie identifies.
func (a *app) endpoint(handle func(r *http.Request, user string) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, err := r.Cookie("user")
		if err != nil {
			user = &http.Cookie{Name: "user", Value: rand.Text(), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode}
			http.SetCookie(w, user)
		}
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		answer, err := handle(r, user.Value)
		status := http.StatusOK
		if err != nil {
			log.Printf("%s: %v", r.URL.Path, err)
			status, answer = http.StatusBadGateway, map[string]string{"error": explain(err)}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer)
	})
}

// explain says what a user may know of an error.
func explain(err error) string {
	if errors.Is(err, lava.ErrInsufficientCredits) { // the customer's, not ours at a provider
		return "You have used up your credit. It is renewed with the next month."
	}
	return "That did not work. Please try again."
}

// account is what the page shows of a user.
type account struct {
	Plan    string `json:"plan"` // empty before the checkout
	Credits string `json:"credits"`
}

func (a *app) account(r *http.Request, user string) (any, error) {
	return a.accountOf(r.Context(), user)
}

func (a *app) accountOf(ctx context.Context, user string) (account, error) {
	customer := a.customerOf(user)
	if customer == "" {
		return account{}, nil
	}
	sub, err := a.lava.Customers.RetrieveSubscription(ctx, customer)
	if err != nil {
		return account{}, err
	}
	return account{Plan: sub.Plan.Name, Credits: sub.Credits.TotalRemaining.StringFixed(2)}, nil
}

// checkout begins a checkout, which the browser opens with the token. Only the
// page that asks may show it.
func (a *app) checkout(r *http.Request, user string) (any, error) {
	session, err := a.lava.CheckoutSessions.Create(r.Context(), lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription,
		OriginURL:    "http://" + r.Host,
		PlanID:       a.plan,
		CustomerID:   a.customerOf(user), // empty for somebody new
	})
	if err != nil {
		return nil, err
	}
	return map[string]string{"token": session.CheckoutSessionToken.Reveal()}, nil
}

// saveCustomer remembers whom the checkout has made of a user. The id comes from
// the browser, which may send any: it is kept only once, and only if it exists.
// Where that is too little, create the customer first, with your user's id as
// the reference id, and give it to the session; then nothing has to come back.
func (a *app) saveCustomer(r *http.Request, user string) (any, error) {
	var in struct {
		CustomerID string `json:"customer_id"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, err
	}
	customer, err := a.lava.Customers.Retrieve(r.Context(), in.CustomerID)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	if a.customers[user] == "" {
		a.customers[user] = customer.CustomerID
	}
	a.mu.Unlock()
	return a.accountOf(r.Context(), user)
}

// chat sends a message through the gateway, which charges the customer for it.
func (a *app) chat(r *http.Request, user string) (any, error) {
	var in struct {
		Message string `json:"message"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, err
	}
	reply, err := a.complete(r.Context(), a.customerOf(user), in.Message)
	if err != nil {
		return nil, err
	}
	now, err := a.accountOf(r.Context(), user)
	return struct {
		account
		Reply string `json:"reply"`
	}{now, reply}, err
}

func (a *app) complete(ctx context.Context, customer, message string) (string, error) {
	response, err := a.lava.Gateway(ctx, "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
		Payer: lava.ForCustomer{CustomerID: customer, MeterSlug: a.meter},
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
		return "", errors.New("chat completion: there is no choice in it")
	}
	return completion.Choices[0].Message.Content, nil
}

func (a *app) customerOf(user string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.customers[user]
}
