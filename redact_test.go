package lava_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

func TestRedact(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                     "",
		"nothing to hide":                      "nothing to hide",
		"Bearer aks_live_Ab-1_2.":              "Bearer aks_live_[redacted].",
		"aks_test_1 and aks_test_2, lava_sk_3": "aks_test_[redacted] and aks_test_[redacted], lava_sk_[redacted]",
		`{"webhook_secret":"whsec_abc"}`:       `{"webhook_secret":"whsec_[redacted]"}`,
		"css_test_a/b+c==":                     "css_test_[redacted]",
		"keys begin with aks_test_ or so":      "keys begin with aks_test_ or so",
		`Post "http://me:hunter2@127.0.0.1:9000/v1": no`:        `Post "http://[redacted]@127.0.0.1:9000/v1": no`,
		`"https://token@host" and "https://host/@me"`:           `"https://[redacted]@host" and "https://host/@me"`,
		"https://me:p@ss@host?to=ada@example.com":               "https://[redacted]@host?to=ada@example.com",
		"ada@example.com is not https://example.com":            "ada@example.com is not https://example.com",
		"sk-proj-abc, sk-ant-api03-x_Y, AIzaSyD-9 (mask-prone)": "sk-proj-[redacted], sk-ant-[redacted], AIzaSy[redacted] (mask-prone)",
		"eyJzZWNyZXRfa2V5IjoiYWtzX3Rlc3QifQ==":                  "eyJzZWNyZXRfa2V5Ijoi[redacted]",
	} {
		require.Equal(t, want, lava.Redact(in))
	}
}

func TestRedactAttr(t *testing.T) {
	t.Parallel()
	client, err := lava.New(lava.WithSecretKey(testKey))
	require.NoError(t, err)
	token, err := client.GenerateForwardToken(nil)
	require.NoError(t, err)
	header := http.Header{"Authorization": {"Bearer " + testKey}}
	options := &slog.HandlerOptions{ReplaceAttr: lava.RedactAttr}
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, options) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, options) },
	} {
		t.Run(name, func(t *testing.T) {
			var logs bytes.Buffer
			slog.New(handler(&logs)).Info("call "+testKey, "header", header, "err", errors.New("bad key "+testKey), "body", []byte("sent "+testKey),
				"tokens", []lava.Secret{token}, "meter", lava.Meter{Name: "chat"}, "created", []any{lava.SecretKeyCreated{SecretKey: lava.SecretKey{Name: "ci"}, Key: lava.NewSecret(testKey)}}, "n", 7,
				slog.Group("g", "key", testKey))
			require.NotContains(t, logs.String(), testKey)
			require.NotContains(t, logs.String(), token.Reveal())
			require.Contains(t, logs.String(), "aks_test_[redacted]")
			require.Contains(t, logs.String(), "7")
			require.Contains(t, logs.String(), "Name:ci", "text next to a secret is logged")
			require.NotContains(t, logs.String(), "ERROR")
		})
	}
}
