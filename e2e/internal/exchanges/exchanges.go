// Package exchanges records what the official SDKs send to a mock server and what they receive, and compares it with
// the files in e2e/testdata/exchanges:
//
//	go test ./... -update
//
// writes them. Values that differ from run to run are replaced by names: see [normalizer].
package exchanges

import (
	"bytes"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/lavapayments/lava-go/internal/golden"
)

// Record starts a proxy in front of the server at target and returns its URL. When
// the test ends, what has passed through it is compared with the file of the
// test's name.
func Record(t *testing.T, target string) string {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{next: &httputil.ReverseProxy{
		FlushInterval: -1,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = to.Scheme, to.Host
			p.Out.URL.RawQuery = p.In.URL.RawQuery
			p.Out.Host = p.In.Host // so that links in responses point to the proxy
		},
		Transport: &http.Transport{DisableCompression: true},
	}}
	proxy := httptest.NewServer(r)
	t.Cleanup(func() {
		proxy.Close()
		if len(r.list) > 0 && !t.Failed() && !onlySubtests() {
			golden.Equal(t, file(t), r.String())
		}
	})
	return proxy.URL
}

// Env starts a proxy in front of the mock server of an environment and returns the
// environment with the proxy's URL.
func Env(t *testing.T, env []string) []string {
	t.Helper()
	var out []string
	urls := map[string]string{}
	for _, line := range env {
		name, value, _ := strings.Cut(line, "=")
		if strings.HasSuffix(name, "_URL") {
			if urls[value] == "" {
				urls[value] = Record(t, value)
			}
			value = urls[value]
		}
		out = append(out, name+"="+value)
	}
	return out
}

// onlySubtests reports whether the flag -run excludes parts of a test.
func onlySubtests() bool { return strings.Contains(flag.Lookup("test.run").Value.String(), "/") }

// file returns testdata/exchanges/<folder of the package>/<test>.txt.
func file(t *testing.T) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..")
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := filepath.Rel(root, wd)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "testdata", "exchanges", folder, strings.ReplaceAll(t.Name(), "/", "-")+".txt")
}

// recorder passes requests on and records them with their responses.
type recorder struct {
	next http.Handler

	mu   sync.Mutex
	list []*exchange // in the order of the requests
}

// exchange is a request and its response.
type exchange struct {
	http.ResponseWriter // to the client

	method, uri string
	request     http.Header
	requestBody string

	status       int
	response     http.Header
	responseBody bytes.Buffer
	cut          bool // the response is incomplete
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil { // the client has disconnected
		return
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	e := &exchange{method: req.Method, uri: req.RequestURI, request: req.Header.Clone(), requestBody: string(body), ResponseWriter: w}
	r.mu.Lock()
	r.list = append(r.list, e)
	r.mu.Unlock()
	done := false
	defer func() { // the proxy panics if the response breaks off, or if the client has read enough
		e.cut = !done && req.Context().Err() == nil
	}()
	r.next.ServeHTTP(e, req)
	done = true
}

// WriteHeader implements [http.ResponseWriter].
func (e *exchange) WriteHeader(status int) {
	e.status, e.response = status, e.Header().Clone()
	e.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (e *exchange) Write(b []byte) (int, error) {
	e.responseBody.Write(b)
	return e.ResponseWriter.Write(b)
}

// Unwrap lets the proxy flush.
func (e *exchange) Unwrap() http.ResponseWriter { return e.ResponseWriter }

// String returns the recording.
func (r *recorder) String() string {
	var out strings.Builder
	n := newNormalizer()
	for _, e := range r.list {
		e.write(&out, n)
	}
	return out.String()
}
