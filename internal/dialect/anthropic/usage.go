package anthropic

import (
	"bytes"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// usageReport is Anthropic's usage object. A stream has two. Read over the first, the second keeps counts that it
// omits or reduces.
type usageReport struct {
	counts
	thinking    wire.Count
	tier        string
	speed, geo  string // "fast" and "us" have their own prices
	webSearches wire.Count
	container   bool // code ran, which is billed by the hour
	// iterations are the samplings behind the response. A compaction of the conversation is billed but not included
	// in the counts above; nor is the output of an advisor, which is another model (BetaUsage.Iterations in
	// anthropic-sdk-go, github.com/ccusage/ccusage/issues/1115). If another model took over from one that declined, the
	// counts above are the other's, and so is the price (github.com/maximhq/bifrost/pull/5387).
	iterations []iteration
}

type iteration struct {
	kind, model string
	counts
}

// counts are the counts of a response, or of one sampling behind it.
type counts struct {
	input, output, cacheRead, cacheCreation, fiveMinutes, oneHour wire.Count
}

// read reads a usage object. Each response has one, and each stream two, so they are scanned, not decoded by
// reflection.
func (t *usageReport) read(usage []byte) {
	for key, value := range jsonscan.Fields(usage) {
		switch string(key) {
		case "output_tokens_details":
			t.thinking.Read(jsonscan.Field(value, "thinking_tokens"))
		case "service_tier":
			if tier, ok := jsonscan.Text(value); ok {
				t.tier = tier
			}
		case "speed":
			t.speed, _ = jsonscan.Text(value)
		case "inference_geo":
			t.geo, _ = jsonscan.Text(value)
		case "server_tool_use":
			t.webSearches.Read(jsonscan.Field(value, "web_search_requests"))
		case "iterations":
			t.iterations = nil
			for element := range jsonscan.Elements(value) {
				var i iteration
				i.kind, _ = jsonscan.Text(jsonscan.Field(element, "type"))
				i.model, _ = jsonscan.Text(jsonscan.Field(element, "model"))
				i.read(element)
				t.iterations = append(t.iterations, i)
			}
		}
	}
	t.counts.read(usage)
}

func (c *counts) read(object []byte) {
	for key, value := range jsonscan.Fields(object) {
		switch string(key) {
		case "input_tokens":
			c.input.Read(value)
		case "output_tokens":
			c.output.Read(value)
		case "cache_read_input_tokens":
			c.cacheRead.Read(value)
		case "cache_creation_input_tokens":
			c.cacheCreation.Read(value)
		case "cache_creation":
			c.fiveMinutes.Read(jsonscan.Field(value, "ephemeral_5m_input_tokens"))
			c.oneHour.Read(jsonscan.Field(value, "ephemeral_1h_input_tokens"))
		}
	}
}

// usageOf returns the usage of a message or event; nil if there is none.
func usageOf(data []byte) []byte {
	if usage := jsonscan.Field(data, "usage"); len(usage) > 0 && usage[0] == '{' {
		return usage
	}
	return nil
}

// hasContainer reports whether a message, or an update of it, names the container in which code ran
// (platform.claude.com/docs/en/agents-and-tools/tool-use/code-execution-tool, "Usage and pricing").
func hasContainer(message []byte) bool {
	container := jsonscan.Field(message, "container")
	return len(container) > 0 && container[0] == '{'
}

// about is the metadata of a message.
func about(message []byte) (u dialect.Usage) {
	u.Model, _ = jsonscan.Text(jsonscan.Field(message, "model"))
	u.ResponseID, _ = jsonscan.Text(jsonscan.Field(message, "id"))
	return u
}

// ReadUsage reads the usage in a message.
func (Format) ReadUsage(body []byte) (dialect.Usage, bool) {
	if !jsonscan.Valid(body) {
		return dialect.Usage{}, false
	}
	u, usage := about(body), usageOf(body)
	t := usageReport{container: hasContainer(body)}
	t.read(usage)
	t.applyTo(&u)
	if usage == nil {
		kind, _ := jsonscan.Text(jsonscan.Field(body, "type"))
		u.Later = kind == "message_batch"
	}
	return u, usage != nil
}

// ResultsOf returns the id in a path such as /v1/messages/batches/msgbatch_1/results.
func (Format) ResultsOf(path string) (id string, ok bool) {
	path, ok = strings.CutSuffix(path, "/results")
	_, id, found := dialect.CutLast(path, "/messages/batches/")
	return id, ok && found
}

// ReadResults reads the messages in the results of a batch, one in a line. Each has its own usage, by which the price
// of one that is long is known.
func (f Format) ReadResults(body []byte) dialect.Usage {
	var all []dialect.Usage
	for line := range bytes.Lines(body) {
		message := jsonscan.Field(jsonscan.Field(bytes.TrimSpace(line), "result"), "message")
		u, ok := f.ReadUsage(message)
		if !ok {
			continue
		}
		if !strings.HasPrefix(u.Tier, "batch") { // the guide's results have no tier
			others := strings.TrimPrefix(strings.TrimPrefix(u.Tier, "standard"), "+")
			u.Tier = strings.TrimSuffix("batch+"+others, "+")
		}
		all = append(all, u)
	}
	if len(all) == 0 {
		return dialect.Usage{}
	}
	whole := all[0]
	for _, u := range all[1:] {
		whole.Others = append(append(whole.Others, u), u.Others...)
		for _, fee := range u.Fees {
			whole.AddFee(fee)
		}
	}
	return whole
}

// applyTo sets the reported counts.
func (t *usageReport) applyTo(u *dialect.Usage) {
	*u = dialect.Usage{Model: u.Model, ResponseID: u.ResponseID, ReasoningTokens: t.thinking.Int(), Tier: t.pricedBy()}
	if t.webSearches > 0 {
		u.AddFee(dialect.WebSearch)
	}
	if t.container {
		u.AddFee("code_execution")
	}
	t.addTo(u)
	for _, i := range t.iterations {
		switch i.kind {
		case "compaction":
			i.addTo(u)
		case "advisor_message":
			advisor := dialect.Usage{Model: i.model}
			i.addTo(&advisor)
			u.Others = append(u.Others, advisor)
		case "fallback_message":
			u.Substitute = i.model
		}
	}
}

// pricedBy returns what the price depends on besides the model: where it ran and how fast, as in "batch+us".
func (t *usageReport) pricedBy() string {
	by := t.tier
	for _, other := range [...]string{t.speed, t.geo} {
		switch other {
		case "", "standard", "global", "not_available":
		default:
			by = strings.TrimPrefix(by+"+"+other, "+")
		}
	}
	return by
}

// wholeInput returns the input tokens, cached or not.
func (c *counts) wholeInput() int64 {
	var u dialect.Usage
	c.addTo(&u)
	return u.InputTokens
}

func (c *counts) addTo(u *dialect.Usage) {
	oneHour := c.oneHour.Int()
	fiveMinutes := max(c.fiveMinutes.Int(), c.cacheCreation.Int()-oneHour)
	u.CachedTokens += c.cacheRead.Int()
	u.CacheWriteTokens += fiveMinutes
	u.CacheWrite1hTokens += oneHour
	u.InputTokens += c.input.Int() + c.cacheRead.Int() + fiveMinutes + oneHour
	u.OutputTokens += c.output.Int()
}

// CountText counts the text in a whole message.
func (Format) CountText(body []byte) int64 { return jsonscan.Characters(body, "text", "thinking") }

// meter reads the events of a message.
type meter struct {
	dialect.Tally
	counts usageReport // the largest so far
}

// NewMeter returns a reader of a stream.
func (Format) NewMeter(dialect.Operation) dialect.Meter { return &meter{} }

// Read parses an event.
func (m *meter) Read(kind string, data []byte) ending.Class {
	class := ending.OfEvent(kind, data)
	if kind == "" { // the type is in the data too
		kind, _ = jsonscan.Text(jsonscan.Field(data, "type"))
	}
	switch kind {
	case "content_block_delta":
		m.Text += jsonscan.Characters(data, "text", "partial_json", "thinking")
	case "content_block_start":
		m.Text += jsonscan.Characters(data, "text", "name")
	case "message_start":
		if message := jsonscan.Field(data, "message"); jsonscan.Valid(data) {
			its := about(message)
			m.Used.Model, m.Used.ResponseID = its.Model, its.ResponseID
			m.counts.container = hasContainer(message)
			m.apply(usageOf(message))
		}
	case "message_delta":
		if usage := usageOf(data); usage != nil && jsonscan.Valid(data) {
			m.counts.container = m.counts.container || hasContainer(jsonscan.Field(data, "delta"))
			m.apply(usage)
			m.Reported = true
		}
	}
	return class
}

// apply applies the usage that an event reports; nil reports none. A later report may split the same input into
// cached and uncached tokens.
func (m *meter) apply(usage []byte) {
	var now counts
	now.read(usage)
	if now.input < m.counts.input && now.wholeInput() >= m.counts.wholeInput() {
		m.counts.counts = counts{output: m.counts.output}
	}
	m.counts.read(usage) // over the earlier counts
	m.counts.applyTo(&m.Used)
}
