package billing

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMetadata(t *testing.T) {
	t.Parallel()
	pairs := func(n int) map[string]string {
		m := map[string]string{}
		for i := range n {
			m["key"+strconv.Itoa(i)] = "v"
		}
		return m
	}
	for _, tt := range []struct {
		name     string
		metadata map[string]string
		says     string // the error; empty if it is allowed
	}{
		{"none", nil, ""},
		{"all characters of a key", map[string]string{"aZ_09": "any text, ü"}, ""},
		{"the longest", map[string]string{strings.Repeat("k", 255): strings.Repeat("ü", 255)}, ""},
		{"the most", pairs(100), ""},
		{"too many", pairs(101), "at most 100"},
		{"an empty key", map[string]string{"": "v"}, "1 to 255 letters"},
		{"a long key", map[string]string{strings.Repeat("k", 256): "v"}, "1 to 255 letters"},
		{"a dash in a key", map[string]string{"a-b": "v"}, `"a-b" is not`},
		{"a letter of another alphabet", map[string]string{"ü": "v"}, `"ü" is not`},
		{"an empty value", map[string]string{"a": ""}, `"a" has 0 characters`},
		{"a long value", map[string]string{"a": strings.Repeat("v", 256)}, `"a" has 256 characters`},
		{"the error names the first key", map[string]string{"b-": "v", "a-": "v"}, `"a-" is not`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := CheckMetadata(tt.metadata)
			if tt.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.says)
		})
	}
}
