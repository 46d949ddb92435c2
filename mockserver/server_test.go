package mockserver_test

import (
	"context"
	"fmt"
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

// program is an application that doesn't know about the mock server.
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

// An application that creates its client with lava.New is tested unchanged.
func TestAnAppUnderTest(t *testing.T) { //nolint:paralleltest // sets the environment
	s := mockserver.Start(t)
	s.Setenv(t)
	openShop(t, s)
	n, err := program(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

// A program that reads the environment can't reach a server in memory: the test gets an error, and does not wait for
// a connection that never comes.
func TestSetenvInMemory(t *testing.T) {
	t.Parallel()
	failed := &failingTest{}
	mockserver.Start(t, mockserver.InMemory()).Setenv(failed)
	require.Contains(t, failed.message, "no program can reach a server that is InMemory")
	require.Empty(t, failed.set)
}

// failingTest records how it failed.
type failingTest struct {
	set     []string
	message string
}

func (f *failingTest) Helper() {}

func (f *failingTest) Setenv(key, _ string) { f.set = append(f.set, key) }

func (f *failingTest) Fatalf(format string, args ...any) { f.message = fmt.Sprintf(format, args...) }

func TestClientTakesOptions(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	other := s.NewMerchant()
	_, err := other.Client().Customers.Create(t.Context(), lava.CreateCustomerParams{})
	require.NoError(t, err)
	for _, c := range []*lava.Client{other.Client(), s.Client(lava.WithSecretKey(other.SecretKey()))} {
		page, err := c.Customers.List(t.Context(), lava.ListCustomersParams{})
		require.NoError(t, err)
		require.Len(t, page.Data, 1)
	}
	require.Panics(t, func() { s.Client(lava.WithSecretKey("nonsense key")) })
}
