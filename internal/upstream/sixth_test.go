package upstream

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/dialect/known"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/sse"
)

// An invented wire format: this file has everything that is needed to add one.
//
//	POST /v1/signals  {"operator":"m","lines":[{"from":"you","text":"hello"}],"live":true}
//	                  {"signal":"...","units":{"heard":3,"sent":4}}
//	events            dash {"text":"..."}   over {"units":{...}}   sos {"reason":"..."}
type morse struct{}

type morseLine struct {
	From string `json:"from"` // "you" is the model
	Text string `json:"text"`
}

type morseRequest struct {
	Operator string      `json:"operator"`
	Lines    []morseLine `json:"lines"`
	Live     bool        `json:"live,omitempty"`
}

type morseResponse struct {
	Signal string      `json:"signal"`
	Units  *morseUnits `json:"units,omitempty"`
}

type morseUnits struct {
	Heard int64 `json:"heard"`
	Sent  int64 `json:"sent"`
}

func (u *morseUnits) usage() (dialect.Usage, bool) {
	if u == nil {
		return dialect.Usage{}, false
	}
	return dialect.Usage{InputTokens: u.Heard, OutputTokens: u.Sent}, true
}

func (morse) Name() dialect.Name { return "morse" }

func (f morse) Find(u *url.URL) (dialect.Endpoint, bool) {
	return f.Conversation(u), strings.HasSuffix(u.Path, "/signals")
}

func (morse) Headers() dialect.Headers {
	return dialect.Headers{
		Credential: dialect.Credential{Header: "X-Morse-Call-Sign", Scheme: "de "},
		Prefix:     "Morse-", Required: map[string]string{"Morse-Speed": "20"},
	}
}

func (morse) Example(op dialect.Operation, model string) (dialect.Example, bool) {
	return dialect.Example{Operation: "signal", Path: "/signals", Body: map[string]any{"operator": model, "lines": []string{"-"}}}, op == ""
}

func (morse) CutPath(path string) (string, bool) { return path, false }

func (morse) ReadFacts(f *dialect.Facts, body dialect.Object) error {
	f.Stream = body.True("live")
	return f.SetModel(body.Get("operator"))
}

func (morse) CountPrompt(body []byte) int64 { return dialect.CountPrompt(body, "", "lines") }

func (morse) ReadUsage(body []byte) (dialect.Usage, bool) {
	var in morseResponse
	_ = wire.DecodeResponse(body, &in)
	return in.Units.usage()
}

func (morse) CountText([]byte) int64 { return 0 }

type morseMeter struct{ dialect.Tally }

func (morse) NewMeter(dialect.Operation) dialect.Meter { return &morseMeter{} }

func (m *morseMeter) Read(kind string, data []byte) ending.Class {
	switch kind {
	case "over":
		m.Used, m.Reported = morse{}.ReadUsage(data)
		return ending.Terminal
	case "sos":
		return ending.Failure
	}
	return ending.Content
}

func (f morse) Conversation(*url.URL) dialect.Endpoint {
	return dialect.Endpoint{Format: f, Operation: "signal", Converses: true, NeedsModel: true, UsesTokens: true}
}

func (morse) Path() string { return "/signals" }

func (morse) URL(place *url.URL, _ dialect.Endpoint) *url.URL {
	u := *place
	return &u
}

func (morse) ReadRequest(body []byte) (*dialect.Request, error) {
	var in morseRequest
	if err := wire.DecodeRequest(body, &in); err != nil {
		return nil, err
	}
	r := &dialect.Request{Model: in.Operator, WantsUsage: true}
	for i, line := range in.Lines {
		role := dialect.User
		if line.From == "you" {
			role = dialect.Assistant
		}
		r.Messages = append(r.Messages, dialect.Message{Role: role, Parts: []dialect.Part{dialect.Text{Text: line.Text}}, At: wire.Index("lines", i)})
	}
	return r, nil
}

func (morse) Limits() dialect.Limits { return dialect.Limits{Format: "morse"} }

func (morse) WriteRequest(r *dialect.Request, _ dialect.Traits) ([]byte, error) {
	if len(r.Tools) > 0 {
		return nil, dialect.Untranslated("tools", "a tool", "morse")
	}
	out := morseRequest{Operator: r.Model, Live: r.Stream}
	for _, m := range r.Messages {
		from := "me"
		if m.Role == dialect.Assistant {
			from = "you"
		}
		out.Lines = append(out.Lines, morseLine{from, dialect.TextOf(m.Parts)})
	}
	return wire.Marshal(out), nil
}

func (morse) ReadResponse(body []byte) (*dialect.Response, error) {
	var in morseResponse
	err := wire.DecodeResponse(body, &in)
	return &dialect.Response{Choices: []dialect.Choice{{Parts: []dialect.Part{dialect.Text{Text: in.Signal}}, Stop: dialect.EndTurn}}}, err
}

func (morse) WriteResponse(r *dialect.Response) []byte {
	return wire.Marshal(morseResponse{dialect.TextOf(r.Choices[0].Parts), &morseUnits{r.Usage.InputTokens, r.Usage.OutputTokens}})
}

func (morse) ReadError(status int, body []byte) dialect.Error {
	return dialect.ErrorFrom(status, strings.TrimPrefix(string(body), "SOS "), nil)
}

func (morse) WriteError(e dialect.Error) (int, []byte) {
	return e.Standard().Status, []byte("SOS " + e.Text())
}

func (morse) FieldNames() map[string]string { return map[string]string{"tools": "semaphore"} }

func (morse) StreamType(*dialect.Request) string { return "text/event-stream" }

type morseStream struct{}

func (morse) NewReader() dialect.EventReader                 { return morseStream{} }
func (morse) NewWriter(*dialect.Request) dialect.EventWriter { return morseStream{} }

func (morseStream) Read(dst []dialect.Event, kind string, data []byte) []dialect.Event {
	var in morseLine
	if wire.DecodeResponse(data, &in) != nil {
		return dst
	}
	if kind == "over" {
		return append(dst, dialect.Event{Kind: dialect.Finish, Stop: dialect.EndTurn})
	}
	return append(dst, dialect.Event{Kind: dialect.TextDelta, Text: in.Text})
}

func (morseStream) Failure(string, []byte) dialect.Error { return dialect.Error{Status: 500} }

func (morseStream) Begin(dst []byte, _ dialect.Opening) []byte { return dst }

func (morseStream) Write(dst []byte, e dialect.Event) []byte {
	if e.Kind != dialect.TextDelta {
		return dst
	}
	return wire.AppendEvent(dst, "dash", morseLine{Text: e.Text})
}

func (morseStream) End(dst []byte, u dialect.Usage) []byte {
	return wire.AppendEvent(dst, "over", morseResponse{Units: &morseUnits{u.InputTokens, u.OutputTokens}})
}

// morseFake is the fake of the format.
type morseFake struct{}

func (morseFake) respond(c *call, r Reply) (response, bool) {
	var req struct {
		Lines []struct{ Text string }
	}
	_ = json.Unmarshal(c.body, &req)
	t := c.think(prompt{last: req.Lines[len(req.Lines)-1].Text}, r)
	units := object{"heard": t.usage.InputTokens, "sent": t.usage.OutputTokens}
	if !c.Stream {
		return jsonResponse(object{"signal": t.text, "units": units}), true
	}
	a := eventResponse()
	for _, text := range pieces(t.text, r.ChunkSize) {
		a.chunks = append(a.chunks, a.named("dash", object{"text": text}))
	}
	a.closing = append(a.closing, a.named("over", object{"units": units}))
	a.failure = a.named("sos", object{"reason": "static"})
	return a, true
}

func (morseFake) failure(_ *call, _ int, message string) response {
	return response{body: []byte("SOS " + message)}
}

func (morseFake) model(_ *call, m catalog.Model) object { return object{"operator": m.ID} }
func (morseFake) models(list []object) any              { return list }

// records is a Billing that admits everything.
type records struct{ outcomes []gateway.Outcome }

func (r *records) Authenticate(context.Context, gateway.Token) error { return nil }

func (r *records) Allows(gateway.Token, string, string) bool { return true }

func (r *records) Admit(context.Context, gateway.Token, gateway.Destination) (gateway.Admission, error) {
	return gateway.Admission{RequestID: "req_1", Record: func(o gateway.Outcome) error {
		r.outcomes = append(r.outcomes, o)
		return nil
	}}, nil
}

// sixth is a gateway with an additional format, in front of fakes with an additional one, which keeps the requests to
// them.
type sixth struct {
	http.Handler
	records
	fake *Fake
	sent []*http.Request
}

func newSixth() *sixth {
	s := &sixth{fake: &Fake{fakes: append(slices.Clip(builtin), struct {
		format dialect.Format
		fake   fake
	}{morse{}, morseFake{}})}}
	s.fake.Catalog = catalog.Default().WithProvider(catalog.Provider{ID: "titanic", Name: "Titanic", BaseURL: "https://titanic.example.com/v1", Dialect: "morse"},
		catalog.Model{ID: "m-1", Rates: catalog.Rates{Input: 1, Output: 1}})
	g := gateway.New(gateway.Config{
		Billing: &s.records, Formats: append(known.Formats(), morse{}), Catalog: s.fake.Catalog,
		Upstream: roundTrip(func(r *http.Request) (*http.Response, error) {
			s.sent = append(s.sent, r)
			return s.fake.RoundTrip(r)
		}),
		ProviderKey: func(provider string) string { return provider + "'s key" },
		WriteError: func(w http.ResponseWriter, _ *http.Request, err error) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, err.Error())
		},
	})
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // a ServeMux would clean the paths
		switch r.URL.Path {
		case "/v1/chat/completions":
			g.ChatCompletions(w, r)
		case "/v1/forward":
			g.Forward(w, r)
		default:
			g.Rewrite(w, r)
		}
	})
	return s
}

// do sends a request with Lava's key in the header of the client's format.
func (s *sixth) do(t *testing.T, path, header, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
	r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
	r.Header.Set(header, "aks_test_1")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

const (
	fromMorse   = "/v1/rewrite/morse/https://api.openai.com/v1/chat/completions"
	toMorse     = "/v1/rewrite/openai/https://titanic.example.com/v1/signals"
	morseLines  = `{"operator":"gpt-4o","lines":[{"from":"me","text":"Hello there"}]}`
	openAILines = `{"model":"m-1","messages":[{"role":"user","content":"Hello there"}]}`
	said        = "This is a mock response to: Hello there"
)

// A format that only its own package knows is translated in both directions, metered, and gets the provider's key in
// the right place.
func TestSixthFormat(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, path, place, body string
		provider, model         string
		keyPlace, key           string
	}{
		{"from it", fromMorse, "X-Morse-Call-Sign", morseLines, "openai", "gpt-4o", "Authorization", "Bearer openai's key"},
		{"to it", toMorse, "Authorization", openAILines, "titanic", "m-1", "X-Morse-Call-Sign", "de titanic's key"},
		{"by model", "/v1/chat/completions", "Authorization", openAILines, "titanic", "m-1", "X-Morse-Call-Sign", "de titanic's key"},
		{"unchanged", "/v1/forward?u=https://titanic.example.com/v1/signals", "X-Morse-Call-Sign", strings.Replace(morseLines, "gpt-4o", "m-1", 1), "titanic", "m-1", "X-Morse-Call-Sign", "de titanic's key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSixth()
			whole := s.do(t, test.path, test.place, test.body)
			require.Equal(t, http.StatusOK, whole.Code, whole.Body)
			assert.Contains(t, whole.Body.String(), said)

			live := strings.TrimSuffix(test.body, "}") + `,"stream":true,"live":true}`
			stream := s.do(t, test.path, test.place, live)
			require.Equal(t, http.StatusOK, stream.Code, stream.Body)
			assert.Equal(t, said, textOfStream(t, stream.Body))

			require.Len(t, s.outcomes, 2)
			for i, o := range s.outcomes {
				assert.Equal(t, [2]string{test.provider, test.model}, [2]string{o.Provider, o.Model})
				assert.Equal(t, billing.Usage{InputTokens: 3, OutputTokens: 10}, o.Usage, "11 characters, and 37")
				assert.Equal(t, test.key, s.sent[i].Header.Get(test.keyPlace))
				for _, values := range s.sent[i].Header {
					assert.NotContains(t, strings.Join(values, " "), "aks_test_1")
				}
			}
			if test.provider == "titanic" && test.name != "unchanged" {
				assert.Equal(t, "20", s.sent[0].Header.Get("Morse-Speed"), "a header that its servers require")
			}
		})
	}
}

// textOfStream joins the text of a stream in either format.
func textOfStream(t *testing.T, r io.Reader) string {
	t.Helper()
	var text strings.Builder
	for events := sse.NewReader(r, 1<<20); ; {
		e, err := events.Next()
		if err != nil {
			return text.String()
		}
		var v struct {
			Text    string
			Choices []struct{ Delta struct{ Content string } }
		}
		_ = json.Unmarshal(e.Data, &v)
		text.WriteString(v.Text)
		for _, c := range v.Choices {
			text.WriteString(c.Delta.Content)
		}
	}
}

// Its errors are translated too, and its words for fields are used.
func TestSixthFormatFails(t *testing.T) {
	t.Parallel()
	s := newSixth()
	s.fake.Choose = func(*http.Request, string, dialect.Facts) Reply { return Reply{Status: 429, Message: "too fast"} }
	for path, want := range map[string]string{
		fromMorse: "SOS too fast",
		toMorse:   `{"error":{"message":"too fast","type":"requests","param":null,"code":"rate_limit_exceeded"}}`,
	} {
		body := openAILines
		if path == fromMorse {
			body = morseLines
		}
		w := s.do(t, path, "Authorization", body)
		assert.Equal(t, http.StatusTooManyRequests, w.Code)
		assert.Equal(t, want, w.Body.String())
	}
	w := s.do(t, toMorse, "Authorization", strings.TrimSuffix(openAILines, "}")+`,"tools":[{"type":"function","function":{"name":"f"}}]}`)
	assert.Contains(t, w.Body.String(), "tools: a tool can't be expressed in the format of morse")
	w = s.do(t, "/v1/rewrite/smoke/https://titanic.example.com/v1/signals", "Authorization", openAILines)
	assert.Contains(t, w.Body.String(), "is not one of openai, anthropic, google, bedrock and morse")
}
