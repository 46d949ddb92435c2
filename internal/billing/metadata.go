package billing

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Pair is a key and a value of metadata.
type Pair struct{ Key, Value string }

// CheckMetadata rejects metadata of requests that Lava would reject.
func CheckMetadata(metadata map[string]string) error {
	const most = 100
	if len(metadata) > most {
		return Invalid("metadata", "has %d pairs, at most %d are allowed", len(metadata), most)
	}
	for _, p := range pairs(metadata) {
		if !isMetadataKey(p.Key) {
			return Invalid("metadata", "the key %q is not 1 to 255 letters, digits or underscores", shorten(p.Key))
		}
		if n := utf8.RuneCountInString(p.Value); n < 1 || n > 255 {
			return Invalid("metadata", "the value of %q has %d characters, 1 to 255 are allowed", shorten(p.Key), n)
		}
	}
	return nil
}

func isMetadataKey(key string) bool {
	for _, r := range key {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' {
			return false
		}
	}
	return key != "" && len(key) <= 255
}

// pairs returns metadata ordered by key.
func pairs(metadata map[string]string) []Pair {
	if len(metadata) == 0 {
		return nil
	}
	all := make([]Pair, 0, len(metadata))
	for k, v := range metadata {
		all = append(all, Pair{k, valid(v)})
	}
	slices.SortFunc(all, func(a, b Pair) int { return strings.Compare(a.Key, b.Key) })
	return all
}
