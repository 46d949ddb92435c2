package lava_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// A chat completion paid from the customer's credit.
func ExampleClient_Gateway() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)
	mock.Script(mockserver.Reply{Text: "Hello!", Usage: &mockserver.ReportedUsage{InputTokens: 9, OutputTokens: 2}})

	resp, err := client.Gateway(ctx, "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
		Payer: lava.ForCustomer{CustomerID: "user_42", MeterSlug: "chat"},
		Body: map[string]any{
			"model":    "gpt-4o-mini",
			"messages": []map[string]string{{"role": "user", "content": "Say hello."}},
		},
	})
	if errors.Is(err, lava.ErrInsufficientCredits) {
		fmt.Println("time for a checkout")
		return
	}
	if err != nil {
		log.Fatal(err)
	}
	var completion struct {
		Choices []struct {
			Message struct{ Content string }
		}
	}
	if err := resp.Decode(&completion); err != nil {
		log.Fatal(err)
	}
	fmt.Println(completion.Choices[0].Message.Content)

	// The record has the cost. It exists as soon as you have the response.
	request, err := client.Requests.Retrieve(ctx, resp.Header().Get("X-Lava-Request-Id"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(request.ModelUsage.TotalTokens, "tokens,", request.Charge.Amount, "dollars")
	// Output:
	// Hello!
	// 11 tokens, 0.000033 dollars
}

// A request in OpenAI's format to Anthropic's API: Lava translates both ways.
func ExampleClient_Gateway_translated() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.Script(mockserver.Reply{Text: "Bonjour!"})

	resp, err := client.Gateway(ctx, "https://api.anthropic.com/v1/messages", lava.GatewayParams{
		Format: lava.FormatOpenAI,
		Body: map[string]any{
			"model":      "claude-sonnet-4-5",
			"max_tokens": 100,
			"messages":   []map[string]string{{"role": "user", "content": "Say hello in French."}},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	var completion struct {
		Object  string
		Choices []struct {
			Message struct{ Content string }
		}
	}
	if err := resp.Decode(&completion); err != nil {
		log.Fatal(err)
	}
	fmt.Println(completion.Object, completion.Choices[0].Message.Content)
	// Output: chat.completion Bonjour!
}

// A response as it is generated. The loop ends with the stream; an error in it means that the stream was cut off.
func ExampleClient_GatewayStream() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)
	mock.Script(mockserver.Reply{Text: "The sky is blue."})

	for event, err := range client.GatewayStream(ctx, "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
		Payer: lava.ForCustomer{CustomerID: "user_42", MeterSlug: "chat"},
		Body: map[string]any{
			"model":    "gpt-4o-mini",
			"stream":   true,
			"messages": []map[string]string{{"role": "user", "content": "What color is the sky?"}},
		},
	}) {
		if err != nil {
			log.Fatal(err)
		}
		var chunk struct {
			Choices []struct {
				Delta struct{ Content string }
			}
		}
		if err := event.Decode(&chunk); err != nil {
			log.Fatal(err)
		}
		for _, choice := range chunk.Choices {
			fmt.Print(choice.Delta.Content)
		}
	}
	// Output: The sky is blue.
}

// The transport goes into the HTTP client of a provider's own SDK. This example uses plain net/http instead of an
// SDK.
func ExampleClient_Transport() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)
	mock.Script(mockserver.Reply{Text: "Hello!"})

	transport, err := client.Transport(lava.TransportParams{Payer: lava.ForCustomer{CustomerID: "user_42", MeterSlug: "chat"}})
	if err != nil {
		log.Fatal(err)
	}
	ai := &http.Client{Transport: transport}

	body := strings.NewReader(`{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Say hello."}]}`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.openai.com/v1/chat/completions", body)
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := ai.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.StatusCode, strings.Contains(string(text), "Hello!"))
	// Output: 200 true
}

// One HTTP client serves all customers: the context of a call says who pays, and the error says whose money ran out.
// SDKs have their own errors; AsError finds Lava's inside them.
func ExampleAsError() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)
	if _, err := client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "newcomer"}); err != nil {
		log.Fatal(err)
	}

	for _, user := range []string{"user_42", "newcomer"} {
		ctx := lava.ContextWithPayer(ctx, lava.ForCustomer{CustomerID: user, MeterSlug: "chat"})
		ctx = lava.ContextWithMetadata(ctx, map[string]string{"feature": "chat"})
		_, err := client.Gateway(ctx, "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
			Body: map[string]any{"model": "gpt-4o-mini", "messages": []map[string]string{{"role": "user", "content": "Say hello."}}},
		})
		switch failed := lava.AsError(err); {
		case err == nil:
			fmt.Println(user, "has a response")
		case errors.Is(failed, lava.ErrInsufficientCredits):
			fmt.Println(user, "buys credits")
		case errors.Is(failed, lava.ErrInsufficientBalance):
			fmt.Println("we fund our wallet")
		case errors.Is(failed, lava.ErrSpendLimitExceeded):
			fmt.Println("we raise our key's limit")
		case errors.Is(failed, lava.ErrProvider):
			fmt.Println("try later:", failed.Provider)
		default:
			log.Fatal(err)
		}
	}
	// Output:
	// user_42 has a response
	// newcomer buys credits
}

// A library that accepts neither an HTTP client nor a base URL uses http.DefaultTransport. Here requests for the
// provider go through Lava, and all others as before.
func ExampleClient_Transport_library() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)

	through, err := client.Transport(lava.TransportParams{Payer: lava.ForCustomer{CustomerID: "user_42", MeterSlug: "chat"}})
	if err != nil {
		log.Fatal(err)
	}
	direct := http.DefaultTransport
	replacement := roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.URL.Host == "api.openai.com" {
			return through.RoundTrip(req)
		}
		return direct.RoundTrip(req)
	})
	library := &http.Client{Transport: replacement} // http.DefaultTransport = replacement

	body := strings.NewReader(`{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Say hello."}]}`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.openai.com/v1/chat/completions", body)
	if err != nil {
		log.Fatal(err)
	}
	resp, err := library.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	fmt.Println(resp.StatusCode)
	// Output: 200
}

// A token authorizes requests that another part of the program makes.
func ExampleClient_GenerateForwardToken() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)

	token, err := client.GenerateForwardToken(lava.ForCustomer{CustomerID: "user_42", MeterSlug: "chat"})
	if err != nil {
		log.Fatal(err)
	}
	body := strings.NewReader(`{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Say hello."}]}`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, client.Providers.OpenAI+"/chat/completions", body)
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token.Reveal())
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	fmt.Println(resp.StatusCode)
	fmt.Println(token)
	// Output:
	// 200
	// [redacted]
}

// Fallbacks for a translated request whose provider fails.
func ExampleFallbackChainService_Update() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	err := client.FallbackChain.Update(ctx, []lava.Fallback{
		{URL: "https://api.anthropic.com/v1/messages", Model: "claude-sonnet-4-5"},
		{URL: "https://api.groq.com/openai/v1/chat/completions", Model: "llama-3.3-70b-versatile"},
	})
	if err != nil {
		log.Fatal(err)
	}
	chain, err := client.FallbackChain.Retrieve(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, fallback := range chain {
		fmt.Println(fallback.Model)
	}
	// Output:
	// claude-sonnet-4-5
	// llama-3.3-70b-versatile
}

func ExampleModelsService_List() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	models, err := client.Models.List(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, model := range models {
		if model.ID == "gpt-4o-mini" {
			fmt.Println(model.ID, "by", model.OwnedBy)
		}
	}
	// Output: gpt-4o-mini by openai
}

// The price of a model, in dollars per million tokens.
func ExampleServicesService_List() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	services, err := client.Services.List(ctx, lava.ListServicesParams{Provider: "openai"})
	if err != nil {
		log.Fatal(err)
	}
	for _, service := range services {
		if service.ID == "gpt-4o-mini" {
			fmt.Println(service.ID, service.Pricing.Input, service.Pricing.Output)
		}
	}
	// Output: gpt-4o-mini 0.15 0.6
}
