package upstream

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// Fake is an http.RoundTripper that responds as the providers do. The zero Fake is
// ready, and safe for concurrent use.
type Fake struct {
	// Catalog identifies providers by host, and lists their models; nil means [catalog.Default].
	Catalog *catalog.Catalog
	// Now is the clock for times in responses; nil means a constant time.
	Now func() time.Time
	// RequestID returns a value that distinguishes equal requests, so that their responses have different ids; nil
	// means that they have the same ids.
	RequestID func(context.Context) string
	// Owner returns whose stored objects a request creates and finds; nil means the zero Owner for all.
	Owner func(context.Context) Owner
	// Lenient returns a function that reports whether a rule is not enforced for a request; nil, also as its result,
	// means that all rules are enforced.
	Lenient func(context.Context) func(Rule) bool
	// Choose returns the reply to a request; nil means the zero Reply for all.
	Choose func(req *http.Request, provider string, facts dialect.Facts) Reply
	// AllowUnknownModels accepts models in batches that the catalog's closed lists don't have. Those of other requests
	// are not checked here.
	AllowUnknownModels bool
	// Rejected, if set, is called with the rule that a request has broken.
	Rejected func(Rule)

	fakes fakes // nil: all

	stored stored
}

// RoundTrip responds to a request. Its only errors are the context's, and that of a
// connection which a reply cuts.
func (f *Fake) RoundTrip(req *http.Request) (*http.Response, error) {
	c, err := f.newCall(req)
	if err != nil {
		return nil, err
	}
	var reply Reply
	if f.Choose != nil {
		reply = f.Choose(req, c.providerID(), c.Facts)
	}
	ctx := req.Context()
	if err := wait(ctx, reply.Latency); err != nil {
		return nil, err
	}
	if reply.Fault.after == 0 {
		if err := wait(ctx, reply.FaultDelay); err != nil {
			return nil, err
		}
		switch reply.Fault.kind {
		case cut:
			return nil, io.ErrUnexpectedEOF
		case stall:
			return nil, hang(ctx)
		case fail: // has written the response
		}
	}
	resp := c.respond(reply)
	return resp.send(req, reply), nil
}

// call is a request to a fake.
type call struct {
	dialect.Facts
	fake       fake
	method     string
	path       string
	query      string
	host       string
	provider   *catalog.Provider // nil if it isn't in the catalog
	body       []byte
	header     http.Header // of the request
	request    value       // the parsed body, for rules
	shaped     bool        // faults is set
	faults     []*fault    // violations of the request's shape
	violations violations  // the same for Google
	lenient    func(Rule) bool
	rejected   func(Rule)
	fault      error  // what is wrong with the body
	resource   string // an id in the path of an endpoint
	item       string // the id of a part of it
	hash       uint64 // of the request; generated data depends on it
	ids        uint64 // ids depend on it
	now        func() time.Time
	stored     *stored
	owner      Owner
	fakes      http.RoundTripper // for the requests of a batch
	// allowsModels reports whether models exist that the catalog does not have.
	allowsModels bool
	req          *http.Request
}

func (f *Fake) newCall(req *http.Request) (*call, error) {
	c := &call{method: req.Method, path: req.URL.Path, query: req.URL.RawQuery, host: req.URL.Host, header: req.Header, now: f.Now, rejected: f.Rejected, stored: &f.stored, fakes: f, allowsModels: f.AllowUnknownModels, req: req}
	if f.Owner != nil {
		c.owner = f.Owner(req.Context())
	}
	if f.Lenient != nil {
		c.lenient = f.Lenient(req.Context())
	}
	fakes, formats := builtin, builtinFormats
	if f.fakes != nil {
		fakes, formats = f.fakes, f.fakes.formats()
	}
	known := f.Catalog
	if known == nil {
		known = catalog.Default()
	}
	c.provider, _ = known.ByHost(req.URL.Host)
	if req.Body != nil {
		var err error
		c.body, err = readBody(req)
		_ = req.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	c.hash = fnvOffset
	for _, part := range [...]string{req.Method, c.host, c.path, c.query} {
		c.hash = hash(c.hash, part)
	}
	c.hash = hash(c.hash, c.body)
	c.ids = c.hash
	if f.RequestID != nil {
		c.ids = hash(c.ids, f.RequestID(req.Context()))
	}
	endpoint := formats.Find(req.Method, req.URL)
	c.Facts, c.fault = endpoint.ReadFacts(req.Header.Get("Content-Type"), c.body)
	c.fake = fakes.of(endpoint.Format.Name())
	if endpoint.Guessed && c.provider != nil { // use the provider's format for errors and lists
		c.fake = fakes.of(c.provider.Dialect)
	}
	return c, nil
}

// readBody reads a request's body to its end, and decompresses it. A body that doesn't match its Content-Encoding is
// returned unchanged, and will be rejected because it isn't JSON.
func readBody(req *http.Request) ([]byte, error) {
	b, err := readAll(req)
	if err != nil || req.Header.Get("Content-Encoding") != "gzip" {
		return b, err
	}
	if r, err := gzip.NewReader(bytes.NewReader(b)); err == nil {
		if plain, err := io.ReadAll(r); err == nil { // the gateway has limited its size
			return plain, nil
		}
	}
	return b, nil
}

func readAll(req *http.Request) ([]byte, error) {
	if req.ContentLength <= 0 { // 0 also means unknown
		return io.ReadAll(req.Body)
	}
	b := make([]byte, req.ContentLength)
	_, err := io.ReadFull(req.Body, b)
	return b, err
}

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// hash continues an FNV-1a hash with another value. The standard library's implementation copies each string.
func hash[T string | []byte](h uint64, more T) uint64 {
	for i := range len(more) {
		h = (h ^ uint64(more[i])) * fnvPrime
	}
	return h
}

func (c *call) providerID() string {
	if c.provider != nil {
		return c.provider.ID
	}
	return c.host
}

// id returns an id that depends only on the request, including the request's own id. A digit follows the prefix, so
// that an id never looks like a word.
func (c *call) id(prefix string, n int) string {
	const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	x := c.ids + uint64(n)*0x9e3779b97f4a7c15
	var room [40]byte
	b := append(room[:0], prefix...)
	for i := range 24 {
		x ^= x >> 12
		x ^= x << 25
		x ^= x >> 27
		if x == 0 {
			x = 1
		}
		among := uint64(len(letters))
		if i == 0 {
			among = 10
		}
		b = append(b, letters[(x*0x2545f4914f6cdd1d)>>32%among])
	}
	return string(b)
}

// modelCreated is the time in lists of models, and the time of a Fake without a clock.
const modelCreated = 1767225600 // 2026-01-01T00:00:00Z

// created returns the time of a response, in Unix seconds.
func (c *call) created() int64 {
	if c.now == nil {
		return modelCreated
	}
	return c.now().Unix()
}

// respond returns the response to a call.
func (c *call) respond(r Reply) response {
	switch {
	case r.Body != nil:
		kind := r.ContentType
		if kind == "" {
			kind = "application/json"
		}
		return response{kind: kind, body: r.Body}
	case r.Status >= 400:
		return c.failure(r.Status, r.Message)
	case c.fault != nil:
		return c.failure(http.StatusBadRequest, c.fault.Error())
	}
	if a, broken := c.refusal(); broken {
		return a
	}
	if a, broken := c.unfit(r); broken {
		return a
	}
	if c.Operation == dialect.Models {
		return c.models()
	}
	if e := c.endpoint(); e != nil {
		return e.respond(c, r.candidate(0))
	}
	if a, ok := c.fake.respond(c, r.candidate(0)); ok {
		return a
	}
	return c.failure(http.StatusNotFound, "the mock has no fake for "+c.method+" "+c.path+": "+NoFakeAdvice)
}

// NoFakeAdvice is what to do about an endpoint without a fake.
const NoFakeAdvice = "script its response (Server.Script with a Reply that has a Body, lavamock script body=JSON), " +
	"or serve the host yourself (the option Upstream, lavamock -upstream HOST=URL)"

// overloaded is Anthropic's own status, which HTTP does not define.
const overloaded = 529

// errorType returns the type of an error with a status in OpenAI's format.
func errorType(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "authentication_error"
	case http.StatusForbidden:
		return "permission_error"
	case http.StatusNotFound:
		return "not_found_error"
	case http.StatusRequestEntityTooLarge:
		return "request_too_large"
	case http.StatusTooManyRequests:
		return "rate_limit_error"
	case overloaded:
		return "overloaded_error"
	}
	if status >= 500 {
		return "api_error"
	}
	return "invalid_request_error"
}

// failure returns an error in the provider's format.
func (c *call) failure(status int, message string) response {
	if message == "" {
		message = http.StatusText(status)
		switch {
		case status == overloaded:
			message = "Overloaded"
		case message == "":
			message = "status " + strconv.Itoa(status)
		}
	}
	a := c.fake.failure(c, status, message)
	a.status, a.kind = status, "application/json"
	return a
}

// models lists the catalog's models of the provider.
func (c *call) models() response {
	list := []object{}
	if c.provider != nil {
		for _, m := range c.provider.Models() {
			list = append(list, c.fake.model(c, m))
		}
		if name := c.Endpoint.Model; name != "" {
			m, ok := c.provider.Model(name)
			if !ok {
				return c.failure(http.StatusNotFound, "The model '"+name+"' does not exist")
			}
			return jsonResponse(c.fake.model(c, *m))
		}
	}
	return jsonResponse(c.fake.models(list))
}

// sound is the speech of fakes: always the same few bytes for the same request, starting like an MP3 frame. It isn't
// playable.
func (c *call) sound(characters int64) []byte {
	b := make([]byte, 0, 64+characters*16)
	b = append(b, 0xff, 0xfb, 0x90, 0x64)
	for i := range int64(cap(b)) - 4 {
		b = append(b, byte(c.hash>>(i%8*8)))
	}
	return b
}

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
