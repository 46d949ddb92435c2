package lava

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"

	"github.com/shopspring/decimal"
)

// Field is an optional parameter where absent, null and a value mean different
// things: in an update, leave as it is, clear, and set. The zero Field is absent.
//
//	lava.UpdateCustomerParams{
//		Name:  lava.Set("Ada Lovelace"), // changes
//		Email: lava.Null[string](),      // is cleared
//	}                                    // the rest stays as it is
type Field[T any] struct {
	value T
	state fieldState
}

type fieldState uint8

const (
	fieldAbsent fieldState = iota
	fieldNull
	fieldSet
)

// Set returns a field with the value v, which may be T's zero value.
func Set[T any](v T) Field[T] { return Field[T]{value: v, state: fieldSet} }

// Null returns a field that is null.
func Null[T any]() Field[T] { return Field[T]{state: fieldNull} }

// IsZero reports whether the field is absent. Because of it, omitzero omits the
// field.
func (f Field[T]) IsZero() bool { return f.state == fieldAbsent }

// Get returns the value. It is false if the field is absent or null.
func (f Field[T]) Get() (value T, ok bool) { return f.value, f.state == fieldSet }

// IsNull reports whether the field is null.
func (f Field[T]) IsNull() bool { return f.state == fieldNull }

// MarshalJSON implements [json.Marshaler]: it returns null or the value. A nil slice or map that was [Set] is encoded
// as empty, not as null, because null often means that there is no limit.
func (f Field[T]) MarshalJSON() ([]byte, error) {
	if f.state != fieldSet {
		return []byte("null"), nil
	}
	if d, ok := any(f.value).(decimal.Decimal); ok {
		return quoted(d).MarshalJSON()
	}
	text, err := json.Marshal(f.value)
	if string(text) == "null" {
		switch reflect.TypeFor[T]().Kind() {
		case reflect.Slice:
			return []byte("[]"), nil
		case reflect.Map:
			return []byte("{}"), nil
		}
	}
	return text, err
}

// quoted is a decimal that is always encoded as a string, as the API requires for money. [decimal.Decimal] alone
// encodes a number if the program has set the global [decimal.MarshalJSONWithoutQuotes]. So each type that contains
// money has its own MarshalJSON, which encodes it as quoted.
type quoted decimal.Decimal

// mostDigits bounds the digits of an amount, because a decimal with a huge exponent is written
// with as many zeros.
const mostDigits = 1_000

func (q quoted) MarshalJSON() ([]byte, error) {
	if e := decimal.Decimal(q).Exponent(); e > mostDigits || e < -mostDigits {
		return nil, fmt.Errorf("lava: an amount with the exponent %d is out of range", e)
	}
	return strconv.AppendQuote(nil, decimal.Decimal(q).String()), nil
}
