package upstream_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// The requests are those of platform.openai.com/docs/api-reference/uploads: "The number of bytes uploaded upon completion
// must match the number of bytes initially specified", and an upload "expires after an hour after you create it". The
// checksums are those of md5sum.
func TestUploads(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f := &upstream.Fake{Now: func() time.Time { return now }}
	const base = openAIBase + "/uploads"
	begin := func(name string) string {
		created := send(t, f, "POST", base, `{"purpose":"fine-tune","filename":"`+name+`","bytes":10,"mime_type":"text/jsonl","expires_after":{"anchor":"created_at","seconds":3600}}`)
		assert.Equal(t, `"pending"`, at(t, created, "status"))
		assert.Equal(t, "1772370000", at(t, created, "expires_at")) // an hour later
		return base + "/" + text(t, created, "id")
	}
	first := begin("training_examples.jsonl")
	second, third := sendPart(t, f, first, "world"), sendPart(t, f, first, "Hello")
	for _, test := range []struct{ body, message string }{
		{`{"part_ids":["` + third + `"]}`, "Expected 10 bytes, but the parts have 5 bytes."},
		{`{"part_ids":["part_none"]}`, "No part found with id 'part_none' in upload '" + strings.TrimPrefix(first, base+"/") + "'."},
		{`{"part_ids":["` + third + `","` + second + `"],"md5":"5d41402abc4b2a76b9719d911017c592"}`, "The checksum does not match the parts."},
	} {
		resp, got := ask(t, f, "POST", first+"/complete", test.body)
		assert.Equal(t, 400, resp.StatusCode)
		assert.Equal(t, test.message, text(t, got, "error", "message"))
	}
	done := send(t, f, "POST", first+"/complete", `{"part_ids":["`+third+`","`+second+`"],"md5":"a165968b0a8084a041aed89bf40d581f"}`)
	assert.Equal(t, `"completed"`, at(t, done, "status"))
	assert.Equal(t, `"training_examples.jsonl"`, at(t, done, "file", "filename"))
	file := openAIBase + "/files/" + text(t, done, "file", "id")
	assert.Equal(t, "Helloworld", send(t, f, "GET", file+"/content", ""))
	resp, _ := ask(t, f, "POST", first+"/cancel", "")
	assert.Equal(t, 400, resp.StatusCode)

	canceled := begin("other.jsonl")
	assert.Equal(t, `"cancelled"`, at(t, send(t, f, "POST", canceled+"/cancel", ""), "status"))
	waiting := begin("waiting.jsonl")
	now = now.Add(time.Hour)
	for _, request := range [][3]string{{"POST", canceled + "/complete", `{"part_ids":[]}`}, {"POST", waiting + "/cancel"}, {"GET", file}} {
		resp, _ := ask(t, f, request[0], request[1], request[2])
		assert.GreaterOrEqual(t, resp.StatusCode, 400, request[1])
	}
}

// sendPart sends a part of a file, and returns its id.
func sendPart(t *testing.T, f *upstream.Fake, upload, content string) string {
	t.Helper()
	form := "--b\r\nContent-Disposition: form-data; name=\"data\"; filename=\"part\"\r\nContent-Type: application/octet-stream\r\n\r\n" + content + "\r\n--b--\r\n"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, upload+"/parts", strings.NewReader(form))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	resp, err := f.RoundTrip(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	var b strings.Builder
	require.NoError(t, resp.Write(&b))
	_, body, _ := strings.Cut(b.String(), "\r\n\r\n")
	assert.Equal(t, `"upload.part"`, at(t, body, "object"))
	return text(t, body, "id")
}
