package mockserver_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func post(t *testing.T, s *mockserver.Server, path, idempotencyKey, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL()+path, bytes.NewReader([]byte(body)))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+s.SecretKey())
	req.Header.Set("Idempotency-Key", idempotencyKey)
	resp, err := s.HTTPClient().Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{resp.StatusCode, resp.Header, data}
}

func TestIdempotencyKeys(t *testing.T) {
	s := mockserver.Start(t)
	first := post(t, s, "/v1/secret_keys", "k1", `{"name":"a"}`)
	require.Equal(t, 201, first.status)
	again := post(t, s, "/v1/secret_keys", "k1", `{"name":"a"}`)
	require.Equal(t, first.status, again.status)
	require.Equal(t, string(first.body), string(again.body), "the same answer, secret included")
	require.Equal(t, 409, post(t, s, "/v1/secret_keys", "k1", `{"name":"b"}`).status)
	require.Equal(t, 201, post(t, s, "/v1/secret_keys", "k2", `{"name":"a"}`).status)
	require.Equal(t, 201, post(t, s, "/v1/customers", "k1", `{}`).status, "another path is another key")

	require.Equal(t, 400, post(t, s, "/v1/meters", "bad", `{}`).status)
	require.Equal(t, 400, post(t, s, "/v1/meters", "bad", `{}`).status)

	s.Advance(24 * time.Hour)
	require.Equal(t, 201, post(t, s, "/v1/secret_keys", "k1", `{"name":"b"}`).status, "keys are forgotten after a day")
}

func TestTwinsActOnce(t *testing.T) {
	s := mockserver.Start(t)
	var wg sync.WaitGroup
	bodies := make([]string, 50)
	for i := range bodies {
		wg.Go(func() { bodies[i] = string(post(t, s, "/v1/customers", "twin", `{"name":"Ada"}`).body) })
	}
	wg.Wait()
	for _, b := range bodies {
		require.Equal(t, bodies[0], b)
	}
	require.Len(t, send(t, s, "GET", "/v1/customers?limit=100", "").object(t)["data"], 1)
}

func TestRateLimit(t *testing.T) {
	told := mockserver.Start(t)
	a := send(t, told, "GET", "/v1/meters", "")
	require.Equal(t, "1000", a.header.Get("X-RateLimit-Limit"))
	require.Equal(t, "999", a.header.Get("X-RateLimit-Remaining"))

	enforced := mockserver.Start(t, mockserver.EnforceRateLimit(), mockserver.At(newYear))
	for range 1000 {
		require.Equal(t, 200, send(t, enforced, "GET", "/v1/wallet", "").status)
	}
	a = send(t, enforced, "GET", "/v1/wallet", "")
	require.Equal(t, 429, a.status)
	require.Equal(t, fmt.Sprint(newYear.Add(time.Minute).Unix()), a.header.Get("X-RateLimit-Reset"))
	require.Equal(t, "60", a.header.Get("Retry-After"))
	enforced.Advance(time.Minute)
	require.Equal(t, 200, send(t, enforced, "GET", "/v1/wallet", "").status)
}
