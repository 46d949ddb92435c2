package openai

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// reply is a provider's response, whole or a chunk of it.
type reply struct {
	ID      string        `json:"id"`
	Model   string        `json:"model"`
	Choices []replyChoice `json:"choices"`
}

type replyChoice struct {
	Index        int            `json:"index"`
	Message      *outputMessage `json:"message"`
	Delta        *outputMessage `json:"delta"`
	FinishReason *string        `json:"finish_reason"`
	// vLLM reports what it stopped at; a number is that of a token.
	StopReason json.RawMessage `json:"stop_reason"`
}

// outputMessage is a model's output: the message of a whole response, or a piece of it in a stream. There is a single type, so
// that both know the same fields. Unknown fields are ignored.
type outputMessage struct {
	Content   content     `json:"content"`
	Refusal   wire.Text   `json:"refusal"`
	Reasoning wire.Text   `json:"reasoning_content"`
	Thinking  wire.Text   `json:"reasoning"` // the name at other providers
	Details   []detail    `json:"reasoning_details"`
	Extra     *extra      `json:"extra_content"`
	Images    []madeImage `json:"images"` // OpenRouter
	ToolCalls []callPiece `json:"tool_calls"`
}

// madeImage is a generated image in OpenRouter's form (openrouter.ai/docs/features/multimodal/image-generation).
type madeImage struct {
	Type     string `json:"type"`
	ImageURL image  `json:"image_url"`
}

func writeImage(m dialect.Media) madeImage { return madeImage{"image_url", image{URL: m.DataURL()}} }

// callPiece is a tool call, or a part of it.
type callPiece struct {
	Index    *int   `json:"index"`
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string    `json:"name"`
		Arguments arguments `json:"arguments"`
	} `json:"function"`
	Extra *extra `json:"extra_content"`
}

// arguments are text; a few servers send them as an object.
type arguments wire.Text

func (a *arguments) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		*a = arguments(b)
		return nil
	}
	return (*wire.Text)(a).UnmarshalJSON(b)
}

// content is text, or a list of pieces: Mistral's models put their thoughts there.
type content []contentPiece

type contentPiece struct {
	Type     string    `json:"type"`
	Text     wire.Text `json:"text"`
	Refusal  wire.Text `json:"refusal"`
	Thinking content   `json:"thinking"`
}

func (c *content) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		_ = json.Unmarshal(b, (*[]contentPiece)(c)) // without pieces of another type
		return nil
	}
	var text wire.Text
	_ = text.UnmarshalJSON(b) // it returns no errors
	if text != "" {
		*c = content{{Type: "text", Text: text}}
	}
	return nil
}

// read appends the content of a choice, in a message or a piece of it.
func (c *replyChoice) read(dst []dialect.Event, number int, s *outputMessage) []dialect.Event {
	from := len(dst)
	if s != nil {
		dst = s.read(dst)
	}
	if c.FinishReason != nil && *c.FinishReason != "" {
		stop := readStop(*c.FinishReason)
		sequence, isText := jsonscan.Text(c.StopReason)
		if isText && *c.FinishReason == "stop" {
			stop = dialect.StopSequence
		}
		dst = append(dst, dialect.Event{Kind: dialect.Finish, Stop: stop, Name: sequence})
	}
	for i := range dst[from:] {
		dst[from+i].Choice = number
	}
	return dst
}

func (s *outputMessage) read(dst []dialect.Event) []dialect.Event {
	dst = s.readThoughts(dst)
	for _, piece := range s.Content {
		dst = piece.read(dst)
	}
	dst = dialect.AppendText(dst, dialect.RefusalDelta, string(s.Refusal))
	for _, image := range s.Images {
		if m, ok := dialect.MediaFromURL(image.ImageURL.URL); ok && m.URL == "" {
			dst = append(dst, dialect.Event{Kind: dialect.MediaWhole, Media: &m})
		}
	}
	dst = s.Extra.read(dst)
	for i, c := range s.ToolCalls {
		if c.Type != "function" && c.Type != "" {
			continue
		}
		if c.Index != nil {
			i = *c.Index
		}
		dst = c.Extra.read(dst)
		dst = append(dst, dialect.Event{Kind: dialect.CallDelta, Part: i, ID: c.ID, Name: c.Function.Name, Text: string(c.Function.Arguments)})
	}
	return dst
}

// readThoughts reads the thoughts from one of the places where a server may put them, all with the same content, and
// their signatures from the details.
func (s *outputMessage) readThoughts(dst []dialect.Event) []dialect.Event {
	text := s.Reasoning
	if text == "" {
		text = s.Thinking
	}
	dst = dialect.AppendText(dst, dialect.ThoughtDelta, string(text))
	for _, d := range s.Details {
		if text == "" {
			dst = dialect.AppendText(dst, dialect.ThoughtDelta, string(d.Text+d.Summary))
		}
		dst = d.readState(dst)
	}
	return dst
}

func (p *contentPiece) read(dst []dialect.Event) []dialect.Event {
	switch p.Type {
	case "text":
		dst = dialect.AppendText(dst, dialect.TextDelta, string(p.Text))
	case "refusal":
		dst = dialect.AppendText(dst, dialect.RefusalDelta, string(p.Refusal))
	case "thinking":
		for _, inner := range p.Thinking {
			dst = dialect.AppendText(dst, dialect.ThoughtDelta, string(inner.Text))
		}
	}
	return dst
}
