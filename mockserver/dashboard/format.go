package dashboard

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// money writes dollars with separators and at least two digits of cents, such as
// "−$1,234.50". What is smaller than a cent keeps its digits.
func money(d decimal.Decimal) string {
	text := d.Abs().String()
	whole, cents, _ := strings.Cut(text, ".")
	for len(cents) < 2 {
		cents += "0"
	}
	sign := ""
	if d.IsNegative() {
		sign = "\u2212"
	}
	return sign + "$" + group(whole) + "." + cents
}

// aligned writes dollars with so many digits of cents, so that they stand below each other,
// and with the exact amount on hover if that has more.
func aligned(d decimal.Decimal, digits int32) template.HTML {
	whole, cents, _ := strings.Cut(d.Abs().StringFixed(digits), ".")
	text := "$" + group(whole) + "." + cents
	if d.IsNegative() {
		text = "\u2212" + text
	}
	if d.Equal(d.Round(digits)) {
		return template.HTML(text) //nolint:gosec // digits only
	}
	return template.HTML(`<span title="` + money(d) + `">` + text + `</span>`) //nolint:gosec // digits only
}

// Balances and prices have cents. Charges are smaller.
func balance(d decimal.Decimal) template.HTML { return aligned(d, 2) }
func charge(d decimal.Decimal) template.HTML  { return aligned(d, 4) }

// change writes a change of a balance, with its sign.
func change(d decimal.Decimal) template.HTML {
	if d.IsPositive() {
		return "+" + charge(d)
	}
	return charge(d)
}

// number writes an integer with separators.
func number[N int | int64](n N) string {
	text := strconv.FormatInt(int64(n), 10)
	if digits, negative := strings.CutPrefix(text, "-"); negative {
		return "\u2212" + group(digits)
	}
	return group(text)
}

// group separates the thousands of a number's digits.
func group(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// milliseconds writes how long something took.
func milliseconds(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', 1, 64) + "\u202fms"
	case d < 10*time.Second:
		return number(d.Milliseconds()) + "\u202fms"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + "\u202fs"
}

const exactTime = "2006-01-02 15:04:05 MST"

// when shows a time relative to the server's clock, and the exact one on hover.
func when(now, t time.Time) template.HTML {
	if t.IsZero() {
		return ""
	}
	t = t.UTC()
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s" data-ago>%s</time>`, t.Format(time.RFC3339Nano), t.Format(exactTime), relative(t.Sub(now)))) //nolint:gosec // times and words only
}

// exact shows a time as it is.
func exact(t time.Time) template.HTML {
	t = t.UTC()
	return template.HTML(fmt.Sprintf(`<time datetime="%s">%s</time>`, t.Format(time.RFC3339Nano), t.Format(exactTime))) //nolint:gosec // a time only
}

// relative says how far away something is, as page.js does, which keeps it up to date.
func relative(d time.Duration) string {
	away := d.Abs()
	if away < time.Second {
		return "now"
	}
	text := ""
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{365 * 24 * time.Hour, "y"}, {24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if away >= unit.size {
			text = strconv.FormatInt(int64(away/unit.size), 10) + " " + unit.name
			break
		}
	}
	if d < 0 {
		return text + " ago"
	}
	return "in " + text
}

// words reads an identifier as people do: "auto_top_up" is "auto top up".
func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

// short is what tells an id from others: its kind and its end.
func short(id string) string {
	kind, rest, found := strings.Cut(id, "_")
	if !found || len(rest) <= 12 {
		return id
	}
	return kind + "_…" + rest[len(rest)-6:]
}
