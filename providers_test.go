package lava_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/catalog"
)

// The catalog with which the mock server bills has all of the client's addresses, and some providers for which the
// client has none.
func TestProvidersAreThoseOfTheCatalog(t *testing.T) {
	t.Parallel()
	client, err := lava.New(lava.WithSecretKey(testKey))
	require.NoError(t, err)
	var addresses []string
	providers := reflect.ValueOf(client.Providers)
	for i := range providers.NumField() {
		address, ok := strings.CutPrefix(providers.Field(i).String(), client.BaseURL()+"forward?u=")
		assert.True(t, ok, providers.Type().Field(i).Name)
		addresses = append(addresses, address)
	}
	var bases []string
	for _, p := range catalog.Default().Providers() {
		bases = append(bases, p.BaseURL)
		for _, base := range p.Also {
			bases = append(bases, base)
		}
	}
	require.Subset(t, bases, addresses)
	slices.Sort(addresses)
	require.Len(t, slices.Compact(addresses), 28)
}
