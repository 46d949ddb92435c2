package dialect

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect/ending"
)

// Name names a format, as the catalog and the paths of the gateway do: "openai".
type Name string

// Format is a wire format: what providers that speak it take and send. It is
// stateless, and comparable.
type Format interface {
	// Name returns the format's name.
	Name() Name
	// Find returns the endpoint that a URL names in a POST; false if it isn't in the format. The path before the
	// endpoint's own path, such as /v1 or /openai/v1, does not matter.
	Find(u *url.URL) (Endpoint, bool)
	// Headers returns the format's use of headers.
	Headers() Headers
	// ReadFacts reads the facts about a request to an endpoint from a JSON body. The error is an invalid field, or
	// [ErrModel].
	ReadFacts(f *Facts, body Object) error
	// CountPrompt counts the characters of the prompt in a JSON body.
	CountPrompt(body []byte) int64
	// ReadUsage reads the usage in a whole response; false if there is none.
	ReadUsage(body []byte) (Usage, bool)
	// CountText counts the characters of generated text in a whole response.
	CountText(body []byte) int64
	// NewMeter returns a reader of one stream of an operation.
	NewMeter(Operation) Meter
	// Example returns an example of an operation, or of the format's main one for ""; false if there is none.
	Example(op Operation, model string) (Example, bool)
}

// UsageAsker is a format whose streams may have to be asked for usage.
type UsageAsker interface {
	// AskForUsage returns the body of a request with usage requested, and no other change.
	AskForUsage(body []byte) ([]byte, error)
}

// Batcher is a format with batches that report their usage only in their results.
type Batcher interface {
	// ResultsOf returns the id of the batch whose results have a path.
	ResultsOf(path string) (id string, ok bool)
	// ReadResults reads the usage in the results of a batch.
	ReadResults(body []byte) Usage
}

// Adapter is a format that many providers share, each with deviations.
type Adapter interface {
	// Adapt returns a client's request to a model as a provider with these traits accepts it: body itself if it needs
	// no change, and otherwise with all values that need none as they were written. A field without which the response
	// would be different, and which the provider refuses, is a [*FieldError]. What is not known to be refused is left
	// to the provider. deviates reports whether the response will not be in the form that the format defines, so that
	// it has to be written again.
	Adapt(body []byte, model string, t Traits) (adapted []byte, deviates bool, err error)
}

// HeaderReporter is a format whose responses report usage in headers too.
type HeaderReporter interface {
	// ReadHeaders fills in usage that a body did not report; false if the headers have no counts.
	ReadHeaders(h http.Header, u *Usage) bool
}

// Meter reads the class and the usage of the events of one stream.
type Meter interface {
	// Read takes one event: its type, which may be empty, and its data. It keeps neither. Unknown events are Content.
	Read(kind string, data []byte) ending.Class
	// Usage returns the usage reported so far, and whether output was reported at all.
	Usage() (Usage, bool)
	// Characters returns the number of characters of text so far.
	Characters() int64
}

// Tally is the state of a [Meter]; meters embed it.
type Tally struct {
	Used     Usage
	Reported bool
	Text     int64
}

// Usage is part of [Meter].
func (t *Tally) Usage() (Usage, bool) { return t.Used, t.Reported }

// Characters is part of [Meter].
func (t *Tally) Characters() int64 { return t.Text }

// Chat is a format whose conversations can be translated to and from others.
type Chat interface {
	Format

	// Conversation returns the endpoint for conversations of a client whose path isn't in the format.
	Conversation(u *url.URL) Endpoint
	// CutPath removes from an escaped path what SDKs of the format add to their base URL; false if they have added
	// nothing.
	CutPath(path string) (base string, ok bool)
	// Path is the endpoint for conversations below a base URL; if URLs contain the model, the part before the model.
	Path() string
	// URL returns the URL of an endpoint for conversations, for its model and stream: the opposite of Find. place is
	// the endpoint's URL, or the part before the model.
	URL(place *url.URL, e Endpoint) *url.URL

	// ReadRequest reads a client's request. Model and stream are those in the body; if they are in the path, the
	// caller must set them. Errors are [*FieldError].
	ReadRequest(body []byte) (*Request, error)
	// Limits are the requirements of the format's providers for every request.
	Limits() Limits
	// WriteRequest writes a request for a provider, within the format's limits. A field that the format can't express
	// is a [*FieldError], in OpenAI's terms.
	WriteRequest(*Request, Traits) ([]byte, error)
	// ReadResponse reads a provider's response, except for its usage. It knows the same fields as readers of streams:
	// see [Assemble].
	ReadResponse(body []byte) (*Response, error)
	// WriteResponse writes a response to a client.
	WriteResponse(*Response) []byte
	// ReadError reads a provider's error, whatever its body is.
	ReadError(status int, body []byte) Error
	// WriteError writes an error to a client, with the format's status for it.
	WriteError(Error) (status int, body []byte)
	// FieldNames are the format's names of the fields that a [*FieldError] of WriteRequest names in OpenAI's terms.
	FieldNames() map[string]string

	// StreamType is the media type of a streamed response.
	StreamType(*Request) string
	// NewReader returns a reader of one stream.
	NewReader() EventReader
	// NewWriter returns a writer of one stream, in response to a request.
	NewWriter(*Request) EventWriter
}

// Headers is a format's use of headers.
type Headers struct {
	Credential Credential
	// Prefix is the prefix of the format's own headers.
	Prefix string
	// Required are headers that servers require, with the value to send if a client sends none.
	Required map[string]string
}

// Credential is where requests of a format carry the key.
type Credential struct {
	Header string // in its canonical form
	Scheme string // the prefix of the key in the header: "Bearer "
	Query  string // the query parameter that may contain the key instead, or ""
	// Others are headers in which some servers of the format accept it instead.
	Others []string
}

// Set puts a key into the headers of a request.
func (c Credential) Set(h http.Header, key string) { h.Set(c.Header, c.Scheme+key) }

// AllHeaders returns the headers that may hold the key.
func (c Credential) AllHeaders() []string { return append([]string{c.Header}, c.Others...) }

// Set is a list of formats. Endpoints in no known format are read as the first, which should be the most common.
type Set []Format

// Find returns the endpoint that a method and a URL name.
func (s Set) Find(method string, u *url.URL) Endpoint {
	if method == http.MethodPost {
		for _, f := range s {
			if e, ok := f.Find(u); ok {
				return e
			}
		}
	}
	e := Endpoint{Format: s[0], Guessed: true, Operation: Other, Stored: method != http.MethodPost || strings.HasSuffix(u.Path, "/cancel")}
	if method == http.MethodGet {
		if model, ok := findModels(u); ok {
			e.Operation, e.Model = Models, model
		}
	}
	return e
}

// ByName returns the format of a name.
func (s Set) ByName(name Name) (Format, bool) {
	i := slices.IndexFunc(s, func(f Format) bool { return f.Name() == name })
	if i < 0 {
		return nil, false
	}
	return s[i], true
}

// Chat returns the format of a name, if it can be translated.
func (s Set) Chat(name Name) (Chat, bool) {
	f, _ := s.ByName(name)
	chat, ok := f.(Chat)
	return chat, ok
}

// Chats returns the formats that can be translated.
func (s Set) Chats() []Chat {
	var list []Chat
	for _, f := range s {
		if chat, ok := f.(Chat); ok {
			list = append(list, chat)
		}
	}
	return list
}

// Credentials returns the places where credentials travel, each once.
func (s Set) Credentials() []Credential {
	var list []Credential
	for _, f := range s {
		c := f.Headers().Credential
		if !slices.ContainsFunc(list, func(other Credential) bool { return other.Header == c.Header }) {
			list = append(list, c)
		}
	}
	return list
}
