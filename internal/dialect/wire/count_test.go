package wire_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

func TestCount(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]wire.Count{
		`512`: 512, `512.0`: 512, `5.12e2`: 512, `5.12E+2`: 512, `"512"`: 512, `" 512.0 "`: 512, `0`: 0,
		`-5`: 0, `null`: 0, `true`: 0, `"many"`: 0, `""`: 0, `"Inf"`: 0, `"NaN"`: 0, `"0x10"`: 0, `{}`: 0, `[512]`: 0,
		`1e300`: 1e9, `99999999999999999999`: 1e9, `-1e300`: 0,
	} {
		var c struct{ N wire.Count }
		require.NoError(t, json.Unmarshal([]byte(`{"n":`+text+`}`), &c), text)
		assert.Equal(t, want, c.N, text)
	}
}

func TestCountDoesNotFall(t *testing.T) {
	t.Parallel()
	var c struct{ N wire.Count }
	for _, body := range []string{`{"n":5}`, `{"n":0}`, `{"n":null}`, `{}`, `{"n":4.0}`} {
		require.NoError(t, json.Unmarshal([]byte(body), &c))
		assert.EqualValues(t, 5, c.N, body)
	}
	require.NoError(t, json.Unmarshal([]byte(`{"n":6}`), &c))
	assert.EqualValues(t, 6, c.N)
}
