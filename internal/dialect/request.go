package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"unicode/utf8"
)

// Request is what a body asks of an endpoint.
type Request struct {
	Endpoint
	// Model is the model asked for, in the path or the body; "" if none is. (A
	// response may take its model from a stored prompt.)
	Model string
	// Stream says that the answer is to come as a stream of events.
	Stream bool
	// WantsUsage says that the client asked for usage in an OpenAI stream.
	WantsUsage bool
	// Characters is the length of a text to be spoken.
	Characters int64
	// Audio is a recording to be transcribed, within the body.
	Audio []byte
	// Body is what was read.
	Body []byte
}

// ErrModel is why a model could not be read from a request.
var ErrModel = errors.New("model must be a string")

// ReadRequest reads a request's body, and keeps it. The error says what is wrong
// with the JSON, or is [ErrModel]. An endpoint of no known format takes any body.
func (e Endpoint) ReadRequest(contentType string, body []byte) (Request, error) {
	r := Request{Endpoint: e, Model: e.Model, Stream: e.Stream, Body: body}
	if strings.HasPrefix(contentType, "multipart/") {
		r.readForm(contentType, body)
		return r, nil
	}
	switch e.Operation {
	case Models, CountTokens:
		return r, nil
	case Other:
		r.readModel(body)
		return r, nil
	}
	return r, r.readJSON(body)
}

// fields are the parts of a request's body that the gateway looks at.
type fields struct {
	Model         json.RawMessage `json:"model"`
	ModelID       json.RawMessage `json:"model_id"` // ElevenLabs
	Stream        any             `json:"stream"`
	StreamFormat  any             `json:"stream_format"` // OpenAI speech
	StreamOptions json.RawMessage `json:"stream_options"`
}

func (r *Request) readJSON(body []byte) error {
	var f fields
	if err := json.Unmarshal(body, &f); err != nil {
		return fmt.Errorf("the body is not a JSON object: %w", err)
	}
	model := f.Model
	if r.Dialect == ElevenLabs {
		model = f.ModelID
	}
	if len(model) > 0 && r.Endpoint.Model == "" && string(model) != "null" {
		if json.Unmarshal(model, &r.Model) != nil {
			return ErrModel
		}
	}
	stream, _ := f.Stream.(bool)
	format, _ := f.StreamFormat.(string)
	r.Stream = r.Stream || stream || format == "sse"
	var options struct {
		IncludeUsage bool `json:"include_usage"`
	}
	if len(f.StreamOptions) > 0 && json.Unmarshal(f.StreamOptions, &options) == nil {
		r.WantsUsage = options.IncludeUsage
	}
	if r.Operation == Speech {
		r.Characters = r.spokenCharacters(body)
	}
	return nil
}

// readModel looks for a model in a body of any kind.
func (r *Request) readModel(body []byte) {
	var f struct {
		Model any `json:"model"`
	}
	if r.Model == "" && len(body) > 0 && body[0] == '{' && json.Unmarshal(body, &f) == nil {
		r.Model, _ = f.Model.(string)
	}
}

func (r *Request) spokenCharacters(body []byte) int64 {
	var f struct {
		Input  string `json:"input"` // OpenAI
		Text   string `json:"text"`  // ElevenLabs
		Inputs []struct {
			Text string `json:"text"`
		} `json:"inputs"` // ElevenLabs dialogue
	}
	_ = json.Unmarshal(body, &f) // a text of another type counts nothing
	n := utf8.RuneCountInString(f.Input) + utf8.RuneCountInString(f.Text)
	for _, line := range f.Inputs {
		n += utf8.RuneCountInString(line.Text)
	}
	return int64(n)
}

// readForm reads the fields of an upload. What can't be read is left to the
// provider to refuse.
func (r *Request) readForm(contentType string, body []byte) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return
	}
	form := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := form.NextPart()
		if err != nil {
			return
		}
		switch part.FormName() {
		case "model", "model_id":
			if b, err := io.ReadAll(io.LimitReader(part, 256)); err == nil {
				r.Model = string(b)
			}
		case "stream":
			b, _ := io.ReadAll(io.LimitReader(part, 8))
			r.Stream = string(b) == "true"
		case "file":
			r.Audio, _ = io.ReadAll(part)
		}
	}
}

// AskForUsage returns the body of an OpenAI chat or text completion stream with
// stream_options.include_usage set, and everything else unchanged.
func (r Request) AskForUsage() ([]byte, error) {
	const key = "stream_options"
	at, err := locate(r.Body, key)
	if err != nil {
		return nil, err
	}
	options := map[string]json.RawMessage{}
	if json.Unmarshal(r.Body[at.start:at.end], &options) != nil || options == nil { // what is no object is replaced
		options = map[string]json.RawMessage{}
	}
	options["include_usage"] = json.RawMessage("true")
	value, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	return at.set(r.Body, key, value)
}

// WithModel returns the same request for another model, which the body names.
func (r Request) WithModel(model string) (Request, error) {
	value, err := json.Marshal(model)
	if err != nil {
		return Request{}, err
	}
	r.Model = model
	r.Body, err = SetField(r.Body, "model", value)
	return r, err
}
