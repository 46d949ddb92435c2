package dashboard

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/mockserver"
)

// snippet is code to copy.
type snippet struct{ Title, Code string }

// snippets writes a call as others would make it again. Credentials are in variables.
func (v *visit) snippets(c mockserver.Call) []snippet {
	key := "LAVA_SECRET_KEY"
	if strings.HasPrefix(string(c.Endpoint), "gateway.") {
		key = "LAVA_FORWARD_TOKEN"
	}
	body := strings.TrimSpace(string(c.RequestBody()))
	return []snippet{
		{"curl", asCurl(c, key, body)},
		{"Go test", asGo(c, key, body)},
		{"Node", asNode(c, key, body)},
	}
}

func asCurl(c mockserver.Call, key, body string) string {
	var b strings.Builder
	b.WriteString("curl ")
	if c.Method != http.MethodGet && (c.Method != http.MethodPost || body == "") {
		b.WriteString("-X " + shellWord(c.Method) + " ")
	}
	b.WriteString(`"$LAVA_API_URL"` + shellWord(c.Path) + " \\\n  -H \"Authorization: Bearer $" + key + `"`)
	if body != "" {
		b.WriteString(" \\\n  -H \"Content-Type: application/json\" \\\n  -d '" + strings.ReplaceAll(body, "'", `'\''`) + "'")
	}
	return b.String()
}

// asGo writes a test, with the client where it has a method that takes any call.
func asGo(c mockserver.Call, key, body string) string {
	name := "Call"
	if c.Endpoint != "" {
		name = goName(strings.ReplaceAll(string(c.Endpoint), ".", "_"))
	}
	lines := []string{"func Test" + name + "(t *testing.T) {", "\ts := mockserver.Start(t)"}
	path, isAPI := strings.CutPrefix(c.Path, "/v1/")
	address, isForward := forwarded(c)
	switch {
	case isForward:
		lines = append(lines, "\tresponse, err := s.Client().Gateway(t.Context(), "+quoteGo(address)+", lava.GatewayParams{", "\t\tMethod: "+quoteGo(c.Method)+",")
		if c.CustomerID != "" {
			lines = append(lines, "\t\tPayer: lava.ForCustomer{CustomerID: customer, MeterSlug: meter},")
		}
		if body != "" {
			lines = append(lines, "\t\tBody: json.RawMessage("+quoteGo(body)+"),")
		}
		lines = append(lines, "\t})", "\trequire.NoError(t, err)", "\trequire.Equal(t, 200, response.StatusCode)")
	case isAPI && key == "LAVA_SECRET_KEY":
		params := "nil"
		if body != "" {
			params = "json.RawMessage(" + quoteGo(body) + ")"
		}
		lines = append(lines, "\tvar result map[string]any", "\terr := s.Client().Do(t.Context(), "+quoteGo(c.Method)+", "+quoteGo(path)+", "+params+", &result)", "\trequire.NoError(t, err)")
	default:
		lines = append(lines, "\trequest, err := http.NewRequestWithContext(t.Context(), "+quoteGo(c.Method)+", s.URL()+"+quoteGo(c.Path)+", strings.NewReader("+quoteGo(body)+"))",
			"\trequire.NoError(t, err)", "\trequest.Header.Set(\"Authorization\", \"Bearer \"+token)", "\tresponse, err := s.HTTPClient().Do(request)", "\trequire.NoError(t, err)", "\tdefer response.Body.Close()")
	}
	if c.Endpoint != "" {
		lines = append(lines, "\ts.Calls().To("+quoteGo(string(c.Endpoint))+").Verify(t, mockserver.Accepted())")
	}
	return strings.Join(append(lines, "}"), "\n")
}

// forwarded returns the provider's address of a call to /v1/forward.
func forwarded(c mockserver.Call) (string, bool) {
	u, err := url.Parse(c.Path)
	if err != nil || c.Endpoint != "gateway.forward" {
		return "", false
	}
	address := u.Query().Get("u")
	return address, address != ""
}

// quoteGo writes a string in Go, in backquotes where that is easier to read.
func quoteGo(text string) string {
	if strings.ContainsAny(text, "\"\n") && !strings.ContainsAny(text, "`\r") {
		return "`" + text + "`"
	}
	quoted, _ := json.Marshal(text) // a string always can
	return string(quoted)
}

func asNode(c mockserver.Call, key, body string) string {
	var b strings.Builder
	b.WriteString("const response = await fetch(process.env.LAVA_API_URL + " + quoteGo(c.Path) + ", {\n")
	b.WriteString("  method: " + quoteGo(c.Method) + ",\n")
	b.WriteString("  headers: { authorization: `Bearer ${process.env." + key + "}`")
	if body != "" {
		b.WriteString(`, "content-type": "application/json"`)
	}
	b.WriteString(" },\n")
	switch {
	case body == "":
	case json.Valid([]byte(body)):
		b.WriteString("  body: JSON.stringify(" + body + "),\n")
	default:
		quoted, _ := json.Marshal(body) // a string always can
		b.WriteString("  body: " + string(quoted) + ",\n")
	}
	b.WriteString("});\nconsole.log(response.status, await response.text());")
	return b.String()
}

// tutorial is Lava's "Bill your customers" in five steps, for a server that nobody has
// called yet.
func (v *visit) tutorial() []snippet {
	return []snippet{
		{"Set what usage costs", `meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{
	Name: "AI Chat Tokens", RateType: lava.RateFixed, TierType: lava.TierTokens1M,
	Tiers: []lava.MeterTierParams{{Rate: decimal.RequireFromString("3.00")}}, // dollars a million
})`},
		{"Create a plan to subscribe to", `plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
	Name: "Pro Plan", BillingInterval: lava.IntervalMonth, MeterIDs: []string{meter.MeterID},
	PeriodAmount:   decimal.RequireFromString("49.00"),
	IncludedCredit: lava.Set(decimal.RequireFromString("25.00")),
})`},
		{"Let a customer check out", `session, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{
	CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: plan.PlanID,
})
customer, err := s.CompleteCheckout(ctx, session.CheckoutSessionID, mockserver.Checkout{})`},
		{"Send a request through the gateway", `response, err := client.Gateway(ctx, "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
	Payer: lava.ForCustomer{CustomerID: customer, MeterSlug: meter.MeterSlug},
	Body:  map[string]any{"model": "gpt-4o-mini", "messages": []any{map[string]any{"role": "user", "content": "Hello!"}}},
})`},
		{"Move the clock to the renewal", `due, ok := s.NextDue(mockserver.DueRenewal)
events := s.AdvanceTo(due.At)
ledger, err := s.Ledger(customer)`},
	}
}
