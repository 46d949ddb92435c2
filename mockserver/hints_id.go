package mockserver

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/spelling"
)

// idPrefixes are the prefixes of ids, by parameter or by collection in the path.
var idPrefixes = map[string]string{
	"customer_id": "con", "customers": "con", "plan_id": "sc", "plans": "sc", "meter_id": "prd", "meter_ids": "prd", "meter_slug": "prd", "meters": "prd",
	"subscriptions": "sub", "credit_bundle_id": "cb", "credit_bundles": "cb", "auto_top_up_bundle_id": "cb", "payment_method_id": "pm",
	"requests": "req", "request_id": "req", "webhooks": "wh", "secret_keys": "sk", "spend_keys": "spk",
}

// kindsByPrefix maps each prefix to a kind of object.
var kindsByPrefix = map[string]string{
	"con": "customer", "sc": "plan", "prd": "meter", "sub": "subscription", "cb": "credit bundle", "pm": "payment method", "req": "request",
	"wh": "webhook", "sk": "secret key", "spk": "spend key",
}

// hintAtID is for ids that don't exist or belong to another kind of object.
func hintAtID(r *rejection) string {
	about, id := r.unknown()
	want := idPrefixes[about]
	if want == "" || id == "" {
		return ""
	}
	kind := kindsByPrefix[want]
	if unescaped, err := url.PathUnescape(id); err == nil {
		id = unescaped
	}
	switch trimmed := strings.Trim(id, ` "'<>`); {
	case slices.Contains([]string{"undefined", "null", "None", "nil", "NaN", "[object Object]", "{id}", ":id", "<id>"}, id):
		return fmt.Sprintf("the id of the %s is %q: a variable was not set when the path or body was built", kind, id)
	case strings.HasPrefix(id, "${"), strings.HasPrefix(id, "{{"), strings.HasPrefix(id, "{"), strings.HasPrefix(id, ":"):
		return fmt.Sprintf("the id of the %s is a placeholder that was not replaced", kind)
	case trimmed != id:
		return "the id has quotes or spaces around it"
	case strings.ToUpper(id) == id && strings.Contains(id, "_TEST_"):
		return "ids are case-sensitive: the prefix is in lower case"
	}
	of := r.server.engine.Identify(id)
	switch {
	case of.Kind == "" && want == "con" && r.server.othersHave(r.call.merchant, id):
		return fmt.Sprintf("this merchant has no customer %.60q, but another merchant of this server has: check that this is the right secret key", id)
	case of.Kind == "" && want == "con":
		return fmt.Sprintf("no customer has the id or reference_id %.60q: create one with that reference_id first (POST /v1/customers)", id)
	case of.Kind == "":
		return ""
	case of.Kind != kind && of.CustomerID != "" && want == "con":
		return fmt.Sprintf("this is the id of a %s; its customer is %s", of.Kind, of.CustomerID)
	case of.Kind != kind:
		return fmt.Sprintf("this is the id of a %s; the id of a %s (%s_…) is required", of.Kind, kind, want)
	case of.MerchantID != "" && of.MerchantID != r.call.merchant:
		return fmt.Sprintf("this %s belongs to another merchant: use that merchant's secret key", kind)
	case of.MerchantID != "" && want == "req":
		return "the record exists but is delayed (option RecordDelay): move the clock with Server.Advance, or retry later"
	case of.Live:
		return "this is a live-mode id: the mock's ids contain _test_"
	case of.Issued && want == "req":
		return "the request reached this server but has no record: it was rejected, or has not ended yet"
	case of.Issued:
		return fmt.Sprintf("this %s has been deleted", kind)
	}
	return "this server never created that id: it comes from another server or an earlier run (the mock keeps nothing when it ends; Snapshot and Restore carry its state over)"
}

// othersHave reports whether a customer of another merchant has a reference id.
func (s *Server) othersHave(merchant, referenceID string) bool {
	return slices.ContainsFunc(s.engine.MerchantIDs(), func(other string) bool {
		_, err := s.engine.Customer(other, referenceID)
		return err == nil && other != merchant
	})
}

// unknown returns the parameter or collection that names a missing object, and its id.
func (r *rejection) unknown() (about, id string) {
	if r.err.Param != "" && (r.code(string(billing.CodeNotFound)) || r.err.Param == "meter_ids" || strings.Contains(r.err.Message, "is not a bundle")) {
		about = r.err.Param
		if i := strings.IndexByte(about, '['); i >= 0 {
			about = about[:i]
		}
		if r.call.endpoint.isGateway() {
			id = r.call.customer
			if about == "meter_slug" {
				id = quotedIn(r.err.Message)
			}
			return about, id
		}
		if about == "customer_id" && strings.HasPrefix(string(r.call.endpoint), "customers.") {
			return about, r.call.subject
		}
		return about, quotedIn(r.err.Message)
	}
	collection, _, _ := strings.Cut(string(r.call.endpoint), ".")
	if r.code(string(billing.CodeNotFound)) && r.call.subject != "" {
		return collection, r.call.subject
	}
	return "", ""
}

// quotedIn returns the first text in quotes in a message.
func quotedIn(message string) string {
	_, rest, _ := strings.Cut(message, `"`)
	quoted, _, _ := strings.Cut(rest, `"`)
	return quoted
}

// isMeterID reports whether a text given as a meter's slug is a meter's id.
func (a *api) isMeterID(merchant, slug string) bool {
	if !strings.HasPrefix(slug, idPrefixes["meter_slug"]+"_") {
		return false
	}
	_, isSlug := a.engine.MeterBySlug(merchant, slug)
	return !isSlug
}

// hintAtSlug is for a slug given as an id, or a text that is neither.
func hintAtSlug(r *rejection) string {
	about, given := r.unknown()
	if idPrefixes[about] != "prd" || given == "" {
		return ""
	}
	if about != "meter_slug" {
		if id, ok := r.server.engine.MeterBySlug(r.call.merchant, given); ok {
			return fmt.Sprintf("this is the slug of the meter %s: the id is required here", id)
		}
	}
	if meters, err := r.server.engine.Meters(r.call.merchant, billing.PageParams{Limit: 100}); err == nil && len(meters.Items) > 0 {
		slugs := make([]string, len(meters.Items))
		for i, m := range meters.Items {
			slugs[i] = m.Slug
		}
		return "no meter has that slug" + spelling.Suggest(given, slugs)
	}
	return "there are no meters yet: create one (POST /v1/meters), and use its meter_slug"
}
