package mockserver_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

func TestManyServersAtOnce(t *testing.T) {
	t.Parallel()
	for i := range 20 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			shop := openShop(t, mockserver.Start(t, mockserver.InMemory()))
			page, err := shop.client.Customers.List(t.Context(), lava.ListCustomersParams{})
			require.NoError(t, err)
			require.Len(t, page.Data, 1)
		})
	}
}

// program is an application with no idea of the mock server.
func program(ctx context.Context) (int, error) {
	client, err := lava.New()
	if err != nil {
		return 0, err
	}
	n := 0
	for _, err := range client.Customers.All(ctx, lava.ListCustomersParams{}) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// An application that makes its client with lava.New is tested as it stands.
func TestAnAppUnderTest(t *testing.T) { //nolint:paralleltest // sets the environment
	s := mockserver.Start(t)
	s.Setenv(t)
	openShop(t, s)
	n, err := program(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
}
