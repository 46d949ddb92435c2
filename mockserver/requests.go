package mockserver

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go/internal/billing"
)

func createRequest(c *call) (any, error) {
	in, err := decode[struct {
		RequestID        string            `json:"request_id"`
		CustomerID       string            `json:"customer_id"`
		MeterSlug        string            `json:"meter_slug"`
		Metadata         map[string]string `json:"metadata"`
		InputTokens      int64             `json:"input_tokens"`
		OutputTokens     int64             `json:"output_tokens"`
		InputCharacters  int64             `json:"input_characters"`
		OutputCharacters int64             `json:"output_characters"`
		InputSeconds     json.RawMessage   `json:"input_seconds"`
		OutputSeconds    json.RawMessage   `json:"output_seconds"`
	}](c)
	if err != nil {
		return nil, err
	}
	input, err := parseSeconds("input_seconds", in.InputSeconds)
	if err != nil {
		return nil, err
	}
	output, err := parseSeconds("output_seconds", in.OutputSeconds)
	if err != nil {
		return nil, err
	}
	r, err := do(c, billing.ReportUsage{
		MerchantID: c.merchant, RequestID: in.RequestID, Customer: in.CustomerID, Meter: in.MeterSlug,
		Metadata: in.Metadata,
		Usage: billing.Usage{
			InputTokens: in.InputTokens, OutputTokens: in.OutputTokens,
			InputCharacters: in.InputCharacters, OutputCharacters: in.OutputCharacters,
			InputDuration: input, OutputDuration: output,
		},
	})
	return encodeRequest(r), err
}

func getRequest(c *call) (any, error) {
	r, err := c.engine.Request(c.merchant, c.id, c.now)
	return encodeRequest(r), err
}

func listRequests(c *call) (any, error) {
	page, err := c.page()
	if err != nil {
		return nil, err
	}
	filter, err := c.requestFilter()
	if err != nil {
		return nil, err
	}
	requests, err := c.engine.Requests(c.merchant, filter, page, c.now)
	return list(requests, encodeRequest), err
}

// requestFilter reads the parameters that select requests and usage.
func (c *call) requestFilter() (billing.RequestFilter, error) {
	q := c.r.URL.Query()
	metadata, err := parseMetadataFilters(q.Get("metadata_filters"))
	return billing.RequestFilter{Customer: q.Get("customer_id"), Meter: q.Get("meter_id"), Metadata: metadata}, err
}

// parseSeconds reads a number of seconds, which may have a fraction, to the
// nanosecond.
func parseSeconds(param string, raw json.RawMessage) (time.Duration, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return 0, nil
	}
	d, err := decimal.NewFromString(string(raw))
	// Check the bounds first: "1e999999999" must not be multiplied.
	if err != nil || d.Exponent() > 9 || d.Exponent() < -100 || d.IsNegative() || d.GreaterThan(decimal.New(1, 9)) {
		return 0, billing.Invalid(param, "%.40s is not a number of seconds from 0 to 1000000000", raw)
	}
	return time.Duration(d.Shift(9).Round(0).IntPart()), nil
}

type requestBody struct {
	ID         string                `json:"request_id"`
	Status     billing.RequestStatus `json:"status"`
	CustomerID string                `json:"customer_id,omitzero"`
	MeterID    string                `json:"meter_id,omitzero"`
	Provider   string                `json:"provider"`
	KeyType    billing.KeyType       `json:"provider_key_type"`
	Model      string                `json:"model,omitzero"`
	Endpoint   string                `json:"endpoint"`
	ResponseID string                `json:"response_id,omitzero"`
	ModelUsage modelUsageBody        `json:"model_usage"`
	Cost       billing.Amount        `json:"cost"`
	Charge     chargeBody            `json:"charge"`
	Metadata   map[string]string     `json:"metadata"`
	Timestamp  instant               `json:"timestamp"`
	CreatedAt  instant               `json:"created_at"`
}

type modelUsageBody struct {
	InputTokens      int64          `json:"input_tokens"`
	OutputTokens     int64          `json:"output_tokens"`
	TotalTokens      int64          `json:"total_tokens"`
	InputCharacters  int64          `json:"input_characters"`
	OutputCharacters int64          `json:"output_characters"`
	TotalCharacters  int64          `json:"total_characters"`
	InputSeconds     seconds        `json:"input_seconds"`
	OutputSeconds    seconds        `json:"output_seconds"`
	TotalSeconds     seconds        `json:"total_seconds"`
	InputCost        billing.Amount `json:"input_cost"`
	OutputCost       billing.Amount `json:"output_cost"`
	TotalCost        billing.Amount `json:"total_cost"`
}

type chargeBody struct {
	Amount    billing.Amount   `json:"amount"`
	RateType  billing.RateType `json:"rate_type"`
	Breakdown []breakdownBody  `json:"breakdown"`
}

// breakdownBody is the part of a charge priced by one tier. Of tokens, characters and seconds, only the one that the
// meter counts is nonzero.
type breakdownBody struct {
	Tier       tierBody       `json:"tier"`
	Tokens     int64          `json:"tokens"`
	Characters int64          `json:"characters"`
	Seconds    seconds        `json:"seconds"`
	Cost       billing.Amount `json:"cost"`
}

// seconds is a duration on the wire: a number of seconds without trailing zeros.
type seconds time.Duration

func (s seconds) MarshalJSON() ([]byte, error) {
	return []byte(decimal.New(int64(s), -9).String()), nil
}

func encodeRequest(r billing.Request) requestBody {
	u := r.Usage
	body := requestBody{
		ID: r.ID, Status: r.Status, CustomerID: r.CustomerID, MeterID: r.MeterID,
		Provider: r.Provider, KeyType: r.KeyType, Model: r.Model, Endpoint: r.Endpoint, ResponseID: r.ResponseID,
		ModelUsage: modelUsageBody{
			InputTokens: u.InputTokens, OutputTokens: u.OutputTokens, TotalTokens: u.InputTokens + u.OutputTokens,
			InputCharacters: u.InputCharacters, OutputCharacters: u.OutputCharacters,
			TotalCharacters: u.InputCharacters + u.OutputCharacters,
			InputSeconds:    seconds(u.InputDuration), OutputSeconds: seconds(u.OutputDuration),
			TotalSeconds: seconds(u.InputDuration + u.OutputDuration),
			InputCost:    r.InputCost, OutputCost: r.OutputCost, TotalCost: r.Cost(),
		},
		Cost: r.Cost(),
		Charge: chargeBody{
			Amount: r.Charge.Amount, RateType: r.Charge.RateType,
			Breakdown: make([]breakdownBody, len(r.Charge.Breakdown)),
		},
		Metadata:  make(map[string]string, len(r.Metadata)),
		Timestamp: instant(r.CreatedAt), CreatedAt: instant(r.CreatedAt),
	}
	for i, row := range r.Charge.Breakdown {
		body.Charge.Breakdown[i] = encodeRow(row, r.Charge.Unit)
	}
	for _, p := range r.Metadata {
		body.Metadata[p.Key] = p.Value
	}
	return body
}

func encodeRow(row billing.ChargeRow, unit billing.Unit) breakdownBody {
	body := breakdownBody{Tier: encodeTier(row.Tier, unit), Cost: row.Cost}
	switch unit {
	case billing.Tokens1M:
		body.Tokens = row.Units
	case billing.Characters1M:
		body.Characters = row.Units
	case billing.Minutes:
		body.Seconds = seconds(row.Units)
	case billing.Requests: // Lava has no field for requests
	}
	return body
}
