// LangChainGo through Lava: a chain's model calls are charged to a customer. Only the
// HTTP client differs from a program without Lava. To try it against the mock, start one
// with the meter and a customer who has credit:
//
//	lavamock -key aks_test_example -init ../account.json &
//	export LAVA_API_URL=http://127.0.0.1:5282 LAVA_SECRET_KEY=aks_test_example
//	go run . user-42 "Lava makes streets out of stone."
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/openai"

	"github.com/lavapayments/lava-go"
)

// Summarizer summarizes texts at a customer's cost.
type Summarizer struct {
	model     llms.Model
	meterSlug string
}

// NewSummarizer returns a summarizer whose requests go through Lava and are charged
// according to a meter.
func NewSummarizer(client *lava.Client, meterSlug string) (*Summarizer, error) {
	transport, err := client.Transport(lava.TransportParams{})
	if err != nil {
		return nil, err
	}
	model, err := openai.New(
		openai.WithHTTPClient(&http.Client{Transport: transport}),
		openai.WithToken("unused"), // the transport sends a forward token instead
		openai.WithBaseURL("https://api.openai.com/v1"),
		openai.WithModel("gpt-4o-mini"),
	)
	if err != nil {
		return nil, err
	}
	return &Summarizer{model, meterSlug}, nil
}

// Summarize streams a summary to show and returns the whole summary.
func (s *Summarizer) Summarize(ctx context.Context, customerID, text string, show func(string)) (string, error) {
	ctx = lava.ContextWithPayer(ctx, lava.ForCustomer{CustomerID: customerID, MeterSlug: s.meterSlug})
	return llms.GenerateFromSinglePrompt(ctx, s.model, "Summarize in one sentence: "+text,
		llms.WithStreamingFunc(func(_ context.Context, chunk []byte) error {
			show(string(chunk))
			return nil
		}))
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "langchaingo:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: langchaingo CUSTOMER TEXT")
	}
	client, err := lava.New(lava.WithRequiredPayer())
	if err != nil {
		return err
	}
	summarizer, err := NewSummarizer(client, "summaries")
	if err != nil {
		return err
	}
	_, err = summarizer.Summarize(context.Background(), args[0], args[1], func(chunk string) { fmt.Print(chunk) })
	fmt.Println()
	return err
}
