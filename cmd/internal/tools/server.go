package tools

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/cmd/internal/version"
)

const instructions = `Lava is usage billing and a gateway for AI APIs. Call login first.

To use models: search finds them with prices, prompt sends a chat completion to any model, and call sends a request to any endpoint of a provider. get_balance shows the balance of the merchant's wallet, which pays for them. add_funds charges a card, so ask the person first.

To bill customers: create_meter (what a unit of usage costs), create_plan (what customers subscribe to), create_checkout_session (how they pay). Once a checkout is completed, list_customers shows the customer. Then use call with customer_id and meter_slug: the request is metered and charged to the customer's credits. get_usage and get_subscription show what was used and what is left.

All amounts are US dollars, as decimal strings.`

// NewServer returns an MCP server with all tools, which act on an account.
func NewServer(account Account) *mcp.Server {
	server := mcp.NewServer(
		&mcp.Implementation{Name: "lava", Title: "Lava", Version: version.String(), WebsiteURL: "https://www.lava.so"},
		&mcp.ServerOptions{
			Instructions: instructions,
			// The tools don't change, and nothing is logged.
			Capabilities: &mcp.ServerCapabilities{Tools: &mcp.ToolCapabilities{}},
		},
	)
	server.AddReceivingMiddleware(edit)
	t := toolbox{server: server, account: account}
	addLogin(t)
	addPrompt(t)
	addCall(t)
	addServices(t)
	addMeters(t)
	addPlans(t)
	addCheckout(t)
	addCustomers(t)
	addUsage(t)
	addWallet(t)
	return server
}

// Addition adds a tool to a server.
type Addition func(*mcp.Server)

// Handler serves an account's tools, and more, over streamable HTTP. It keeps no
// sessions, since no tool needs one.
func Handler(account Account, more ...Addition) http.Handler {
	server := NewServer(account)
	for _, add := range more {
		add(server)
	}
	return mcp.NewStreamableHTTPHandler(
		func(*http.Request) *mcp.Server { return server },
		&mcp.StreamableHTTPOptions{
			Stateless:                    true,
			PropagateRequestCancellation: true,
			// Hosts are checked before this handler.
			DisableLocalhostProtection: true,
		},
	)
}

// edit edits every text of a tool, including those that come from the SDK. It removes credentials, wherever they came
// from: a provider's response, or an argument that an error repeats.
func edit(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		result, err := next(ctx, method, req)
		called, ok := result.(*mcp.CallToolResult)
		if !ok || called == nil {
			return result, err
		}
		for _, content := range called.Content {
			if text, ok := content.(*mcp.TextContent); ok {
				if called.IsError {
					text.Text = plainArguments(text.Text)
				}
				text.Text = lava.Redact(text.Text)
			}
		}
		if structured, ok := called.StructuredContent.(json.RawMessage); ok {
			called.StructuredContent = json.RawMessage(lava.Redact(string(structured)))
		}
		return result, err
	}
}

// toolbox collects the tools.
type toolbox struct {
	server  *mcp.Server
	account Account
}

// tool describes a tool to an agent.
type tool struct {
	name        string
	title       string
	description string
	effect      effect
}

// effect is the effect of calling a tool, in the terms of MCP's annotations.
type effect struct {
	readOnly    bool // changes nothing
	destructive bool // may undo or delete something
	idempotent  bool // repeating the call changes nothing more
	openWorld   bool // affects systems other than Lava
}

var (
	reads   = effect{readOnly: true, idempotent: true}
	creates = effect{}
)

func (e effect) annotations(title string) *mcp.ToolAnnotations {
	return &mcp.ToolAnnotations{
		Title:           title,
		ReadOnlyHint:    e.readOnly,
		DestructiveHint: &e.destructive,
		IdempotentHint:  e.idempotent,
		OpenWorldHint:   &e.openWorld,
	}
}

// add adds a tool that needs only a client. It returns structured content, and the same as a short text.
func add[In, Out any](t toolbox, about tool, do func(ctx context.Context, client *lava.Client, in In) (Out, string, error)) {
	addHandler(t, about, func(ctx context.Context, _ *mcp.CallToolRequest, in In) (*mcp.CallToolResult, Out, error) {
		client, err := t.account.Client()
		if err != nil {
			var none Out
			return nil, none, err
		}
		out, text, err := do(ctx, client, in)
		return say(text), out, err
	})
}

// addHandler adds a tool. The schemas of its arguments and result are derived from In and Out.
func addHandler[In, Out any](t toolbox, about tool, handle mcp.ToolHandlerFor[In, Out]) {
	mcp.AddTool(t.server, &mcp.Tool{
		Name:         about.name,
		Title:        about.title,
		Description:  about.description,
		Annotations:  about.effect.annotations(about.title),
		InputSchema:  schemaOf[In](),
		OutputSchema: schemaOf[Out](),
	}, func(ctx context.Context, req *mcp.CallToolRequest, in In) (*mcp.CallToolResult, Out, error) {
		result, out, err := handle(ctx, req, in)
		return result, out, explain(err, t.account)
	})
}

// say returns a result with a text, to which the structured content is added.
func say(text string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}}
}
