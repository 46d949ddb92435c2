package billing

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"

	"github.com/shopspring/decimal"
)

// Amount is money, or a rate, in units of 10⁻¹⁰ US dollars. It is exact, and
// all arithmetic on it is checked, so an Amount never wraps around.
type Amount int64

// Digits is how many digits an Amount has after the decimal point.
const Digits = 10

// Dollar is one US dollar.
const Dollar Amount = 1e10

// MaxAmount bounds every amount that comes from outside: 100 million dollars.
// It leaves room to add up many of them.
const MaxAmount = 100_000_000 * Dollar

// maxSum is the largest sum of amounts.
const maxSum Amount = math.MaxInt64

// AmountOf returns d as an Amount, rounded half away from zero at the tenth digit. It fails if d is out of range.
func AmountOf(d decimal.Decimal) (Amount, error) {
	// Check the size first: writing out 1e2000000000 would take all memory.
	switch size := d.NumDigits() + int(d.Exponent()); {
	case d.IsZero() || size < -Digits:
		return 0, nil
	case size > 18:
		return 0, errors.New("the amount has too many digits")
	}
	scaled := d.Shift(Digits).Round(0)
	if !scaled.BigInt().IsInt64() {
		return 0, fmt.Errorf("%s is too large", d)
	}
	return Amount(scaled.IntPart()), nil
}

// ParseAmount reads a plain decimal string such as "49.00": digits with an
// optional sign and fraction. Exponents, spaces and digits beyond the tenth
// fraction digit that are not zero are rejected, because they can't be kept.
func ParseAmount(s string) (Amount, error) {
	rest, negative := s, false
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		negative, rest = rest[0] == '-', rest[1:]
	}
	var n uint64
	digits, point := 0, -1
	for i := range len(rest) {
		c := rest[i]
		switch {
		case c == '.' && point < 0:
			point = i
		case c < '0' || c > '9':
			return 0, fmt.Errorf("%q is not a decimal number such as \"12.50\"", shorten(s))
		case point >= 0 && i-point > Digits:
			if c != '0' {
				return 0, fmt.Errorf("%q has more than %d digits after the point", shorten(s), Digits)
			}
		default:
			digits++
			if n > math.MaxInt64/10 {
				return 0, fmt.Errorf("%q is too large", shorten(s))
			}
			n = n*10 + uint64(c-'0')
		}
	}
	if digits == 0 || point == len(rest)-1 {
		return 0, fmt.Errorf("%q is not a decimal number such as \"12.50\"", shorten(s))
	}
	fraction := 0
	if point >= 0 {
		fraction = min(len(rest)-point-1, Digits)
	}
	for ; fraction < Digits; fraction++ {
		if n > math.MaxInt64/10 {
			return 0, fmt.Errorf("%q is too large", shorten(s))
		}
		n *= 10
	}
	if n > math.MaxInt64 {
		return 0, fmt.Errorf("%q is too large", shorten(s))
	}
	if negative {
		return -Amount(n), nil
	}
	return Amount(n), nil
}

// String returns a with all ten fraction digits, as Lava writes what requests
// cost. Everything but a wallet is written so. Assumption money-digits.
func (a Amount) String() string {
	var room amountRoom
	return string(a.append(room[:0], Digits))
}

// Cents returns a with two fraction digits, rounded half away from zero, as
// Lava writes the balance of a wallet.
func (a Amount) Cents() string {
	cent := Dollar / 100
	half := cent / 2
	if a < 0 {
		half = -half
	}
	var room amountRoom
	return string(((a + half) / cent * cent).append(room[:0], 2))
}

// Plain returns a without trailing zeros.
func (a Amount) Plain() string {
	var room amountRoom
	b := a.append(room[:0], Digits)
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	if b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	return string(b)
}

// Decimal returns a as a decimal number of dollars.
func (a Amount) Decimal() decimal.Decimal { return decimal.New(int64(a), -Digits) }

// MarshalText writes a as [Amount.String] does.
func (a Amount) MarshalText() ([]byte, error) { return a.append(nil, Digits), nil }

// UnmarshalText reads what [ParseAmount] reads.
func (a *Amount) UnmarshalText(b []byte) error {
	v, err := ParseAmount(string(b))
	if err != nil {
		return err
	}
	*a = v
	return nil
}

// amountRoom has room for any amount.
type amountRoom [24]byte

func (a Amount) append(b []byte, digits int) []byte {
	u := uint64(a)
	if a < 0 {
		b, u = append(b, '-'), -u
	}
	b = strconv.AppendUint(b, u/uint64(Dollar), 10)
	b = append(b, '.')
	fraction := u % uint64(Dollar)
	for unit := uint64(Dollar) / 10; digits > 0; digits-- {
		b = append(b, byte('0'+fraction/unit%10))
		unit /= 10
	}
	return b
}

// plus returns a+b, or the nearest Amount: a balance that has reached 922 million dollars, or as much debt, stays
// there instead of wrapping around.
func (a Amount) plus(b Amount) Amount {
	sum := a + b
	switch {
	case a > 0 && b > 0 && sum < 0:
		return maxSum
	case a < 0 && b < 0 && sum >= 0:
		return -maxSum
	}
	return max(sum, -maxSum) // the least int64 could not be negated or parsed
}

// mulDiv returns a×b÷c, rounded half away from zero, and false if it does not
// fit. The product is exact in 128 bits. c must be positive, b not negative.
func mulDiv(a Amount, b, c int64) (Amount, bool) {
	u := uint64(a)
	if a < 0 {
		u = -u
	}
	hi, lo := bits.Mul64(u, uint64(b))
	if hi >= uint64(c) {
		return 0, false
	}
	q, r := bits.Div64(hi, lo, uint64(c))
	if r >= uint64(c)-r {
		q++
	}
	if q > math.MaxInt64 {
		return 0, false
	}
	if a < 0 {
		return -Amount(q), true
	}
	return Amount(q), true
}
