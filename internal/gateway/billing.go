package gateway

import (
	"context"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

// Billing admits requests and records them.
type Billing interface {
	// Authenticate returns an error if the key of a token is wrong, or if the request fails regardless of its
	// content. It runs before anything else in a request is read.
	Authenticate(ctx context.Context, t Token) error
	// Admit decides whether a request may pass. An error is written to the
	// client; if the admission then has a RequestID, the response carries it.
	Admit(ctx context.Context, t Token, to Destination) (Admission, error)
	// Allows reports whether a credential may use a model of a provider. It is used
	// to choose among providers that offer the same model, and among fallbacks.
	// Admit decides whether a request may be made.
	Allows(t Token, provider, model string) bool
}

// Destination is where a request goes.
type Destination struct {
	Provider string // a provider's id in the catalog; "other" if it has none
	Model    string // as the request names it; "" if it names none
	Shape    string // the format of endpoints that find the provider by the model; "" for others
	Unpriced bool   // the cost will be 0 for any usage
}

// Admission is the permission for one request.
type Admission struct {
	RequestID string
	// At is the time of the admission, on the billing's clock.
	At time.Time
	// Record commits the outcome. It is called exactly once for each admission, before the client can see the end of
	// the response. If it fails, the client gets the error, or a stream that is cut off; if it panics with
	// http.ErrAbortHandler, nothing.
	Record func(Outcome) error
	// Affords reports whether a request without a price may fall back to a model with
	// a price. Nil means yes.
	Affords func() bool
	// Fallbacks returns the account's chain, for requests without their own. Nil
	// means an empty chain.
	Fallbacks func() []Fallback
}

// Outcome is the result of an admitted request.
type Outcome struct {
	Provider   string
	Model      string // as requested or, without one, as reported by the provider
	Endpoint   string // method and URL: "POST https://api.openai.com/v1/chat/completions"
	ResponseID string // the provider's id of its response, if it has one
	Usage      billing.Usage
	InputCost  billing.Amount // what the provider charges, by its public prices
	OutputCost billing.Amount
	Metadata   map[string]string
	// Failed means that the provider responded with an error, or not at all.
	// Usage and costs are then zero.
	Failed bool
	// Unmanaged means that the caller's own provider key paid the provider.
	Unmanaged bool
}
