package lava

import (
	"encoding/json"

	"github.com/shopspring/decimal"
)

// Field is an optional parameter where absent, null and a value mean different
// things: in an update, leave as it is, clear, and set. The zero Field is absent.
//
//	lava.UpdateCustomerParams{
//		Name:  lava.Set("Ada Lovelace"), // changes
//		Email: lava.Null[string](),      // is cleared
//	}                                    // all else stays
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

// IsZero reports whether the field is absent. It makes omitzero leave it out.
func (f Field[T]) IsZero() bool { return f.state == fieldAbsent }

// MarshalJSON implements [json.Marshaler].
func (f Field[T]) MarshalJSON() ([]byte, error) {
	if f.state != fieldSet {
		return []byte("null"), nil
	}
	if d, ok := any(f.value).(decimal.Decimal); ok {
		return json.Marshal(d.String())
	}
	return json.Marshal(f.value)
}
