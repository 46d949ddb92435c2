package mockserver_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func TestMount(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	s.Mount("/tools/{name}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.PathValue("name")))
	}))
	require.Equal(t, "hammer", string(send(t, s, "GET", "/tools/hammer", "").body))
	require.Equal(t, 404, send(t, s, "GET", "/toys/ball", "").status)
}
