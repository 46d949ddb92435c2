package dialect

import (
	"fmt"
	"slices"
)

// mediaMoved is the text of a result whose only content follows it.
const mediaMoved = "The result follows."

// MoveMedia returns the messages with media of results after the results of the same message, except for media that
// may stay in place.
func MoveMedia(messages []Message, mayStay func(ToolResult, Media) bool) []Message {
	out := slices.Clone(messages)
	for i, m := range out {
		if !slices.ContainsFunc(m.Parts, func(p Part) bool { return hasMedia(p, mayStay) }) {
			continue
		}
		var parts, moved []Part
		for _, p := range m.Parts {
			if result, ok := p.(ToolResult); ok {
				p = result.without(mayStay, &moved)
			}
			parts = append(parts, p)
		}
		out[i].Parts = slices.Concat(parts[:resultsEnd(parts)], moved, parts[resultsEnd(parts):])
	}
	return out
}

// hasMedia reports whether a part is a result with media that can't stay in place.
func hasMedia(p Part, mayStay func(ToolResult, Media) bool) bool {
	result, ok := p.(ToolResult)
	return ok && slices.ContainsFunc(result.Parts, func(p Part) bool {
		media, ok := p.(Media)
		return ok && !mayStay(result, media)
	})
}

// without returns a result without the media that can't stay in place.
func (r ToolResult) without(mayStay func(ToolResult, Media) bool, moved *[]Part) ToolResult {
	var kept []Part
	for _, p := range r.Parts {
		if media, ok := p.(Media); ok && !mayStay(r, media) {
			if media.At == "" {
				media.At = r.At
			}
			*moved = append(*moved, media)
			continue
		}
		kept = append(kept, p)
	}
	if kept == nil && r.Parts != nil {
		kept = []Part{Text{Text: mediaMoved}}
	}
	r.Parts = kept
	return r
}

// resultsEnd returns the position after the last result among parts.
func resultsEnd(parts []Part) int {
	for i, p := range slices.Backward(parts) {
		if _, ok := p.(ToolResult); ok {
			return i + 1
		}
	}
	return 0
}

// resultsHeard stands between results and what the user says next.
const resultsHeard = "I have the results."

// ApartFromResults returns messages in which a turn with the results of tools has nothing else: what follows them
// becomes a turn of its own, with one of the assistant between them, as LiteLLM sends it (github.com/BerriAI/litellm/issues/6053).
func ApartFromResults(messages []Message) []Message {
	var out []Message
	for _, m := range messages {
		if end := resultsEnd(m.Parts); end > 0 && end < len(m.Parts) {
			results := m
			results.Parts = m.Parts[:end]
			out = append(out, results, Message{Role: Assistant, Parts: []Part{Text{Text: resultsHeard}}, At: m.At})
			m.Parts = m.Parts[end:]
		}
		out = append(out, m)
	}
	return out
}

// TellCalls returns the messages with calls of tools and their results as texts, for
// providers that take calls only of tools that can be called.
func TellCalls(messages []Message) []Message {
	out := slices.Clone(messages)
	for i, m := range out {
		var parts []Part
		for _, p := range m.Parts {
			switch p := p.(type) {
			case ToolCall:
				parts = append(parts, Text{Text: fmt.Sprintf("[Called the tool %s with %s]", p.Name, p.Arguments)})
			case ToolResult:
				verb := "returned"
				if p.Failed {
					verb = "failed with"
				}
				parts = append(parts, Text{Text: fmt.Sprintf("[The tool %s %s: %s]", p.Name, verb, TextOf(p.Parts))})
				for _, inner := range p.Parts {
					if media, ok := inner.(Media); ok {
						parts = append(parts, media)
					}
				}
			default:
				parts = append(parts, p)
			}
		}
		out[i].Parts = parts
	}
	return out
}
