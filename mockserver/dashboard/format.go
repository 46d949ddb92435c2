package dashboard

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/shopspring/decimal"
)

// money formats dollars with separators and all digits, at least two after the point, such as "−$1,234.50". It never
// rounds: when people compare or add amounts, they see the same numbers as the server.
func money(d decimal.Decimal) string {
	whole, cents := dollars(d, 2)
	return whole + cents
}

// The minimum digits of balances and of charges, which are smaller, so that the points of a column are aligned.
func balance(d decimal.Decimal) template.HTML { return column(d, 2) }
func charge(d decimal.Decimal) template.HTML  { return column(d, 4) }

// column is money for a column with aligned points.
func column(d decimal.Decimal, digits int) template.HTML {
	whole, cents := dollars(d, digits)
	return template.HTML(whole + `<span class="cents">` + cents + `</span>`) //nolint:gosec // digits only
}

func dollars(d decimal.Decimal, digits int) (whole, cents string) {
	whole, cents, _ = strings.Cut(d.Abs().String(), ".")
	for len(cents) < digits {
		cents += "0"
	}
	sign := ""
	if d.IsNegative() {
		sign = "\u2212"
	}
	return sign + "$" + group(whole), "." + cents
}

// change formats a change of a balance, with its sign.
func change(d decimal.Decimal) template.HTML {
	if d.IsPositive() {
		return "+" + charge(d)
	}
	return charge(d)
}

// number formats an integer with separators.
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

// milliseconds formats how long something took.
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

// when shows a time relative to the server's clock, and the exact time on hover.
func when(now, t time.Time) template.HTML {
	if t.IsZero() {
		return ""
	}
	t = t.UTC()
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s" data-ago>%s</time>`, t.Format(time.RFC3339Nano), t.Format(exactTime), relative(t.Sub(now)))) //nolint:gosec // times and words only
}

// exact shows an absolute time.
func exact(t time.Time) template.HTML {
	t = t.UTC()
	return template.HTML(fmt.Sprintf(`<time datetime="%s">%s</time>`, t.Format(time.RFC3339Nano), t.Format(exactTime))) //nolint:gosec // a time only
}

// relative describes the distance to a time, in the same words as page.js, which updates it.
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

// sentence capitalizes a description.
func sentence(text string) string {
	first, rest, _ := strings.Cut(text, ";")
	if strings.Contains(rest, "with a key") { // the key is for programs, to select a merchant
		text = first
	}
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// words turns an identifier into words: "auto_top_up" becomes "auto top up".
func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

// isVisible reports whether a character is visible.
func isVisible(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }

// revealed replaces the characters with which one text could pass for another, those that change its direction or are
// invisible, with visible ones.
var revealed = sync.OnceValue(func() *strings.Replacer {
	var pairs []string
	for _, r := range "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff" {
		pairs = append(pairs, string(r), fmt.Sprintf(`\u%04x`, r))
	}
	return strings.NewReplacer(pairs...)
})

// short abbreviates an id to its kind and its end.
func short(id string) string {
	kind, rest, found := strings.Cut(id, "_")
	if !found || len(rest) <= 12 {
		return id
	}
	return kind + "_…" + rest[len(rest)-6:]
}
