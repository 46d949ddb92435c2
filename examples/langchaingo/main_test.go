package main

import (
	"strings"
	"testing"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// A stream through LangChainGo is shown chunk by chunk, and charged.
func TestSummarize(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	client := s.Client(lava.WithRequiredPayer())
	ada, err := s.Scenario(mockserver.Subscribed)
	if err != nil {
		t.Fatal(err)
	}
	summarizer, err := NewSummarizer(client, ada.MeterSlug)
	if err != nil {
		t.Fatal(err)
	}
	s.Script(mockserver.Reply{PromptContains: "makes streets", Text: "Stone becomes streets."})
	var shown strings.Builder
	text, err := summarizer.Summarize(t.Context(), ada.CustomerID, "Lava makes streets out of stone.", func(chunk string) { shown.WriteString(chunk) })
	if err != nil {
		t.Fatal(err)
	}
	if text != "Stone becomes streets." || shown.String() != text {
		t.Errorf("%q, shown as %q", text, shown.String())
	}
	s.Calls().For(ada.CustomerID).Verify(t, mockserver.Times(1, "gateway.forward"), mockserver.Accepted())
	page, err := client.Requests.List(t.Context(), lava.ListRequestsParams{CustomerID: ada.CustomerID})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Data) != 1 || page.Data[0].ModelUsage.TotalTokens == 0 {
		t.Errorf("records: %+v", page.Data)
	}
}
