// Agent is an assistant that looks up an application's orders and that its customers
// pay for: each round of the loop is a request through Lava's gateway, charged to the
// customer's credit.
//
// It is a separate module, like an application. Its tests run offline. To try it against
// the mock, start one with the meter and a customer who has credit:
//
//	lavamock -key aks_test_example -init ../account.json &
//	export LAVA_API_URL=http://127.0.0.1:5282 LAVA_SECRET_KEY=aks_test_example
//	go run . user-42 "Where is order 7?"
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/lavapayments/lava-go"
)

const (
	model     = "gpt-5-mini"
	meterSlug = "assistant"
	maxRounds = 5
)

// ErrNoCredit means that the customer has to buy credit first.
var ErrNoCredit = errors.New("no credit left")

// Agent answers customers' questions. It is safe for concurrent use.
type Agent struct {
	openai openai.Client
	orders func(ctx context.Context, customerID, orderID string) (string, error)
}

// NewAgent returns an agent that looks orders up with a function.
func NewAgent(client *lava.Client, orders func(ctx context.Context, customerID, orderID string) (string, error)) (*Agent, error) {
	transport, err := client.Transport(lava.TransportParams{})
	if err != nil {
		return nil, err
	}
	return &Agent{
		openai: openai.NewClient(
			option.WithHTTPClient(&http.Client{Transport: transport}),
			option.WithAPIKey("unused"),   // the transport sends a forward token instead
			option.WithMaxRetries(0),      // each retry that reaches the provider is billed
			option.WithBaseURL(openAIURL), // overrides OPENAI_BASE_URL
		),
		orders: orders,
	}, nil
}

const openAIURL = "https://api.openai.com/v1"

var findOrder = openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{
	Name:        "find_order",
	Description: openai.String("Looks up an order of the customer."),
	Parameters: openai.FunctionParameters{
		"type":       "object",
		"properties": map[string]any{"order_id": map[string]string{"type": "string"}},
		"required":   []string{"order_id"},
	},
})

// Ask lets the model answer a question, at the customer's expense.
func (a *Agent) Ask(ctx context.Context, customerID, question string) (string, error) {
	ctx = lava.ContextWithPayer(ctx, lava.ForCustomer{CustomerID: customerID, MeterSlug: meterSlug})
	ctx = lava.ContextWithMetadata(ctx, map[string]string{"feature": "assistant"})
	params := openai.ChatCompletionNewParams{
		Model:    model,
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)},
		Tools:    []openai.ChatCompletionToolUnionParam{findOrder},
	}
	for range maxRounds {
		completion, err := a.openai.Chat.Completions.New(ctx, params)
		if err != nil {
			return "", explain(err)
		}
		if len(completion.Choices) == 0 {
			return "", errors.New("the model returned nothing")
		}
		message := completion.Choices[0].Message
		if len(message.ToolCalls) == 0 {
			return message.Content, nil
		}
		params.Messages = append(params.Messages, message.ToParam())
		for _, call := range message.ToolCalls {
			params.Messages = append(params.Messages, openai.ToolMessage(a.call(ctx, customerID, call), call.ID))
		}
	}
	return "", fmt.Errorf("no final response after %d rounds", maxRounds)
}

// call runs a tool. Its error is meant for the model, which may try something else.
func (a *Agent) call(ctx context.Context, customerID string, call openai.ChatCompletionMessageToolCallUnion) string {
	var args struct {
		OrderID string `json:"order_id"`
	}
	if err := json.Unmarshal([]byte(call.Function.Arguments), &args); err != nil {
		return "error: the arguments are not JSON"
	}
	order, err := a.orders(ctx, customerID, args.OrderID)
	if err != nil {
		return "error: " + err.Error()
	}
	return order
}

// explain turns errors that the customer can fix into ErrNoCredit, and returns the others unchanged.
func explain(err error) error {
	failed := lava.AsError(err)
	switch {
	case errors.Is(failed, lava.ErrInsufficientCredits):
		return ErrNoCredit
	case failed != nil:
		return failed // it has the request id
	}
	return err
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "agent:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: agent CUSTOMER QUESTION")
	}
	client, err := lava.New(lava.WithRequiredPayer())
	if err != nil {
		return err
	}
	agent, err := NewAgent(client, func(_ context.Context, _, orderID string) (string, error) {
		return "Order " + orderID + " was shipped yesterday.", nil // your database
	})
	if err != nil {
		return err
	}
	text, err := agent.Ask(context.Background(), args[0], args[1])
	if err != nil {
		return err
	}
	fmt.Println(text)
	return nil
}
