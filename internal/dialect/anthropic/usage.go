package anthropic

import (
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// usageReport is Anthropic's usage object. In a stream it comes twice; what
// the second leaves out stays as the first said, so the fields are pointers.
type usageReport struct {
	InputTokens   *int64 `json:"input_tokens"`
	OutputTokens  *int64 `json:"output_tokens"`
	CacheRead     *int64 `json:"cache_read_input_tokens"`
	CacheCreation *int64 `json:"cache_creation_input_tokens"`
	CacheLifetime *struct {
		FiveMinutes int64 `json:"ephemeral_5m_input_tokens"`
		OneHour     int64 `json:"ephemeral_1h_input_tokens"`
	} `json:"cache_creation"`
	OutputDetails struct {
		Thinking int64 `json:"thinking_tokens"`
	} `json:"output_tokens_details"`
	ServiceTier string `json:"service_tier"`
}

type report struct {
	ID    string       `json:"id"`
	Model string       `json:"model"`
	Usage *usageReport `json:"usage"`
}

// ReadUsage reads what a message reports.
func (Format) ReadUsage(body []byte) (dialect.Usage, bool) {
	var a report
	if wire.DecodeResponse(body, &a) != nil {
		return dialect.Usage{}, false
	}
	u := dialect.Usage{Model: a.Model, ResponseID: a.ID}
	a.Usage.applyTo(&u)
	return u, a.Usage != nil && (a.Usage.InputTokens != nil || a.Usage.OutputTokens != nil)
}

// applyTo sets what t reports. Counts are cumulative: they are set, never added.
func (t *usageReport) applyTo(u *dialect.Usage) {
	if t == nil {
		return
	}
	plain := u.InputTokens - u.CachedTokens - u.CacheWriteTokens - u.CacheWrite1hTokens
	if t.InputTokens != nil {
		plain = dialect.Count(*t.InputTokens)
	}
	if t.CacheRead != nil {
		u.CachedTokens = dialect.Count(*t.CacheRead)
	}
	if t.CacheCreation != nil {
		written := dialect.Count(*t.CacheCreation)
		if t.CacheLifetime != nil {
			u.CacheWrite1hTokens = min(dialect.Count(t.CacheLifetime.OneHour), written)
		}
		u.CacheWriteTokens = max(0, written-u.CacheWrite1hTokens)
	}
	if t.OutputTokens != nil {
		u.OutputTokens = dialect.Count(*t.OutputTokens)
		u.ReasoningTokens = dialect.Count(t.OutputDetails.Thinking)
	}
	if t.ServiceTier != "" {
		u.Batch = t.ServiceTier == "batch"
	}
	u.InputTokens = plain + u.CachedTokens + u.CacheWriteTokens + u.CacheWrite1hTokens
}

// CountText counts the text in a whole message.
func (Format) CountText(body []byte) int64 { return jsonscan.Characters(body, "text", "thinking") }

// meter reads the events of a message.
type meter struct{ dialect.Tally }

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
			e.Message.Usage.applyTo(&m.Used)
		}
	case "message_delta":
		var e report
		if wire.DecodeResponse(data, &e) == nil && e.Usage != nil {
			e.Usage.applyTo(&m.Used)
			m.Reported = m.Reported || e.Usage.OutputTokens != nil
		}
	}
	return class
}
