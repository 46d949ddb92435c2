package mockserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// instant is a time on the wire: UTC, with milliseconds. Assumption
// time-milliseconds.
type instant time.Time

func (t instant) MarshalText() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(nil, "2006-01-02T15:04:05.000Z"), nil
}

func (t instant) IsZero() bool { return time.Time(t).IsZero() }

// orNull returns v, or null for the zero value.
func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// instantOrNull returns t, or null for the zero time.
func instantOrNull(t time.Time) *instant {
	if t.IsZero() {
		return nil
	}
	return (*instant)(&t)
}

// patch is a field of a PATCH body: absent leaves the value unchanged, null clears it.
type patch[T any] struct {
	set   bool
	value T
}

func (p *patch[T]) UnmarshalJSON(data []byte) error {
	p.set = true
	if string(data) == "null" {
		return nil
	}
	return jsonscan.Unmarshal(data, &p.value)
}

// ptr returns the value (the zero value for null), or nil if the field was absent.
func (p *patch[T]) ptr() *T {
	if !p.set {
		return nil
	}
	return &p.value
}

// maxAnnounced is the largest Content-Length for which the whole body is allocated in advance.
const maxAnnounced = 64 << 10

// bodyAhead is a body that was already read. Reading it again took 1 KB of a POST.
type bodyAhead struct {
	bytes.Reader
	all []byte
}

// Close implements io.Closer.
func (*bodyAhead) Close() error { return nil }

func readBody(r *http.Request, most int64) ([]byte, error) {
	if r.Body == nil { // a request that a program passes to ServeHTTP directly
		return nil, nil
	}
	if b, ok := r.Body.(*bodyAhead); ok && int64(len(b.all)) <= most {
		return b.all, nil
	}
	if r.ContentLength > most {
		return nil, errTooLarge(most) // before a client that waits for "100 Continue" sends it
	}
	var body []byte
	var err error
	limited := http.MaxBytesReader(nil, r.Body, most)
	if n := r.ContentLength; n > 0 && n <= maxAnnounced {
		body = make([]byte, n)
		_, err = io.ReadFull(limited, body)
	} else {
		body, err = io.ReadAll(limited)
	}
	if err == nil {
		return body, nil
	}
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return nil, errTooLarge(most)
	}
	return nil, billing.Errorf(billing.CodeInvalidRequest, "", "the body can't be read: %v", err)
}

func errTooLarge(most int64) error {
	return billing.Errorf(billing.CodePayloadTooLarge, "", "the body is larger than %d bytes", most)
}

// decodeJSON decodes a body, which must be a single JSON object. Its keys are matched exactly and must not repeat
// (assumption exact-keys).
func decodeJSON(body []byte, v any) error {
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) == 0 {
		return billing.Errorf(billing.CodeInvalidRequest, "", "the body is empty, a JSON object is required")
	}
	if trimmed[0] != '{' {
		return billing.Errorf(billing.CodeInvalidRequest, "", "the body is not a JSON object")
	}
	err := jsonscan.Unmarshal(body, v)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	var key *jsonscan.KeyError
	switch {
	case errors.As(err, &syntax):
		return billing.Errorf(billing.CodeInvalidRequest, "", "the body is not JSON: %v at byte %d", err, syntax.Offset)
	case errors.As(err, &key):
		return billing.Invalid(key.Path, "%s", key.Problem)
	case errors.As(err, &mismatch):
		return billing.Invalid(mismatch.Field, "is %s, %s is required", article(mismatch.Value), article(jsonType(mismatch.Type.String())))
	default:
		return billing.Errorf(billing.CodeInvalidRequest, "", "the body can't be read: %v", err)
	}
}

// jsonType returns the JSON name of a Go type.
func jsonType(name string) string {
	switch {
	case strings.HasPrefix(name, "[]"):
		return "array"
	case strings.HasPrefix(name, "int"), strings.HasPrefix(name, "uint"):
		return "integer"
	case strings.HasPrefix(name, "float"), name == "json.Number":
		return "number"
	case name == "bool":
		return "boolean"
	case name == "string", strings.HasPrefix(name, "billing."):
		return "string"
	}
	return "object"
}

func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// parseMetadataFilters reads a JSON array of [key, value] pairs.
func parseMetadataFilters(s string) ([]billing.Pair, error) {
	if s == "" {
		return nil, nil
	}
	var raw [][]string
	err := json.Unmarshal([]byte(s), &raw)
	pairs := make([]billing.Pair, len(raw))
	for i, kv := range raw {
		if len(kv) != 2 {
			err = errors.New("a pair has two strings")
			break
		}
		pairs[i] = billing.Pair{Key: kv[0], Value: kv[1]}
	}
	if err != nil {
		return nil, billing.Invalid("metadata_filters", `is not a JSON array of pairs such as [["key","value"]]`)
	}
	return pairs, nil
}
