package billing

import "fmt"

// maxCount bounds every count of usage in one request, so that sums stay exact.
const maxCount = 1_000_000_000_000

// indexed names a field inside a list, as in tiers[1].start.
func indexed(list string, i int, field string) string {
	return fmt.Sprintf("%s[%d].%s", list, i, field)
}

// fieldError turns what is wrong with a value into a refusal that names the field.
func fieldError(param string, err error) *Error { return invalid(param, "%s", err) }

// parseMoney reads a required decimal between least and most.
func parseMoney(param, s string, least, most Amount) (Amount, error) {
	if s == "" {
		return 0, missing(param)
	}
	a, err := ParseAmount(s)
	if err != nil {
		return 0, fieldError(param, err)
	}
	if a < least || a > most {
		return 0, invalid(param, "%s is not between %s and %s", shorten(s), least.Plain(), most.Plain())
	}
	return a, nil
}
