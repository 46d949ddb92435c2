package dialect

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// Maker is the maker of models that sign their thoughts. A signature is useful only to models of the same maker,
// wherever they run: Anthropic documents that Claude's are valid at Bedrock too.
type Maker string

// The makers.
const (
	Claude Maker = "claude"
	Gemini Maker = "gemini"
)

// Signature is what a model must get back to continue from its thoughts.
type Signature struct {
	By    Maker
	Value string
}

// A signature that travels in another maker's format is marked, so that it is recognized when it is sent back. A mark
// is base64 like the signatures themselves, because clients of Google's format decode them. Assumption
// translated-thoughts.
const (
	markStart = "lava:"
	// markSign is the prefix of all marks in base64.
	markSign = "bGF2YT"
	redacted = "redacted"
)

// In returns a signature for a format in which signatures of own aren't marked.
func (s Signature) In(own Maker) string {
	if s.By == own || s.Value == "" {
		return s.Value
	}
	return marked(string(s.By), s.Value)
}

// ReadSignature is the opposite of [Signature.In].
func ReadSignature(text string, own Maker) Signature {
	kind, value, ok := readMark(text)
	switch {
	case text == "":
		return Signature{}
	case !ok:
		return Signature{By: own, Value: text}
	}
	return Signature{By: Maker(kind), Value: value}
}

// MarkRedacted returns redacted thinking as a signature, for formats that have
// no place for it.
func MarkRedacted(data string) string { return marked(redacted, data) }

// ReadRedacted is the opposite of [MarkRedacted].
func ReadRedacted(signature string) (data string, ok bool) {
	kind, data, ok := readMark(signature)
	return data, ok && kind == redacted
}

func marked(kind, value string) string {
	return base64.StdEncoding.EncodeToString([]byte(markStart + kind + ":" + value))
}

// readMark accepts both alphabets of base64: some clients decode one and encode the other.
func readMark(text string) (kind, value string, ok bool) {
	if !strings.HasPrefix(text, markSign) {
		return "", "", false
	}
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return "", "", false
	}
	marked, ok := strings.CutPrefix(string(b), markStart)
	if !ok {
		return "", "", false
	}
	return strings.Cut(marked, ":")
}

// HoldsMarks reports whether a request may hold marks, which providers don't take.
func HoldsMarks(body []byte) bool { return bytes.Contains(body, []byte(`"`+markSign)) }

// SkipSignature is Google's documented placeholder for the signature of a call that was lost, or that another maker's
// model made.
const SkipSignature = "skip_thought_signature_validator"

// NeedsSignatures reports whether a model rejects calls that come back without the
// signature it gave them: Gemini 3 and later.
func NeedsSignatures(model string) bool {
	if i := strings.LastIndexByte(model, '/'); i >= 0 {
		model = model[i+1:]
	}
	version, ok := strings.CutPrefix(model, "gemini-")
	return ok && !strings.HasPrefix(version, "1") && !strings.HasPrefix(version, "2")
}

// IsBy reports whether a thought is one that a maker's models take back.
func (t Thought) IsBy(by Maker) bool {
	if t.Redacted != "" {
		return by == Claude
	}
	return t.Signature.By == by && t.Signature.Value != ""
}
