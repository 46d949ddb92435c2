package google

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// content is a message of a request, or the one in a response for a client.
type content struct {
	Role  string         `json:"role,omitempty"`
	Parts repeated[part] `json:"parts"`
}

// repeated is a list. Google's servers accept a single value instead of a list of one, and Google's own examples
// write contents, parts and safety settings that way.
type repeated[T any] []T

// UnmarshalJSON accepts the list or the value.
func (r *repeated[T]) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] != '[' && b[0] != 'n' {
		*r = make(repeated[T], 1)
		return json.Unmarshal(b, &(*r)[0])
	}
	return json.Unmarshal(b, (*[]T)(r))
}

type part struct {
	Text             *string           `json:"text,omitempty"`
	Thought          bool              `json:"thought,omitempty"`
	ThoughtSignature string            `json:"thoughtSignature,omitempty"`
	InlineData       *blob             `json:"inlineData,omitempty"`
	FileData         *file             `json:"fileData,omitempty"`
	FunctionCall     *call             `json:"functionCall,omitempty"`
	FunctionResponse *functionResponse `json:"functionResponse,omitempty"`
	ExecutableCode   json.RawMessage   `json:"executableCode,omitempty"`
	CodeResult       json.RawMessage   `json:"codeExecutionResult,omitempty"`
}

type blob struct {
	MIMEType string `json:"mimeType"`
	Data     string `json:"data"`
	Name     string `json:"displayName,omitempty"`
}

type file struct {
	MIMEType string `json:"mimeType,omitempty"`
	URI      string `json:"fileUri"`
	Name     string `json:"displayName,omitempty"`
}

type call struct {
	ID   string          `json:"id,omitempty"`
	Name string          `json:"name"`
	Args json.RawMessage `json:"args,omitempty"`
}

type functionResponse struct {
	ID       string          `json:"id,omitempty"`
	Name     string          `json:"name"`
	Response json.RawMessage `json:"response"`
	Parts    repeated[part]  `json:"parts,omitempty"`
}

// read returns the content of a part without its signature, or nil.
func (p part) read(at string) (dialect.Part, error) {
	switch {
	case wire.IsSet(p.ExecutableCode), wire.IsSet(p.CodeResult):
		return nil, dialect.Untranslated(at, "code that Google ran", "other providers")
	case p.FunctionCall != nil:
		return dialect.ToolCall{ID: p.FunctionCall.ID, Name: p.FunctionCall.Name, Arguments: wire.ObjectOf(p.FunctionCall.Args)}, nil
	case p.FunctionResponse != nil:
		return p.FunctionResponse.read(at)
	case p.InlineData != nil:
		return dialect.Media{Type: p.InlineData.MIMEType, Data: p.InlineData.Data, Name: p.InlineData.Name}, nil
	case p.FileData != nil:
		return dialect.Media{Type: p.FileData.MIMEType, URL: p.FileData.URI, Name: p.FileData.Name}, nil
	case p.Thought:
		return dialect.Thought{Text: wire.Value(p.Text)}, nil
	case wire.Value(p.Text) != "":
		return dialect.Text{Text: *p.Text}, nil
	}
	return nil, nil
}

// At Google, results of tools are objects. Text is put under "output", or under "error" if the tool failed, the keys
// that Google recommends.

func (f *functionResponse) read(at string) (dialect.Part, error) {
	out := dialect.ToolResult{ID: f.ID, Name: f.Name}
	var wrapped struct {
		Output *string `json:"output"`
		Error  *string `json:"error"`
	}
	raw := wire.ObjectOf(f.Response)
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(raw, &fields) // can't fail: it is an object
	switch {
	case len(fields) == 1 && json.Unmarshal(raw, &wrapped) == nil && wrapped.Output != nil:
		out.Parts = []dialect.Part{dialect.Text{Text: *wrapped.Output}}
	case len(fields) == 1 && wrapped.Error != nil:
		out.Parts, out.Failed = []dialect.Part{dialect.Text{Text: *wrapped.Error}}, true
	default:
		out.Parts = []dialect.Part{dialect.JSON{Value: raw}}
	}
	for i, p := range f.Parts {
		part, err := p.read(at + ".functionResponse." + wire.Index("parts", i))
		if err != nil {
			return nil, err
		}
		if part != nil {
			out.Parts = append(out.Parts, part)
		}
	}
	return out, nil
}

func writeResult(t dialect.ToolResult) (*functionResponse, error) {
	out := &functionResponse{ID: t.ID, Name: t.Name}
	var texts []dialect.Part
	for _, p := range t.Parts {
		if m, ok := p.(dialect.Media); ok {
			part, err := writeMedia(m)
			if err != nil {
				return nil, err
			}
			out.Parts = append(out.Parts, part)
			continue
		}
		texts = append(texts, p)
	}
	text := dialect.TextOf(texts)
	trimmed := strings.TrimSpace(text)
	switch {
	case t.Failed:
		out.Response = wire.Marshal(wire.Object{"error": text})
	case strings.HasPrefix(trimmed, "{") && json.Valid([]byte(trimmed)) && !refers(trimmed):
		out.Response = json.RawMessage(trimmed)
	default:
		out.Response = wire.Marshal(wire.Object{"output": text})
	}
	return out, nil
}

// refers reports whether an object contains a key "$ref", at any depth. Gemini treats it as a reference to one of the
// result's parts and rejects the request if there is none, for example if the result is a JSON Schema
// (github.com/vercel/ai/issues/14369).
func refers(object string) bool {
	for key := range jsonscan.Keys([]byte(object)) {
		if string(key) == "$ref" {
			return true
		}
	}
	return false
}

// callIDs gives ids to calls and results without one, as is usual at Google: results belong to the calls of the same
// name, in order.
type callIDs map[string]*struct{ calls, results int }

func (ids callIDs) complete(p dialect.Part) dialect.Part {
	of := func(name string) *struct{ calls, results int } {
		if ids[name] == nil {
			ids[name] = &struct{ calls, results int }{}
		}
		return ids[name]
	}
	switch p := p.(type) {
	case dialect.ToolCall:
		n := of(p.Name)
		n.calls++
		if p.ID == "" {
			p.ID = madeID(p.Name, n.calls)
		}
		return p
	case dialect.ToolResult:
		n := of(p.Name)
		n.results++
		if p.ID == "" {
			p.ID = madeID(p.Name, n.results)
		}
		return p
	}
	return p
}

func madeID(name string, n int) string { return fmt.Sprintf("call_%.40s_%d", dialect.CleanID(name), n) }

// writePart writes a part; parts without a counterpart are dropped.
func writePart(p dialect.Part) ([]part, error) {
	var out part
	switch p := p.(type) {
	case dialect.Text:
		out.Text = &p.Text
	case dialect.JSON:
		text := string(p.Value)
		out.Text = &text
	case dialect.ToolCall:
		out.FunctionCall = &call{p.ID, p.Name, p.Arguments}
	case dialect.ToolResult:
		var err error
		if out.FunctionResponse, err = writeResult(p); err != nil {
			return nil, err
		}
	case dialect.Media:
		var err error
		if out, err = writeMedia(p); err != nil {
			return nil, err
		}
	default:
		return nil, nil
	}
	return []part{out}, nil
}

// writeMedia writes media without a name: the Gemini API says "displayName parameter is not supported". The types of
// images are those of ai.google.dev/gemini-api/docs/vision.
func writeMedia(m dialect.Media) (part, error) {
	switch {
	case strings.HasPrefix(m.URL, "s3:"):
		return part{}, dialect.Untranslated(m.At, "a file in Amazon's storage", "google")
	case m.Type == "":
		return part{}, dialect.Wrong(m.At, "google needs the type of a file, which %s does not show: send the data instead", wire.Quoted(m.URL))
	case m.IsImage() && !slices.Contains(imageTypes, m.Type), isUnreadable(m.Type):
		return part{}, dialect.Untranslated(m.At, "a file of type "+wire.Quoted(m.Type), "google")
	case m.URL == "":
		return part{InlineData: &blob{MIMEType: m.Type, Data: m.Data}}, nil
	}
	return part{FileData: &file{MIMEType: m.Type, URI: m.URL}}, nil
}

// isUnreadable reports whether files of a type are of office programs or unknown, which Gemini
// can't read: "Unsupported MIME type".
func isUnreadable(media string) bool {
	return dialect.BeginsWithOneOf(media, "application/vnd.openxmlformats-officedocument.", "application/vnd.ms-", "application/msword", "application/zip", "application/octet-stream")
}

var imageTypes = []string{"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"}
