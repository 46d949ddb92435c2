package bedrock

import (
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// usageReport is the usage of Bedrock's Converse. As at Anthropic, cache reads and writes are not included in the
// input.
type usageReport struct {
	Input      wire.Count `json:"inputTokens"`
	Output     wire.Count `json:"outputTokens"`
	CacheRead  wire.Count `json:"cacheReadInputTokens"`
	CacheWrite wire.Count `json:"cacheWriteInputTokens"`
	NovaRead   wire.Count `json:"cacheReadInputTokenCount"` // in InvokeModel
	NovaWrite  wire.Count `json:"cacheWriteInputTokenCount"`
	Details    []struct {
		Lifetime string     `json:"ttl"`
		Tokens   wire.Count `json:"inputTokens"`
	} `json:"cacheDetails"`
}

// report is a whole response, and the last event of a stream.
type report struct {
	Usage       *usageReport `json:"usage"`
	ServiceTier struct {
		Type string `json:"type"`
	} `json:"serviceTier"`
}

// ReadUsage reads the usage in a response.
func (Format) ReadUsage(body []byte) (dialect.Usage, bool) {
	var a report
	if wire.DecodeResponse(body, &a) != nil {
		return dialect.Usage{}, false
	}
	if u := a.usage(); u.InputTokens+u.OutputTokens > 0 {
		return u, true
	}
	u, reported := readInvoked(body)
	return u, reported || a.Usage != nil
}

func (a report) usage() dialect.Usage {
	t := a.Usage
	if t == nil {
		return dialect.Usage{}
	}
	u := dialect.Usage{
		OutputTokens: t.Output.Int(), CachedTokens: max(t.CacheRead, t.NovaRead).Int(), CacheWriteTokens: max(t.CacheWrite, t.NovaWrite).Int(),
		Tier: a.ServiceTier.Type,
	}
	u.InputTokens = t.Input.Int() + u.CachedTokens + u.CacheWriteTokens
	for _, d := range t.Details {
		if d.Lifetime == "1h" {
			u.CacheWrite1hTokens = min(d.Tokens.Int(), u.CacheWriteTokens)
			u.CacheWriteTokens -= u.CacheWrite1hTokens
		}
	}
	return u
}

// CountText counts the text in a whole response.
func (Format) CountText(body []byte) int64 { return jsonscan.Characters(body, modelText...) }

// meter reads the events of a stream. Their type is in the frame's header, and usage comes after the message, in the
// last event.
type meter struct{ dialect.Tally }

// NewMeter returns a reader of a stream.
func (Format) NewMeter(op dialect.Operation) dialect.Meter {
	if op == dialect.Invoke {
		return newInvokeMeter()
	}
	return &meter{}
}

// Read parses an event.
func (m *meter) Read(kind string, data []byte) ending.Class {
	switch kind {
	case "contentBlockDelta":
		m.Text += jsonscan.Characters(data, "text", "input")
	case "metadata":
		var a report
		if wire.DecodeResponse(data, &a) == nil && a.Usage != nil {
			m.Used, m.Reported = a.usage(), true
		}
	}
	return ending.OfFrame(kind, nil)
}
