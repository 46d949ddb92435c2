package billing

import (
	"math"
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func TestParseAmount(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Amount{
		"0":                      0,
		"49.00":                  49 * Dollar,
		"0.0000000001":           1,
		"-1.5":                   -15 * Dollar / 10,
		"+2":                     2 * Dollar,
		"007":                    7 * Dollar,
		"1.00000000000000000000": Dollar, // zeros beyond the tenth digit don't matter
		".5":                     Dollar / 2,
	} {
		got, err := ParseAmount(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got, in)
	}
	for _, in := range []string{"", "-", ".", "1.", "1e5", "0x1", " 1", "1 ", "1,5", "1.5.5", "NaN", "Inf", "0.00000000001", "99999999999", "1e999999999", "٣"} {
		_, err := ParseAmount(in)
		require.Error(t, err, "%q", in)
	}
}

func TestAmountFormats(t *testing.T) {
	t.Parallel()
	a := Amount(581_000_000) // lava's documentation shows "0.0581000000"
	require.Equal(t, "0.0581000000", a.String())
	require.Equal(t, "0.0581", a.Plain())
	require.Equal(t, "0.06", a.Cents())
	require.Equal(t, "-0.06", (-a).Cents())
	require.Equal(t, "-922337203.6854775808", Amount(math.MinInt64).String())
	require.Equal(t, "0", Amount(0).Plain())
	require.Equal(t, "100", (100 * Dollar).Plain())
}

func TestAmountOf(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0.00000000005":  "0.0000000001",
		"-0.00000000005": "-0.0000000001",
		"0.00000000004":  "0.0000000000",
		"12.5":           "12.5000000000",
		"1e-10000":       "0.0000000000",
	} {
		got, err := AmountOf(decimal.RequireFromString(in))
		require.NoError(t, err)
		require.Equal(t, want, got.String(), in)
	}
	for _, in := range []string{"1e12", "-1e12", "1e10000"} {
		_, err := AmountOf(decimal.RequireFromString(in))
		require.Error(t, err, in)
	}
}

func TestPlusStaysAtTheCeiling(t *testing.T) {
	t.Parallel()
	require.Equal(t, Amount(math.MaxInt64), Amount(math.MaxInt64).plus(1))
	require.Equal(t, Amount(-math.MaxInt64), Amount(math.MinInt64).plus(-1))
	require.Equal(t, Amount(3), Amount(5).plus(-2))
}

// FuzzParseAmount compares the parser with big rational numbers.
func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"49.00", "-0.0000000001", "1e5", "922337203.6854775807", "922337203.6854775808", "+.5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAmount(s)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(s)
		require.True(t, ok, s)
		require.Zero(t, want.Cmp(big.NewRat(int64(a), int64(Dollar))), "%s became %s", s, a)
		back, err := ParseAmount(a.String())
		require.NoError(t, err)
		require.Equal(t, a, back)
	})
}

// FuzzMulDiv compares 128-bit arithmetic with big numbers.
func FuzzMulDiv(f *testing.F) {
	f.Add(int64(5), int64(1), int64(2))
	f.Add(int64(-5), int64(1), int64(2))
	f.Add(int64(math.MinInt64), int64(math.MaxInt64), int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, a, b, c int64) {
		if b < 0 || c <= 0 {
			return
		}
		got, ok := mulDiv(Amount(a), b, c)
		want := decimal.New(a, 0).Mul(decimal.New(b, 0)).DivRound(decimal.New(c, 0), 0)
		if !ok {
			limit := decimal.NewFromInt(math.MaxInt64)
			require.True(t, want.Abs().GreaterThan(limit), "%d×%d÷%d = %s was rejected", a, b, c, want)
			return
		}
		require.Equal(t, want.String(), decimal.New(int64(got), 0).String(), "%d×%d÷%d", a, b, c)
	})
}
