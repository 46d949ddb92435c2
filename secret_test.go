package lava_test

import (
	"bytes"
	"database/sql/driver"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// planted is the text that must never be printed.
const planted = "aks_test_hunter2"

func TestSecret(t *testing.T) {
	t.Parallel()
	secret, same := lava.NewSecret(planted), lava.NewSecret("aks_test_"+strings.ToLower("HUNTER2"))
	require.Equal(t, planted, secret.Reveal())
	require.True(t, secret == same)
	require.Equal(t, map[lava.Secret]int{secret: 1}, map[lava.Secret]int{same: 1})
	require.NotEqual(t, secret, lava.NewSecret("aks_test_other"))
	require.False(t, secret.IsZero())
	require.Equal(t, "[redacted]", fmt.Sprint(secret))

	var empty lava.Secret
	require.Equal(t, empty, lava.NewSecret(""))
	require.True(t, empty.IsZero())
	require.Empty(t, empty.Reveal())
	require.Equal(t, "{Key:}", fmt.Sprintf("%+v", struct{ Key lava.Secret }{}), "a missing secret is noticed")
}

// A secret can be decoded from JSON, but not encoded by accident: neither in a log, nor as a useless placeholder in a
// file.
func TestSecretsAreRevealedOnPurpose(t *testing.T) {
	t.Parallel()
	var got lava.AuthCredentials
	require.NoError(t, json.Unmarshal([]byte(`{"account_id":"acc_1","secret_key":"aks_test_hunter2"}`), &got))
	require.Equal(t, planted, got.SecretKey.Reveal())
	require.Error(t, json.Unmarshal([]byte(`{"secret_key":7}`), new(lava.AuthCredentials)))
	require.NoError(t, json.Unmarshal([]byte(`{"secret_key":null}`), new(lava.AuthCredentials)))

	_, err := json.Marshal(got)
	require.ErrorContains(t, err, "encode the result of Reveal")
	_, err = xml.Marshal(got)
	require.ErrorContains(t, err, "encode the result of Reveal")
	text, err := json.Marshal(struct {
		lava.AuthCredentials
		SecretKey string `json:"secret_key"` // replaces the hidden field
	}{got, got.SecretKey.Reveal()})
	require.NoError(t, err)
	require.JSONEq(t, `{"wallet_id":"","secret_key_id":"","merchant_id":"","account_id":"acc_1","secret_key":"aks_test_hunter2"}`, string(text))

	text, err = json.Marshal(struct {
		Key  lava.Secret
		None lava.Secret `json:",omitzero"`
	}{})
	require.NoError(t, err)
	require.JSONEq(t, `{"Key":""}`, string(text))
}

// app is a user's type. fmt calls no methods on its unexported fields.
type app struct {
	Value, value     any
	Pointer, pointer any
	Slice, slice     []any
	Map, mapped      map[string]any
	Deep, deep       struct{ inner struct{ value any } }
	array            [1]any
}

func newApp(value, pointer any) app {
	a := app{
		Value: value, value: value, Pointer: pointer, pointer: pointer,
		Slice: []any{value, pointer}, slice: []any{value, pointer},
		Map: map[string]any{"v": value, "p": pointer}, mapped: map[string]any{"v": value, "p": pointer},
		array: [1]any{value},
	}
	a.Deep.inner.value, a.deep.inner.value = value, value
	return a
}

// typed is a user's generic type.
type typed[T any] struct {
	value   T
	pointer *T
	slice   []T
	mapped  map[string]T
	deep    struct{ inner struct{ value T } }
}

func newTyped[T any](value T) typed[T] {
	h := typed[T]{value: value, pointer: &value, slice: []T{value}, mapped: map[string]T{"v": value}}
	h.deep.inner.value = value
	return h
}

// No value of an exported type prints a secret in it, however a program keeps or prints the value. The test isn't
// parallel: it would take CPU time from tests with timeouts.
func TestNothingPrintsASecret(t *testing.T) { //nolint:paralleltest // see above
	values := newSpecimens(t)
	for _, typ := range exportedTypes(t) {
		pointer := reflect.New(typ)
		hides := values.fill(pointer.Elem())
		value := pointer.Elem().Interface()
		requireHidden(t, typ.Name(), value, pointer.Interface(), newApp(value, pointer.Interface()))
		if hides {
			_, err := json.Marshal(value)
			require.Error(t, err, "%v is encoded as if it were complete", typ)
		}
	}

	created := lava.SecretKeyCreated{SecretKey: lava.SecretKey{Name: "ci"}, Key: lava.NewSecret(planted)}
	payer := lava.ForCustomer{CustomerID: "con_1", MeterSlug: "chat", ProviderKey: lava.NewSecret(planted)}
	token, err := values.client.GenerateForwardToken(payer)
	require.NoError(t, err)
	requireHidden(t, "fields of their own types", newTyped(token), newTyped(created), newTyped[lava.Payer](payer), newTyped(payer),
		newTyped(values.response), newTyped(*values.client), newTyped(*values.transport), newTyped(lava.Page[lava.SecretKeyCreated]{Data: []lava.SecretKeyCreated{created}}),
		newTyped(lava.GatewayParams{SetHeader: setHeader(http.Header{"X-Api-Key": {planted}})}), newTyped(lava.Set(token)))
	for _, err := range values.errors {
		requireHidden(t, "errors", err, newTyped(err), newTyped(*lava.AsError(err)), newApp(*lava.AsError(err), err))
	}
	require.Contains(t, fmt.Sprintf("%+v", created), "ci", "other fields are printed")
}

// requireHidden prints values in every way in which a program may, and fails if a secret is visible.
func requireHidden(t *testing.T, what string, values ...any) {
	t.Helper()
	for _, value := range values {
		var b bytes.Buffer
		slog.New(slog.NewTextHandler(&b, nil)).Info("text", "value", value, slog.Group("group", "value", value))
		slog.New(slog.NewJSONHandler(&b, nil)).Info("json", "value", value, slog.Group("group", "value", value))
		for _, verb := range "vsqxXdcpT" {
			for _, flags := range []string{"", "+", "#"} {
				fmt.Fprintf(&b, "%"+flags+string(verb)+"\n", value)
			}
		}
		fmt.Fprintln(&b, value)
		encoded, err := json.Marshal(value)
		fmt.Fprintf(&b, "%s %v", encoded, err)
		text := b.String()
		for _, form := range formsOf(planted) {
			if i := strings.Index(text, form); i >= 0 {
				t.Fatalf("%s: %T shows %s: %s", what, value, form, text[max(0, i-200):min(len(text), i+100)])
			}
		}
	}
}

// formsOf returns the forms in which fmt and encoders show a text. The prefix that all keys share isn't secret.
func formsOf(text string) []string {
	text = text[len("aks_test_"):]
	list := strings.Trim(fmt.Sprintf("%d", []byte(text)), "[]")
	forms := []string{
		text, list, strings.ReplaceAll(list, " ", ", "), strings.Trim(fmt.Sprintf("%#v", []byte(text)), "[]byte{}"),
		fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), fmt.Sprintf("% x", text), fmt.Sprintf("%# x", text),
	}
	for i := range 3 { // as it may appear in a longer text
		encoded := base64.StdEncoding.EncodeToString([]byte("..."[:i] + text + "..."))
		forms = append(forms, encoded[4:len(encoded)-4])
	}
	return forms
}

// specimens are values of the types that can't be filled field by field.
type specimens struct {
	client    *lava.Client
	transport *lava.Transport
	response  lava.Response
	errors    []error
	byType    map[reflect.Type]any
}

func newSpecimens(t *testing.T) specimens {
	t.Helper()
	api := newFakeAPI(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("X-Secret", planted)
		if strings.HasSuffix(r.URL.Path, "/secret_keys") {
			writeJSON(w, 201, `{"secret_key":"`+planted+`"}`)
			return
		}
		body, err := io.ReadAll(r.Body)
		said, marshalErr := json.Marshal(fmt.Sprintf("unknown key %s: %v %s", planted, r.Header, body))
		if err := errors.Join(err, marshalErr); err != nil {
			t.Error(err)
		}
		writeJSON(w, 401, `{"error":{"message":`+string(said)+`,"code":"authentication_failed","status":401}}`)
	})
	client := api.client(t, lava.WithSecretKey(planted))
	payer := lava.ForMerchant{ProviderKey: lava.NewSecret(planted)}
	transport, err := client.Transport(lava.TransportParams{Payer: payer})
	require.NoError(t, err)
	s := specimens{client: client, transport: transport}
	_, err = client.SecretKeys.Create(lava.ContextWithResponse(t.Context(), &s.response), lava.CreateSecretKeyParams{})
	require.NoError(t, err)
	require.Contains(t, string(s.response.Body()), planted)
	require.Equal(t, planted, s.response.Header().Get("X-Secret"))

	_, rejected := client.Meters.Retrieve(t.Context(), "prd_1")
	_, echoed := client.Gateway(t.Context(), chatURL, lava.GatewayParams{Payer: payer})
	_, header := client.Gateway(t.Context(), chatURL, lava.GatewayParams{SetHeader: setHeader(http.Header{"x-api-key": {"hunter2"}})})
	_, code := lava.ExchangeAuthCode(t.Context(), "hunter2", lava.WithBaseURL(api.URL))
	s.errors = []error{rejected, echoed, header, code}
	for _, err := range s.errors {
		require.ErrorIs(t, err, lava.ErrUnauthorized)
	}
	s.byType = map[reflect.Type]any{}
	for _, value := range []any{
		lava.NewSecret(planted), s.response, *client, *transport, *lava.NewWebhookHandler(planted, nil), *lava.AsError(rejected),
		lava.WithSecretKey(planted), setHeader(http.Header{"X-Api-Key": {planted}}),
	} {
		s.byType[reflect.TypeOf(value)] = value
	}
	s.byType[reflect.TypeFor[lava.Payer]()] = payer
	services := reflect.ValueOf(*client)
	for i := range services.NumField() {
		if field := services.Field(i); field.Kind() == reflect.Pointer && field.CanInterface() {
			s.byType[field.Type().Elem()] = field.Elem().Interface()
		}
	}
	return s
}

// fill sets each field of a value, and each secret to the planted text. It reports whether there is a secret to
// encode as JSON.
func (s specimens) fill(v reflect.Value) (hides bool) {
	if specimen, ok := s.byType[v.Type()]; ok {
		v.Set(reflect.ValueOf(specimen))
		return v.Type() == reflect.TypeFor[lava.Secret]() || v.Type() == reflect.TypeFor[lava.Payer]()
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("text")
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return s.fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		return s.fill(v.Index(0))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() && s.fill(v.Field(i)) {
				hides = true
			}
		}
	}
	return hides
}

// exportedTypes are the package's types, found from the client through its methods and fields. Generic types are
// included with the types they are used with.
func exportedTypes(t *testing.T) []reflect.Type {
	t.Helper()
	var all []reflect.Type
	seen := map[reflect.Type]bool{}
	names := map[string]bool{}
	var visit func(reflect.Type)
	visit = func(typ reflect.Type) {
		if seen[typ] {
			return
		}
		seen[typ] = true
		if typ.PkgPath() == "github.com/lavapayments/lava-go" {
			name, _, _ := strings.Cut(typ.Name(), "[")
			names[name] = true
			if typ.Kind() != reflect.Interface {
				all = append(all, typ)
				visit(reflect.PointerTo(typ))
			}
			for i := range typ.NumMethod() {
				visit(typ.Method(i).Type)
			}
		}
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice:
			for i := range typ.NumMethod() {
				if typ.Elem().PkgPath() == "github.com/lavapayments/lava-go" {
					visit(typ.Method(i).Type)
				}
			}
			visit(typ.Elem())
		case reflect.Struct:
			for i := range typ.NumField() {
				if field := typ.Field(i); field.IsExported() {
					visit(field.Type)
				}
			}
		case reflect.Func:
			for i := range typ.NumIn() {
				visit(typ.In(i))
			}
			for i := range typ.NumOut() {
				visit(typ.Out(i))
			}
		}
	}
	for _, function := range []any{
		lava.New, lava.Login, lava.NewWebhookHandler, lava.ConstructEvent, lava.AsError, lava.ContextWithResponse,
		lava.ForCustomer{}, lava.ForMeter{}, lava.ForMerchant{}, lava.ForProviderKey{},
	} {
		visit(reflect.TypeOf(function))
	}
	for _, typ := range readSurface(t).Types {
		assert.True(t, names[typ.Name], "%s is not found: start from a function that takes or returns it", typ.Name)
	}
	return all
}

// A database can return secrets, and accepts none that isn't revealed.
func TestSecretsInDatabases(t *testing.T) {
	t.Parallel()
	_, err := driver.DefaultParameterConverter.ConvertValue(lava.NewSecret("whsec_1"))
	require.ErrorContains(t, err, "encode the result of Reveal")
	value, err := driver.DefaultParameterConverter.ConvertValue(lava.Secret{})
	require.NoError(t, err)
	require.Empty(t, value)

	var s lava.Secret
	for _, src := range []any{"whsec_1", []byte("whsec_1")} {
		require.NoError(t, s.Scan(src))
		require.Equal(t, "whsec_1", s.Reveal())
	}
	require.NoError(t, s.Scan(nil))
	require.True(t, s.IsZero())
	require.ErrorContains(t, s.Scan(7), "can't scan int")
}
