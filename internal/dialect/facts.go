package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// Facts are the parts of a request that a gateway needs to know.
type Facts struct {
	Endpoint
	// Model is the requested model, from the path or the body, or "". (A response may take its model from a stored
	// prompt.)
	Model string
	// Stream reports whether the response is requested as a stream of events.
	Stream bool
	// WantsUsage reports whether the client asked for usage in its stream.
	WantsUsage bool
	// Characters is the length of a text to speak.
	Characters int64
	// Audio is a recording to transcribe, a part of the body.
	Audio []byte
	// Body is the body that was read.
	Body []byte
}

// ErrModel is why a model could not be read from a request.
var ErrModel = errors.New("model must be a string")

// ReadFacts reads a request's body, and keeps it. The error is a JSON error or [ErrModel]. Endpoints in no known
// format accept any body.
func (e Endpoint) ReadFacts(contentType string, body []byte) (Facts, error) {
	f := Facts{Endpoint: e, Model: e.Model, Stream: e.Stream, Body: body}
	if strings.HasPrefix(contentType, "multipart/") {
		return f, f.readForm(contentType, body)
	}
	switch e.Operation {
	case Models, CountTokens:
		return f, nil
	case Other:
		if !jsonscan.Valid(body) || bytes.TrimLeft(body, " \t\r\n")[0] != '{' { // may contain anything
			return f, nil
		}
	}
	o, err := ReadObject(body)
	if err != nil {
		return f, err
	}
	if e.Operation == Other {
		if f.Model == "" {
			f.Model = o.Text("model")
		}
		return f, nil
	}
	return f, e.Format.ReadFacts(&f, o)
}

// SetModel sets the model from a field of the body, unless the path has it.
func (f *Facts) SetModel(field json.RawMessage) error {
	if len(field) > 0 && f.Endpoint.Model == "" && string(field) != "null" {
		var ok bool
		if f.Model, ok = jsonscan.Text(field); !ok {
			return ErrModel
		}
	}
	return nil
}

// readForm reads the fields of an upload, which are the same in all formats. The provider must reject what can't be
// parsed. The model must not be repeated, as in an [Object].
func (f *Facts) readForm(contentType string, body []byte) error {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil //nolint:nilerr // the provider rejects it
	}
	form := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	models := 0
	for {
		part, err := form.NextPart()
		if err != nil {
			return nil //nolint:nilerr // the end, or for the provider to reject
		}
		switch part.FormName() {
		case "model", "model_id":
			if models++; models > 1 {
				return errors.New("the form contains the model twice")
			}
			if b, err := io.ReadAll(io.LimitReader(part, 256)); err == nil {
				f.Model = string(b)
			}
		case "stream":
			b, _ := io.ReadAll(io.LimitReader(part, 8))
			f.Stream = string(b) == "true"
		case "file":
			if f.Operation == Transcription {
				f.Audio, _ = io.ReadAll(part)
			}
		}
	}
}

// WithModel returns the same request for another model, which the body names.
func (f Facts) WithModel(model string) (Facts, error) {
	value, err := json.Marshal(model)
	if err != nil {
		return Facts{}, err
	}
	f.Model = model
	f.Body, err = jsonscan.SetField(f.Body, "model", value)
	return f, err
}

// LacksUsage reports whether the stream won't report usage because the client did not ask for it.
func (f Facts) LacksUsage() bool { return f.Stream && f.UsageOnRequest && !f.WantsUsage }

// AskForUsage returns the body with usage requested, and no other change. It is for requests that lack usage.
func (f Facts) AskForUsage() ([]byte, error) {
	asker, ok := f.Format.(UsageAsker)
	if !ok {
		return f.Body, nil
	}
	return asker.AskForUsage(f.Body)
}

// PromptCharacters counts the text of the request's prompt: system prompt, messages, tool calls and results, and the
// raw definitions of tools. Images, audio and files count 0.
func (f Facts) PromptCharacters() int64 { return f.Format.CountPrompt(f.Body) }

// Complete fills in missing or unreadable usage: the input from the prompt's text, the output from the characters
// that were sent. Zero tokens for a text count as missing (assumption token-estimate). If a stream was cut off, the
// reported usage is replaced only if it is less than the estimate.
func (f Facts) Complete(u Usage, reported bool, sent int64) Usage {
	if f.Operation == Rerank && u.InputTokens == 0 && u.Searches == 0 {
		u.Searches = 1
	}
	if !f.UsesTokens || u.Images > 0 {
		return u
	}
	if u.InputTokens == 0 {
		u.InputTokens = EstimateTokens(f.PromptCharacters())
	}
	if sent > 0 && (u.OutputTokens == 0 || !reported) {
		u.OutputTokens = max(u.OutputTokens, EstimateTokens(sent))
	}
	return u
}
