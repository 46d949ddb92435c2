package mockserver

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/billing"
)

func TestParsePhone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"+15551234567":      "+15551234567",
		"(555) 123-4567":    "+15551234567",
		"1 555.123.4567":    "+15551234567",
		" +49 30 1234567 ":  "+49301234567",
		"0049 30/1234567":   "+49301234567",
		"+1\u00a0555123456": "+1555123456",
		"+123456789012345":  "+123456789012345",
		"":                  "",
		"555-CALL-NOW":      "",
		"+12345":            "", // too short
		"+1234567890123456": "", // too long
		"030 1234567890":    "", // no country code
		"0301234567":        "",
		"+0301234567":       "",
		"1+5551234567":      "",
		"５５５1234567":        "", // fullwidth digits
	} {
		got, err := parsePhone(in)
		require.Equal(t, want, got, in)
		requireRejected(t, err, want == "", "phone")
	}
}

func TestParseExpiry(t *testing.T) {
	t.Parallel()
	type date struct {
		month, year int
		ok          bool
	}
	for in, want := range map[string]date{
		"12/34":     {12, 2034, true},
		"5/2030":    {5, 2030, true},
		" 01 / 27 ": {1, 2027, true}, //nolint:gocritic // the test needs these spaces
		"13/34":     {},
		"0/34":      {},
		"-1/34":     {},
		"12":        {},
		"12/":       {},
		"/34":       {},
		"12/3":      {},
		"12/1999":   {},
		"12/20344":  {},
		"12/34/5":   {},
		"":          {},
	} {
		month, year, ok := parseExpiry(in)
		require.Equal(t, want.ok, ok, in)
		if ok {
			require.Equal(t, want, date{month, year, ok}, in)
		}
	}
}

func TestParseCard(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 5, 31, 23, 59, 0, 0, time.UTC)
	for _, tt := range []struct {
		name, number, expiry, cvc string
		param                     string // that is wrong, or empty
	}{
		{"spaces", "4242 4242 4242 4242", "12/34", "123", ""},
		{"hyphens", "4242-4242-4242-4242", "12/34", " 1234 ", ""},
		{"until its month ends", "4242424242424242", "5/30", "000", ""},
		{"a card that may be real", "4111 1111 1111 1111", "12/34", "123", "number"},
		{"no number", "", "12/34", "123", "number"},
		{"not a month", "4242424242424242", "13/34", "123", "expiry"},
		{"no year", "4242424242424242", "12", "123", "expiry"},
		{"last month", "4242424242424242", "04/30", "123", "expiry"},
		{"a short security code", "4242424242424242", "12/34", "12", "cvc"},
		{"a long one", "4242424242424242", "12/34", "12345", "cvc"},
		{"a signed one", "4242424242424242", "12/34", "+12", "cvc"},
		{"letters", "4242424242424242", "12/34", "abc", "cvc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			card, err := parseCard(tt.number, tt.expiry, tt.cvc, now)
			requireRejected(t, err, tt.param != "", tt.param)
			if tt.param == "" {
				require.Equal(t, "4242", card.Last4)
				month, year, _ := parseExpiry(tt.expiry)
				require.Equal(t, [2]int{month, year}, [2]int{card.ExpMonth, card.ExpYear})
			}
		})
	}
}

func requireRejected(t *testing.T, err error, rejected bool, param string) {
	t.Helper()
	if !rejected {
		require.NoError(t, err)
		return
	}
	var e *billing.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, billing.CodeInvalidRequest, e.Code)
	require.Equal(t, param, e.Param)
}

// Parsing a parsed number returns the same number.
func FuzzParsePhone(f *testing.F) {
	f.Add("(555) 123-4567")
	f.Add("0049 30/1234567")
	f.Fuzz(func(t *testing.T, in string) {
		phone, err := parsePhone(in)
		if err != nil {
			return
		}
		require.Regexp(t, `^\+[1-9][0-9]{6,14}$`, phone)
		again, err := parsePhone(phone)
		require.NoError(t, err)
		require.Equal(t, phone, again)
	})
}
