package gateway

import (
	"errors"
	"maps"
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

const (
	metadataHeader = "X-Lava-Metadata"
	metadataPrefix = "X-Lava-Metadata-"
	metadataParam  = "metadata"
)

// findMetadata reads the three forms of metadata. If two have the same key, a header for one key takes precedence
// over the header with all of them, and that over the query. Keys in header names are lower-case, because HTTP does
// not preserve their case (assumption metadata-forms).
func findMetadata(r *http.Request) (map[string]string, error) {
	var m map[string]string
	add := func(where, text string) error {
		if text == "" {
			return nil
		}
		var pairs map[string]string
		err := jsonscan.Unmarshal([]byte(text), &pairs)
		var key *jsonscan.KeyError
		switch {
		case errors.As(err, &key):
			return billing.Invalid(where, "the key %.64q %s", key.Path, key.Problem)
		case err != nil:
			return billing.Invalid(where, `must be a JSON object whose values are strings, as in {"user":"u_1"}`)
		}
		if m == nil {
			m = pairs
		} else {
			maps.Copy(m, pairs)
		}
		return nil
	}
	if strings.Contains(r.URL.RawQuery, metadataParam) {
		if err := add(metadataParam, r.URL.Query().Get(metadataParam)); err != nil {
			return nil, err
		}
	}
	if err := add("x-lava-metadata", r.Header.Get(metadataHeader)); err != nil {
		return nil, err
	}
	for name, values := range r.Header {
		if key, ok := strings.CutPrefix(name, metadataPrefix); ok && len(values) > 0 {
			if m == nil {
				m = make(map[string]string)
			}
			m[strings.ToLower(key)] = values[0]
		}
	}
	return m, billing.CheckMetadata(m)
}
