package jsonscan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// KeyError is the error for an ambiguous key.
type KeyError struct {
	Path    string // such as "tiers[0].rate"
	Problem string
}

func (e *KeyError) Error() string { return e.Path + ": " + e.Problem }

// Unmarshal is [json.Unmarshal] for text that others may parse too, and must parse in the same way. encoding/json
// treats "Name" as "name", and the last of two equal keys counts. Here a key that differs from a field only in case,
// and one that appears twice, at any depth, are a [*KeyError]. Other unknown keys are ignored. Assumption exact-keys.
func Unmarshal(data []byte, v any) error {
	var open [8][]byte // for most objects: one allocation rather than four
	var path [4]step
	w := keyWalk{data: data, open: open[:0], path: path[:0]}
	w.value(skipSpace(data, 0), 0, reflect.TypeOf(v))
	if w.err != nil && Valid(data) {
		return w.err
	}
	err := json.Unmarshal(data, v)
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		wrongType.Field = wrongField(data, reflect.TypeOf(v).Elem())
	}
	return err
}

// wrongField returns the path, without indexes, to the first value that has the wrong type for its field. What
// encoding/json says about it depends on the version of Go and on which type decodes it.
func wrongField(data []byte, t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	data = data[skipSpace(data, 0):]
	switch {
	case isAt(data, 0, '[') && t.Kind() == reflect.Slice:
		for item := range Elements(data) {
			if !fits(item, t.Elem()) {
				return wrongField(item, t.Elem())
			}
		}
	case isAt(data, 0, '{') && t.Kind() == reflect.Slice: // some formats accept one item in place of a list
		return wrongField(data, t.Elem())
	case isAt(data, 0, '{') && t.Kind() == reflect.Map:
		for key, value := range Fields(data) {
			if !fits(value, t.Elem()) {
				return join(string(key), wrongField(value, t.Elem()))
			}
		}
	case isAt(data, 0, '{') && t.Kind() == reflect.Struct:
		fields := fieldsOf(t)
		for key, value := range Fields(data) {
			if of := fields[string(key)]; of != nil && !fits(value, of) {
				return join(string(key), wrongField(value, of))
			}
		}
	}
	return ""
}

// fits reports whether a value has the right type to be decoded into t.
func fits(value []byte, t reflect.Type) bool {
	return !errors.As(json.Unmarshal(value, reflect.New(t).Interface()), new(*json.UnmarshalTypeError))
}

func join(key, path string) string {
	if path == "" {
		return key
	}
	return key + "." + path
}

// keyWalk walks over JSON with the type that it will be decoded into. For text that isn't JSON, it may see anything,
// but it always ends.
type keyWalk struct {
	data []byte
	open [][]byte // the keys so far of this object and those around it
	path []step
	err  error
}

// step is a part of a path: a key, or an index if there is no key.
type step struct {
	key   []byte
	index int
}

// mostDepth is the limit of encoding/json.
const mostDepth = 10_000

// value walks over the value at i and returns where it ends. t is nil for an unknown field.
func (w *keyWalk) value(i, depth int, t reflect.Type) int {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case depth > mostDepth || w.err != nil:
		return len(w.data)
	case isAt(w.data, i, '{'):
		return w.object(i, depth, t)
	case isAt(w.data, i, '['):
		return w.array(i, depth, t)
	}
	return valueEnd(w.data, i)
}

func (w *keyWalk) array(i, depth int, t reflect.Type) int {
	if t != nil && t.Kind() == reflect.Slice {
		t = t.Elem()
	} else {
		t = nil
	}
	at := len(w.path)
	w.path = append(w.path, step{})
	for {
		start := skipSpace(w.data, i+1)
		end := w.value(start, depth+1, t)
		if i = skipSpace(w.data, end); end == start || !isAt(w.data, i, ',') {
			break
		}
		w.path[at].index++
	}
	w.path = w.path[:at]
	return min(i+1, len(w.data))
}

func (w *keyWalk) object(i, depth int, t reflect.Type) int {
	for t != nil && t.Kind() == reflect.Slice { // some formats accept one item in place of a list
		t = t.Elem()
	}
	var fields structFields
	var elem reflect.Type
	switch {
	case t == nil:
	case t.Kind() == reflect.Struct:
		fields = fieldsOf(t)
	case t.Kind() == reflect.Map:
		elem = t.Elem()
	}
	keys := keySet{walk: w, first: len(w.open)}
	at := len(w.path)
	w.path = append(w.path, step{})
	for {
		start := skipSpace(w.data, i+1)
		if i = start; !isAt(w.data, start, '"') {
			break
		}
		end := stringEnd(w.data, start+1)
		if i = skipSpace(w.data, end+1); !isAt(w.data, i, ':') {
			break
		}
		key := unescape(w.data[start+1 : end])
		w.path[at].key = key
		if keys.has(key) {
			return w.reject("appears twice")
		}
		next := elem
		if fields != nil {
			var known bool
			if next, known = fields[string(key)]; !known {
				if meant := fields.like(key); meant != "" {
					return w.reject(fmt.Sprintf("is not a field; %q is", meant))
				}
			}
		}
		value := skipSpace(w.data, i+1)
		end = w.value(value, depth+1, next)
		if i = skipSpace(w.data, end); end == value || !isAt(w.data, i, ',') {
			break
		}
	}
	w.open, w.path = w.open[:keys.first], w.path[:at]
	return min(i+1, len(w.data))
}

// reject ends the walk with an error at the current key.
func (w *keyWalk) reject(problem string) int {
	w.err = &KeyError{Path: w.where(), Problem: problem}
	return len(w.data)
}

func (w *keyWalk) where() string {
	var b strings.Builder
	for i, s := range w.path {
		switch {
		case s.key == nil:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case i > 0:
			b.WriteByte('.')
			fallthrough
		default:
			b.Write(s.key)
		}
	}
	return b.String()
}

// unescape returns a key without escapes.
func unescape(written []byte) []byte {
	if bytes.IndexByte(written, '\\') < 0 {
		return written
	}
	var s string
	if json.Unmarshal([]byte(`"`+string(written)+`"`), &s) != nil {
		return written // invalid JSON
	}
	return []byte(s)
}

// keySet is the set of keys of one open object.
type keySet struct {
	walk  *keyWalk
	first int             // in walk.open
	many  map[string]bool // set once there are many
}

// has reports whether a key occurred before.
func (s *keySet) has(key []byte) bool {
	const few = 16
	own := s.walk.open[s.first:]
	if s.many == nil && len(own) >= few {
		s.many = make(map[string]bool, 2*few)
		for _, k := range own {
			s.many[string(k)] = true
		}
	}
	if s.many != nil {
		had := s.many[string(key)]
		s.many[string(key)] = true
		return had
	}
	for _, k := range own {
		if bytes.Equal(k, key) {
			return true
		}
	}
	s.walk.open = append(s.walk.open, key)
	return false
}

// structFields maps JSON keys to the types of a struct's fields.
type structFields map[string]reflect.Type

// like returns the field to which encoding/json would map a key, or "".
func (f structFields) like(key []byte) string {
	for name := range f {
		if strings.EqualFold(name, string(key)) {
			return name
		}
	}
	return ""
}

var fieldsByType sync.Map // reflect.Type to structFields

func fieldsOf(t reflect.Type) structFields {
	if f, ok := fieldsByType.Load(t); ok {
		return f.(structFields)
	}
	fields := make(structFields)
	for _, f := range reflect.VisibleFields(t) {
		tag := f.Tag.Get("json")
		name, _, _ := strings.Cut(tag, ",")
		if tag == "-" || !f.IsExported() || f.Anonymous && name == "" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		fields[name] = f.Type
	}
	f, _ := fieldsByType.LoadOrStore(t, fields)
	return f.(structFields)
}
