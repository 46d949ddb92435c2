package control_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/cmd/internal/control"
	"github.com/lavapayments/lava-go/mockserver"
)

func TestVerbs(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	c := control.Client{URL: s.URL(), HTTP: s.HTTPClient()}
	verbs, err := c.Verbs(t.Context())
	require.NoError(t, err)
	byName := map[string]control.Verb{}
	for _, v := range verbs {
		byName[v.Name] = v
	}
	require.Equal(t, "clock.advance [advance=DURATION] [to=TIME]", byName["clock.advance"].Usage())
	require.Equal(t, "advance [ADVANCE] [to=TIME]", byName["clock.advance"].Synopsis())
	require.True(t, byName["calls.list"].Takes("after"))
	require.False(t, byName["payments.list"].Takes("after"))

	_, err = c.Do(t.Context(), byName["clock.advance"], url.Values{"advance": {"soon"}})
	require.ErrorContains(t, err, `"soon" is not a duration`)
	_, err = c.Do(t.Context(), byName["calls.get"], nil)
	require.EqualError(t, err, "id: is required: the call's id: the x-lava-request-id of its response")
	_, err = c.Do(t.Context(), byName["calls.get"], url.Values{"id": {"a/b?c"}})
	require.ErrorContains(t, err, `no call "a/b?c"`, "an id is escaped")
}

// The error for a response of a server that isn't lavamock says so.
func TestOtherServers(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{"{}": "no list of control operations", "": "no list of control operations", "404": "status 404: check that it is lavamock"} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if body == "404" {
				w.WriteHeader(http.StatusNotFound)
			}
			_, _ = w.Write([]byte(body))
		}))
		_, err := control.Client{URL: s.URL, HTTP: s.Client()}.Verbs(t.Context())
		require.ErrorContains(t, err, want)
		s.Close()
	}
}
