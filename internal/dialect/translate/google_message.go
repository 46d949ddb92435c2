package translate

import (
	"encoding/json"
	"fmt"
	"strings"
)

// googleContent is a message of a request, or the one in an answer.
type googleContent struct {
	Role  string       `json:"role,omitempty"`
	Parts []googlePart `json:"parts"`
}

// UnmarshalJSON takes the shorter forms too that Google's servers take: a part
// for a list of them.
func (c *googleContent) UnmarshalJSON(b []byte) error {
	var in struct {
		Role  string          `json:"role"`
		Parts json.RawMessage `json:"parts"`
	}
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	c.Role = in.Role
	if len(in.Parts) > 0 && in.Parts[0] == '{' {
		c.Parts = make([]googlePart, 1)
		return json.Unmarshal(in.Parts, &c.Parts[0])
	}
	if len(in.Parts) == 0 {
		return nil
	}
	return json.Unmarshal(in.Parts, &c.Parts)
}

type googlePart struct {
	Text             *string         `json:"text,omitempty"`
	Thought          bool            `json:"thought,omitempty"`
	ThoughtSignature string          `json:"thoughtSignature,omitempty"`
	InlineData       *googleBlob     `json:"inlineData,omitempty"`
	FileData         *googleFile     `json:"fileData,omitempty"`
	FunctionCall     *googleCall     `json:"functionCall,omitempty"`
	FunctionResponse *googleResponse `json:"functionResponse,omitempty"`
	ExecutableCode   json.RawMessage `json:"executableCode,omitempty"`
	CodeResult       json.RawMessage `json:"codeExecutionResult,omitempty"`
}

type googleBlob struct {
	MIMEType string `json:"mimeType"`
	Data     string `json:"data"`
	Name     string `json:"displayName,omitempty"`
}

type googleFile struct {
	MIMEType string `json:"mimeType,omitempty"`
	URI      string `json:"fileUri"`
	Name     string `json:"displayName,omitempty"`
}

type googleCall struct {
	ID   string          `json:"id,omitempty"`
	Name string          `json:"name"`
	Args json.RawMessage `json:"args,omitempty"`
}

type googleResponse struct {
	ID       string          `json:"id,omitempty"`
	Name     string          `json:"name"`
	Response json.RawMessage `json:"response"`
	Parts    []googlePart    `json:"parts,omitempty"`
}

// read returns what a part says, nil if nothing.
func (p googlePart) read(at string) (Part, error) {
	switch {
	case isSet(p.ExecutableCode), isSet(p.CodeResult):
		return nil, untranslated(at, "code that Google ran", "other providers")
	case p.FunctionCall != nil:
		return ToolCall{ID: p.FunctionCall.ID, Name: p.FunctionCall.Name, Arguments: objectOf(p.FunctionCall.Args), Signature: p.ThoughtSignature}, nil
	case p.FunctionResponse != nil:
		return p.FunctionResponse.read(at)
	case p.InlineData != nil:
		return Media{Type: p.InlineData.MIMEType, Data: p.InlineData.Data, Name: p.InlineData.Name}, nil
	case p.FileData != nil:
		return Media{Type: p.FileData.MIMEType, URL: p.FileData.URI, Name: p.FileData.Name}, nil
	case p.Thought:
		return Thought{Text: value(p.Text), Signature: p.ThoughtSignature}, nil
	case value(p.Text) != "":
		return Text{*p.Text}, nil
	}
	return nil, nil
}

// The results of tools are objects at Google. Text is put under "output", or
// under "error" if the tool failed, which are the keys that Google recommends.

func (f *googleResponse) read(at string) (Part, error) {
	out := ToolResult{ID: f.ID, Name: f.Name}
	var wrapped struct {
		Output *string `json:"output"`
		Error  *string `json:"error"`
	}
	raw := objectOf(f.Response)
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(raw, &fields) // an object, so it is one
	switch {
	case len(fields) == 1 && json.Unmarshal(raw, &wrapped) == nil && wrapped.Output != nil:
		out.Parts = []Part{Text{*wrapped.Output}}
	case len(fields) == 1 && wrapped.Error != nil:
		out.Parts, out.Failed = []Part{Text{*wrapped.Error}}, true
	default:
		out.Parts = []Part{JSON{raw}}
	}
	for i, p := range f.Parts {
		part, err := p.read(at + ".functionResponse." + index("parts", i))
		if err != nil {
			return nil, err
		}
		if part != nil {
			out.Parts = append(out.Parts, part)
		}
	}
	return out, nil
}

func writeGoogleResult(t ToolResult, name, at string) (*googleResponse, error) {
	out := &googleResponse{ID: t.ID, Name: name}
	var texts []Part
	for _, p := range t.Parts {
		if m, ok := p.(Media); ok {
			part, err := m.google(at)
			if err != nil {
				return nil, err
			}
			out.Parts = append(out.Parts, part)
			continue
		}
		texts = append(texts, p)
	}
	text := textOf(texts)
	trimmed := strings.TrimSpace(text)
	switch {
	case t.Failed:
		out.Response = marshal(object{"error": text})
	case strings.HasPrefix(trimmed, "{") && json.Valid([]byte(trimmed)):
		out.Response = json.RawMessage(trimmed)
	default:
		out.Response = marshal(object{"output": text})
	}
	return out, nil
}

// callIDs gives ids to calls and results that have none, as is usual at Google:
// results answer the calls of their name in order.
type callIDs map[string]*struct{ called, answered int }

func (ids callIDs) complete(p Part) Part {
	of := func(name string) *struct{ called, answered int } {
		if ids[name] == nil {
			ids[name] = &struct{ called, answered int }{}
		}
		return ids[name]
	}
	switch p := p.(type) {
	case ToolCall:
		n := of(p.Name)
		n.called++
		if p.ID == "" {
			p.ID = madeID(p.Name, n.called)
		}
		return p
	case ToolResult:
		n := of(p.Name)
		n.answered++
		if p.ID == "" {
			p.ID = madeID(p.Name, n.answered)
		}
		return p
	}
	return p
}

// madeID has only what all providers take in an id.
func madeID(name string, n int) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, name)
	return fmt.Sprintf("call_%.40s_%d", clean, n)
}

// writeGooglePart writes a part; some have no counterpart and are left out.
func writeGooglePart(p Part, names map[string]string, at string) ([]googlePart, error) {
	var out googlePart
	switch p := p.(type) {
	case Text:
		out.Text = &p.Text
	case JSON:
		text := string(p.Value)
		out.Text = &text
	case Thought:
		if p.Redacted != "" || p.Signature == "" && names != nil {
			return nil, nil
		}
		out.Text, out.Thought, out.ThoughtSignature = &p.Text, true, p.Signature
	case ToolCall:
		if names != nil {
			names[p.ID] = p.Name
		}
		out.FunctionCall, out.ThoughtSignature = &googleCall{p.ID, p.Name, p.Arguments}, p.Signature
	case ToolResult:
		name := p.Name
		if name == "" {
			name = names[p.ID]
		}
		if name == "" {
			return nil, wrong(at, "answers the call %s, which is not in the messages before it", quoted(p.ID))
		}
		var err error
		if out.FunctionResponse, err = writeGoogleResult(p, name, at); err != nil {
			return nil, err
		}
	case Media:
		var err error
		if out, err = p.google(at); err != nil {
			return nil, err
		}
	default:
		return nil, nil
	}
	return []googlePart{out}, nil
}

func (m Media) google(at string) (googlePart, error) {
	if m.URL == "" {
		return googlePart{InlineData: &googleBlob{m.Type, m.Data, m.Name}}, nil
	}
	if strings.HasPrefix(m.URL, "s3:") {
		return googlePart{}, untranslated(at, "a file in Amazon's storage", "google")
	}
	return googlePart{FileData: &googleFile{m.Type, m.URL, m.Name}}, nil
}
