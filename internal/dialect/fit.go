package dialect

import (
	"slices"
	"strings"
)

// Limits are the requirements of a format's providers for every request, as far as formats differ only in a number or
// a word. Each format names its sources.
type Limits struct {
	Format Name
	// MaxCallID is the maximum length of a call's id, which may then have only letters, digits, "_" and "-"; 0 means
	// that any id is accepted.
	MaxCallID int
	// ExactCallID means that the id of a call must have exactly that many characters, all of them letters and digits.
	ExactCallID bool
	// MaxToolName is the maximum length of a tool's name, which may have letters, digits, "_", "-", and the characters
	// of ToolNameChars.
	MaxToolName   int
	ToolNameChars string
	// LetterFirst means that the name of a tool must begin with a letter or "_".
	LetterFirst bool
	// NoBlanks means that texts and stop sequences of only white space are rejected.
	NoBlanks bool
	// Thoughts is the maker whose signed thoughts are accepted; "" leaves that to the writer.
	Thoughts Maker
	// UserFirst means that the first message must be the user's.
	UserFirst bool
	// Instructions says where instructions may be inside the conversation.
	Instructions Place
	// SystemAlone means that a system prompt alone is a valid conversation.
	SystemAlone bool
	// ModelsMedia means that the assistant's messages may contain media.
	ModelsMedia bool
	// MaxStops is the maximum number of stop sequences; 0 means any number.
	MaxStops int
	// MaxTemperature is the highest temperature. A higher value that is valid in other formats becomes this one: "Values
	// greater than 1 are capped at 1" (platform.claude.com/docs/en/api/openai-sdk).
	MaxTemperature float64
	// MaxChoices is the maximum number of responses.
	MaxChoices int64
}

// Fit returns the request as providers with these limits accept it: ids and names that they would reject are
// replaced, blank parts are dropped, results follow their calls, and everything that can't be made to fit is a
// [*FieldError]. The original request is not modified.
func (r *Request) Fit(l Limits) (*Request, error) {
	out := *r
	if err := l.checkSettings(r); err != nil {
		return nil, err
	}
	if t := r.Temperature; t != nil && *t > l.MaxTemperature {
		out.Temperature = &l.MaxTemperature
	}
	var err error
	if out.Stop, err = l.stops(r.Stop); err != nil {
		return nil, err
	}
	names := l.Renamed(r)
	if out.Tools, err = renameTools(r.Tools, names); err != nil {
		return nil, err
	}
	if out.ToolChoice, err = renameChoice(r, names); err != nil {
		return nil, err
	}
	out.System = l.parts(r.System, User, nil)
	if out.Messages, err = l.messages(r.Messages, names); err != nil {
		return nil, err
	}
	if len(out.Messages) > 0 || l.SystemAlone && len(out.System) > 0 {
		return &out, nil
	}
	// A conversation that was only a system prompt: others accept it as the user's turn.
	if strings.TrimSpace(TextOf(out.System)) == "" {
		return nil, Wrong("messages", "at least one message must not be blank")
	}
	out.Messages, out.System = []Message{{Role: User, Parts: out.System, At: "messages"}}, nil
	return &out, nil
}

// hottest is the highest temperature of any format.
const hottest = 2

// checkSettings rejects settings that are out of the range of all providers, or of these.
func (l Limits) checkSettings(r *Request) error {
	for _, f := range []struct {
		name        string
		value       *float64
		least, most float64
	}{
		{"temperature", r.Temperature, 0, hottest}, {"top_p", r.TopP, 0, 1},
		{"presence_penalty", r.PresencePenalty, -2, 2}, {"frequency_penalty", r.FrequencyPenalty, -2, 2},
	} {
		switch {
		case f.value == nil:
		case *f.value < f.least:
			return Wrong(f.name, "%g is less than %g, the minimum of %s", *f.value, f.least, l.Format)
		case *f.value > f.most:
			return Wrong(f.name, "%g is more than %g, the maximum of %s", *f.value, f.most, l.Format)
		}
	}
	switch {
	case !r.Thinking.Effort.known():
		return Wrong("reasoning_effort", "%.40q is not one of none, minimal, low, medium, high, xhigh and max", r.Thinking.Effort)
	case r.MaxTokens != nil && *r.MaxTokens < 1:
		return Wrong("max_tokens", "%d is less than 1", *r.MaxTokens)
	case r.TopK != nil && *r.TopK < 0:
		return Wrong("top_k", "%d is less than 0", *r.TopK)
	case r.Choices < 0:
		return Wrong("n", "%d is less than 1", r.Choices)
	case r.Choices > 1 && l.MaxChoices == 1:
		return Untranslated("n", "more than one response", string(l.Format))
	case r.Choices > l.MaxChoices:
		return Wrong("n", "%d is more than %d, the maximum of %s", r.Choices, l.MaxChoices, l.Format)
	}
	return nil
}

// stops drops blank sequences.
func (l Limits) stops(list []string) ([]string, error) {
	var out []string
	for _, s := range list {
		if s != "" && (!l.NoBlanks || !isBlank(s)) {
			out = append(out, s)
		}
	}
	if l.MaxStops > 0 && len(out) > l.MaxStops {
		return nil, Wrong("stop", "%d sequences are more than %d, the maximum of %s", len(out), l.MaxStops, l.Format)
	}
	return out, nil
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

// messages returns the messages that aren't empty, with each result after its call.
func (l Limits) messages(list []Message, names map[string]string) ([]Message, error) {
	var kept []Message
	for _, m := range placeInstructions(list, l.Instructions) {
		if err := l.checkParts(m); err != nil {
			return nil, err
		}
		if m.Parts = l.parts(m.Parts, m.Role, names); len(m.Parts) > 0 {
			kept = append(kept, m)
		}
	}
	out, err := pairCalls(kept, newCallIDs(kept, l))
	if err != nil {
		return nil, err
	}
	if l.UserFirst && len(out) > 0 && out[0].Role != User {
		return nil, Wrong(out[0].At, "the first message must be the user's: %s requires it", l.Format)
	}
	return out, nil
}

// checkParts rejects parts that a message of its role can't contain.
func (l Limits) checkParts(m Message) error {
	for _, p := range m.Parts {
		switch p := p.(type) {
		case Media:
			if m.Role == Assistant && !l.ModelsMedia {
				return Untranslated(p.At, "media in an assistant message", string(l.Format))
			}
			if err := p.check(); err != nil {
				return err
			}
		case ToolCall:
			if m.Role != Assistant {
				return Wrong(p.At, "only the assistant can call tools")
			}
			if p.Name == "" {
				return Wrong(p.At, "a call needs the name of its tool")
			}
		case ToolResult:
			if m.Role != User {
				return Wrong(p.At, "only the user can return tool results")
			}
			for _, part := range p.Parts {
				if m, ok := part.(Media); ok {
					if err := m.check(); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// parts drops parts that are blank, or meaningless in their place.
func (l Limits) parts(list []Part, role Role, names map[string]string) []Part {
	out := make([]Part, 0, len(list))
	for _, p := range list {
		switch part := p.(type) {
		case Text:
			if part.Text == "" || l.NoBlanks && isBlank(part.Text) {
				continue
			}
		case CachePoint:
			if len(out) == 0 || isCachePoint(out[len(out)-1]) {
				continue
			}
		case Thought:
			if role == User || l.Thoughts != "" && !part.IsBy(l.Thoughts) {
				continue
			}
		case Media:
			p = part.settled()
		case ToolCall:
			part.Name = renamed(part.Name, names)
			p = part
		case ToolResult:
			part.Name, part.Parts = renamed(part.Name, names), l.parts(part.Parts, role, nil)
			out = append(out, withPointBehind(part)...)
			continue
		}
		out = append(out, p)
	}
	return out
}

// withPointBehind returns a result with its last cache point behind it: what comes before the point is nearly the
// same, and not all providers accept points inside results ("cache_control is not supported at
// messages.N.content.M.content.K.cache_control", github.com/langchain-ai/langchain/pull/35126).
func withPointBehind(result ToolResult) []Part {
	for _, p := range slices.Backward(result.Parts) {
		if isCachePoint(p) {
			result.Parts = WithoutCachePoints(result.Parts)
			return []Part{result, p}
		}
	}
	return []Part{result}
}

// HasCachePoint reports whether some parts have a cache point among them.
func HasCachePoint(list []Part) bool { return slices.ContainsFunc(list, isCachePoint) }

// WithoutCachePoints returns parts less the cache points among them.
func WithoutCachePoints(list []Part) []Part {
	return slices.DeleteFunc(slices.Clone(list), isCachePoint)
}

func isCachePoint(p Part) bool {
	_, ok := p.(CachePoint)
	return ok
}
