package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/spelling"
	"github.com/lavapayments/lava-go/mockserver"
)

// section is a list in an -init file, whose entries are the bodies of POSTs to Lava's API.
type section struct {
	name   string
	params reflect.Type // fields of the API
	more   []string     // additional fields of an entry
}

// sections are created in this order: later ones may refer to earlier ones, and webhooks receive all events.
var sections = []section{
	{"webhooks", reflect.TypeFor[lava.CreateWebhookParams](), []string{"webhook_secret"}},
	{"meters", reflect.TypeFor[lava.CreateMeterParams](), nil},
	{"plans", reflect.TypeFor[lava.CreatePlanParams](), nil},
	{"customers", reflect.TypeFor[lava.CreateCustomerParams](), []string{"plan", "card"}},
}

// fields returns the names that an entry may have.
func (s section) fields() []string {
	var names []string
	for _, f := range reflect.VisibleFields(s.params) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return append(names, s.more...)
}

func sectionNames() []string {
	names := make([]string, len(sections))
	for i, s := range sections {
		names[i] = s.name
	}
	return names
}

// check rejects fields that an entry can't have.
func (s section) check(entry map[string]json.RawMessage) error {
	fields := s.fields()
	for _, name := range slices.Sorted(maps.Keys(entry)) {
		if slices.Contains(fields, name) {
			continue
		}
		if like := spelling.Nearest(name, fields); len(like) > 0 {
			return fmt.Errorf("there is no field %q; did you mean %q?", name, like[0])
		}
		at := ""
		if like := spelling.Nearest(name, sectionNames()); len(like) > 0 {
			at = fmt.Sprintf(" (%q is a section, next to %q)", like[0], s.name)
		}
		return fmt.Errorf("there is no field %q%s; there are %s", name, at, strings.Join(fields, ", "))
	}
	return nil
}

// initializer creates what files say, for one merchant.
type initializer struct {
	merchant *mockserver.Merchant
	ids      map[string]map[string]string // by section and name
}

// initialize creates the objects in a file, which is an object with the sections, or in the files of a folder, such
// as meters.json with a list of meters.
func initialize(ctx context.Context, m *mockserver.Merchant, path string) error {
	lists, err := readInit(path)
	if err != nil {
		return err
	}
	in := initializer{merchant: m, ids: map[string]map[string]string{}}
	for _, section := range sections {
		in.ids[section.name] = map[string]string{}
		for i, entry := range lists[section.name].entries {
			err := section.check(entry)
			if err == nil {
				err = in.create(ctx, section.name, entry)
			}
			if err != nil {
				return fmt.Errorf("%s: %s[%d]: %w", lists[section.name].file, section.name, i, err)
			}
		}
	}
	return nil
}

// initList is one section of a file.
type initList struct {
	file    string
	entries []map[string]json.RawMessage
}

func readInit(path string) (map[string]initList, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	lists := map[string]initList{}
	if !info.IsDir() {
		var all map[string]json.RawMessage
		if err := readJSON(path, &all); err != nil {
			return nil, err
		}
		if all == nil {
			return nil, fmt.Errorf("%s: must be an object with %s, not null", path, strings.Join(sectionNames(), ", "))
		}
		for name, raw := range all {
			if err := addList(lists, path, name, raw); err != nil {
				return nil, err
			}
		}
		return lists, nil
	}
	files, err := filepath.Glob(filepath.Join(path, "*.json"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		var raw json.RawMessage
		if err := readJSON(file, &raw); err != nil {
			return nil, err
		}
		if err := addList(lists, file, strings.TrimSuffix(filepath.Base(file), ".json"), raw); err != nil {
			return nil, err
		}
	}
	if len(lists) == 0 {
		return nil, fmt.Errorf("%s: has no %s.json", path, strings.Join(sectionNames(), ".json, "))
	}
	return lists, nil
}

func addList(lists map[string]initList, file, name string, raw json.RawMessage) error {
	if names := sectionNames(); !slices.Contains(names, name) {
		return fmt.Errorf("%s: %q is not a section%s (a file has the lists %[4]s at its top, a folder %[5]s.json)",
			file, name, spelling.DidYouMean(name, names), strings.Join(names, ", "), strings.Join(names, ".json, "))
	}
	list := initList{file: file}
	if err := json.Unmarshal(raw, &list.entries); err != nil {
		return fmt.Errorf("%s: %s: is not a list of objects: %w", file, name, err)
	}
	if list.entries == nil {
		return fmt.Errorf("%s: %s: must be a list of objects, not null", file, name)
	}
	lists[name] = list
	return nil
}

func readJSON(file string, v any) error {
	if info, err := os.Stat(file); err != nil {
		return err
	} else if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: is not a regular file", file) // reading a pipe may block forever
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("%s: %s: %w", file, place(data, err), err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: more than one JSON value", file)
	}
	return nil
}

// create creates one entry. Fields that aren't in the API have additional meanings: a customer's plan and card, and a
// webhook's secret.
func (in initializer) create(ctx context.Context, section string, entry map[string]json.RawMessage) error {
	switch section {
	case "plans":
		if err := in.resolve("meters", "meter_ids", entry); err != nil {
			return err
		}
		return in.post(ctx, section, entry)
	case "customers":
		return in.createCustomer(ctx, entry)
	case "webhooks":
		secret, err := take(entry, "webhook_secret")
		if err != nil {
			return err
		}
		if err := in.post(ctx, section, entry); err != nil || secret == "" {
			return err
		}
		return in.merchant.SetWebhookSecret(in.ids[section][text(entry, "name")], secret)
	}
	return in.post(ctx, section, entry)
}

func (in initializer) createCustomer(ctx context.Context, entry map[string]json.RawMessage) error {
	plan, err := take(entry, "plan")
	if err != nil {
		return err
	}
	card, err := take(entry, "card")
	if err != nil {
		return err
	}
	_, isOwn := in.ids["plans"][plan]
	switch {
	case plan == "" && card != "":
		return errors.New("card: needs a plan, because the card pays for it")
	case plan == "Free" && !isOwn:
		return errors.New(`plan: every customer begins on "Free": leave it out`)
	case plan != "":
		if plan, err = in.find("plans", "plan", plan); err != nil {
			return err
		}
	}
	if err := in.post(ctx, "customers", entry); err != nil || plan == "" {
		return err
	}
	checkout := map[string]string{"checkout_mode": "subscription", "origin_url": "https://example.com", "plan_id": plan, "customer_id": in.ids["customers"][""]}
	var session struct {
		ID string `json:"checkout_session_id"`
	}
	if err := in.send(ctx, "checkout_sessions", checkout, &session); err != nil {
		return err
	}
	_, err = in.merchant.Server().CompleteCheckout(ctx, session.ID, mockserver.Checkout{Card: card})
	return err
}

// resolve replaces the names in a list by ids.
func (in initializer) resolve(section, name string, entry map[string]json.RawMessage) error {
	raw, ok := entry[name]
	if !ok {
		return nil
	}
	var names []string
	if err := json.Unmarshal(raw, &names); err != nil {
		return fmt.Errorf("%s: is not a list of strings", name)
	}
	for i, ref := range names {
		var err error
		if names[i], err = in.find(section, fmt.Sprintf("%s[%d]", name, i), ref); err != nil {
			return err
		}
	}
	var err error
	entry[name], err = json.Marshal(names)
	return err
}

// place says where in a file an error of package json is: at the end, if the file ends too early.
func place(data []byte, err error) string {
	at := len(data)
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = int(syntax.Offset)
	case errors.As(err, &wrong):
		at = int(wrong.Offset)
	}
	before := data[:min(at, len(data))]
	return fmt.Sprintf("line %d, column %d", 1+bytes.Count(before, []byte("\n")), len(before)-1-bytes.LastIndexByte(before, '\n'))
}

// find returns the id of the object with a name.
func (in initializer) find(section, param, name string) (string, error) {
	if id, ok := in.ids[section][name]; ok && name != "" {
		return id, nil
	}
	var known []string
	for _, name := range slices.Sorted(maps.Keys(in.ids[section])) {
		if name != "" {
			known = append(known, strconv.Quote(name))
		}
	}
	if len(known) == 0 {
		return "", fmt.Errorf("%s: %q was not found: the section %q is missing or empty", param, name, section)
	}
	return "", fmt.Errorf("%s: none of the %s is called %q; there are %s", param, section, name, strings.Join(known, ", "))
}

// post creates an entry through the API and remembers its id by its names. The latest one also has the empty name.
func (in initializer) post(ctx context.Context, section string, entry map[string]json.RawMessage) error {
	var created map[string]any
	if err := in.send(ctx, section, entry, &created); err != nil {
		return err
	}
	id := ""
	for _, name := range []string{"meter_id", "plan_id", "customer_id", "webhook_id"} {
		if v, ok := created[name].(string); ok && id == "" {
			id = v
		}
	}
	ids := in.ids[section]
	ids[""] = id
	for _, name := range []string{"name", "meter_slug", "reference_id"} {
		if v, ok := created[name].(string); ok && v != "" {
			ids[v] = id
		}
	}
	return nil
}

// send posts a body. A field that Lava would ignore is an error here, because it is misspelled.
func (in initializer) send(ctx context.Context, path string, body, into any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	server := in.merchant.Server()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL()+"/v1/"+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+in.merchant.SecretKey())
	req.Header.Set("Content-Type", "application/json")
	resp, err := server.HTTPClient().Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err = io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		var rejected struct {
			Error struct {
				Message string `json:"message"`
			} `json:"error"`
		}
		_ = json.Unmarshal(data, &rejected)
		return errors.New(rejected.Error.Message)
	}
	if call, ok := server.Call(resp.Header.Get("X-Lava-Request-Id")); ok && call.Hint != "" {
		return errors.New(call.Hint)
	}
	return json.Unmarshal(data, into)
}

// take removes a string field and returns it.
func take(entry map[string]json.RawMessage, name string) (string, error) {
	raw, ok := entry[name]
	if !ok {
		return "", nil
	}
	delete(entry, name)
	var v string
	if err := json.Unmarshal(raw, &v); err != nil {
		return "", fmt.Errorf("%s: is not a string", name)
	}
	return v, nil
}

func text(entry map[string]json.RawMessage, name string) string {
	var v string
	_ = json.Unmarshal(entry[name], &v) // the API has validated it
	return v
}
