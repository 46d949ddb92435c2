package upstream_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// The oldest objects make room for new ones, also for those of other owners.
func TestStoredObjectsAreLimited(t *testing.T) {
	t.Parallel()
	f := countingFake()
	first, second := storeFor(t, f, "ada", 1), storeFor(t, f, "bob", 2)
	last := storeFor(t, f, "bob", 3)
	for i := range 998 {
		last = storeFor(t, f, "bob", 4+i)
	}
	assert.Equal(t, 404, recallFor(t, f, "ada", first))
	assert.Equal(t, 200, recallFor(t, f, "bob", second))
	assert.Equal(t, 200, recallFor(t, f, "bob", last))
}

// What is forgotten takes no room from others.
func TestForgottenObjectsTakeNoRoom(t *testing.T) {
	t.Parallel()
	f := countingFake()
	first := storeFor(t, f, "ada", 0)
	for i := range 1998 {
		last := storeFor(t, f, "bob", 1+i)
		if i%999 == 998 {
			f.Forget(func(o upstream.Owner) bool { return o.ID == "bob" })
			assert.Equal(t, 404, recallFor(t, f, "bob", last))
		}
	}
	assert.Equal(t, 200, recallFor(t, f, "ada", first))
}

// countingFake gives the requests of [storeFor] their own ids and owners.
func countingFake() *upstream.Fake {
	return &upstream.Fake{
		RequestID: func(ctx context.Context) string { return strconv.Itoa(ctx.Value(counting{}).(counting).n) },
		Owner: func(ctx context.Context) upstream.Owner {
			return upstream.Owner{ID: ctx.Value(counting{}).(counting).owner}
		},
	}
}

// counting is the number and the owner of a request, and the key of its context.
type counting struct {
	owner string
	n     int
}

func (c counting) send(t *testing.T, f *upstream.Fake, method, url, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(context.WithValue(t.Context(), counting{}, c), method, url, strings.NewReader(body))
	require.NoError(t, err)
	resp, err := f.RoundTrip(req)
	require.NoError(t, err)
	return resp
}

// storeFor returns the id of a stored response of an owner.
func storeFor(t *testing.T, f *upstream.Fake, owner string, n int) string {
	t.Helper()
	var made struct{ ID string }
	resp := counting{owner, n}.send(t, f, http.MethodPost, openAIBase+"/responses", `{"model":"gpt-5.1","input":"Hello"}`)
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&made))
	return made.ID
}

// recallFor returns the status of a request for a stored response.
func recallFor(t *testing.T, f *upstream.Fake, owner, id string) int {
	t.Helper()
	return counting{owner: owner}.send(t, f, http.MethodGet, openAIBase+"/responses/"+id, "").StatusCode
}
