package dialect_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// Invalid counts lead to no charge, or to a limited one.
func TestReportedNumbers(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]int64{5: 5, -5: 0, math.MaxInt64: 1_000_000_000} {
		assert.Equal(t, want, dialect.Count(n))
	}
	for s, want := range map[float64]time.Duration{1.5: 1500 * time.Millisecond, -1: 0, 1e300: 0} {
		assert.Equal(t, want, dialect.Seconds(s))
	}
	assert.Zero(t, dialect.Seconds(math.NaN()))
	for characters, want := range map[int64]int64{0: 1, 4: 1, 5: 2} {
		assert.Equal(t, want, dialect.EstimateTokens(characters))
	}
}
