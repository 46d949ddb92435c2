package anthropic

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// usageReport is Anthropic's usage object. In a stream it comes twice; decoded over
// the first, the second keeps what it leaves out, and what it says less of.
type usageReport struct {
	counts
	OutputDetails struct {
		Thinking wire.Count `json:"thinking_tokens"`
	} `json:"output_tokens_details"`
	ServiceTier string `json:"service_tier"`
	ServerTools struct {
		WebSearches wire.Count `json:"web_search_requests"`
	} `json:"server_tool_use"`
	// Iterations are the samplings behind the response. A compaction of the
	// conversation is billed, and not in the counts above; nor is what an advisor said,
	// which is another model (BetaUsage.Iterations in anthropic-sdk-go,
	// github.com/ccusage/ccusage/issues/1115).
	Iterations []struct {
		Type  string `json:"type"`
		Model string `json:"model"`
		counts
	} `json:"iterations"`
}

// counts are those of a response, or of one sampling behind it.
type counts struct {
	InputTokens   wire.Count `json:"input_tokens"`
	OutputTokens  wire.Count `json:"output_tokens"`
	CacheRead     wire.Count `json:"cache_read_input_tokens"`
	CacheCreation wire.Count `json:"cache_creation_input_tokens"`
	CacheLifetime struct {
		FiveMinutes wire.Count `json:"ephemeral_5m_input_tokens"`
		OneHour     wire.Count `json:"ephemeral_1h_input_tokens"`
	} `json:"cache_creation"`
}

type report struct {
	ID    string          `json:"id"`
	Model string          `json:"model"`
	Usage json.RawMessage `json:"usage"`
}

// readUsage decodes the usage; false if there is none.
func (r report) readUsage(into *usageReport) bool {
	return len(r.Usage) > 0 && r.Usage[0] == '{' && wire.DecodeResponse(r.Usage, into) == nil
}

// ReadUsage reads what a message reports.
func (Format) ReadUsage(body []byte) (dialect.Usage, bool) {
	var a report
	if wire.DecodeResponse(body, &a) != nil {
		return dialect.Usage{}, false
	}
	u := dialect.Usage{Model: a.Model, ResponseID: a.ID}
	var t usageReport
	reported := a.readUsage(&t)
	t.applyTo(&u)
	return u, reported
}

// applyTo sets what t reports.
func (t *usageReport) applyTo(u *dialect.Usage) {
	*u = dialect.Usage{Model: u.Model, ResponseID: u.ResponseID, ReasoningTokens: t.OutputDetails.Thinking.Int(), Tier: t.ServiceTier, WebSearches: t.ServerTools.WebSearches.Int()}
	t.addTo(u)
	for _, i := range t.Iterations {
		switch i.Type {
		case "compaction":
			i.addTo(u)
		case "advisor_message":
			advisor := dialect.Usage{Model: i.Model}
			i.addTo(&advisor)
			u.Others = append(u.Others, advisor)
		}
	}
}

// input is the whole input, cached or not.
func (c *counts) input() int64 {
	var u dialect.Usage
	c.addTo(&u)
	return u.InputTokens
}

func (c *counts) addTo(u *dialect.Usage) {
	oneHour := c.CacheLifetime.OneHour.Int()
	fiveMinutes := max(c.CacheLifetime.FiveMinutes.Int(), c.CacheCreation.Int()-oneHour)
	u.CachedTokens += c.CacheRead.Int()
	u.CacheWriteTokens += fiveMinutes
	u.CacheWrite1hTokens += oneHour
	u.InputTokens += c.InputTokens.Int() + c.CacheRead.Int() + fiveMinutes + oneHour
	u.OutputTokens += c.OutputTokens.Int()
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

// Read reads an event.
func (m *meter) Read(kind string, data []byte) ending.Class {
	class := ending.OfEvent(kind, data)
	if kind == "" { // the type is in the data too
		var typed struct {
			Type string `json:"type"`
		}
		_ = wire.DecodeResponse(data, &typed) // what has no type is Content
		kind = typed.Type
	}
	switch kind {
	case "content_block_delta":
		m.Text += jsonscan.Characters(data, "text", "partial_json", "thinking")
	case "content_block_start":
		m.Text += jsonscan.Characters(data, "text", "name")
	case "message_start":
		var e struct {
			Message report `json:"message"`
		}
		if wire.DecodeResponse(data, &e) == nil {
			m.Used.Model, m.Used.ResponseID = e.Message.Model, e.Message.ID
			m.apply(e.Message)
		}
	case "message_delta":
		var e report
		if wire.DecodeResponse(data, &e) == nil {
			m.Reported = m.apply(e) || m.Reported
		}
	}
	return class
}

// apply takes the usage that an event reports; false if it reports none. A later report
// may tell how the same input splits into what was cached and what was not.
func (m *meter) apply(r report) bool {
	var now usageReport
	reported := r.readUsage(&now)
	if now.InputTokens < m.counts.InputTokens && now.input() >= m.counts.input() {
		m.counts.counts = counts{OutputTokens: m.counts.OutputTokens}
	}
	r.readUsage(&m.counts) // over what came before
	m.counts.applyTo(&m.Used)
	return reported
}
