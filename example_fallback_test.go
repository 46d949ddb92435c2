package lava_test

import (
	"context"
	"fmt"
	"log"

	"github.com/lavapayments/lava-go"
)

// Where a translated request goes if its provider fails.
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
