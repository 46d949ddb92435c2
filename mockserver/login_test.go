package mockserver_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// Cases that don't fit the tables: login codes and empty wallets.
func TestRefusedLoginCodes(t *testing.T) {
	t.Parallel()
	s := stock(t, mockserver.Start(t))
	for code, want := range map[string]error{"": lava.ErrInvalidRequest, "made up": lava.ErrUnauthorized} {
		_, err := lava.ExchangeAuthCode(t.Context(), code, lava.WithBaseURL(s.URL()))
		require.ErrorIs(t, err, want)
		var failed *lava.Error
		require.ErrorAs(t, err, &failed)
		require.Equal(t, "code", failed.Param)
	}
}
