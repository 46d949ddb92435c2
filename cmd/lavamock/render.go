package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"
)

// field is a field of a JSON object, whose order is kept.
type field struct {
	name  string
	value any // a string, a []any, or a []field
}

// render prints JSON for people: fields as lines, lists of objects as tables.
func render(w io.Writer, data json.RawMessage) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := ordered(dec)
	if err != nil {
		return fmt.Errorf("the server's response is not JSON: %w", err)
	}
	var out strings.Builder
	switch v := v.(type) {
	case []field:
		renderFields(&out, v)
	case []any:
		renderList(&out, v)
	default:
		_, _ = fmt.Fprintln(&out, v)
	}
	_, err = io.WriteString(w, harmless(out.String()))
	return err
}

// harmless replaces what would control a terminal: names are whatever a client has sent.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// ordered reads the next value.
func ordered(dec *json.Decoder) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		fields := []field{}
		for dec.More() {
			name, err := dec.Token()
			if err != nil {
				return nil, err
			}
			value, err := ordered(dec)
			if err != nil {
				return nil, err
			}
			fields = append(fields, field{name.(string), value})
		}
		_, err = dec.Token()
		return fields, err
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			value, err := ordered(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err = dec.Token()
		return list, err
	case nil:
		return "", nil
	}
	return fmt.Sprint(token), nil
}

func renderFields(w *strings.Builder, fields []field) {
	for _, f := range fields {
		switch v := f.value.(type) {
		case []any:
			if f.name != "data" && isTable(v) {
				_, _ = fmt.Fprintf(w, "%s:\n", f.name)
			}
			if f.name == "data" || isTable(v) {
				renderList(w, v)
				continue
			}
		case string:
			if v == "" {
				continue
			}
		}
		_, _ = fmt.Fprintf(w, "%s: %s\n", f.name, cell(f.value))
	}
}

func isTable(list []any) bool {
	if len(list) == 0 {
		return false
	}
	_, ok := list[0].([]field)
	return ok
}

// renderList prints a table, whose columns are the fields that aren't empty in every row. A row with its own line is
// printed as that line.
func renderList(w *strings.Builder, list []any) {
	if len(list) == 0 {
		w.WriteString("(none)\n")
		return
	}
	var columns []string
	rows := make([]map[string]string, len(list))
	for i, v := range list {
		fields, ok := v.([]field)
		if !ok {
			_, _ = fmt.Fprintln(w, cell(v))
			continue
		}
		rows[i] = map[string]string{}
		for _, f := range fields {
			text := cell(f.value)
			if rows[i][f.name] = text; text != "" && !slices.Contains(columns, f.name) {
				columns = append(columns, f.name)
			}
		}
	}
	if slices.Contains(columns, "line") {
		for _, row := range rows {
			_, _ = fmt.Fprintln(w, row["line"])
		}
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, strings.Join(columns, "\t"))
	for _, row := range rows {
		cells := make([]string, len(columns))
		for i, name := range columns {
			cells[i] = shorten(row[name])
		}
		_, _ = fmt.Fprintln(table, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
	}
	_ = table.Flush() // can't fail for a strings.Builder
}

// cell formats a value on one line.
func cell(v any) string {
	switch v := v.(type) {
	case []field:
		parts := make([]string, len(v))
		for i, f := range v {
			parts[i] = f.name + "=" + cell(f.value)
		}
		return strings.Join(parts, " ")
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = cell(item)
		}
		return strings.Join(parts, ", ")
	}
	return strings.Join(strings.Fields(fmt.Sprint(v)), " ")
}

const cellWidth = 60

func shorten(s string) string {
	if utf8.RuneCountInString(s) <= cellWidth {
		return s
	}
	return string([]rune(s)[:cellWidth-1]) + "…"
}
