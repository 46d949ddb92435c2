package bedrock

import (
	"encoding/json"
	"net/http"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/anthropic"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// InvokeModel has bodies in the model's own format. Amazon adds counts in the same form for all models: in the
// headers of a response, and in the last event of a stream.

// modelText lists the keys of generated text in the responses of models.
var modelText = []string{"text", "outputText", "generation", "completion", "content", "reasoning_content", "thinking", "partial_json", "arguments"}

// invocationMetrics are Amazon's counts in a stream. Cache reads and writes are not included in the input.
type invocationMetrics struct {
	Input      wire.Count `json:"inputTokenCount"`
	Output     wire.Count `json:"outputTokenCount"`
	CacheRead  wire.Count `json:"cacheReadInputTokenCount"`
	CacheWrite wire.Count `json:"cacheWriteInputTokenCount"`
}

// fill sets the counts that the model's own format did not report.
func (m invocationMetrics) fill(u *dialect.Usage) {
	if u.InputTokens == 0 {
		u.CachedTokens, u.CacheWriteTokens = m.CacheRead.Int(), m.CacheWrite.Int()
		u.InputTokens = m.Input.Int() + u.CachedTokens + u.CacheWriteTokens
	}
	if u.OutputTokens == 0 {
		u.OutputTokens = m.Output.Int()
	}
}

// ReadHeaders reads the counts in the headers of InvokeModel's responses.
func (Format) ReadHeaders(h http.Header, u *dialect.Usage) bool {
	const prefix = "X-Amzn-Bedrock-"
	var m invocationMetrics
	found := false
	for name, count := range map[string]*wire.Count{
		"Input-Token-Count": &m.Input, "Output-Token-Count": &m.Output,
		"Cache-Read-Input-Token-Count": &m.CacheRead, "Cache-Write-Input-Token-Count": &m.CacheWrite,
	} {
		if value := h.Get(prefix + name); value != "" {
			_ = count.UnmarshalJSON([]byte(value)) // it never fails
			found = found || *count > 0
		}
	}
	m.fill(u)
	return found
}

// readInvoked reads the usage in a body in the model's own format: Claude's as at Anthropic, Titan's, Llama's, and
// OpenAI's, which the others use.
func readInvoked(body []byte) (dialect.Usage, bool) {
	u, _ := anthropic.Format{}.ReadUsage(body)
	var own struct {
		Usage struct {
			Prompt     wire.Count `json:"prompt_tokens"`
			Completion wire.Count `json:"completion_tokens"`
		} `json:"usage"`
		TitanInput  wire.Count `json:"inputTextTokenCount"`
		TitanOutput []struct {
			Tokens wire.Count `json:"tokenCount"`
		} `json:"results"`
		LlamaInput  wire.Count        `json:"prompt_token_count"`
		LlamaOutput wire.Count        `json:"generation_token_count"`
		Images      []json.RawMessage `json:"images"`
	}
	if wire.DecodeResponse(body, &own) != nil {
		return dialect.Usage{}, false
	}
	output := own.Usage.Completion + own.LlamaOutput
	for _, result := range own.TitanOutput {
		output += result.Tokens
	}
	if u.InputTokens == 0 {
		u.InputTokens = dialect.Count((own.Usage.Prompt + own.TitanInput + own.LlamaInput).Int())
	}
	if u.OutputTokens == 0 {
		u.OutputTokens = dialect.Count(output.Int())
	}
	u.Images = int64(len(own.Images))
	return u, u.InputTokens+u.OutputTokens+u.Images > 0
}

// invokeMeter reads the chunks of a stream. Each contains an event of the model.
type invokeMeter struct {
	dialect.Tally
	claude dialect.Meter // knows the lifetime of cache writes
}

func newInvokeMeter() *invokeMeter {
	return &invokeMeter{claude: anthropic.Format{}.NewMeter(dialect.Messages)}
}

// Read parses an event.
func (m *invokeMeter) Read(kind string, data []byte) ending.Class {
	class := ending.OfFrame(kind, data)
	if kind != "chunk" {
		return class
	}
	event := ending.Invoked(data)
	m.Text += jsonscan.Characters(event, modelText...)
	m.claude.Read("", event)
	m.Used, m.Reported = m.claude.Usage()
	if class == ending.Last {
		var last struct {
			Metrics invocationMetrics `json:"amazon-bedrock-invocationMetrics"`
		}
		_ = wire.DecodeResponse(event, &last) // otherwise usage is estimated
		last.Metrics.fill(&m.Used)
		m.Reported = true
	}
	return class
}
