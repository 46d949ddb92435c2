package upstream

import (
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// The model of a fake: its text, its tool calls, and its usage.

// turn is a model's response in neutral form.
type turn struct {
	reasoning string
	text      string
	tools     []ToolCall // with arguments
	image     bool       // an image is generated
	spoken    bool       // the text is spoken
	finish    FinishReason
	usage     Usage
}

// prompt is the part of a request that a fake uses.
type prompt struct {
	last   string // the user's last text
	tools  []tool
	forced string // a tool that must be called; "*" for any
	json   bool   // the response must be JSON
	schema any    // of that JSON, if given
	bare   bool   // the JSON is a string, written without quotes
}

type tool struct {
	name   string
	schema value // of the arguments
}

// think determines the turn.
func (c *call) think(p prompt, r Reply) turn {
	t := turn{reasoning: r.Reasoning, text: r.Text, tools: r.ToolCalls, finish: FinishStop}
	if t.text == "" && t.tools == nil && r.FinishReason != FinishContentFilter {
		t.text, t.tools = p.respond()
	}
	t.tools = p.complete(t.tools)
	if len(t.tools) > 0 {
		t.finish = FinishToolCalls
	}
	if limit, ok := c.outputLimit(); ok {
		if _, all := t.tokens(); all > limit {
			t.cut(limit)
		}
	}
	if r.FinishReason != "" {
		t.finish = r.FinishReason
	}
	t.usage = c.count(t, r)
	return t
}

// The highest number of choices: OpenAI's limit; Google's is lower.
const maxChoices = 128

// choices returns the number of choices that a request asks for.
func (c *call) choices() int {
	asked := 0
	switch c.Operation {
	case dialect.ChatCompletions, dialect.Completions:
		asked = c.parsed().get("n").integer()
	case dialect.Generate:
		n, _ := either(either(c.parsed(), "generationConfig"), "candidateCount").number()
		asked = int(n)
	}
	return max(1, min(asked, maxChoices))
}

// turns are a model's turns, one per choice.
type turns []turn

// thinkAll determines all turns. They are equal if the reply has no candidates.
func (c *call) thinkAll(p prompt, r Reply) turns {
	all := make(turns, c.choices())
	for i := range all {
		if i < max(1, len(r.Candidates)) {
			all[i] = c.think(p, r.candidate(i))
		} else {
			all[i] = all[i-1]
		}
	}
	return all
}

// usage returns the usage of all turns, with the input counted once.
func (all turns) usage(r Reply) Usage {
	u := all[0].usage
	if r.Usage == nil {
		for _, t := range all[1:] {
			u.OutputTokens += t.usage.OutputTokens
			u.ReasoningTokens += t.usage.ReasoningTokens
		}
	}
	return u
}

// pieces returns the pieces of each turn's text, and the highest number of pieces.
func (all turns) pieces(size int) (said [][]string, most int) {
	said = make([][]string, len(all))
	for i, t := range all {
		said[i] = pieces(t.text, size)
		most = max(most, len(said[i]))
	}
	return said, most
}

// respond is a fake's default behavior: it calls a tool only if it must, and otherwise returns its prompt. It makes a
// forced call even after a tool's result, as real models do: agents have to reset tool_choice
// (github.com/openai/openai-agents-python/pull/263).
func (p prompt) respond() (string, []ToolCall) {
	if p.forced != "" {
		for _, tool := range p.tools {
			if p.forced == "*" || p.forced == tool.name {
				return "", []ToolCall{{Name: tool.name}}
			}
		}
	}
	if p.json {
		if p.schema == nil {
			return string(marshal(object{"answer": p.saying()})), nil
		}
		v := example(p.schema)
		if word, ok := v.(string); ok && p.bare {
			return word, nil
		}
		return string(marshal(v)), nil
	}
	return p.saying(), nil
}

func (p prompt) saying() string {
	const longest = 200
	last := strings.Join(strings.Fields(p.last), " ")
	if last == "" {
		return "This is a mock response."
	}
	n := 0
	for i := range last {
		if n == longest {
			last = last[:i]
			break
		}
		n++
	}
	return "This is a mock response to: " + last
}

// complete fills in arguments.
func (p prompt) complete(calls []ToolCall) []ToolCall {
	var out []ToolCall
	for _, call := range calls {
		if call.Arguments == "" {
			call.Arguments = "{}"
			for _, tool := range p.tools {
				if tool.name != call.Name || !tool.schema.there() {
					continue
				}
				if arguments, ok := example(tool.schema.decoded()).(object); ok { // arguments are never anything else
					call.Arguments = string(marshal(arguments))
				}
			}
		}
		out = append(out, call)
	}
	return out
}

// count returns the reported usage.
func (c *call) count(t turn, r Reply) Usage {
	if r.Usage != nil {
		return *r.Usage
	}
	u := Usage{InputTokens: dialect.EstimateTokens(c.PromptCharacters())}
	u.ReasoningTokens, u.OutputTokens = t.tokens()
	return u
}

// pieces splits text into the chunks of a stream: words with the preceding space, or a fixed number of characters.
func pieces(text string, size int) []string {
	if text == "" {
		return nil
	}
	out := make([]string, 0, 1+strings.Count(text, " "))
	start, n := 0, 0
	for i, ch := range text {
		full := size > 0 && n == size || size == 0 && ch == ' '
		if full && i > start {
			out, start, n = append(out, text[start:i]), i, 0
		}
		n++
	}
	return append(out, text[start:])
}

// textOf joins the text of a message's content, which is a string or a list of parts, in any format.
func textOf(content value) string {
	if content.isString() {
		return content.text()
	}
	var texts []string
	for _, part := range content.items {
		if text := part.get("text").text(); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, " ")
}
