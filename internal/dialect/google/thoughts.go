package google

import (
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// In Google's format, every part can have a signature. Gemini signs the first call of a response, or its last text.
// Claude's signed thoughts have a mark that identifies them.

// appendRead appends a part of a message that is sent back, with its signature; the part may be nil.
func appendRead(list []dialect.Part, p dialect.Part, signature string) []dialect.Part {
	var sign []dialect.Part
	if signature != "" {
		sign = []dialect.Part{dialect.Thought{Signature: dialect.ReadSignature(signature, dialect.Gemini)}}
	}
	switch p := p.(type) {
	case nil:
		return append(list, sign...)
	case dialect.ToolCall:
		return append(append(list, sign...), p)
	case dialect.Thought:
		return joinThought(list, p, signature)
	default:
		return append(append(list, p), sign...)
	}
}

// joinThought appends a thought, to the previous one if that isn't signed: the parts of a stream are sent back
// separately.
func joinThought(list []dialect.Part, t dialect.Thought, signature string) []dialect.Part {
	if data, ok := dialect.ReadRedacted(signature); ok {
		return append(list, dialect.Thought{Redacted: data})
	}
	t.Signature = dialect.ReadSignature(signature, dialect.Gemini)
	if n := len(list); n > 0 {
		before, ok := list[n-1].(dialect.Thought)
		if ok && before.Text != "" && before.Signature == (dialect.Signature{}) {
			t.Text = before.Text + t.Text
			list = list[:n-1]
		}
	}
	return append(list, t)
}

// writeParts writes the content of a message. In requests, which ask for a response, only Gemini's thoughts are
// included.
func writeParts(list []dialect.Part, asked bool) ([]part, error) {
	out := []part{}
	signature := "" // for the next call
	for i, p := range list {
		switch p := p.(type) {
		case dialect.Thought:
			if asked && !isBase64(p.Signature.Value) {
				p.Signature = dialect.Signature{} // as if it were lost: Google rejects what it can't decode
			}
			switch {
			case p.Signature.By == dialect.Gemini && callFollows(list[i+1:]):
				signature = p.Signature.Value
				out = appendThought(out, p.Text, "")
			case p.Signature.By == dialect.Gemini:
				out = signLast(out, p)
			case asked:
			case p.Redacted != "":
				out = append(out, part{Text: new(string), Thought: true, ThoughtSignature: dialect.MarkRedacted(p.Redacted)})
			default:
				out = appendThought(out, p.Text, p.Signature.In(dialect.Gemini))
			}
		default:
			written, err := writePart(p)
			if err != nil {
				return nil, err
			}
			if len(written) == 1 && written[0].FunctionCall != nil {
				written[0].ThoughtSignature, signature = signature, ""
			}
			out = append(out, written...)
		}
	}
	return out, nil
}

// isBase64 reports whether a signature has only the characters of base64, in either alphabet.
func isBase64(signature string) bool {
	return strings.IndexFunc(signature, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("+/-_=", c)
	}) < 0
}

func callFollows(rest []dialect.Part) bool {
	if len(rest) == 0 {
		return false
	}
	_, ok := rest[0].(dialect.ToolCall)
	return ok
}

func appendThought(out []part, text, signature string) []part {
	if text == "" && signature == "" {
		return out
	}
	return append(out, part{Text: &text, Thought: true, ThoughtSignature: signature})
}

// signLast writes the signature of the preceding text. Without a text, it is a separate part, as in Gemini's streams.
func signLast(out []part, t dialect.Thought) []part {
	if t.Text != "" {
		return appendThought(out, t.Text, t.Signature.Value)
	}
	if n := len(out); n > 0 && out[n-1].Text != nil && !out[n-1].Thought && out[n-1].ThoughtSignature == "" {
		out[n-1].ThoughtSignature = t.Signature.Value
		return out
	}
	return append(out, part{Text: new(string), ThoughtSignature: t.Signature.Value})
}

// signCalls gives the first call of a message the placeholder for its signature if that was lost: the others have
// none.
func signCalls(parts []part) {
	for i := range parts {
		if parts[i].FunctionCall != nil {
			if parts[i].ThoughtSignature == "" {
				parts[i].ThoughtSignature = dialect.SkipSignature
			}
			return
		}
	}
}
