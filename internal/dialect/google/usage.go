package google

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// usageReport is Google's usageMetadata. Candidates exclude thoughts, and the prompt includes cached content.
type usageReport struct {
	Prompt     wire.Count `json:"promptTokenCount"`
	Candidates wire.Count `json:"candidatesTokenCount"`
	Thoughts   wire.Count `json:"thoughtsTokenCount"`
	Cached     wire.Count `json:"cachedContentTokenCount"`
	ToolPrompt wire.Count `json:"toolUsePromptTokenCount"`
	PromptBy   byModality `json:"promptTokensDetails"`
	EmbeddedBy byModality `json:"promptTokenDetails"` // for embeddings
	CachedBy   byModality `json:"cacheTokensDetails"`
	OutputBy   byModality `json:"candidatesTokensDetails"`

	ServiceTier string `json:"serviceTier"` // "flex": the Gemini API
	TrafficType string `json:"trafficType"` // "ON_DEMAND_FLEX": Vertex AI
}

// byModality are the counts other than text.
type byModality struct{ Audio, Image wire.Count }

// UnmarshalJSON reads the list that Google writes.
func (m *byModality) UnmarshalJSON(b []byte) error {
	var list []struct {
		Modality string     `json:"modality"`
		Count    wire.Count `json:"tokenCount"`
	}
	_ = wire.DecodeResponse(b, &list) // it is part of valid JSON
	for _, e := range list {
		switch e.Modality {
		case "AUDIO":
			m.Audio = max(m.Audio, e.Count)
		case "IMAGE":
			m.Image = max(m.Image, e.Count)
		}
	}
	return nil
}

type report struct {
	Model      string          `json:"modelVersion"`
	ResponseID string          `json:"responseId"`
	Usage      json.RawMessage `json:"usageMetadata"`
}

// ReadUsage reads a response, or an array of responses: a stream without events.
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

// meter reads the responses of a stream. Each has some of the parts.
type meter struct {
	dialect.Tally
	counts usageReport // the largest so far
}

// NewMeter returns a reader of a stream.
func (Format) NewMeter(dialect.Operation) dialect.Meter { return &meter{} }

// Read parses an event.
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
	if bytes.Contains(data, grounding) {
		addFees(&m.Used, data)
	}
	if len(r.Usage) > 0 && r.Usage[0] == '{' && wire.DecodeResponse(r.Usage, &m.counts) == nil {
		m.counts.applyTo(&m.Used)
		m.Reported = true
	}
}

var grounding = []byte(`"groundingMetadata"`)

// addFees adds what Google bills per query or request in addition to tokens: searches, maps and the documents of a
// store (ai.google.dev/gemini-api/docs/google-search, "Pricing"; cloud.google.com/vertex-ai/generative-ai/pricing,
// "Grounding").
func addFees(u *dialect.Usage, data []byte) {
	var r struct {
		Candidates []struct {
			Grounding struct {
				Queries      []string `json:"webSearchQueries"`
				ImageQueries []string `json:"imageSearchQueries"`
				Chunks       []struct {
					Maps      json.RawMessage `json:"maps"`
					Retrieved json.RawMessage `json:"retrievedContext"`
				} `json:"groundingChunks"`
			} `json:"groundingMetadata"`
		} `json:"candidates"`
	}
	_ = wire.DecodeResponse(data, &r) // it was already decoded once
	for _, c := range r.Candidates {
		if len(c.Grounding.Queries)+len(c.Grounding.ImageQueries) > 0 {
			u.AddFee(dialect.WebSearch)
		}
		for _, chunk := range c.Grounding.Chunks {
			switch {
			case chunk.Maps != nil:
				u.AddFee("google_maps")
			case chunk.Retrieved != nil:
				u.AddFee("retrieval")
			default:
				u.AddFee(dialect.WebSearch)
			}
		}
	}
}

// applyTo sets the reported counts, which are cumulative in a stream.
func (t *usageReport) applyTo(u *dialect.Usage) {
	u.InputTokens = dialect.Count((t.Prompt + t.ToolPrompt).Int())
	u.OutputTokens = dialect.Count((t.Candidates + t.Thoughts).Int())
	u.ReasoningTokens = t.Thoughts.Int()
	u.CachedTokens = t.Cached.Int()
	// What is cached has the price of cached text: the catalog knows no other.
	u.AudioInputTokens = max(t.PromptBy.Audio-t.CachedBy.Audio, t.EmbeddedBy.Audio).Int()
	u.ImageInputTokens = max(t.PromptBy.Image-t.CachedBy.Image, t.EmbeddedBy.Image).Int()
	u.Tier = cmp.Or(tier(t.ServiceTier), tier(t.TrafficType), u.Tier)
	u.AudioOutputTokens = t.OutputBy.Audio.Int()
	u.ImageOutputTokens = t.OutputBy.Image.Int()
}

// tier returns the way of processing in the terms of [dialect.Usage]. Google has two spellings.
func tier(name string) string {
	name = strings.TrimPrefix(strings.ToLower(name), "on_demand_")
	if strings.HasSuffix(name, "unspecified") {
		return ""
	}
	return name
}

// ReadHeaders reads the tier that responses of the Gemini API may have in a header
// only. They have no counts there.
func (Format) ReadHeaders(h http.Header, u *dialect.Usage) bool {
	u.Tier = cmp.Or(u.Tier, tier(h.Get("X-Gemini-Service-Tier")))
	return false
}
