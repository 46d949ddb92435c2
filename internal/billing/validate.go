package billing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxCount limits every count of usage in a request, so that sums stay exact.
const maxCount = 1_000_000_000_000

// indexed names a field inside a list, such as tiers[1].start.
func indexed(list string, i int, field string) string {
	return fmt.Sprintf("%s[%d].%s", list, i, field)
}

// parseMoney reads a required decimal between least and most.
func parseMoney(param, s string, least, most Amount) (Amount, error) {
	if s == "" {
		return 0, missing(param)
	}
	a, err := ParseAmount(s)
	if err != nil {
		return 0, Invalid(param, "%s", err)
	}
	if a < least || a > most {
		return 0, Invalid(param, "%s is not between %s and %s", shorten(s), least.Plain(), most.Plain())
	}
	return a, nil
}

// oneOf rejects a value that is not in an enum's table.
func oneOf[T ~string](param string, value T, allowed ...T) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	quoted := make([]string, len(allowed))
	for i, a := range allowed {
		quoted[i] = strconv.Quote(string(a))
	}
	list := strings.Join(quoted, ", ")
	if value == "" {
		return Invalid(param, "is required: one of %s", list)
	}
	return Invalid(param, "%q is not one of %s", shorten(string(value)), list)
}

// checkName rejects a required text that is blank or too long.
func checkName(param, name string) error {
	if strings.TrimSpace(name) == "" {
		return missing(param)
	}
	return checkLength(param, name)
}

// checkLength rejects a text that is too long.
func checkLength(param, s string) error {
	const most = 255
	if n := utf8.RuneCountInString(s); n > most {
		return Invalid(param, "has %d characters, at most %d are allowed", n, most)
	}
	return nil
}

// shorten keeps a message readable when the value is a megabyte.
func shorten(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}

// valueOf returns what p points to.
func valueOf[T any](p *T) T { return *p }

// deref returns what p points to, or fallback if p is nil.
func deref[T any](p *T, fallback T) T {
	if p == nil {
		return fallback
	}
	return *p
}
