package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestForwardTarget(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, query, want string }{
		{"raw", "u=https://api.openai.com/v1/models", "https://api.openai.com/v1/models"},
		{"encoded", "u=https%3A%2F%2Fapi.openai.com%2Fv1%2Fmodels", "https://api.openai.com/v1/models"},
		{"encoded query of the target", "u=https%3A%2F%2Fapi.openai.com%2Fv1%2Fmodels%3Fa%3D1%26b%3D2", "https://api.openai.com/v1/models?a=1&b=2"},
		{"raw query of the target", "u=https://api.openai.com/v1/models?a=1&b=2&a=3", "https://api.openai.com/v1/models?a=1&b=2&a=3"},
		{"later parameters in order", "u=https://api.openai.com/v1/models&z=1&a=2", "https://api.openai.com/v1/models?z=1&a=2"},
		{"earlier parameters are not the target's", "x=1&u=https://api.openai.com/v1/models&y=2", "https://api.openai.com/v1/models?y=2"},
		{"decoded once", "u=https%3A%2F%2Fapi.openai.com%2Fv1%2Ffiles%2Fa%2520b", "https://api.openai.com/v1/files/a%20b"},
		{"a plus stays", "u=https://api.openai.com/v1/files/a+b", "https://api.openai.com/v1/files/a+b"},
		{"values keep their encoding", "u=https://api.openai.com/v1/files&q=a%2Bb%20c", "https://api.openai.com/v1/files?q=a%2Bb%20c"},
		{"metadata is taken out", `u=https://api.openai.com/v1/models&metadata={"a":"b"}&x=1`, "https://api.openai.com/v1/models?x=1"},
		{"Google's own key stays", "u=https://generativelanguage.googleapis.com/v1beta/models&key=AIza1", "https://generativelanguage.googleapis.com/v1beta/models?key=AIza1"},
		{"Lava's key is taken out", "u=https://api.openai.com/v1/models&key=aks_test_good&x=1", "https://api.openai.com/v1/models?x=1"},
		{"Lava's key within the target too", "u=https://api.openai.com/v1/models?key=aks_test_good", "https://api.openai.com/v1/models"},
		{"upper-case host", "u=https://API.OpenAI.com/v1/models", "https://API.OpenAI.com/v1/models"},
		{"port 443", "u=https://api.openai.com:443/v1/models", "https://api.openai.com:443/v1/models"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := &recorder{}
			r := newRig(t, recording(p))
			path := "/v1/forward?" + strings.ReplaceAll(test.query, `{"a":"b"}`, `%7B%22a%22:%22b%22%7D`)
			got := r.do(t, "GET", path, "")
			require.Equal(t, 200, got.status, got.body)
			assert.Equal(t, test.want, p.url)
		})
	}
}

func TestForwardRefusesTargets(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, query, code, says string
	}{
		{"none", "", "invalid_request", "u: is required"},
		{"empty", "?u=", "invalid_request", "u: is required"},
		{"no scheme", "?u=api.openai.com/v1/models", "invalid_request", "https://"},
		{"other scheme", "?u=ftp://api.openai.com/", "invalid_request", "https://"},
		{"http", "?u=http://api.openai.com/v1/models", "invalid_request", "https://"},
		{"with a password", "?u=https://me:hidden@api.openai.com/", "invalid_request", "password"},
		{"unknown host", "?u=https://api.example.com/v1/models", "forward_endpoint_not_supported", "api.example.com"},
		{"host that only ends like one", "?u=https://evil-api.openai.com/v1/models", "forward_endpoint_not_supported", ""},
		{"host in the path", "?u=https://example.com/api.openai.com", "forward_endpoint_not_supported", ""},
		{"not a URL", "?u=https://a%20b/", "invalid_request", "not a valid URL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			got := r.do(t, "GET", "/v1/forward"+test.query, "")
			assert.Equal(t, 400, got.status)
			assert.Equal(t, test.code, got.code(), got.body)
			assert.Contains(t, got.body, test.says)
			assert.NotContains(t, got.body, "hidden")
		})
	}
}
