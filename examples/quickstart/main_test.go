package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// The tutorial runs to the end offline, and its figures are consistent.
func TestQuickstart(t *testing.T) {
	t.Setenv("LAVA_SECRET_KEY", "aks_live_must_not_be_used")
	t.Setenv("LAVA_API_URL", "http://127.0.0.1:1")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), false, "", "", &out))
	require.Contains(t, out.String(), "requests 1,")
	require.Regexp(t, `credit left \$24\.99\d{8} of \$25\.0000000000`, out.String())
}
