package mockserver_test

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

func TestRateLimit(t *testing.T) {
	t.Parallel()
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
	require.Equal(t, strconv.FormatInt(newYear.Add(time.Minute).Unix(), 10), a.header.Get("X-RateLimit-Reset"))
	require.Equal(t, "60", a.header.Get("Retry-After"))
	_, err := enforced.Client().Wallet.Retrieve(t.Context())
	var failed *lava.Error
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, failed, lava.ErrRateLimited)
	require.Equal(t, time.Minute, failed.RetryAfter)
	enforced.Advance(time.Minute)
	require.Equal(t, 200, send(t, enforced, "GET", "/v1/wallet", "").status)
}

// A reset merchant starts over, including its rate limit.
func TestResetForgetsTheRateLimit(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(newYear))
	other := s.NewMerchant()
	left := func(key string) string {
		return sendAs(t, s, key, "GET", "/v1/meters", "").header.Get("X-RateLimit-Remaining")
	}
	require.Equal(t, "999", left(s.SecretKey()))
	require.Equal(t, "998", left(s.SecretKey()))
	require.Equal(t, "999", left(other.SecretKey()))
	s.Reset()
	require.Equal(t, "999", left(s.SecretKey()))
	require.Equal(t, "998", left(other.SecretKey()), "this merchant was not reset")
}

func TestRetryAfterIsInWholeSeconds(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		time.Nanosecond:              "1",
		time.Second:                  "1",
		time.Second + 1:              "2",
		time.Duration(math.MaxInt64): "9223372037",
	} {
		s := mockserver.Start(t)
		s.Fail(mockserver.Failure{Status: 429, RetryAfter: d, Times: 1})
		require.Equal(t, want, send(t, s, "GET", "/v1/meters", "").header.Get("Retry-After"), "%v", d)
	}
}
