package wire

import (
	"bytes"
	"strconv"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// Count is a number of tokens, or of other units, that a provider reports. It accepts every notation of a JSON
// number, also in a string: 512, 512.0, 5.12e2 and "512" are equal. Anything else is ignored.
//
// Decoded over an earlier report, the larger count stays: counts in a stream are cumulative, and can't decrease.
type Count int64

// UnmarshalJSON takes a number, and ignores anything else.
func (c *Count) UnmarshalJSON(b []byte) error {
	c.Read(b)
	return nil
}

// Read takes a number, and ignores anything else.
func (c *Count) Read(b []byte) {
	if n, ok := digits(b); ok { // nearly all are plain digits
		*c = max(*c, n)
		return
	}
	b = bytes.TrimSpace(bytes.Trim(b, `"`))
	if len(bytes.Trim(b, "+-.0123456789eE")) > 0 { // ParseFloat accepts more than JSON does
		return
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		f, err := strconv.ParseFloat(string(b), 64)
		if err != nil {
			return // as if it were missing
		}
		const far = 1 << 53 // beyond any count, and in the range of int64
		n = int64(min(max(f, -far), far))
	}
	*c = max(*c, Count(dialect.Count(n)))
}

// digits parses a few plain digits.
func digits(b []byte) (Count, bool) {
	var n int64
	for _, d := range b {
		if d < '0' || d > '9' {
			return 0, false
		}
		n = n*10 + int64(d-'0')
	}
	return Count(n), len(b) > 0 && len(b) < 10
}

// Int returns the count.
func (c Count) Int() int64 { return int64(c) }
