package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

const initFile = `{
	"meters": [{"name": "Chat", "meter_slug": "chat", "rate_type": "fixed", "tier_type": "requests", "tiers": [{"rate": "1", "start": "0"}]}],
	"plans": [{"name": "Pro", "period_amount": "49", "billing_interval": "month", "included_credit": "25", "meter_ids": ["Chat"]}],
	"customers": [{"reference_id": "ada", "plan": "Pro"}, {"reference_id": "bob"}],
	"webhooks": [{"name": "app", "url": "https://app.example.com/hook", "webhook_secret": "whsec_from_the_file"}]
}`

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

func firstOf(t *testing.T, s *mockserver.Server) *mockserver.Merchant {
	t.Helper()
	m, err := s.Merchant(s.MerchantIDs()[0])
	require.NoError(t, err)
	return m
}

func TestInit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := filepath.Join(dir, "folder")
	require.NoError(t, os.Mkdir(folder, 0o700))
	writeFile(t, filepath.Join(folder, "meters.json"), `[{"name": "Chat", "rate_type": "fixed", "tier_type": "requests", "tiers": [{"rate": "1", "start": "0"}]}]`)
	writeFile(t, filepath.Join(folder, "plans.json"), `[{"name": "Pro", "period_amount": "49", "billing_interval": "month", "included_credit": "25", "meter_ids": ["Chat"]}]`)
	writeFile(t, filepath.Join(folder, "customers.json"), `[{"reference_id": "ada", "plan": "Pro"}]`)
	writeFile(t, filepath.Join(folder, "webhooks.json"), `[{"name": "app", "url": "https://app.example.com/hook", "webhook_secret": "whsec_from_the_file"}]`)
	for _, path := range []string{writeFile(t, filepath.Join(dir, "init.json"), initFile), folder} {
		s := mockserver.Start(t)
		received := make(chan lava.WebhookEvent, 10)
		require.NoError(t, s.HandleWebhooks("https://app.example.com", lava.NewWebhookHandler("whsec_from_the_file", func(_ context.Context, e lava.WebhookEvent) error {
			received <- e
			return nil
		})))
		require.NoError(t, initialize(t.Context(), firstOf(t, s), path))
		sub, err := s.Client().Customers.RetrieveSubscription(t.Context(), "ada")
		require.NoError(t, err)
		require.Equal(t, "Pro", sub.Plan.Name)
		_, err = s.Client().Customers.Create(t.Context(), lava.CreateCustomerParams{})
		require.NoError(t, err)
		require.NoError(t, s.Settle(t.Context()))
		require.Len(t, received, len(s.Events()), "all events, signed with the secret in the file")
	}
}

func TestInitErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for text, want := range map[string]string{
		`{"meters":[{"name":"Chat","rate_type":"fixd","tier_type":"requests","tiers":[{"rate":"1","start":"0"}]}]}`: `init.json: meters[0]: rate_type: "fixd"`,
		`{"plans":[{"name":"Pro","meter_ids":["Chat"]}]}`:                                                           `init.json: plans[0]: meter_ids[0]: "Chat" was not found: the section "meters" is missing or empty`,
		`{"customers":[{"plan":"Pro"}]}`:                                                                            `customers[0]: plan: "Pro" was not found: the section "plans" is missing or empty`,
		`{"customers":[{"reference":"ada"}]}`:                                                                       `customers[0]: there is no field "reference"; did you mean "reference_id"?`,
		`{"customers":[{"plans":["Pro"]}]}`:                                                                         `customers[0]: there is no field "plans"; did you mean "plan"?`,
		`{"meters":[{"plan":"Pro"}]}`:                                                                               `meters[0]: there is no field "plan" ("plans" is a section, next to "meters"); there are name, meter_slug, rate_type, tier_type, tiers`,
		`{"plans":[{"meters":["Chat"]}]}`:                                                                           `plans[0]: there is no field "meters" ("meters" is a section, next to "plans"); there are name, period_amount, billing_interval, `,
		`{"customers":[{"shoes":"red"}]}`:                                                                           `customers[0]: there is no field "shoes"; there are reference_id, email, phone, name, metadata, plan, card`,
		`{"things":[]}`:                                                                                             `init.json: "things" is not a section (a file has`,
		`{"meters":[{"name":"Chat","rate_type":"fixed","tier_type":"requests","tiers":[{"start":"0","rates":"1"}]}]}`: `meters[0]: `,
		`{"customer":[]}`:                             `init.json: "customer" is not a section; did you mean "customers"? (a file has the lists webhooks, meters, plans, customers at its top, a folder webhooks.json, meters.json, plans.json, customers.json)`,
		`{"customers":{}}`:                            `customers: is not a list of objects`,
		`{"customers":[`:                              `init.json: line 1, column 14: unexpected EOF`,
		"{\n  \"meters\": [],\n  plans: []\n}":        `init.json: line 3, column 3: invalid character 'p'`,
		"{\n  \"meters\": [],\n}":                     `init.json: line 3, column 1: invalid character '}'`,
		`{"customers":[{"plan":"Free"}]}`:             `customers[0]: plan: every customer begins on "Free": leave it out`,
		`{"customers":[{"card":"4242424242424242"}]}`: `customers[0]: card: needs a plan`,
		`null`:               `init.json: must be an object with webhooks, meters`,
		`{"customers":null}`: `init.json: customers: must be a list of objects`,
		`{} {}`:              "more than one JSON value",
		`{"webhooks":[{"name":"w","url":"http://localhost/x","webhook_secret":"short"}]}`: "webhook_secret: must start with",
	} {
		err := initialize(t.Context(), firstOf(t, mockserver.Start(t)), writeFile(t, filepath.Join(dir, "init.json"), text))
		require.ErrorContains(t, err, want, text)
	}
	require.ErrorContains(t, run(t.Context(), []string{"-addr", "127.0.0.1:0", "-init", filepath.Join(dir, "none")}, noEnvironment, io.Discard, io.Discard), "-init: ")
}

// Reading a pipe would wait for a writer forever, and a signal could not end it.
func TestInitReadsRegularFilesOnly(t *testing.T) {
	t.Parallel()
	err := initialize(t.Context(), firstOf(t, mockserver.Start(t)), os.DevNull)
	require.EqualError(t, err, os.DevNull+": is not a regular file")
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "meters.json"), 0o700))
	require.ErrorContains(t, initialize(t.Context(), firstOf(t, mockserver.Start(t)), dir), "meters.json: is not a regular file")
}

// The development loop of a receiver: it receives all events from the start, including those of -init, signed with a
// secret that stays the same when lavamock restarts or is reset.
func TestWebhookFlag(t *testing.T) {
	t.Parallel()
	secret, received := "", make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lava.NewWebhookHandler(secret, func(_ context.Context, e lava.WebhookEvent) error {
			received <- string(e.Type)
			return nil
		}).ServeHTTP(w, r)
	}))
	defer receiver.Close()
	file := writeFile(t, filepath.Join(t.TempDir(), "init.json"), `{"customers": [{"reference_id": "ada"}]}`)
	f, err := parseFlags([]string{"-webhook", receiver.URL + "/hook", "-init", file}, noEnvironment, io.Discard, io.Discard)
	require.NoError(t, err)
	s := mockserver.Start(t, append(f.opts, mockserver.Addr("127.0.0.1:0"), mockserver.Setup(f.furnish(t.Context(), &secret)))...)
	require.Regexp(t, "^whsec_", secret)
	before := secret
	for range 2 {
		require.NoError(t, s.Settle(t.Context()))
		require.Equal(t, "customer.created", <-received)
		s.Reset()
	}
	require.Equal(t, before, secret)

	_, err = parseFlags([]string{"-webhook", "localhost"}, noEnvironment, io.Discard, io.Discard)
	require.ErrorAs(t, err, new(usageError))
	short := func(name string) string { return map[string]string{webhookSecretVariable: "mysecret"}[name] }
	err = run(t.Context(), []string{"-addr", "127.0.0.1:0", "-webhook", receiver.URL}, short, io.Discard, io.Discard)
	require.EqualError(t, err, `LAVA_WEBHOOK_SECRET: must start with "whsec_" and have at least 8 characters after that`)
}

// Each merchant starts with the objects in the file; only the first has the webhook of -webhook.
func TestInitOfTenants(t *testing.T) {
	t.Parallel()
	file := writeFile(t, filepath.Join(t.TempDir(), "init.json"), `{"customers": [{"reference_id": "ada"}]}`)
	f, err := parseFlags([]string{"-webhook", "http://127.0.0.1:1/", "-init", file, "-key", "aks_test_first", "-key", "aks_test_second"}, noEnvironment, io.Discard, io.Discard)
	require.NoError(t, err)
	secret := "whsec_of_the_tests"
	s := mockserver.Start(t, append(f.opts, mockserver.Addr("127.0.0.1:0"), mockserver.Setup(f.furnish(t.Context(), &secret)))...)
	s.NewMerchant()
	for i, id := range s.MerchantIDs() {
		m, err := s.Merchant(id)
		require.NoError(t, err)
		customer, err := m.Client().Customers.Retrieve(t.Context(), "ada")
		require.NoError(t, err)
		err = m.Client().Customers.Delete(t.Context(), customer.CustomerID)
		require.NoError(t, err)
		m.Reset()
		_, err = m.Client().Customers.Retrieve(t.Context(), "ada")
		require.NoError(t, err)
		webhooks, err := m.Client().Webhooks.List(t.Context(), lava.ListWebhooksParams{})
		require.NoError(t, err)
		require.Len(t, webhooks.Data, max(0, 1-i))
	}
}

func TestAddressIsTaken(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	addr := s.URL()[len("http://"):]
	require.ErrorContains(t, run(t.Context(), []string{"-addr", addr}, noEnvironment, io.Discard, io.Discard), addr+" is in use, maybe by another lavamock")
}
