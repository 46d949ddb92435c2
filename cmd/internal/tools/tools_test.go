package tools_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/cmd/internal/tools"
	"github.com/lavapayments/lava-go/mockserver"
)

// agent is an MCP client that is connected to the tools.
type agent struct {
	t       *testing.T
	session *mcp.ClientSession
	heard   strings.Builder // all output of the tools
}

// connect connects an agent to the tools of an account, in memory.
func connect(t *testing.T, account tools.Account) *agent {
	t.Helper()
	ours, theirs := mcp.NewInMemoryTransports()
	server, err := tools.NewServer(account).Connect(t.Context(), ours, nil)
	require.NoError(t, err)
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(), theirs, nil)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, session.Close())
		_ = server.Wait() // it ends when the client disconnects
	})
	return &agent{t: t, session: session}
}

// account is the first merchant of a mock server.
func account(s *mockserver.Server) tools.KeyAccount {
	return tools.NewKeyAccount("a test", lava.WithSecretKey(s.SecretKey()), lava.WithBaseURL(s.URL()), lava.WithHTTPClient(s.HTTPClient()))
}

// args are the arguments of a tool.
type args = map[string]any

// call calls a tool and returns its whole result.
func (a *agent) call(name string, in args) *mcp.CallToolResult {
	a.t.Helper()
	if in == nil {
		in = args{}
	}
	result, err := a.session.CallTool(a.t.Context(), &mcp.CallToolParams{Name: name, Arguments: in})
	require.NoError(a.t, err)
	all, err := json.Marshal(result)
	require.NoError(a.t, err)
	a.heard.Write(all)
	return result
}

// do calls a tool that must succeed, and returns its structured content.
func (a *agent) do(name string, in args) map[string]any {
	a.t.Helper()
	result := a.call(name, in)
	require.False(a.t, result.IsError, "%s: %s", name, text(result))
	out, ok := result.StructuredContent.(map[string]any)
	require.True(a.t, ok, "%s: no structured content", name)
	return out
}

// fail calls a tool that must fail, and returns the error text.
func (a *agent) fail(name string, in args) string {
	a.t.Helper()
	result := a.call(name, in)
	require.True(a.t, result.IsError, "%s succeeded: %v", name, result.StructuredContent)
	return text(result)
}

func text(result *mcp.CallToolResult) string {
	var b strings.Builder
	for _, c := range result.Content {
		if t, ok := c.(*mcp.TextContent); ok {
			b.WriteString(t.Text)
		}
	}
	return b.String()
}

// items returns the items of a list's result.
func items(list map[string]any, key string) []map[string]any {
	var all []map[string]any
	for _, item := range list[key].([]any) {
		all = append(all, item.(map[string]any))
	}
	return all
}

// What agents are told about each tool.
func TestToolDescriptions(t *testing.T) {
	t.Parallel()
	type hints struct{ readOnly, destructive, idempotent, openWorld bool }
	want := map[string]hints{
		"login":                   {idempotent: true, openWorld: true},
		"prompt":                  {openWorld: true},
		"call":                    {destructive: true, openWorld: true},
		"search":                  {readOnly: true, idempotent: true},
		"get_provider_docs":       {readOnly: true, idempotent: true},
		"create_meter":            {},
		"list_meters":             {readOnly: true, idempotent: true},
		"create_plan":             {},
		"list_plans":              {readOnly: true, idempotent: true},
		"create_checkout_session": {},
		"list_customers":          {readOnly: true, idempotent: true},
		"get_usage":               {readOnly: true, idempotent: true},
		"get_subscription":        {readOnly: true, idempotent: true},
		"get_balance":             {readOnly: true, idempotent: true},
		"add_funds":               {destructive: true, openWorld: true},
	}
	a := connect(t, account(mockserver.Start(t, mockserver.InMemory())))
	list, err := a.session.ListTools(t.Context(), nil)
	require.NoError(t, err)
	got := map[string]hints{}
	for _, tool := range list.Tools {
		assert.NotEmpty(t, tool.Title, tool.Name)
		assert.NotEmpty(t, tool.Description, tool.Name)
		assert.NotNil(t, tool.OutputSchema, tool.Name)
		h := tool.Annotations
		require.NotNil(t, h, tool.Name)
		require.NotNil(t, h.DestructiveHint, tool.Name)
		require.NotNil(t, h.OpenWorldHint, tool.Name)
		got[tool.Name] = hints{h.ReadOnlyHint, *h.DestructiveHint, h.IdempotentHint, *h.OpenWorldHint}
	}
	assert.Equal(t, want, got)
	assert.NotEmpty(t, a.session.InitializeResult().Instructions)
}

// Some agents accept a schema only if each property has a single type.
func TestInputSchemas(t *testing.T) {
	t.Parallel()
	a := connect(t, account(mockserver.Start(t, mockserver.InMemory())))
	list, err := a.session.ListTools(t.Context(), nil)
	require.NoError(t, err)
	var check func(where string, schema any)
	check = func(where string, schema any) {
		s, ok := schema.(map[string]any)
		if !ok {
			return
		}
		if kind, ok := s["type"]; ok {
			assert.IsType(t, "", kind, "%s has several types", where)
		}
		properties, _ := s["properties"].(map[string]any)
		for name, p := range properties {
			check(where+"."+name, p)
		}
		check(where+"[]", s["items"])
	}
	for _, tool := range list.Tools {
		check(tool.Name, tool.InputSchema)
		check(tool.Name+" result", tool.OutputSchema)
	}
}

// The tutorial "Bill Your Customers", by tool calls alone, except for the checkout, which is the customer's.
func TestTutorial(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	a := connect(t, account(s))
	assert.Equal(t, "logged_in", a.do("login", nil)["status"])

	meter := a.do("create_meter", args{
		"name": "AI Chat Tokens", "rate_type": "fixed", "tier_type": "tokens_1m",
		"tiers": []args{{"start": "0", "rate": "3.00"}, {"start": "1000000", "rate": "2.50"}},
	})
	assert.Equal(t, []any{
		args{"start": "0", "rate": "3"}, args{"start": "1000000", "rate": "2.5"},
	}, meter["tiers"])
	plan := a.do("create_plan", args{
		"name": "Pro Plan", "period_amount": "49.00", "billing_interval": "month", "included_credit": "25.00",
		"meter_ids":                        []any{meter["meter_id"]},
		"credit_bundles":                   []args{{"name": "Ten more", "cost": "9.00", "credit_amount": "10.00"}},
		"default_auto_top_up_bundle_index": 0,
	})
	assert.Equal(t, "49", plan["period_amount"])
	bundle := items(plan, "credit_bundles")[0]
	assert.Equal(t, "9", bundle["cost"])
	assert.Equal(t, bundle["credit_bundle_id"], plan["default_auto_top_up_bundle_id"])

	session := a.do("create_checkout_session", args{
		"checkout_mode": "subscription", "origin_url": "https://app.example.com", "plan_id": plan["plan_id"],
	})
	assert.Empty(t, items(a.do("list_customers", nil), "items"), "no one has paid yet")
	_, err := s.CompleteCheckout(t.Context(), session["checkout_session_id"].(string), mockserver.Checkout{Phone: "+15551234567"})
	require.NoError(t, err)

	customer := items(a.do("list_customers", nil), "items")[0]
	assert.Equal(t, "+15551234567", customer["phone"])
	assert.Equal(t, "Pro Plan", customer["plan_name"])

	s.Script(mockserver.Reply{Text: "Rayleigh.", Usage: &mockserver.ReportedUsage{InputTokens: 600, OutputTokens: 400}})
	response := a.do("call", args{
		"url":         "https://api.openai.com/v1/chat/completions",
		"body":        args{"model": "gpt-4o-mini", "messages": []args{{"role": "user", "content": "Why is the sky blue?"}}},
		"customer_id": customer["customer_id"], "meter_slug": meter["meter_slug"],
	})
	assert.EqualValues(t, 200, response["status"])
	assert.Equal(t, "chat.completion", response["body"].(map[string]any)["object"])
	record, err := s.Client().Requests.Retrieve(t.Context(), response["request_id"].(string))
	require.NoError(t, err)
	assert.Equal(t, customer["customer_id"], record.CustomerID)

	// 1000 tokens at 3.00 per million.
	for _, by := range []args{{"customer_id": customer["customer_id"]}, {"meter_id": meter["meter_id"]}} {
		used := a.do("get_usage", by)
		totals := used["totals"].(map[string]any)
		assert.EqualValues(t, 1, totals["total_requests"])
		assert.Equal(t, "0.003", totals["total_charge"])
		require.Len(t, used["days"], 1)
		assert.Equal(t, s.Now().UTC().Format("2006-01-02"), items(used, "days")[0]["date"])
	}
	sub := a.do("get_subscription", args{"customer_id": customer["customer_id"]})
	assert.Equal(t, "24.997", sub["credits"].(map[string]any)["total_remaining"])
	assert.NotContains(t, sub, "pending_change")

	assert.NotContains(t, a.heard.String(), s.SecretKey())
}

func TestPrompt(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	a := connect(t, account(s))
	s.Script(mockserver.Reply{Text: "Hello yourself.", Usage: &mockserver.ReportedUsage{InputTokens: 7, OutputTokens: 3}})

	result := a.call("prompt", args{"model": "gpt-4o-mini", "messages": []args{{"role": "user", "content": "Hello"}}})
	require.False(t, result.IsError, text(result))
	assert.Equal(t, "Hello yourself.", text(result))
	out := result.StructuredContent.(map[string]any)
	assert.Equal(t, "Hello yourself.", out["content"])
	assert.Equal(t, "stop", out["finish_reason"])
	assert.Equal(t, args{"input_tokens": 7.0, "output_tokens": 3.0, "total_tokens": 10.0}, out["usage"])
	record, err := s.Client().Requests.Retrieve(t.Context(), out["request_id"].(string))
	require.NoError(t, err)
	assert.Empty(t, record.CustomerID, "the merchant pays")
}

// A client limits the size of a message, and an agent what it can read.
func TestLongPromptIsCut(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	a := connect(t, account(s))
	s.Script(mockserver.Reply{Text: "a" + strings.Repeat("é", 200<<10)})
	result := a.call("prompt", args{"model": "gpt-4o-mini", "messages": []args{{"role": "user", "content": "Hello"}}})
	out := result.StructuredContent.(map[string]any)
	assert.Equal(t, true, out["truncated"])
	assert.Equal(t, "a"+strings.Repeat("é", 128<<10-1), out["content"], "cut between characters")
	assert.Equal(t, out["content"], text(result))
}

// What a prompt sends, and where.
func TestPromptRequest(t *testing.T) {
	t.Parallel()
	var path, authorization, fallbacks string
	var body map[string]any
	lavaAPI := handlerClient(func(w http.ResponseWriter, r *http.Request) {
		path, authorization, fallbacks = r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("X-Lava-Fallbacks")
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&body))
		w.Header().Set("X-Lava-Request-Id", "req_1")
		_, _ = w.Write([]byte(`{"model":"m-2","choices":[{"message":{"content":null},"finish_reason":"length"}]}`))
	})
	a := connect(t, tools.NewKeyAccount("a test", lava.WithSecretKey("aks_test_1"), lava.WithBaseURL("http://lava.test"), lava.WithHTTPClient(lavaAPI)))
	out := a.do("prompt", args{
		"model": "m-1", "messages": []args{{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}},
		"fallbacks": []args{{"url": "https://api.anthropic.com/v1/messages", "model": "claude"}},
	})
	assert.Equal(t, "/v1/chat/completions", path)
	assert.Equal(t, "Bearer aks_test_1", authorization)
	assert.JSONEq(t, `[{"url":"https://api.anthropic.com/v1/messages","model":"claude"}]`, fallbacks)
	assert.Equal(t, args{"model": "m-1", "messages": []any{
		args{"role": "system", "content": "Be brief."}, args{"role": "user", "content": "Hi"},
	}}, body)
	assert.Equal(t, args{
		"content": "", "model": "m-2", "finish_reason": "length", "request_id": "req_1",
		"usage": args{"input_tokens": 0.0, "output_tokens": 0.0, "total_tokens": 0.0},
	}, out)

	a.do("prompt", args{"model": "m-1", "messages": []args{{"role": "user", "content": "Hi"}}})
	assert.Empty(t, fallbacks)
}
