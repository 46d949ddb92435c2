package gateway_test

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/eventstream"
	"github.com/lavapayments/lava-go/internal/golden"
)

// The golden files in testdata/rewrite contain every translation, literally. The directory of a format has what its
// clients send (request.json, thinking.json) and what its provider sends (response.json, stream.txt, error.json and
// failing.txt, a stream that ends in an error). Those files are written by hand. The file <client>-to-<provider>.txt
// is the gateway's translation: go test -run TestRewriteGolden -update writes it; review it like code.

var goldenClients = []string{"openai", "anthropic", "google", "bedrock"}

// goldenProviders are the destinations, including one of the many that use OpenAI's format with deviations.
var goldenProviders = append(slices.Clone(destinations),
	destination{name: "deepseek", url: "https://api.deepseek.com/v1/chat/completions", model: "deepseek-chat"})

func TestRewriteGolden(t *testing.T) {
	t.Parallel()
	for _, client := range goldenClients {
		for _, to := range goldenProviders {
			name := client + "-to-" + to.name
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var got strings.Builder
				for _, e := range []goldenExchange{
					{title: "a whole response", request: "request.json", response: "response.json", status: 200},
					{title: "a stream", request: "thinking.json", stream: true, response: "stream.txt", status: 200},
					{title: "a rejection", request: "request.json", response: "error.json", status: 429, repeats: true},
					{title: "a stream that fails", request: "thinking.json", stream: true, response: "failing.txt", status: 200, repeats: true},
				} {
					e.write(t, &got, client, to)
				}
				golden.Equal(t, path.Join(goldenDir, name+".txt"), got.String())
			})
		}
	}
}

// goldenImage is the line with the image in a request.
var goldenImage = regexp.MustCompile(`\{.*iVBORw0KGgo=.*\}`)

const goldenDir = "testdata/rewrite"

// goldenExchange is a request of a client and the response of a provider.
type goldenExchange struct {
	title    string
	request  string // the file with the client's request
	stream   bool
	response string // the file with the provider's response
	status   int
	repeats  bool // the request is that of an earlier exchange
}

// write sends the request through a gateway and writes what the provider and the client received.
func (e goldenExchange) write(t *testing.T, out *strings.Builder, client string, to destination) {
	t.Helper()
	body := strings.ReplaceAll(goldenInput(t, client, e.request), "MODEL", to.model)
	if to.name == "deepseek" { // which doesn't accept images
		text := map[string]string{"openai": `{"type":"text","text":"(a picture)"}`, "anthropic": `{"type":"text","text":"(a picture)"}`}
		body = goldenImage.ReplaceAllString(body, cmp.Or(text[client], `{"text":"(a picture)"}`))
	}
	target, body := sdkRequest(t, client, to, body, e.stream)
	provider := &recorder{respond: e.respond(t, to.name)}
	r := newRig(t, recording(provider))
	got := r.do(t, "POST", "/v1/rewrite/"+client+"/"+target, body)

	if !e.repeats {
		fmt.Fprintf(out, "=== %s: the provider gets\n\n%s %s\n", e.title, provider.method, provider.url)
		header := provider.header.Clone()
		header.Del("User-Agent")
		require.NoError(t, header.Write(crlfToLF{out}))
		fmt.Fprintf(out, "\n%s\n", golden.Body(header.Get("Content-Type"), provider.body))
	}
	kind := got.header.Get("Content-Type")
	fmt.Fprintf(out, "=== %s: the client gets\n\n%d\nContent-Type: %s\n\n%s\n", e.title, got.status, kind, golden.Body(kind, got.body))
}

// sdkRequest returns a request (URL and body) as a format's official SDK sends it to a base URL that is the
// provider's.
func sdkRequest(t *testing.T, client string, to destination, body string, stream bool) (target, out string) {
	t.Helper()
	u, err := url.Parse(to.url)
	require.NoError(t, err)
	host := u.Scheme + "://" + u.Host
	switch {
	case client == "google" && stream:
		return host + "/v1beta/models/" + to.model + ":streamGenerateContent?alt=sse", body
	case client == "google":
		return host + "/v1beta/models/" + to.model + ":generateContent", body
	case client == "bedrock" && stream:
		return host + "/model/" + url.PathEscape(to.model) + "/converse-stream", body
	case client == "bedrock":
		return host + "/model/" + url.PathEscape(to.model) + "/converse", body
	case client == "openai":
		target = host + "/v1/chat/completions"
	default:
		target = host + "/v1/messages"
	}
	settings := ""
	if stream {
		settings = `,"stream":true`
	}
	if stream && client == "openai" {
		settings += `,"stream_options":{"include_usage":true}`
	}
	return target, strings.TrimSuffix(strings.TrimSpace(body), "}") + settings + "}"
}

// respond acts as the provider, which sends its file.
func (e goldenExchange) respond(t *testing.T, provider string) func(*http.Request) (*http.Response, error) {
	t.Helper()
	body := goldenInput(t, provider, e.response)
	switch {
	case !e.stream:
		return responding(e.status, "application/json", body)
	case provider == "bedrock":
		return responding(e.status, eventstream.ContentType, golden.Frames(body))
	}
	return responding(e.status, "text/event-stream", body)
}

func goldenInput(t *testing.T, format, name string) string {
	t.Helper()
	b, err := os.ReadFile(path.Join(goldenDir, format, name))
	require.NoError(t, err)
	return string(b)
}

// crlfToLF replaces HTTP's line ends by those of files.
type crlfToLF struct{ io.Writer }

func (w crlfToLF) Write(b []byte) (int, error) {
	_, err := w.Writer.Write(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
	return len(b), err
}

func (w crlfToLF) WriteString(s string) (int, error) { return w.Write([]byte(s)) }
