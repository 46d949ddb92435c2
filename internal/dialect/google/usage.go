package google

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// usageReport is Google's usageMetadata. Thoughts are apart from candidates,
// cached content is within the prompt.
type usageReport struct {
	Prompt     int64      `json:"promptTokenCount"`
	Candidates int64      `json:"candidatesTokenCount"`
	Thoughts   int64      `json:"thoughtsTokenCount"`
	Cached     int64      `json:"cachedContentTokenCount"`
	ToolPrompt int64      `json:"toolUsePromptTokenCount"`
	PromptBy   []modality `json:"promptTokensDetails"`
	OutputBy   []modality `json:"candidatesTokensDetails"`
}

type modality struct {
	Modality string `json:"modality"`
	Count    int64  `json:"tokenCount"`
}

type report struct {
	Model      string       `json:"modelVersion"`
	ResponseID string       `json:"responseId"`
	Usage      *usageReport `json:"usageMetadata"`
}

// ReadUsage reads a response, or the array of responses that a stream is when it
// is not asked for as events.
func (Format) ReadUsage(body []byte) (dialect.Usage, bool) {
	var m meter
	var list []json.RawMessage
	if json.Unmarshal(body, &list) == nil {
		for _, e := range list {
			m.decode(e)
		}
	} else {
		m.decode(body)
	}
	return m.Usage()
}

// CountText counts the text in a whole response.
func (Format) CountText(body []byte) int64 { return jsonscan.Characters(body, "text") }

// meter reads the responses of a stream, each of which has some parts.
type meter struct{ dialect.Tally }

// NewMeter returns a reader of a stream.
func (Format) NewMeter(dialect.Operation) dialect.Meter { return &meter{} }

// Read reads an event.
func (m *meter) Read(kind string, data []byte) ending.Class {
	m.Text += jsonscan.Characters(data, "text")
	m.decode(data)
	return ending.OfEvent(kind, data)
}

func (m *meter) decode(data []byte) {
	var r report
	if wire.DecodeResponse(data, &r) != nil {
		return
	}
	if r.Model != "" {
		m.Used.Model = r.Model
	}
	if r.ResponseID != "" {
		m.Used.ResponseID = r.ResponseID
	}
	if r.Usage != nil {
		r.Usage.applyTo(&m.Used)
		m.Reported = true
	}
}

// applyTo sets what t reports. Each event of a stream counts all before it too.
func (t *usageReport) applyTo(u *dialect.Usage) {
	u.InputTokens = dialect.Count(t.Prompt) + dialect.Count(t.ToolPrompt)
	u.OutputTokens = dialect.Count(t.Candidates) + dialect.Count(t.Thoughts)
	u.ReasoningTokens = dialect.Count(t.Thoughts)
	u.CachedTokens = dialect.Count(t.Cached)
	for _, m := range t.PromptBy {
		if m.Modality == "AUDIO" {
			u.AudioInputTokens = dialect.Count(m.Count)
		}
	}
	for _, m := range t.OutputBy {
		switch m.Modality {
		case "AUDIO":
			u.AudioOutputTokens = dialect.Count(m.Count)
		case "IMAGE":
			u.ImageOutputTokens = dialect.Count(m.Count)
		}
	}
}
