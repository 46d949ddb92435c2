package mockserver

import (
	"strconv"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

// Parsers for what people type. All functions are pure.

// parsePhone returns a phone number in E.164. A number with ten digits and no country code is American.
func parsePhone(s string) (string, error) {
	rejected := billing.Invalid("phone", "is not a number with its country code")
	s = strings.TrimSpace(s)
	var number strings.Builder
	for _, c := range strings.TrimPrefix(s, "+") {
		switch {
		case c >= '0' && c <= '9':
			number.WriteRune(c)
		case !strings.ContainsRune(" -.()/\u00a0", c):
			return "", rejected
		}
	}
	digits := number.String()
	switch {
	case strings.HasPrefix(s, "+"):
	case strings.HasPrefix(digits, "00"):
		digits = digits[2:]
	case len(digits) == 10 && digits[0] != '0':
		digits = "1" + digits
	case len(digits) != 11 || digits[0] != '1':
		return "", rejected
	}
	if len(digits) < 7 || len(digits) > 15 || digits[0] == '0' {
		return "", rejected
	}
	return "+" + digits, nil
}

// parseCard returns a test card that is valid at now.
func parseCard(number, expiry, cvc string, now time.Time) (billing.Card, error) {
	month, year, ok := parseExpiry(expiry)
	card, err := billing.TestCard(strings.ReplaceAll(number, "-", ""), 12, year)
	switch {
	case err != nil:
		return billing.Card{}, billing.Invalid("number", "is not one of the test cards")
	case !ok:
		return billing.Card{}, billing.Invalid("expiry", "is not a month and year such as 12/34")
	case !now.Before(time.Date(year, time.Month(month)+1, 1, 0, 0, 0, 0, time.UTC)):
		return billing.Card{}, billing.Invalid("expiry", "is past")
	case !isCVC(cvc):
		return billing.Card{}, billing.Invalid("cvc", "is not the three or four digits of a security code")
	}
	card.ExpMonth = month
	return card, nil
}

// parseExpiry reads "MM/YY" or "MM/YYYY".
func parseExpiry(s string) (month, year int, ok bool) {
	mm, yy, _ := strings.Cut(strings.ReplaceAll(s, " ", ""), "/")
	month, monthErr := strconv.Atoi(mm)
	year, yearErr := strconv.Atoi(yy)
	if len(yy) == 2 {
		year += 2000
	}
	ok = monthErr == nil && yearErr == nil && month >= 1 && month <= 12 && (len(yy) == 2 || len(yy) == 4) && year >= 2000
	return month, year, ok
}

func isCVC(s string) bool {
	s = strings.TrimSpace(s)
	_, err := strconv.ParseUint(s, 10, 16) // unlike Atoi, it rejects a sign
	return err == nil && (len(s) == 3 || len(s) == 4)
}
