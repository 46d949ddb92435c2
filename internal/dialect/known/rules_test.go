package known_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
)

// The files in testdata/rules contain the providers' documented rules for requests: a rule's name, its source, a body
// that is accepted and one that is rejected. The checks below implement the same rules, and share no code with the
// writers.

type rule struct{ name, source, accepted, rejected string }

func rulesOf(t testing.TB, format string) []rule {
	t.Helper()
	b, err := os.ReadFile("testdata/rules/" + format + ".txt")
	require.NoError(t, err)
	var list []rule
	for _, section := range strings.Split(string(b), "=== ")[1:] {
		lines := strings.Split(strings.TrimSpace(section), "\n")
		require.Len(t, lines, 6, section)
		require.Equal(t, []string{"--- accepted", "--- rejected"}, []string{lines[2], lines[4]})
		list = append(list, rule{lines[0], lines[1], lines[3], lines[5]})
	}
	return list
}

// check returns the name of the rule that a body breaks, or "".
func check(format, model string, body []byte) string {
	var b node
	if json.Unmarshal(body, &b.v) != nil {
		return "json"
	}
	if m := b.at("model").text(); m != "" {
		model = m
	}
	return map[string]func(node, string) string{
		"openai": checkOpenAI, "anthropic": checkAnthropic, "google": checkGoogle, "bedrock": checkBedrock,
	}[format](b, model)
}

// node is a value of a decoded body.
type node struct{ v any }

func (n node) at(path ...string) node {
	for _, key := range path {
		m, _ := n.v.(map[string]any)
		n = node{m[key]}
	}
	return n
}

func (n node) text() string { s, _ := n.v.(string); return s }
func (n node) has() bool    { return n.v != nil }
func (n node) num() float64 { f, _ := n.v.(float64); return f }
func (n node) list() []node {
	var out []node
	l, _ := n.v.([]any)
	for _, v := range l {
		out = append(out, node{v})
	}
	return out
}

// parts is content that may also be a single text.
func (n node) parts() []node {
	if s, ok := n.v.(string); ok {
		return []node{{map[string]any{"type": "text", "text": s}}}
	}
	return n.list()
}

var (
	colonID  = regexp.MustCompile(`^[a-zA-Z0-9_.:-]{1,64}$`)
	plainID  = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)
	longName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,128}$`)
	dotName  = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$`)
	docName  = regexp.MustCompile(`^[a-zA-Z0-9()\[\]-]+( [a-zA-Z0-9()\[\]-]+)*$`)
)

// paired reports whether each result belongs to a call, each call has a result, and all calls have different ids.
func paired(calls, results []string) bool {
	calls, results = slices.Clone(calls), slices.Clone(results)
	slices.Sort(calls)
	slices.Sort(results)
	return slices.Equal(calls, results) && len(slices.Compact(slices.Clone(calls))) == len(calls)
}

func checkOpenAI(b node, model string) string {
	if len(b.at("messages").list()) == 0 {
		return "messages"
	}
	var calls, results, seen []string
	json := strings.Contains(strings.ToLower(fmt.Sprint(b.at("messages").v)), "json")
	for _, m := range b.at("messages").list() {
		if m.at("role").text() == "tool" {
			results = append(results, m.at("tool_call_id").text())
			continue
		}
		if !paired(calls, results) {
			return "results"
		}
		calls, results = nil, nil
		for _, c := range m.at("tool_calls").list() {
			id := c.at("id").text()
			if id == "" || len(id) > 40 || slices.Contains(seen, id) {
				return "ids"
			}
			if !plainID.MatchString(c.at("function", "name").text()) {
				return "names"
			}
			calls, seen = append(calls, id), append(seen, id)
		}
		for _, p := range m.at("content").parts() {
			if f := p.at("file"); f.has() && !strings.HasPrefix(f.at("file_data").text(), "data:application/pdf;base64,") {
				return "files"
			}
		}
	}
	if !paired(calls, results) {
		return "results"
	}
	for _, t := range b.at("tools").list() {
		f := t.at("function")
		p := f.at("parameters")
		switch {
		case !plainID.MatchString(f.at("name").text()):
			return "names"
		case p.has() && (p.at("type").text() != "object" || !p.at("properties").has() || hasAny(p, "oneOf", "anyOf", "allOf", "enum", "not")):
			return "schemas"
		case f.at("strict").v == true && !strict(p, true):
			return "strict"
		}
	}
	if s := b.at("response_format", "json_schema"); s.at("strict").v == true && !strict(s.at("schema"), true) {
		return "strict"
	}
	if len(b.at("stop").parts()) > 4 {
		return "stops"
	}
	if b.at("response_format", "type").text() == "json_object" && !json {
		return "json"
	}
	reasons := regexp.MustCompile(`^(o\d|gpt-5|gpt-6)`).MatchString(model)
	if reasons && hasAny(b, "temperature", "top_p", "max_tokens", "presence_penalty", "frequency_penalty") ||
		!reasons && strings.HasPrefix(model, "gpt-") && b.at("reasoning_effort").has() {
		return "reasoning"
	}
	return ""
}

func hasAny(n node, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return n.at(key).has() })
}

// strict reports whether all objects in a schema are closed and, if all is set (OpenAI), have all properties
// required, or else (Claude) no constraints.
func strict(s node, all bool) bool {
	m, ok := s.v.(map[string]any)
	if !ok {
		return true
	}
	properties, _ := s.at("properties").v.(map[string]any)
	if s.at("type").text() == "object" && (s.at("additionalProperties").v != false || all && len(properties) > len(s.at("required").list())) {
		return false
	}
	if !all && hasAny(s, "minimum", "maximum", "multipleOf", "minLength", "maxLength", "maxItems") {
		return false
	}
	for key, v := range m {
		inner := []node{{v}}
		switch key {
		case "properties", "$defs":
			inner = nil
			named, _ := v.(map[string]any)
			for _, v := range named {
				inner = append(inner, node{v})
			}
		case "anyOf", "oneOf", "allOf":
			inner = node{v}.list()
		case "items":
		default:
			continue
		}
		for _, n := range inner {
			if !strict(n, all) {
				return false
			}
		}
	}
	return true
}

// claude checks Claude's settings, wherever it runs.
func claude(model string, maxTokens, thinking, temperature, topP, topK node) string {
	kind := thinking.at("type").text()
	newer := regexp.MustCompile(`claude-(opus-4-[78]|(opus|sonnet|haiku|fable)-5)`).MatchString(model)
	oneWay := newer || regexp.MustCompile(`claude-(opus-4-[156]|(sonnet|haiku)-4-[56])`).MatchString(model)
	switch {
	case newer && kind == "enabled":
		return "adaptive"
	case newer && (temperature.has() || topP.has() || topK.has()), oneWay && temperature.has() && topP.has():
		return "sampling"
	case kind == "enabled" && (thinking.at("budget_tokens").num() < 1024 || maxTokens.has() && thinking.at("budget_tokens").num() >= maxTokens.num()):
		return "budget"
	case (kind == "enabled" || kind == "adaptive") && (temperature.has() || topK.has() || topP.has() && topP.num() < 0.95):
		return "thinking"
	}
	return ""
}

func claudeTool(name, schema node, longest *regexp.Regexp) string {
	switch {
	case !longest.MatchString(name.text()):
		return "names"
	case schema.at("type").text() != "object":
		return "schemas"
	case hasAny(schema, "oneOf", "allOf", "anyOf"):
		return "unions"
	}
	return ""
}

func claudeOutput(schema node) string {
	if !strict(schema, false) {
		return "outputs"
	}
	return ""
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

func checkAnthropic(b node, model string) string {
	for _, p := range b.at("system").parts() {
		if isBlank(p.at("text").text()) {
			return "blanks"
		}
	}
	messages := b.at("messages").list()
	if len(messages) == 0 {
		return "messages"
	}
	var open, seen []string
	for _, m := range messages {
		var calls, results []string
		for _, p := range m.at("content").parts() {
			for _, inner := range append(p.at("content").parts(), p) {
				switch inner.at("type").text() {
				case "text":
					if isBlank(inner.at("text").text()) {
						return "blanks"
					}
				case "image":
					if kind := inner.at("source", "media_type"); kind.has() && !slices.Contains([]string{"image/jpeg", "image/png", "image/gif", "image/webp"}, kind.text()) {
						return "images"
					}
				}
			}
			switch id := p.at("id").text(); p.at("type").text() {
			case "tool_use":
				if !plainID.MatchString(id) || slices.Contains(seen, id) {
					return "ids"
				}
				if !longName.MatchString(p.at("name").text()) {
					return "names"
				}
				calls, seen = append(calls, id), append(seen, id)
			case "tool_result":
				results = append(results, p.at("tool_use_id").text())
			}
		}
		if len(m.at("content").parts()) == 0 {
			return "blanks"
		}
		if !paired(open, results) {
			return "results"
		}
		open = calls
	}
	if open != nil {
		return "results"
	}
	last := messages[len(messages)-1]
	if parts := last.at("content").parts(); last.at("role").text() == "assistant" {
		text := parts[len(parts)-1].at("text").text()
		if text != strings.TrimRight(text, " \n\t\r") || regexp.MustCompile(`(opus|sonnet)-4-[678]|(opus|sonnet|haiku|fable)-5`).MatchString(model) {
			return "prefill"
		}
	}
	for _, t := range b.at("tools").list() {
		if broken := claudeTool(t.at("name"), t.at("input_schema"), longName); broken != "" {
			return broken
		}
	}
	for _, s := range b.at("stop_sequences").list() {
		if isBlank(s.text()) {
			return "stops"
		}
	}
	if kind := b.at("thinking", "type").text(); (kind == "enabled" || kind == "adaptive") && slices.Contains([]string{"any", "tool"}, b.at("tool_choice", "type").text()) {
		return "thinking"
	}
	if broken := claude(model, b.at("max_tokens"), b.at("thinking"), b.at("temperature"), b.at("top_p"), b.at("top_k")); broken != "" {
		return broken
	}
	return claudeOutput(b.at("output_config", "format", "schema"))
}

func checkGoogle(b node, _ string) string {
	contents := b.at("contents").list()
	if len(contents) == 0 {
		return "messages"
	}
	var open []string
	for i, c := range contents {
		var calls, results []string
		for _, p := range c.at("parts").list() {
			blob := p.at("inlineData")
			switch {
			case p.at("functionCall").has():
				calls = append(calls, p.at("functionCall", "name").text())
			case p.at("functionResponse").has():
				results = append(results, p.at("functionResponse", "name").text())
			case hasAny(blob, "displayName"), hasAny(p.at("fileData"), "displayName"):
				return "display"
			case strings.HasPrefix(blob.at("mimeType").text(), "image/") && !slices.Contains([]string{"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"}, blob.at("mimeType").text()):
				return "images"
			}
		}
		slices.Sort(open)
		slices.Sort(results)
		if !slices.Equal(open, results) {
			return "results"
		}
		if calls != nil && i == 0 {
			return "turns"
		}
		open = calls
	}
	if open != nil {
		return "results"
	}
	for _, t := range b.at("tools").list() {
		for _, f := range t.at("functionDeclarations").list() {
			if !dotName.MatchString(f.at("name").text()) {
				return "names"
			}
			if !lonelyRefs(f.at("parametersJsonSchema").v) {
				return "refs"
			}
		}
	}
	g := b.at("generationConfig")
	switch {
	case !lonelyRefs(g.at("responseJsonSchema").v):
		return "refs"
	case g.at("thinkingConfig", "thinkingLevel").has() && g.at("thinkingConfig", "thinkingBudget").has():
		return "thinking"
	case len(g.at("stopSequences").list()) > 5:
		return "stops"
	}
	return ""
}

// lonelyRefs reports whether references have no other keywords next to them.
func lonelyRefs(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		_, ref := v["$ref"].(string)
		for key, inner := range v {
			if ref && !strings.HasPrefix(key, "$") || !lonelyRefs(inner) {
				return false
			}
		}
	case []any:
		for _, inner := range v {
			if !lonelyRefs(inner) {
				return false
			}
		}
	}
	return true
}

func checkBedrock(b node, model string) string {
	messages := b.at("messages").list()
	if len(messages) == 0 {
		return "messages"
	}
	var open, seen, documents []string
	tools := b.at("toolConfig", "tools").list()
	for i, m := range messages {
		if want := []string{"user", "assistant"}[i%2]; m.at("role").text() != want {
			return "turns"
		}
		var calls, results []string
		var text, document bool
		for _, p := range m.at("content").list() {
			for _, inner := range append(p.at("toolResult", "content").list(), p) {
				if inner.at("text").has() && isBlank(inner.at("text").text()) {
					return "blanks"
				}
				if name := inner.at("document", "name"); name.has() {
					if !docName.MatchString(name.text()) || len(name.text()) > 200 || slices.Contains(documents, name.text()) {
						return "documents"
					}
					documents = append(documents, name.text())
				}
			}
			text, document = text || p.at("text").has(), document || p.at("document").has()
			if call := p.at("toolUse"); call.has() {
				id := call.at("toolUseId").text()
				if !colonID.MatchString(id) || slices.Contains(seen, id) {
					return "ids"
				}
				if !plainID.MatchString(call.at("name").text()) {
					return "names"
				}
				if len(tools) == 0 {
					return "tools"
				}
				calls, seen = append(calls, id), append(seen, id)
			}
			if r := p.at("toolResult"); r.has() {
				results = append(results, r.at("toolUseId").text())
			}
		}
		switch {
		case document && !text:
			return "documents"
		case len(m.at("content").list()) == 0:
			return "blanks"
		case !paired(open, results):
			return "results"
		}
		open = calls
	}
	if open != nil {
		return "results"
	}
	for _, t := range tools {
		if t.at("toolSpec").has() && !strings.Contains(model, "nova") {
			if broken := claudeTool(t.at("toolSpec", "name"), t.at("toolSpec", "inputSchema", "json"), plainID); broken != "" {
				return broken
			}
		}
	}
	settings, more := b.at("inferenceConfig"), b.at("additionalModelRequestFields")
	return claude(model, settings.at("maxTokens"), more.at("thinking"), settings.at("temperature"), settings.at("topP"), more.at("top_k"))
}

// The checks know the rules: bodies that providers document as accepted pass, and those documented as rejected break
// the rule that is named.
func TestRules(t *testing.T) {
	t.Parallel()
	for format := range formats {
		for _, r := range rulesOf(t, format) {
			t.Run(format+" "+r.name, func(t *testing.T) {
				assert.Empty(t, check(format, "", []byte(r.accepted)), r.accepted)
				assert.Equal(t, r.name, check(format, "", []byte(r.rejected)), r.rejected)
			})
		}
	}
}

// models are requested from each format's providers.
var models = map[string][]string{
	"openai":    {"gpt-4o-mini", "gpt-5-mini", "o3", "deepseek-chat"},
	"anthropic": {"claude-3-5-haiku-latest", "claude-sonnet-4-5", "claude-opus-4-6", "claude-opus-4-8"},
	"google":    {"gemini-2.5-flash", "gemini-2.5-pro", "gemini-3-pro-preview", "gemini-2.0-flash"},
	"bedrock":   {"anthropic.claude-3-haiku-20240307-v1:0", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-opus-4-8", "amazon.nova-pro-v1:0"},
}

// fits fails unless each writer turns a request into one that the rules of its format accept, or returns an error
// that names a field.
func fits(t testing.TB, r *Request, from string) {
	t.Helper()
	for to, chat := range formats {
		for _, model := range models[to] {
			asked := *r
			asked.Model = model
			body, err := chat.WriteRequest(&asked, Traits{Original: to == "openai" && model != "deepseek-chat"})
			if err != nil {
				var field *FieldError
				require.ErrorAs(t, err, &field, "%s from %s", to, from)
				require.NotEmpty(t, field.Field, "%s: %s from %s", to, err, from)
				continue
			}
			require.Empty(t, check(to, model, body), "%s %s\n%s\nfrom\n%s", to, model, body, from)
		}
	}
}

// Whatever one format's reader accepts, every other format's writer turns into something that its rules accept, or
// rejects with the name of a field.
func TestWritersKeepTheRules(t *testing.T) {
	t.Parallel()
	for name, from := range formats {
		var bodies []string
		for _, r := range rulesOf(t, name) {
			bodies = append(bodies, r.accepted, r.rejected)
		}
		for _, e := range requests {
			if e.format == from {
				bodies = append(bodies, e.body)
			}
		}
		for _, file := range []string{"request", "thinking"} {
			b, err := os.ReadFile("../../gateway/testdata/rewrite/" + name + "/" + file + ".json")
			require.NoError(t, err)
			bodies = append(bodies, string(b))
		}
		t.Run(name, func(t *testing.T) {
			for _, body := range bodies {
				r, err := from.ReadRequest([]byte(body))
				if err != nil {
					continue // a rejected body may not even be in the format
				}
				fits(t, r, body)
			}
		})
	}
	for _, f := range features {
		t.Run(f.name, func(t *testing.T) {
			from := formats[strings.Fields(f.formats)[0]] // the format that its fields are in
			body, err := from.WriteRequest(&f.request, traits)
			require.NoError(t, err)
			r, err := from.ReadRequest(body)
			require.NoError(t, err)
			fits(t, r, f.name)
		})
	}
}
