package wire_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

func TestDollars(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]wire.Dollars{
		`0.95`: 9_500_000_000, `0.00014`: 1_400_000, `1.4e-4`: 1_400_000, `"0.95"`: 9_500_000_000, `0`: 0, `0.00000000005`: 1,
		`{"input_tokens_cost":0.00002,"output_tokens_cost":0.00504,"request_cost":0.006,"total_cost":0.01106}`: 110_600_000,
		`null`: 0, `-1`: 0, `"free"`: 0, `{}`: 0, `[1]`: 0, `true`: 0, `1e300`: 0, `1e-300`: 0, `1000001`: 0,
	} {
		var c struct{ N wire.Dollars }
		require.NoError(t, json.Unmarshal([]byte(`{"n":`+text+`}`), &c), text)
		assert.Equal(t, want, c.N, text)
	}
}
