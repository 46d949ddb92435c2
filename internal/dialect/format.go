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

// Traits are what single providers do otherwise in a format that they share.
type Traits struct {
	// ReportsUsage reports whether streams contain usage without a request for it. Such a provider may reject that
	// request.
	ReportsUsage bool `json:"reports_usage"`
	// KeyHeader is the header for the key, if it isn't the format's.
	KeyHeader string `json:"key_header"`
	// Thoughts is the field for a model's thoughts in messages that are sent back: "" is reasoning_content, the name
	// in most servers of OpenAI's format.
	Thoughts string `json:"thoughts"`
	// ThoughtsInContent means that responses have the thoughts as parts of the content: those of models whose names
	// begin like one of these, and those to requests with an effort.
	ThoughtsInContent []string `json:"thoughts_in_content"`
	// NeedsThoughts means that messages of the assistant must have thoughts: a blank replaces those that were lost.
	NeedsThoughts bool `json:"needs_thoughts"`
	// Original reports whether the format is the provider's own. Other servers adopted OpenAI's before max_completion_tokens
	// replaced max_tokens, and before the role developer and allowed_tools.
	Original bool `json:"original"`
	// CachePoints reports whether texts accept cache_control, for models that must be told what to cache.
	CachePoints bool `json:"cache_points"`
	// CallID is the exact number of letters and digits in the id of a call; 0 means the format's limits.
	CallID int `json:"call_id"`
	// ResultsLast means that no user text may follow the results of tools.
	ResultsLast bool `json:"results_last"`
	// Hottest is the highest temperature if it is less than the format's; 0 means the format's limits.
	Hottest float64 `json:"hottest"`
	// Alternates means that messages of the user and the assistant must alternate.
	Alternates bool `json:"alternates"`
	// IgnoresSettings means that settings that a model does not support are ignored.
	IgnoresSettings bool `json:"ignores_settings"`
	// OneChoice means that the provider accepts only n = 1.
	OneChoice bool `json:"one_choice"`
	// Refuses are fields that the format has and the provider rejects.
	Refuses []string `json:"refuses"`
	// RefusesInMessages are such fields of messages.
	RefusesInMessages []string `json:"refuses_in_messages"`
	// Named is the only role whose messages may have a name; "" means all.
	Named string `json:"named"`
	// NoSchemas means that JSON can be requested, but not with a schema.
	NoSchemas bool `json:"no_schemas"`
	// SchemalessModels are the beginnings of the names of models for which that is so, if it isn't for all.
	SchemalessModels []string `json:"schemaless_models"`
	// OnlySchemas means that JSON can be requested only with a schema.
	OnlySchemas bool `json:"only_schemas"`
	// SameStrict means that all tools must have the same strict.
	SameStrict bool `json:"same_strict"`
	// RandomSeed means that the field seed is called random_seed.
	RandomSeed bool `json:"random_seed"`
	// Efforts are the values of reasoning_effort that the provider accepts for some models, instead of the usual ones.
	Efforts []ModelEfforts `json:"efforts"`
	// JSONAlone means that JSON can't be requested together with tools.
	JSONAlone bool `json:"json_alone"`
	// NoMedia means that messages can contain only text.
	NoMedia bool `json:"no_media"`
	// ImageModels are the beginnings of the names of models for which that is not so.
	ImageModels []string `json:"image_models"`
	// MarksPrefix means that a final assistant message, with which the response must begin, is marked as such.
	MarksPrefix bool `json:"marks_prefix"`
}

// ModelEfforts are the efforts of the models whose names begin with Models, lowest first.
type ModelEfforts struct {
	Models  string   `json:"models"`
	Efforts []Effort `json:"efforts"`
}

// For returns the traits that apply to a model.
func (t Traits) For(model string) Traits {
	isOneOf := func(names []string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(model, name) })
	}
	t.NoMedia = t.NoMedia && !isOneOf(t.ImageModels)
	t.NoSchemas = t.NoSchemas || isOneOf(t.SchemalessModels)
	return t
}

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
