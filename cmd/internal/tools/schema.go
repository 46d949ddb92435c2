package tools

import (
	"encoding/json"
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
)

// amount is an amount of money, a rate or a number of units in a tool's arguments. Its schema accepts only plain
// decimals.
type amount string

func (a amount) decimal() decimal.Decimal {
	d, _ := decimal.NewFromString(string(a)) // can't fail: its schema has validated it
	return d
}

// dollars shows an amount to people: with cents, and with more digits only if it has them.
func dollars(text string) string {
	d, _ := decimal.NewFromString(text) // can't fail: it is an argument or a result
	sign := ""
	if d.IsNegative() {
		sign = "-"
	}
	if d = d.Abs(); d.Equal(d.Truncate(2)) {
		return sign + "$" + d.StringFixed(2)
	}
	return sign + "$" + d.String()
}

// method is the HTTP method of a provider's endpoint.
type method string

// schemas are the schemas of types for which the inferred ones say too little.
var schemas = map[reflect.Type]*jsonschema.Schema{
	reflect.TypeFor[amount]():               {Type: "string", Pattern: `^[0-9]{1,15}(\.[0-9]{1,10})?$`},
	reflect.TypeFor[method]():               oneOf(method("GET"), "POST", "PUT", "PATCH", "DELETE", "HEAD"),
	reflect.TypeFor[promptRole]():           oneOf(promptRole("system"), "developer", "user", "assistant"),
	reflect.TypeFor[json.RawMessage]():      {},
	reflect.TypeFor[lava.RateType]():        oneOf(lava.RateFixed, lava.RatePercentage),
	reflect.TypeFor[lava.TierType]():        oneOf(lava.TierTokens1M, lava.TierCharacters1M, lava.TierMinutes, lava.TierRequests),
	reflect.TypeFor[lava.BillingInterval](): oneOf(lava.IntervalDay, lava.IntervalWeek, lava.IntervalMonth, lava.IntervalYear),
	reflect.TypeFor[lava.RolloverType]():    oneOf(lava.RolloverNone, lava.RolloverFull),
	reflect.TypeFor[lava.CheckoutMode]():    oneOf(lava.CheckoutSubscription, lava.CheckoutCreditBundle),
}

func oneOf[T ~string](values ...T) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, v := range values {
		s.Enum = append(s.Enum, string(v))
	}
	return s
}

// schemaOf returns the schema of a tool's arguments or of its result.
func schemaOf[T any]() *jsonschema.Schema {
	s, err := jsonschema.For[T](&jsonschema.ForOptions{TypeSchemas: schemas})
	if err != nil {
		panic(err) // the types are part of the program
	}
	withoutNull(s)
	return s
}

// withoutNull removes null from a schema: some agents don't understand a choice of types, and no tool needs it. Nil
// values are omitted or are empty lists.
func withoutNull(s *jsonschema.Schema) {
	if len(s.Types) == 2 && s.Types[0] == "null" {
		s.Type, s.Types = s.Types[1], nil
	}
	for _, p := range s.Properties {
		withoutNull(p)
	}
	if s.Items != nil {
		withoutNull(s.Items)
	}
}
