package gateway

import (
	"context"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

// Billing admits requests and records them.
type Billing interface {
	// Authenticate reports what is wrong with the key of a token, or why the request
	// fails whatever else it says. Nothing else of a request is looked at before.
	Authenticate(ctx context.Context, t Token) error
	// Admit decides whether a request may pass. An error is written to the
	// client; if the admission then has a RequestID, the response carries it.
	Admit(ctx context.Context, t Token, to Destination) (Admission, error)
	// Allows reports whether a credential may use a model of a provider. It
	// chooses among providers that offer the same model, and among fallbacks;
	// whether a request may be made is for Admit to say.
	Allows(t Token, provider, model string) bool
}

// Destination is what a caller wants to reach.
type Destination struct {
	Provider string // a provider's id, as the catalog has it; "other" if it has none
	Model    string // as the request names it; "" if it names none
	Shape    string // the format of the endpoints that find the provider by the model; "" elsewhere
	Unpriced bool   // whatever is used there, the cost will be 0
}

// Admission is leave to make one request.
type Admission struct {
	RequestID string
	// At is when it was given, by the clock of who gave it.
	At time.Time
	// Record commits the outcome. It is called exactly once for each
	// admission, before the client can see the end of the response. If it fails, the
	// client gets the error, or a stream that is cut; if it panics with
	// http.ErrAbortHandler, nothing.
	Record func(Outcome) error
	// Affords reports whether a request may still become one that has a price. It is
	// asked before a fallback that has one, where the request itself had none. Nil is
	// as yes.
	Affords func() bool
	// Fallbacks returns the account's chain, for requests that bring none. Nil
	// is as an empty chain.
	Fallbacks func() []Fallback
}

// Outcome is what became of an admitted request.
type Outcome struct {
	Provider   string
	Model      string // as requested; what the provider reports if nothing was
	Endpoint   string // method and URL: "POST https://api.openai.com/v1/chat/completions"
	ResponseID string // the provider's id of its response, if it has one
	Usage      billing.Usage
	InputCost  billing.Amount // what the provider charges, by its public prices
	OutputCost billing.Amount
	Metadata   map[string]string
	// Failed says that the provider responded with an error, or not at all.
	// Usage and costs are then zero.
	Failed bool
	// Unmanaged says that the caller's own provider key paid the provider.
	Unmanaged bool
}
