package mockserver

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// hintAtInput is for fields that Lava doesn't know, even in accepted calls, because Lava ignores them.
func hintAtInput(input reflect.Type, body []byte) string {
	if input == nil || len(body) == 0 || body[0] != '{' {
		return ""
	}
	return hintAtFields(input, body, "")
}

func hintAtFields(input reflect.Type, body []byte, at string) string {
	known, types := fieldsOf(input)
	for name, value := range jsonscan.Fields(body) {
		t, ok := types[string(name)]
		if !ok {
			return "there is a field " + misspelled(string(name), known) + at
		}
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Slice || t.Elem().Kind() != reflect.Struct || len(value) == 0 || value[0] != '[' {
			continue
		}
		for element := range jsonscan.Elements(value) {
			if len(element) > 0 && element[0] == '{' {
				if hint := hintAtFields(t.Elem(), element, fmt.Sprintf(" (in %s)", name)); hint != "" {
					return hint
				}
			}
		}
	}
	return ""
}

// fieldsOf returns a struct's JSON field names and their types.
func fieldsOf(t reflect.Type) (names []string, types map[string]reflect.Type) {
	types = map[string]reflect.Type{}
	if t.Kind() != reflect.Struct {
		return nil, types
	}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || f.Anonymous {
			continue
		}
		names = append(names, name)
		types[name] = f.Type
	}
	return names, types
}

// hintAtBody is for bodies that aren't a JSON object.
func hintAtBody(r *rejection) string {
	kind := r.r.Header.Get("Content-Type")
	body := strings.TrimSpace(r.body)
	if !r.code(string(billing.CodeInvalidRequest)) || r.call.endpoint.isGateway() || !strings.HasPrefix(r.err.Message, "the body ") {
		return ""
	}
	switch {
	case body == "" && r.r.URL.RawQuery != "":
		return "the parameters are in the query: send them as a JSON object in the body"
	case body == "":
		return "send a JSON object; {} if there are no parameters"
	case strings.HasPrefix(kind, "application/x-www-form-urlencoded") || strings.HasPrefix(kind, "multipart/") || isForm(body):
		return "the body is a form: send JSON, with Content-Type: application/json (curl: -H 'Content-Type: application/json' -d '{…}')"
	case strings.HasPrefix(body, `"{`), strings.HasPrefix(body, `"\"{`):
		return "the body is JSON within a JSON string: it was encoded twice (JSON.stringify, json.dumps)"
	case body[0] == '[':
		return "the body is a list: send one object per request"
	case strings.HasPrefix(body, "{'"), strings.HasPrefix(body, "[object"):
		return "the body was printed, not encoded: use JSON.stringify or json.dumps, which write double quotes"
	case body == "[object Object]":
		return "an object was sent without JSON.stringify"
	case trailingComma.MatchString(body):
		return "there is a comma before a closing bracket, which JSON does not allow"
	case strings.Contains(r.err.Message, "not JSON"):
		return "the body is cut off or not JSON: encode it with a JSON library"
	}
	return ""
}

var trailingComma = regexp.MustCompile(`,\s*[}\]]`)

func isForm(body string) bool {
	return formBody.MatchString(body)
}

var formBody = regexp.MustCompile(`^[A-Za-z_\[\]]+=[^{]*$`)

// amounts are the parameters that are amounts of money or rates.
var amounts = []string{"period_amount", "included_credit", "amount", "cost", "credit_amount", "rate", "start", "spend_limit.amount"}

// hintAtAmount is for amounts that aren't decimal strings.
func hintAtAmount(r *rejection) string {
	param := r.err.Param
	name := param[strings.LastIndexByte(param, '.')+1:]
	if !r.code(string(billing.CodeInvalidRequest)) || r.call.endpoint.isGateway() || !slices.Contains(amounts, name) || r.call.endpoint == "usage.get" {
		return ""
	}
	given := textField([]byte(r.body), name)
	switch {
	case given == "" && numberField(r.body, name) != "":
		n := numberField(r.body, name)
		if cents, err := strconv.ParseInt(n, 10, 64); err == nil && cents >= 100 && name != "start" {
			return fmt.Sprintf("amounts are decimal strings in dollars: send \"%d.%02d\" if %s are cents, %q if they are dollars", cents/100, cents%100, n, n+".00")
		}
		return fmt.Sprintf("send a decimal string, because floating-point numbers round: %q instead of %s", n, n)
	case strings.ContainsAny(given, "$€£"), strings.HasSuffix(strings.ToUpper(given), "USD"):
		return "leave the currency out: all amounts are in US dollars"
	case strings.Contains(given, ","):
		return "use a decimal point and no thousands separators: \"1234.50\""
	case strings.ContainsAny(given, "eE"):
		return "write the amount in full, without an exponent"
	case strings.HasPrefix(given, "-"):
		return "an amount must not be negative"
	}
	return ""
}

// numberField finds the first JSON field of a name whose value is a number.
func numberField(body, name string) string {
	m := regexp.MustCompile(`"` + regexp.QuoteMeta(name) + `"\s*:\s*(-?[0-9][0-9.eE+-]*)`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return m[1]
}

// hintAtValue is for values that Lava spells differently.
func hintAtValue(r *rejection) string {
	param, given := r.err.Param, ""
	if param != "" {
		given = textField([]byte(r.body), param[strings.LastIndexByte(param, '.')+1:])
	}
	words := map[string]string{
		"monthly": "month", "yearly": "year", "annual": "year", "annually": "year", "weekly": "week", "daily": "day", "months": "month", "years": "year",
		"flat": "fixed", "per_unit": "fixed", "percent": "percentage", "%": "percentage",
		"tokens": "tokens_1m", "token": "tokens_1m", "characters": "characters_1m", "minute": "minutes", "seconds": "minutes", "request": "requests",
		"plan": "subscription", "bundle": "credit_bundle", "payment": "credit_bundle", "canceled": "cancelled", "enabled": "active", "disabled": "paused",
		"month": "monthly", "day": "daily", "week": "weekly",
	}
	word := words[strings.ToLower(given)]
	if lower := strings.ToLower(given); word == "" && lower != given {
		word = lower
	}
	switch {
	case word != "" && strings.Contains(r.err.Message, `"`+word+`"`):
		return fmt.Sprintf("Lava calls it %q", word)
	case param == idempotencyHeader && r.code(string(billing.CodeConflict)):
		return "an idempotency key is for one request: create a new key (a UUID) for each, and repeat a key only with the same body"
	case param == "url" && strings.HasPrefix(string(r.call.endpoint), "webhooks."), param == "origin_url":
		return fmt.Sprintf("write the URL with its scheme: \"https://%s\"", strings.TrimLeft(given, "/"))
	case param == "phone":
		return "write the number with + and the country code, without spaces: \"+15551234567\""
	case param == "plan_id" && strings.Contains(r.err.Message, "need a checkout"):
		return "a paid plan needs a checkout: create a session with POST /v1/checkout_sessions (checkout_mode subscription) for the customer to complete; in a test, Server.CompleteCheckout does it"
	case param == "reference_id" && strings.HasPrefix(given, "con_"):
		return "reference_id is your own id for the customer; Lava creates the id that begins with con_"
	case param == "metadata_filters":
		return `send a JSON array of pairs, percent-encoded: metadata_filters=[["team","a"]]`
	case r.err.Param == "meter_ids":
		return "meter_ids must be ids of meters (prd_…)"
	case strings.HasPrefix(param, "tiers") && strings.Contains(r.err.Message, "must start at 0"):
		return `the first tier must start at "0": a tier's start is where it begins, not where it ends`
	case r.code(string(billing.CodeConflict)) && r.call.endpoint == "webhooks.create":
		return "Lava allows 3 webhooks: delete one, or handle all events in one receiver"
	case r.code(string(billing.CodeConflict)) && r.call.endpoint == "plans.delete":
		return "move or cancel the subscribers first; the plan Free can't be deleted"
	case strings.HasSuffix(r.err.Message, "is required") && param != "":
		return fmt.Sprintf("the body lacks %q", param)
	case strings.Contains(r.err.Message, " is a string, ") && param != "":
		return param + " is in quotes, and is none of those that are strings"
	}
	return ""
}

// hintAtPaging is for the parameters of lists.
func hintAtPaging(r *rejection) string {
	q := r.r.URL.Query()
	switch {
	case r.err.Param == "limit" && r.code(string(billing.CodeInvalidRequest)):
		if q.Get("limit") == "0" {
			return "leave out limit for the default of 10; 1 to 100 are allowed"
		}
		return "a page has 1 to 100 items: to get more, pass the previous page's next_cursor as cursor while has_more is true"
	case r.err.Param == "cursor" && r.code(string(billing.CodeInvalidRequest)):
		if strings.Contains(q.Get("cursor"), "_") {
			return "a cursor is not an id: pass the next_cursor of the previous page"
		}
		return "pass the next_cursor of the previous page of the same list, unchanged; the first page has no cursor"
	}
	return ""
}

// hintAtTime is for times that don't follow the server's clock.
func hintAtTime(r *rejection) string {
	now := r.server.Now().Format(time.RFC3339)
	q := r.r.URL.Query()
	given := textField([]byte(r.body), "expires_at")
	if r.call.endpoint == "usage.get" {
		given = q.Get("start")
		if r.err.Param == "end" {
			given = q.Get("end")
		}
	}
	switch {
	case r.err.Param != "start" && r.err.Param != "end" && r.err.Param != "expires_at" || !r.code(string(billing.CodeInvalidRequest)):
		return ""
	case given == "" && r.call.endpoint == "usage.get":
		return "usage needs a start: /v1/usage?start=2026-01-01; end defaults to the server's clock"
	case isDigits(given):
		return "times are ISO 8601, not a number of seconds or milliseconds: \"" + now + "\""
	case strings.Contains(r.err.Message, "not an ISO 8601"):
		return "write the time with its zone, as JavaScript's toISOString does: \"" + now + "\", or a date such as \"2026-01-31\""
	case strings.Contains(r.err.Message, "days before end"):
		return "request at most 3660 days at once"
	}
	return "the server's clock is at " + now + ", which may differ from the real time: take times from Server.Now or GET /_mock/clock, move it with Server.Advance, or start with the option RealTime"
}

func isDigits(s string) bool {
	_, err := strconv.ParseUint(s, 10, 64)
	return err == nil
}
