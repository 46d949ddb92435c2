package upstream_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/upstream"
)

const geminiURL = "https://generativelanguage.googleapis.com/v1beta/"

// ai.google.dev/api/generate-content, UsageMetadata: when cachedContent is set, promptTokenCount is still the total
// effective prompt size, and cachedContentTokenCount is the number of tokens in the cached part.
// The request is github.com/google-gemini/generative-ai-python/blob/main/samples/rest/cache.sh.
func TestCachedContentIsCounted(t *testing.T) {
	t.Parallel()
	var fake upstream.Fake
	cache := send(t, &fake, "POST", geminiURL+"cachedContents",
		`{"model":"models/gemini-2.5-flash","contents":[{"role":"user","parts":[{"text":"`+strings.Repeat("four", 3760)+`"}]}]}`)
	tokens := at(t, cache, "usageMetadata", "totalTokenCount")
	whole, err := strconv.Atoi(tokens)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, whole, 3760)
	const prompt = 8
	body := `{"cachedContent":` + at(t, cache, "name") + `,"contents":[{"role":"user","parts":[{"text":"Please summarize this transcript"}]}]}`

	alone := send(t, &fake, "POST", geminiURL+"models/gemini-2.5-flash:generateContent", `{"contents":[{"role":"user","parts":[{"text":"Please summarize this transcript"}]}]}`)
	assert.Equal(t, strconv.Itoa(prompt), at(t, alone, "usageMetadata", "promptTokenCount"))
	assert.NotContains(t, alone, "cache")
	for _, method := range []string{"generateContent", "streamGenerateContent?alt=sse"} {
		got := send(t, &fake, "POST", geminiURL+"models/gemini-2.5-flash:"+method, body)
		got = strings.TrimPrefix(got[strings.LastIndex(strings.TrimSpace(got), "\n")+1:], "data: ")
		assert.Equal(t, strconv.Itoa(whole+prompt), at(t, got, "usageMetadata", "promptTokenCount"))
		assert.Equal(t, tokens, at(t, got, "usageMetadata", "cachedContentTokenCount"))
		assert.Equal(t, `[{"modality":"TEXT","tokenCount":`+tokens+`}]`, at(t, got, "usageMetadata", "cacheTokensDetails"))
	}

	resp, got := ask(t, &fake, "POST", geminiURL+"models/gemini-2.5-pro:generateContent", body)
	assert.Equal(t, http.StatusBadRequest, resp.StatusCode)
	// The wording is quoted in READMEs of LiteLLM's users.
	assert.Equal(t, `"Model used by GenerateContent request (models/gemini-2.5-pro) and CachedContent (models/gemini-2.5-flash) has to be the same."`, at(t, got, "error", "message"))

	send(t, &fake, "DELETE", geminiURL+strings.Trim(at(t, cache, "name"), `"`), "")
	resp, got = ask(t, &fake, "POST", geminiURL+"models/gemini-2.5-flash:generateContent", body)
	assert.Equal(t, http.StatusForbidden, resp.StatusCode)
	assert.JSONEq(t, `{"error":{"code":403,"message":"CachedContent not found (or permission denied)","status":"PERMISSION_DENIED"}}`, got)
}

// google.golang.org/genai, UploadFileConfig.Name: "The name of the file in the destination (e.g.,
// 'files/sample-image'). If not provided one will be generated."
func TestUploadedFileHasItsName(t *testing.T) {
	t.Parallel()
	var fake upstream.Fake
	upload := func(target, command, body string) (*http.Response, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("X-Goog-Upload-Protocol", "resumable")
		req.Header.Set("X-Goog-Upload-Command", command)
		req.Header.Set("X-Goog-Upload-Header-Content-Type", "text/plain")
		resp, err := fake.RoundTrip(req)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		b, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp, string(b)
	}
	begun, _ := upload("https://generativelanguage.googleapis.com/upload/v1beta/files", "start", `{"file":{"name":"files/abc-1","mimeType":"text/plain"}}`)
	_, got := upload(begun.Header.Get("X-Goog-Upload-Url"), "upload, finalize", "Hello")
	assert.Equal(t, `"files/abc-1"`, at(t, got, "file", "name"))
	assert.Equal(t, `"https://generativelanguage.googleapis.com/v1beta/files/abc-1"`, at(t, got, "file", "uri"))
	assert.Equal(t, `"5"`, at(t, send(t, &fake, "GET", geminiURL+"files/abc-1", ""), "sizeBytes"))
}
