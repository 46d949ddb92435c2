package mockserver

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// A handler that could reach the server could deadlock with a server that waits for the handler.
func TestHandlersCantReachTheServer(t *testing.T) {
	t.Parallel()
	server := reflect.TypeFor[Server]()
	for _, handler := range []reflect.Type{reflect.TypeFor[call](), reflect.TypeFor[pageCall](), reflect.TypeFor[checkout](), reflect.TypeFor[gatewayBilling]()} {
		require.False(t, reaches(handler, server, map[reflect.Type]bool{}), "%v", handler)
	}
	require.True(t, reaches(reflect.TypeFor[controlCall](), server, map[reflect.Type]bool{}), "control endpoints mirror its methods")
}

// reaches reports whether fields lead from one type to another.
func reaches(from, to reflect.Type, seen map[reflect.Type]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	switch from.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		return reaches(from.Elem(), to, seen)
	case reflect.Map:
		return reaches(from.Key(), to, seen) || reaches(from.Elem(), to, seen)
	case reflect.Struct:
		for i := range from.NumField() {
			if reaches(from.Field(i).Type, to, seen) {
				return true
			}
		}
	}
	return false
}
