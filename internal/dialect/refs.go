package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// Defined returns a schema whose references are all to its $defs: what they refer to elsewhere, as converters from Zod
// write it ("#/properties/headers", "#/definitions/Node"), is copied there. at is where the client wrote the schema;
// a reference to nothing is an error.
func Defined(raw json.RawMessage, at string) (json.RawMessage, error) {
	if !bytes.Contains(raw, []byte(`"$ref"`)) {
		return raw, nil
	}
	d := &referrer{root: raw, at: at, names: map[string]string{}, defs: readSchema(readSchema(raw).Get("$defs"))}
	out, err := EditSchema(raw, d.refer)
	if err != nil || len(d.names) == 0 {
		return out, err
	}
	s := readSchema(out)
	own := readSchema(s.Get("$defs")) // with their references edited
	for i := len(own); i < len(d.defs); i++ {
		added := d.defs[i]
		if added.Value, err = EditSchema(added.Value, d.refer); err != nil { // it may add more
			return nil, err
		}
		own = append(own, added)
	}
	s.Delete("definitions")
	s.Set("$defs", own.write())
	return s.write(), nil
}

// referrer collects what references refer to.
type referrer struct {
	root  json.RawMessage
	at    string
	names map[string]string // of definitions, by reference
	defs  Schema            // all definitions: the schema's own, and the added ones
}

// refer makes the reference of a schema one to $defs. References that are no paths, such as "#", stay.
func (d *referrer) refer(s *Schema) error {
	ref := s.Text("$ref")
	path, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	name, defined := strings.CutPrefix(path, "$defs/")
	if defined && d.defs.Get(name) != nil {
		return nil
	}
	if d.names[ref] == "" {
		target := found(d.root, strings.Split(path, "/"))
		if target == nil {
			return Wrong(d.at, "refers to %.80q, which is not in the schema", ref)
		}
		d.names[ref] = d.freeName(ref[strings.LastIndexByte(ref, '/')+1:])
		d.defs = append(d.defs, SchemaField{d.names[ref], target})
	}
	renamed, _ := json.Marshal("#/$defs/" + d.names[ref]) // can't fail for a string
	s.Set("$ref", renamed)
	return nil
}

// freeName returns a name that no definition has, with signs that need no escape in a reference.
func (d *referrer) freeName(name string) string {
	name = toNameChars(name, "")
	free := name
	for n := 2; d.defs.Get(free) != nil; n++ {
		free = fmt.Sprintf("%s_%d", name, n)
	}
	return free
}

var pointerEscapes = strings.NewReplacer("~1", "/", "~0", "~")

// found returns the part of a JSON value at a path (RFC 6901), or nil.
func found(raw json.RawMessage, path []string) json.RawMessage {
	for _, step := range path {
		if begins(raw, '[') {
			n, err := strconv.Atoi(step)
			if err != nil {
				return nil
			}
			var element json.RawMessage
			for e := range jsonscan.Elements(raw) {
				if n == 0 {
					element = e
				}
				n--
			}
			raw = element
			continue
		}
		raw = readSchema(raw).Get(pointerEscapes.Replace(step))
	}
	return raw
}
