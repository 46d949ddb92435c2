package dialect

import (
	"fmt"
	"hash/fnv"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Renamed returns the names of a request's tools at providers with these limits, by their original names, if they
// differ; nil if none does. It is the same for a request and its response.
func (l Limits) Renamed(r *Request) map[string]string {
	if all(r.toolNames(), l.acceptsName) {
		return nil
	}
	var wrong []string
	taken := map[string]bool{}
	for name := range r.toolNames() {
		switch {
		case l.acceptsName(name):
			taken[name] = true
		case !slices.Contains(wrong, name):
			wrong = append(wrong, name)
		}
	}
	out := make(map[string]string, len(wrong))
	for _, name := range wrong {
		clean := toNameChars(name, l.ToolNameChars)
		if l.LetterFirst && !isLetter(clean[0]) {
			clean = "_" + clean
		}
		if len(clean) > l.MaxToolName || taken[clean] {
			clean = uniqueName(clean, name, l.MaxToolName, taken)
		}
		taken[clean] = true
		out[name] = clean
	}
	return out
}

// Originals returns the client's names of tools by those that [Limits.Renamed] gives
// them.
func (l Limits) Originals(r *Request) map[string]string {
	names := l.Renamed(r)
	if names == nil {
		return nil
	}
	out := make(map[string]string, len(names))
	for original, name := range names {
		out[name] = original
	}
	return out
}

// RestoreNames gives the calls of a response the names that the client knows its tools
// by.
func (r *Response) RestoreNames(originals map[string]string) {
	for _, c := range r.Choices {
		for i, p := range c.Parts {
			if call, ok := p.(ToolCall); ok {
				call.Name = renamed(call.Name, originals)
				c.Parts[i] = call
			}
		}
	}
}

// toolNames are the names of tools, offered or called.
func (r *Request) toolNames() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, t := range r.Tools {
			if !yield(t.Name) {
				return
			}
		}
		for _, m := range r.Messages {
			for _, p := range m.Parts {
				if c, ok := p.(ToolCall); ok && !yield(c.Name) {
					return
				}
			}
		}
	}
}

func all(names iter.Seq[string], are func(string) bool) bool {
	for name := range names {
		if !are(name) {
			return false
		}
	}
	return true
}

// acceptsName reports whether a tool can have the name. An empty name can't be fixed.
func (l Limits) acceptsName(name string) bool {
	return name == "" || len(name) <= l.MaxToolName && hasOnlyNameChars(name, l.ToolNameChars) && (!l.LetterFirst || isLetter(name[0]))
}

func renamed(name string, names map[string]string) string {
	if other, ok := names[name]; ok {
		return other
	}
	return name
}

// renameTools returns the tools with their names at the provider.
func renameTools(tools []Tool, names map[string]string) ([]Tool, error) {
	out := make([]Tool, 0, len(tools))
	seen := make(map[string]bool, len(tools))
	for _, t := range tools {
		switch {
		case t.Name == "":
			return nil, Wrong(t.At+".name", "a tool must have a name")
		case seen[t.Name]:
			return nil, Wrong(t.At+".name", "there are two tools with the name %.80q", t.Name)
		}
		seen[t.Name] = true
		t.Name = renamed(t.Name, names)
		out = append(out, t)
	}
	return out, nil
}

// renameChoice returns the choice with the names of tools at the provider, without names of unknown tools.
func renameChoice(r *Request, names map[string]string) (ToolChoice, error) {
	c := r.ToolChoice
	c.Only = nil
	for _, name := range r.ToolChoice.Only {
		if slices.ContainsFunc(r.Tools, func(t Tool) bool { return t.Name == name }) {
			c.Only = append(c.Only, renamed(name, names))
		}
	}
	if len(r.ToolChoice.Only) > 0 && c.Only == nil && c.Mode != None {
		return c, Wrong("tool_choice", "%.80q is not one of the tools", r.ToolChoice.Only[0])
	}
	return c, nil
}

// CleanName returns a name that providers with these limits accept. It is for labels: different names may become
// equal.
func (l Limits) CleanName(name string) string {
	clean := toNameChars(name, l.ToolNameChars)
	return clean[:min(len(clean), l.MaxToolName)]
}

// CleanID returns an id with only characters that all providers accept.
func CleanID(id string) string { return toNameChars(id, "") }

// toNameChars replaces what is not a letter, a digit, "_", "-" or one of some others.
func toNameChars(s, others string) string {
	return strings.Map(func(c rune) rune {
		if c < 0x80 && isNameChar(byte(c), others) {
			return c
		}
		return '_'
	}, s)
}

func hasOnlyNameChars(s, others string) bool {
	for i := range len(s) {
		if !isNameChar(s[i], others) {
			return false
		}
	}
	return true
}

func isNameChar(c byte, others string) bool {
	return isLetter(c) || c >= '0' && c <= '9' || c == '-' || strings.IndexByte(others, c) >= 0
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

// uniqueName returns an unused name with at most longest characters: the clean name, truncated, and a hash of the
// original.
func uniqueName(clean, original string, longest int, taken map[string]bool) string {
	for n := 0; ; n++ {
		tail := fmt.Sprintf("_%08x", uint32(hashOf(original, n)))
		if name := clean[:min(len(clean), longest-len(tail))] + tail; !taken[name] {
			return name
		}
	}
}

// uniqueID returns an unused name of n letters and digits.
func uniqueID(original string, length int, taken map[string]bool) string {
	for n := 0; ; n++ {
		text := fmt.Sprintf("%0*s", length, strconv.FormatUint(hashOf(original, n), 36))
		if name := text[len(text)-length:]; !taken[name] {
			return name
		}
	}
}

// hashOf returns the n-th hash of a text.
func hashOf(text string, n int) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d %s", n, text)
	return h.Sum64()
}
