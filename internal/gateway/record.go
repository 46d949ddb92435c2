package gateway

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// recordBody records the usage in a whole response.
func (a *attempt) recordBody() error {
	if isRejection(a.response.StatusCode) { // redirects too (assumption redirects)
		return a.fail()
	}
	readable, err := decompress(a.response.Header.Get("Content-Encoding"), a.body, a.gateway.cfg.MaxBody)
	if err != nil {
		return a.record(a.route.request.Complete(dialect.Usage{}, false, int64(len(a.body))))
	}
	if a.route.request.Guessed { // so that its format is the first, not the provider's
		if u, _ := a.gateway.format(a.route).ReadUsage(readable); u.Later {
			return a.record(u)
		}
	}
	usage, _, ok := usageIn(a.response.Header, readable, a.route.request)
	if !ok { // 200 without a response: not charged either (assumption stream-errors)
		return a.fail()
	}
	return a.record(usage)
}

// recordStream records the usage of a stream.
func (a *attempt) recordStream(s stream) error {
	if usage, delivered := s.usage(); delivered {
		return a.record(usage)
	}
	return a.fail()
}

// usageIn returns the usage reported in a response's body, completed by an estimate. ok is false if it reports none
// and isn't a response in the request's format, or if it is an error that came with the status of a success.
func usageIn(header http.Header, body []byte, r dialect.Facts) (usage dialect.Usage, reported, ok bool) {
	usage, reported = r.ReadUsage(body)
	reported = r.ReadHeaders(header, &usage) || reported
	switch {
	case usage.Later:
		return usage, false, true
	case !r.UsesTokens:
		return r.Complete(usage, reported, 0), reported, true
	case reported && usage.OutputTokens > 0:
		return r.Complete(usage, true, 0), true, true
	case reported:
		return r.Complete(usage, true, r.Format.CountText(body)), true, true
	}
	sent, isJSON := r.CountText(body)
	return r.Complete(usage, false, sent), false, isJSON && !holdsError(body)
}

// statusOf returns the status named by an error in a body that came with the status of a success.
func statusOf(body []byte) int { return cmp.Or(dialect.ClassOf("", body), http.StatusBadGateway) }

// holdsError reports whether a JSON body is an error, or a list that contains one: Google responds that way to
// streams that aren't sent as events.
func holdsError(body []byte) bool {
	if !bytes.Contains(body, []byte(`"error"`)) {
		return false
	}
	if ending.OfEvent("", body) == ending.Failure {
		return true
	}
	for element := range jsonscan.Elements(body) {
		if ending.OfEvent("", element) == ending.Failure {
			return true
		}
	}
	return false
}

// record commits the usage.
func (a *attempt) record(u dialect.Usage) error {
	request, provider := a.route.request, a.route.provider
	switch later := &a.gateway.later; {
	case request.Stored:
		if id := provider.ID + " " + u.ResponseID; u.InputTokens+u.OutputTokens == 0 || !later.take(id) {
			u = dialect.Usage{Model: u.Model, ResponseID: u.ResponseID}
		}
	case u.Later:
		later.add(provider.ID + " " + u.ResponseID)
	}
	model, name := a.route.model, request.Model
	if name == "" {
		name = u.Model
		model, _ = provider.Model(name)
	}
	if its, ok := provider.Model(u.Substitute); ok {
		model, name = its, u.Substitute
	}
	if request.Operation == dialect.Speech {
		u.InputCharacters = request.Characters
	}
	if request.Operation == dialect.Transcription && u.InputDuration == 0 {
		u.InputDuration = dialect.AudioDuration(request.Audio)
	}
	if request.Operation == dialect.Speech && model != nil && model.CharacterInput == 0 && u.InputTokens == 0 {
		u.InputTokens = dialect.EstimateTokens(u.InputCharacters)
	}
	input, output, err := provider.Cost(model, u)
	if err != nil { // prices beyond reason
		return errors.Join(fmt.Errorf("cost of request %s: %w", a.admission.RequestID, err), a.fail())
	}
	for _, other := range u.Others {
		u.InputTokens, u.OutputTokens = u.InputTokens+other.InputTokens, u.OutputTokens+other.OutputTokens
	}
	o := a.outcome()
	o.Model, o.ResponseID = name, u.ResponseID
	o.Usage = billing.Usage{
		InputTokens:     u.InputTokens,
		OutputTokens:    u.OutputTokens,
		InputCharacters: u.InputCharacters,
		InputDuration:   u.InputDuration,
	}
	o.InputCost, o.OutputCost = input, output
	if reason := a.unpricedReason(model, u); reason != "" {
		o.Metadata = maps.Clone(o.Metadata)
		if o.Metadata == nil {
			o.Metadata = make(map[string]string)
		}
		o.Metadata[unpricedKey] = reason
	}
	return a.commit(o)
}

// unpricedKey is the metadata key of a record that names what the cost does not include
// (assumption unpriced-requests).
const unpricedKey = "lava_unpriced"

// unpricedReason returns what makes the cost of a request differ from the provider's: an unknown operation, a tier without
// public prices, or tools with their own fees.
func (a *attempt) unpricedReason(model *catalog.Model, u dialect.Usage) string {
	request, provider := a.route.request, a.route.provider
	_, tierKnown := provider.Tier(model, u.Tier)
	switch {
	case provider.ID == otherProvider: // nothing there has a price
	case request.Operation == dialect.Other && !request.Stored && !u.Later:
		return "operation"
	case !tierKnown:
		return "service_tier"
	case u.Cost == 0:
		return strings.Join(u.Fees, ",")
	}
	return ""
}

// fail records a request without a response.
func (a *attempt) fail() error {
	o := a.outcome()
	o.Failed = true
	return a.commit(o)
}

// failWith records a failure and returns the client's error.
func (a *attempt) failWith(err error) error {
	if e := a.fail(); e != nil {
		return e
	}
	if errors.Is(err, errGone) {
		panic(http.ErrAbortHandler)
	}
	return err
}

// outcome returns the parts of an outcome that are known without the response.
func (a *attempt) outcome() Outcome {
	return Outcome{
		Provider:  a.route.provider.ID,
		Model:     a.route.request.Model,
		Endpoint:  a.endpoint(a.route),
		Metadata:  a.metadata,
		Unmanaged: a.token.ProviderKey != "",
	}
}

// commit records an outcome, unless one is already recorded.
func (a *attempt) commit(o Outcome) error {
	if a.recorded {
		return nil
	}
	a.recorded = true
	return a.admission.Record(o)
}
