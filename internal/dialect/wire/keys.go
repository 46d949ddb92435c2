package wire

import (
	"bytes"
	"reflect"
	"strings"
	"sync"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// encoding/json takes "Messages" for "messages", which a provider does not. A key that is a
// field in another case only is a mistake of the client's, and named (assumption
// exact-keys).

// checkKeys rejects the first such key of a value that is decoded as a type. at is where
// the value is. What is kept raw, such as arguments and schemas, has keys of the client's
// own.
func checkKeys(value []byte, t reflect.Type, at string) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	value = bytes.TrimLeft(value, " \t\r\n")
	if len(value) == 0 {
		return nil
	}
	switch {
	case t.Kind() == reflect.Slice && hasKeys(t.Elem()) && value[0] == '[':
		i := 0
		for e := range jsonscan.Elements(value) {
			if err := checkKeys(e, t.Elem(), Index(at, i)); err != nil {
				return err
			}
			i++
		}
	case t.Kind() == reflect.Slice && hasKeys(t.Elem()): // one that stands for a list
		return checkKeys(value, t.Elem(), at)
	case t.Kind() == reflect.Struct && value[0] == '{':
		fields := fieldsOf(t)
		for key, v := range jsonscan.Fields(value) {
			place := strings.TrimPrefix(at+"."+string(key), ".")
			field, known := fields[string(key)]
			if !known {
				if meant := fields.meant(string(key)); meant != "" {
					return dialect.Wrong(place, "is not a field; %q is", meant)
				}
				continue
			}
			if !hasKeys(field) {
				continue
			}
			if err := checkKeys(v, field, place); err != nil {
				return err
			}
		}
	}
	return nil
}

// hasKeys reports whether values of a type can be objects with fields.
func hasKeys(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct
}

// fields are the types of a struct's fields by their keys.
type fields map[string]reflect.Type

// meant is the field that a key is but for its case; "" if it is none.
func (f fields) meant(key string) string {
	for name := range f {
		if len(name) == len(key) && strings.EqualFold(name, key) {
			return name
		}
	}
	return ""
}

var knownFields sync.Map // of fields, by reflect.Type

func fieldsOf(t reflect.Type) fields {
	if known, ok := knownFields.Load(t); ok {
		return known.(fields) //nolint:forcetypeassert // that is all it holds
	}
	out := fields{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			for inner, kind := range fieldsOf(f.Type) {
				out[inner] = kind
			}
		case name != "" && name != "-":
			out[name] = f.Type
		}
	}
	knownFields.Store(t, out)
	return out
}
