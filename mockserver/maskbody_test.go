package mockserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

// Bodies that aren't JSON may contain a secret too: people and programs send them by mistake, and then look at the
// call.
func TestSecretsInOtherBodies(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	for name, body := range map[string]string{
		"twice":                      `{"code":"SECRET1","code":"SECRET2"}`,
		"cut off":                    `{"code":"SECRET`,
		"cut off, with escapes":      `{"c\u006fde":"SECRET`,
		"single quotes":              `{'code':'SECRET'}`,
		"no quotes around the name":  `{code: "SECRET"}`,
		"no quotes around the value": `{"code": SECRET }`,
		"with comments":              `{/*c*/"code"/*x*/:"SECRET"}`,
		"two values":                 `{"code":"SECRET"}{"code":"SECRET"}`,
		"a byte order mark":          "\xef\xbb\xbf" + `{"code":"SECRET"}`,
		"a form":                     `code=SECRET&x=1`,
		"a form with escapes":        `x=1&+c%6fde=SECRET`,
		"a multipart form":           "--X\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\nSECRET\r\n--X--\r\n",
		"XML":                        `<code>SECRET</code>`,
		"YAML":                       "code: SECRET",
		"deep":                       strings.Repeat(`{"code":`, 20_000) + `"SECRET"` + strings.Repeat("}", 20_000),
	} {
		_ = send(t, s, "POST", "/v1/auth/callback", body)
		calls := s.Calls()
		last := calls[len(calls)-1]
		assert.NotContains(t, fmt.Sprint(last)+string(last.RequestBody())+string(last.ResponseBody()), "SECRET", name)
	}
	_ = send(t, s, "POST", "/v1/auth/callback", `{"note": "kept", "code": "SECRET", "more": tru}`)
	calls := s.Calls()
	assert.JSONEq(t, `{"note": "kept", "code": "[redacted]", "more": true}`, strings.Replace(string(calls[len(calls)-1].RequestBody()), "tru}", "true}", 1), "the rest is readable")
}

// A URL in a header may contain a credential.
func TestSecretsInURLsOfHeaders(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+chatPath, strings.NewReader(chatBody))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+s.SecretKey())
	req.Header.Set("Referer", "https://app.example.com/?page=1&token=SECRET")
	resp, err := s.HTTPClient().Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	calls := s.ProviderCalls()
	require.Len(t, calls, 1)
	assert.Equal(t, "https://app.example.com/?page=1&token=[redacted]", calls[0].Header.Get("Referer"))
}
