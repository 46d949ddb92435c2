package upstream

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// Mistral's own endpoints, and those that have OpenAI's paths but other responses.

// mistral responds at paths of OpenAI's; false for operations that Mistral has in OpenAI's format.
func (c *call) mistral(r Reply) (response, bool) {
	switch c.Operation {
	case dialect.Completions: // of code, or of an agent
		if c.Model == "" {
			c.Model = "mistral-medium-latest" // the agent's
		}
		p := chatPrompt(c.parsed())
		if p.last == "" {
			p.last = c.parsed().get("prompt").text()
		}
		return c.chatOf(c.thinkAll(p, r), c.parsed(), r), true
	case dialect.Transcription:
		return c.mistralTranscription(r), true
	case dialect.Speech:
		return c.mistralSpeech(), true
	}
	return response{}, false
}

func (c *call) mistralTranscription(r Reply) response {
	text, length := c.heard(r)
	u := r.heardUsage(text, length)
	usage := object{"prompt_tokens": u.InputTokens, "completion_tokens": u.OutputTokens, "total_tokens": u.InputTokens + u.OutputTokens,
		"prompt_audio_seconds": int(length.Round(time.Second).Seconds())}
	segments := []object{}
	if _, asked := c.param("timestamp_granularities"); asked {
		for _, s := range spoken(text, length) {
			segments = append(segments, object{"type": "transcription_segment", "text": s.text(), "start": s.start.Seconds(), "end": s.end.Seconds()})
		}
	}
	whole := object{"model": c.Model, "text": text, "language": nil, "segments": segments, "usage": usage}
	if !c.Stream {
		return jsonResponse(whole)
	}
	a := eventResponse()
	for _, piece := range pieces(text, r.ChunkSize) {
		a.text(a.named("transcription.text.delta", object{"type": "transcription.text.delta", "text": piece}))
	}
	whole["type"] = "transcription.done"
	a.closing = [][]byte{a.named("transcription.done", whole)}
	a.failure = a.data(c.habits().streamFailure())
	return a
}

func (c *call) mistralSpeech() response {
	if c.Characters == 0 {
		return c.failure(http.StatusUnprocessableEntity, "the text to speak is missing")
	}
	sound := c.sound(c.Characters)
	if !c.Stream {
		return jsonResponse(object{"audio_data": base64Of(sound)})
	}
	a := eventResponse()
	for piece := range slices.Chunk(sound, soundPiece) {
		a.text(a.named("speech.audio.delta", object{"type": "speech.audio.delta", "audio_data": base64Of(piece)}))
	}
	tokens := dialect.EstimateTokens(c.Characters)
	a.closing = [][]byte{a.named("speech.audio.done", object{"type": "speech.audio.done", "usage": bareUsage(Usage{InputTokens: tokens, OutputTokens: tokens})})}
	return a
}

// ocr reads the requested pages of a document, or its first. Each contains the reply's text.
func (c *call) ocr(r Reply) response {
	request := c.parsed()
	text := orElse(r.Text, "This is a mock document.")
	pages := []object{}
	page := func(index int) {
		pages = append(pages, object{"index": index, "markdown": text, "images": []object{}, "dimensions": object{"dpi": 200, "height": 2200, "width": 1700}})
	}
	for _, index := range request.get("pages").items {
		page(index.integer())
	}
	if len(pages) == 0 {
		page(0)
	}
	var annotation any
	if schema := request.get("document_annotation_format", "json_schema", "schema").decoded(); schema != nil {
		annotation = string(marshal(example(schema)))
	}
	return jsonResponse(object{"pages": pages, "model": orElse(c.Model, "mistral-ocr-latest"), "document_annotation": annotation,
		"usage_info": object{"pages_processed": len(pages), "doc_size_bytes": nil}})
}

var fimRules = []rule{
	{"mistral.fim-prompt", func(c *call) *refusal {
		if !strings.HasSuffix(c.path, "/fim/completions") || c.request.get("prompt").there() {
			return nil
		}
		return &refusal{status: http.StatusUnprocessableEntity, body: object{"object": "error", "message": object{"detail": []object{{"type": "missing", "loc": []string{"body", "prompt"},
			"msg": "Field required", "input": rawOrNull(c.request)}}}, "type": "invalid_request_error", "param": nil, "code": nil}}
	}},
}

var ocrRules = []rule{
	{"mistral.ocr-document", func(c *call) *refusal {
		document := c.request.get("document")
		for _, kind := range [...]string{"document_url", "image_url", "file_id"} {
			if document.get(kind).there() {
				return nil
			}
		}
		return &refusal{message: "Field required: document", status: http.StatusUnprocessableEntity}
	}},
}
