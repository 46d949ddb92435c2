package mockserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/jsonscan"
	"github.com/lavapayments/lava-go/internal/spelling"
)

// action is the implementation of a verb. Its input is a struct: a field is an argument with the name in its json
// tag, required unless the tag has omitempty. The tag "about" describes it, and "allowed" lists its values, separated
// by spaces. Fields with the tag "positional" come first, and their names can be left out on the command line.
type action struct {
	in, out reflect.Type
	run     func(*controlCall) (any, error)
}

// with returns an action for a function with a typed input and output.
func with[In, Out any](f func(*controlCall, In) (Out, error)) action {
	return action{reflect.TypeFor[In](), reflect.TypeFor[Out](), func(c *controlCall) (any, error) {
		var in In
		if err := c.readArguments(reflect.ValueOf(&in).Elem()); err != nil {
			return nil, err
		}
		return f(c, in)
	}}
}

// argument describes an argument to people and programs.
type argument struct {
	Name        string     `json:"name"`
	Type        kind       `json:"type"`
	Required    bool       `json:"required,omitzero"`
	Positional  bool       `json:"positional,omitzero"` // positional arguments are given in this order; on the command line, their names can be left out
	Description string     `json:"description"`
	Allowed     []string   `json:"allowed,omitempty"`
	Fields      []argument `json:"fields,omitempty"` // of an object, or of the objects in a list
	index       []int      // of the field
}

// argumentsOf returns the arguments of an input, in the order of its fields.
func argumentsOf(in reflect.Type) []argument {
	args := []argument{}
	for _, f := range reflect.VisibleFields(in) {
		if f.Anonymous {
			continue
		}
		name, flags, _ := strings.Cut(f.Tag.Get("json"), ",")
		a := argument{
			Name: name, Type: kindOf(f.Type), Required: flags != "omitempty", Positional: f.Tag.Get("positional") != "",
			Description: f.Tag.Get("about"), Allowed: strings.Fields(f.Tag.Get("allowed")), index: f.Index,
		}
		if object := objectIn(f.Type); object != nil {
			a.Fields = argumentsOf(object)
		}
		args = append(args, a)
	}
	return args
}

// about describes an argument, for errors.
func (a argument) about() string {
	if len(a.Allowed) > 0 {
		return "one of " + strings.Join(a.Allowed, ", ")
	}
	return a.Description
}

// result is a field of a verb's response.
type result struct {
	Name   string   `json:"name"`
	Type   kind     `json:"type"`
	Fields []result `json:"fields,omitempty"` // of an object, or of the objects in a list
}

// resultsOf returns the fields of an output; none if it is raw JSON.
func resultsOf(out reflect.Type) []result {
	results := []result{}
	if out.Kind() != reflect.Struct {
		return results
	}
	for _, f := range reflect.VisibleFields(out) {
		if f.Anonymous {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		r := result{Name: name, Type: kindOf(f.Type)}
		if object := objectIn(f.Type); object != nil {
			r.Fields = resultsOf(object)
		}
		results = append(results, r)
	}
	return results
}

// objectIn returns the struct whose fields a field has: its own, or that of each item in a list; nil if it has none.
func objectIn(t reflect.Type) reflect.Type {
	switch kindOf(t) {
	case kindObject:
		return elem(t)
	case kindObjects:
		return t.Elem()
	default:
		return nil
	}
}

// elem returns the type that a type points to.
func elem(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// kind is the syntax of an argument.
type kind string

const (
	kindString   kind = "string"
	kindDuration kind = "duration"
	kindTime     kind = "time"
	kindAmount   kind = "amount"
	kindBoolean  kind = "boolean"
	kindInteger  kind = "integer"
	kindNumber   kind = "number"
	kindStrings  kind = "strings" // in text: separated by commas
	kindBase64   kind = "base64"  // as strings
	kindObject   kind = "object"
	kindObjects  kind = "objects"
	kindMap      kind = "map"
	kindJSON     kind = "json" // anything
	kindBody     kind = "body" // the whole body of the request
)

// wants describes the allowed values, for errors.
func (k kind) wants() string {
	switch k {
	case kindDuration:
		return `a duration such as "720h" or "30d"`
	case kindTime:
		return `an RFC 3339 time such as "2026-03-01T00:00:00Z"`
	case kindAmount:
		return `an amount such as "12.50"`
	case kindBoolean:
		return "true or false"
	case kindInteger:
		return "an integer"
	case kindStrings:
		return "a list of strings"
	case kindObjects:
		return "a list of objects"
	case kindBase64:
		return "a list of base64 strings"
	case kindObject:
		return "an object"
	case kindMap:
		return "an object with lists of strings"
	case kindJSON:
		return "JSON"
	default:
		return "a " + string(k)
	}
}

func kindOf(t reflect.Type) kind {
	switch t {
	case reflect.TypeFor[duration]():
		return kindDuration
	case reflect.TypeFor[moment](), reflect.TypeFor[instant]():
		return kindTime
	case reflect.TypeFor[billing.Amount]():
		return kindAmount
	case reflect.TypeFor[json.RawMessage](), reflect.TypeFor[any]():
		return kindJSON
	case reflect.TypeFor[wholeBody]():
		return kindBody
	}
	switch t.Kind() {
	case reflect.String:
		return kindString
	case reflect.Bool:
		return kindBoolean
	case reflect.Int, reflect.Int64:
		return kindInteger
	case reflect.Float64:
		return kindNumber
	case reflect.Struct:
		return kindObject
	case reflect.Map:
		return kindMap
	case reflect.Pointer:
		return kindOf(elem(t))
	case reflect.Slice:
		switch t.Elem().Kind() {
		case reflect.Struct:
			return kindObjects
		case reflect.Slice:
			return kindBase64
		default:
		}
		return kindStrings
	default:
		panic(fmt.Sprintf("arguments of type %s are not supported", t))
	}
}

// duration is an argument such as "720h" or "30d"; a day has 24 hours.
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	var days time.Duration
	rest := string(text)
	if n, after, ok := strings.Cut(rest, "d"); ok {
		whole, err := strconv.ParseUint(n, 10, 16)
		if err != nil {
			return err
		}
		days, rest = time.Duration(whole)*24*time.Hour, after
		if rest == "" {
			*d = duration(days)
			return nil
		}
	}
	more, err := time.ParseDuration(rest)
	if err != nil {
		return err
	}
	if more < 0 || days+more < 0 {
		return errors.New("it is not between 0 and 292 years")
	}
	*d = duration(days + more)
	return nil
}

// MarshalText writes the format that UnmarshalText reads.
func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// moment is an argument that is a time.
type moment time.Time

func (m *moment) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.RFC3339, string(text))
	*m = moment(t)
	return err
}

// wholeBody is an argument that is the unchanged body of the request.
type wholeBody []byte

// readArguments reads the arguments of a call from its path, its query, and its body, which is a JSON object or a
// form. Unlike Lava, it rejects unknown fields: ignoring what a test asked for would make it pass for the wrong
// reason.
func (c *controlCall) readArguments(in reflect.Value) error {
	args := argumentsOf(in.Type())
	if len(args) == 1 && args[0].Type == kindBody {
		body, err := readBody(c.r, maxSnapshot)
		in.Field(0).SetBytes(body)
		return err
	}
	given := map[string]json.RawMessage{}
	body, err := readBody(c.r, maxBody)
	if err != nil {
		return err
	}
	texts, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return billing.Errorf(billing.CodeInvalidRequest, "", "the query can't be read: %v", err)
	}
	switch body = bytes.TrimSpace(body); {
	case len(body) == 0:
	case body[0] != '{' && strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return billing.Errorf(billing.CodeInvalidRequest, "", "the form can't be read: %v", err)
		}
		for name, values := range form {
			texts[name] = append(texts[name], values...)
		}
	default:
		if err := decodeJSON(body, &given); err != nil {
			return err
		}
	}
	if err := c.readMerchant(texts, given); err != nil {
		return err
	}
	if c.id != "" {
		texts["id"] = append(texts["id"], c.id)
	}
	for name, values := range texts {
		if _, twice := given[name]; twice {
			return billing.Invalid(name, "is given twice")
		}
		if given[name], err = jsonOf(name, values, args); err != nil {
			return err
		}
	}
	return decodeFields("", given, in)
}

// merchantArgument selects the merchant of a call, as a key does.
const merchantArgument = "merchant"

// readMerchant removes the merchant's id from the arguments and returns it.
func (c *controlCall) readMerchant(texts url.Values, given map[string]json.RawMessage) error {
	id := texts.Get(merchantArgument)
	if raw, ok := given[merchantArgument]; ok {
		if err := json.Unmarshal(raw, &id); err != nil {
			return billing.Invalid(merchantArgument, "%.40s is not the id of a merchant", raw)
		}
	}
	delete(texts, merchantArgument)
	delete(given, merchantArgument)
	if id == "" {
		return nil
	}
	if _, err := c.engine.Merchant(id); err != nil {
		return billing.Invalid(merchantArgument, "%.40q is not the id of a merchant; there are %s", id, strings.Join(c.server.MerchantIDs(), ", "))
	}
	if bearer(c.r) != "" && c.merchant != id {
		return billing.Invalid(merchantArgument, "%q is given with the key of another merchant", id)
	}
	c.merchant, c.isNamed = id, true
	return nil
}

// jsonOf converts an argument that was given as text to JSON.
func jsonOf(name string, values []string, args []argument) (json.RawMessage, error) {
	i := slices.IndexFunc(args, func(a argument) bool { return a.Name == name })
	if i < 0 {
		return nil, nil // the name is rejected later
	}
	k := args[i].Type
	if k != kindStrings && k != kindBase64 && len(values) > 1 {
		return nil, billing.Invalid(name, "is given twice")
	}
	text := values[0]
	switch k {
	case kindString, kindDuration, kindTime, kindAmount:
		return json.Marshal(text)
	case kindStrings, kindBase64:
		if strings.HasPrefix(text, "[") {
			break
		}
		return json.Marshal(strings.FieldsFunc(strings.Join(values, ","), func(r rune) bool { return r == ',' }))
	default:
	}
	if !json.Valid([]byte(text)) {
		return nil, billing.Invalid(name, "%.40q is not %s", text, k.wants())
	}
	return json.RawMessage(text), nil
}

// decodeFields sets the fields of a struct. path says where it is, for errors.
func decodeFields(path string, given map[string]json.RawMessage, v reflect.Value) error {
	args := argumentsOf(v.Type())
	names := make([]string, len(args))
	for i, a := range args {
		names[i] = a.Name
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		switch {
		case slices.Contains(names, name):
		case len(names) == 0:
			return billing.Errorf(billing.CodeInvalidRequest, path, "there is no field %.40q, and no other", path+name)
		default:
			return billing.Errorf(billing.CodeInvalidRequest, "", "there is no field %.40q%s", path+name, spelling.Suggest(name, names))
		}
	}
	for _, a := range args {
		raw := given[a.Name]
		if len(raw) == 0 || string(raw) == "null" {
			if a.Required {
				return billing.Invalid(path+a.Name, "is required: %s", a.about())
			}
			continue
		}
		if err := decodeValue(path+a.Name, a, raw, v.FieldByIndex(a.index)); err != nil {
			return err
		}
	}
	return nil
}

// decodeValue sets one argument.
func decodeValue(path string, a argument, raw json.RawMessage, v reflect.Value) error {
	rejected := billing.Invalid(path, "%.40s is not %s", raw, a.Type.wants())
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch a.Type {
	case kindObject:
		var fields map[string]json.RawMessage
		if jsonscan.Unmarshal(raw, &fields) != nil {
			return rejected
		}
		return decodeFields(path+".", fields, v)
	case kindObjects:
		var list []map[string]json.RawMessage
		if jsonscan.Unmarshal(raw, &list) != nil {
			return rejected
		}
		v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
		for i, fields := range list {
			if err := decodeFields(fmt.Sprintf("%s[%d].", path, i), fields, v.Index(i)); err != nil {
				return err
			}
		}
		return nil
	case kindAmount:
		raw = json.RawMessage(strconv.Quote(strings.Trim(string(raw), `"`))) // a number is accepted too
	default:
	}
	if err := jsonscan.Unmarshal(raw, v.Addr().Interface()); err != nil {
		return rejected
	}
	if len(a.Allowed) == 0 {
		return nil
	}
	values := []string{}
	if a.Type == kindStrings {
		for i := range v.Len() {
			values = append(values, v.Index(i).String())
		}
	} else {
		values = append(values, v.String())
	}
	for _, value := range values {
		if !slices.Contains(a.Allowed, value) {
			return billing.Invalid(path, "%.40q is not one of %s%s", value, strings.Join(a.Allowed, ", "), spelling.DidYouMean(value, a.Allowed))
		}
	}
	return nil
}
