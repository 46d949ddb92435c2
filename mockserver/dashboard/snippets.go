package dashboard

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// snippet is code to copy.
type snippet struct{ Title, Code string }

// repeated is a call to reproduce.
type repeated struct {
	mockserver.Call
	body        string
	token       bool // it needs a forward token; other calls need the secret key
	meterSlug   string
	contentType string
	header      [][2]string // further headers that the application set
}

// snippets returns code that reproduces a call. Credentials are in variables.
func (v *visit) snippets(c mockserver.Call, record *lava.Request) []snippet {
	r := repeated{Call: c, body: strings.TrimSpace(string(c.RequestBody())), token: isGateway(c)}
	if len(r.body) > maxShown {
		return nil
	}
	r.header, r.contentType = ownHeader(c.RequestHeader()), cmp.Or(c.RequestHeader().Get("Content-Type"), "application/json")
	if record != nil {
		if m, err := v.look.Meters.Retrieve(v.ctx(), record.MeterID); err == nil {
			r.meterSlug = m.MeterSlug
		}
	}
	return []snippet{{"curl", r.asCurl()}, {"Go test", r.asGo()}, {"Node", r.asNode()}}
}

// ownHeader returns the headers that an application has set itself: no credentials, and nothing that HTTP clients and
// SDKs set.
func ownHeader(h http.Header) (own [][2]string) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		isSet := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
		if value := h.Get(name); !strings.Contains(value, "[redacted]") && !slices.ContainsFunc([]string{
			"Accept", "Authorization", "Connection", "Content-", "Cookie", "Host", "Idempotency-Key", "Sec-", "Traceparent", "User-Agent", "X-Amz-", "X-Stainless-",
		}, isSet) {
			own = append(own, [2]string{strings.ToLower(name), value})
		}
	}
	return own
}

// variable returns the name of the environment variable with the credential.
func (r repeated) variable() string {
	if r.token {
		return "LAVA_FORWARD_TOKEN"
	}
	return "LAVA_SECRET_KEY"
}

func (r repeated) asCurl() string {
	var b strings.Builder
	if r.token && r.CustomerID != "" && r.meterSlug != "" {
		b.WriteString("LAVA_FORWARD_TOKEN=$(lavamock token " + shellWord(cmp.Or(r.ReferenceID, r.CustomerID)) + " " + shellWord(r.meterSlug) + " | awk '/^forward_token/ {print $2}')\n")
	}
	b.WriteString("curl ")
	if strings.ContainsAny(r.Path, "[]{}") {
		b.WriteString("-g ") // brackets and braces aren't patterns here
	}
	if r.Method != http.MethodGet && (r.Method != http.MethodPost || r.body == "") {
		b.WriteString("-X " + shellWord(r.Method) + " ")
	}
	b.WriteString(`"$LAVA_API_URL"` + shellWord(r.Path) + " \\\n  -H \"Authorization: Bearer $" + r.variable() + `"`)
	for _, h := range r.header {
		b.WriteString(" \\\n  -H " + shellWord(h[0]+": "+h[1]))
	}
	if r.body != "" {
		b.WriteString(" \\\n  -H " + shellWord("Content-Type: "+r.contentType) + " \\\n  -d '" + strings.ReplaceAll(r.body, "'", `'\''`) + "'")
	}
	return b.String()
}

// asGo writes a test, which uses the client if it has a method for arbitrary calls.
func (r repeated) asGo() string {
	name := "Call"
	if r.Endpoint != "" {
		name = goName(strings.ReplaceAll(string(r.Endpoint), ".", "_"))
	}
	lines := []string{"func Test" + name + "(t *testing.T) {", "\ts := mockserver.Start(t)"}
	path, isAPI := strings.CutPrefix(r.Path, "/v1/")
	address, isForward := forwarded(r.Call)
	if r.token {
		lines = append(lines, "\tcustomer, err := s.Scenario(mockserver.Subscribed)", "\trequire.NoError(t, err)")
	}
	switch {
	case isForward:
		lines = append(lines, "\tresponse, err := s.Client().Gateway(t.Context(), "+quoteGo(address)+", lava.GatewayParams{", "\t\tMethod: "+quoteGo(r.Method)+",",
			"\t\tPayer:  lava.ForCustomer{CustomerID: customer.CustomerID, MeterSlug: customer.MeterSlug},")
		if len(r.header) > 0 {
			lines = append(lines, "\t\tSetHeader: func(h http.Header) {")
			for _, h := range r.header {
				lines = append(lines, "\t\t\th.Set("+quoteGo(h[0])+", "+quoteGo(h[1])+")")
			}
			lines = append(lines, "\t\t},")
		}
		if r.body != "" {
			lines = append(lines, "\t\tBody: json.RawMessage("+quoteGo(r.body)+"),")
		}
		lines = append(lines, "\t})", "\trequire.NoError(t, err)", "\trequire.Equal(t, 200, response.Status)")
	case isAPI && !r.token:
		params := "nil"
		if r.body != "" {
			params = "json.RawMessage(" + quoteGo(r.body) + ")"
		}
		lines = append(lines, "\tvar result map[string]any", "\terr := s.Client().Do(t.Context(), "+quoteGo(r.Method)+", "+quoteGo(path)+", "+params+", &result)", "\trequire.NoError(t, err)")
	default:
		credential := "s.SecretKey()"
		if r.token {
			credential = "customer.ForwardToken.Reveal()"
		}
		lines = append(lines, "\trequest, err := http.NewRequestWithContext(t.Context(), "+quoteGo(r.Method)+", s.URL()+"+quoteGo(r.Path)+", strings.NewReader("+quoteGo(r.body)+"))",
			"\trequire.NoError(t, err)", "\trequest.Header.Set(\"Authorization\", \"Bearer \"+"+credential+")")
		for _, h := range r.header {
			lines = append(lines, "\trequest.Header.Set("+quoteGo(h[0])+", "+quoteGo(h[1])+")")
		}
		lines = append(lines, "\tresponse, err := s.HTTPClient().Do(request)", "\trequire.NoError(t, err)", "\tdefer response.Body.Close()")
	}
	if r.Endpoint != "" {
		lines = append(lines, "\ts.Calls().To("+quoteGo(string(r.Endpoint))+").Verify(t, mockserver.Accepted())")
	}
	return strings.Join(append(lines, "}"), "\n")
}

// forwarded returns the provider's URL of a call to /v1/forward.
func forwarded(c mockserver.Call) (string, bool) {
	u, err := url.Parse(c.Path)
	if err != nil || c.Endpoint != "gateway.forward" {
		return "", false
	}
	address := u.Query().Get("u")
	return address, address != ""
}

// quoteGo writes a Go string, in backquotes if that is easier to read.
func quoteGo(text string) string {
	if strings.ContainsAny(text, "\"\n") && strconv.CanBackquote(strings.ReplaceAll(text, "\n", "")) {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}

// quoteNode writes a JavaScript string.
func quoteNode(text string) string {
	quoted, _ := json.Marshal(text) // can't fail for a string
	return string(quoted)
}

func (r repeated) asNode() string {
	var b strings.Builder
	b.WriteString("const response = await fetch(process.env.LAVA_API_URL + " + quoteNode(r.Path) + ", {\n")
	b.WriteString("  method: " + quoteNode(r.Method) + ",\n")
	b.WriteString("  headers: {\n    authorization: `Bearer ${process.env." + r.variable() + "}`,\n")
	if r.body != "" {
		b.WriteString("    \"content-type\": " + quoteNode(r.contentType) + ",\n")
	}
	for _, h := range r.header {
		b.WriteString("    " + quoteNode(h[0]) + ": " + quoteNode(h[1]) + ",\n")
	}
	b.WriteString("  },\n")
	switch {
	case r.body == "":
	case json.Valid([]byte(r.body)):
		b.WriteString("  body: JSON.stringify(" + r.body + "),\n")
	default:
		b.WriteString("  body: " + quoteNode(r.body) + ",\n")
	}
	b.WriteString("});\nconsole.log(response.status, await response.text());")
	return b.String()
}

// tutorial is Lava's "Bill your customers" in five steps, for a server without calls.
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
