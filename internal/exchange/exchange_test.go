package exchange

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRedirects(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		method  string
		status  int
		to      string
		wantErr string
	}{
		{"get", "GET", 302, "/y", ""},
		{"post that keeps its body", "POST", 307, "https://api.example.com/y", ""},
		{"post that loses its body", "POST", 303, "/y", "drop the request body"},
		{"another host", "GET", 302, "https://evil.example/y", "must not receive the credentials"},
		{"another scheme", "GET", 302, "http://api.example.com/y", "must not receive the credentials"},
		{"malformed", "GET", 302, "https://a b/", "malformed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var seen []string
			client := &Client{MaxBody: 100, Send: serve(func(n int, req *http.Request) (*http.Response, error) {
				body := ""
				if req.Body != nil {
					text, err := io.ReadAll(req.Body)
					require.NoError(t, err)
					body = string(text)
				}
				seen = append(seen, req.Method+" "+req.URL.String()+" "+body)
				if n == 1 {
					return respond(tt.status, http.Header{"Location": {tt.to}}, ""), nil
				}
				return respond(200, nil, "there"), nil
			})}
			req := get()
			req.Method = tt.method
			if tt.method == "POST" {
				req.Body = []byte("again")
			}
			resp, failure := client.Do(t.Context(), req)
			if tt.wantErr != "" {
				require.ErrorContains(t, failure.Err, tt.wantErr)
				require.Equal(t, Final, failure.Reason)
				require.Equal(t, tt.status, failure.Response.Status)
				require.Len(t, seen, 1)
				return
			}
			require.Nil(t, failure)
			require.Equal(t, "there", string(resp.Body))
			require.Equal(t, tt.method+" https://api.example.com/y "+string(req.Body), seen[1])
			require.Equal(t, "/x", req.URL.Path, "the request does not change")
		})
	}
}

func TestStreamedBodyIsSentOnce(t *testing.T) {
	t.Parallel()
	sent := 0
	client := &Client{MaxBody: 100, Retry: Policy{Max: 2}, Send: serve(func(n int, req *http.Request) (*http.Response, error) {
		sent = n
		require.Nil(t, req.GetBody)
		require.EqualValues(t, 4, req.ContentLength)
		return respond(307, http.Header{"Location": {"/y"}}, ""), nil
	})}
	req := get()
	req.Stream = strings.NewReader("once")
	_, failure := client.Do(t.Context(), req)
	require.ErrorContains(t, failure.Err, "sent only once")
	require.Equal(t, 1, sent)
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	client := &Client{MaxBody: 4, Retry: Policy{Max: 2}, Send: serve(func(n int, _ *http.Request) (*http.Response, error) {
		require.Equal(t, 1, n, "it would be as large the next time")
		return respond(200, nil, "12345"), nil
	})}
	_, failure := client.Do(t.Context(), get())
	require.Equal(t, Final, failure.Reason)
	require.ErrorIs(t, failure.Err, ErrTooLarge)
	require.Equal(t, "the response is larger than 4 bytes", failure.Message)
}

func TestTimeoutOfAnAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := &Client{MaxBody: 100, Retry: Policy{Max: 1}, Send: serve(func(n int, req *http.Request) (*http.Response, error) {
			if n == 1 {
				<-req.Context().Done()
				return nil, context.Cause(req.Context())
			}
			return respond(200, nil, "ok"), nil
		})}
		req := get()
		req.Timeout = NewTimeout(time.Minute)
		start := time.Now()
		resp, failure := client.Do(t.Context(), req)
		require.Nil(t, failure)
		require.Equal(t, 2, resp.Attempts)
		require.Equal(t, time.Minute, time.Since(start))

		client.Send = func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, context.Cause(req.Context())
		}
		_, failure = client.Do(t.Context(), req)
		require.ErrorIs(t, failure.Err, context.DeadlineExceeded)
		require.ErrorContains(t, failure.Err, "no response within 1m0s")
		require.Nil(t, NewTimeout(0), "no timeout")
	})
}

// An opened response has its body unread, whatever its status.
func TestOpen(t *testing.T) {
	t.Parallel()
	client := &Client{MaxBody: 100, Send: serve(func(n int, _ *http.Request) (*http.Response, error) {
		return respond([]int{200, 402}[n-1], nil, "body"), nil
	})}
	resp, failure := client.Open(t.Context(), get())
	require.Nil(t, failure)
	text, err := io.ReadAll(resp.Stream)
	require.NoError(t, err)
	require.Equal(t, "body", string(text))

	resp, failure = client.Open(t.Context(), get())
	require.Nil(t, failure)
	require.False(t, resp.OK())
	_, failure = client.Read(resp)
	require.Equal(t, Rejected, failure.Reason)
	require.Equal(t, "body", string(failure.Response.Body))

	client.Send = func(*http.Request) (*http.Response, error) { return nil, errors.New("broken") }
	_, failure = client.Open(t.Context(), get())
	require.ErrorContains(t, failure.Err, "broken")
}

func TestLimitsBeyondReason(t *testing.T) {
	t.Parallel()
	client := &Client{MaxBody: math.MaxInt64, Send: serve(func(int, *http.Request) (*http.Response, error) { return respond(200, nil, "whole"), nil })}
	resp, failure := client.Do(t.Context(), get())
	require.Nil(t, failure)
	require.Equal(t, "whole", string(resp.Body))
}
