package upstream

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// Embeddings, images, speech and transcriptions of OpenAI.

// pixel is a PNG of one transparent pixel.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

func (c *call) images(r Reply) response {
	var req struct {
		N              int    `json:"n"`
		Stream         bool   `json:"stream"`
		Partial        int    `json:"partial_images"`
		ResponseFormat string `json:"response_format"`
		Size           string `json:"size"`
		Format         string `json:"output_format"`
	}
	if json.Unmarshal(c.body, &req) != nil { // an edit is a form
		req.N, _ = strconv.Atoi(firstOf(formValues(c.body, "n")))
		req.Partial, _ = strconv.Atoi(firstOf(formValues(c.body, "partial_images")))
		req.ResponseFormat, req.Size = firstOf(formValues(c.body, "response_format")), firstOf(formValues(c.body, "size"))
		req.Stream = c.Stream
	}
	n := max(1, min(req.N, 10))
	if strings.HasPrefix(c.Model, "dall-e") || strings.HasSuffix(c.path, "/variations") {
		return c.dallE(n, req.ResponseFormat, r)
	}
	const tokensPerImage = 272 // a small image of low quality
	u := c.count(turn{}, r)
	if r.Usage == nil {
		u.OutputTokens = int64(n) * tokensPerImage
	}
	shared := object{"background": "opaque", "output_format": orElse(req.Format, "png"), "quality": "low", "size": orElse(req.Size, "1024x1024")}
	usage := object{"input_tokens": u.InputTokens, "output_tokens": u.OutputTokens, "total_tokens": u.InputTokens + u.OutputTokens,
		"input_tokens_details": object{"text_tokens": u.InputTokens, "image_tokens": 0}}
	if req.Stream {
		return c.imageStream(n, req.Partial, shared, usage, r)
	}
	data := []object{}
	for i := range n {
		data = append(data, object{"b64_json": r.image(i)})
	}
	shared["created"], shared["data"] = c.created(), data
	if !r.NoUsage {
		shared["usage"] = usage
	}
	return jsonResponse(shared)
}

func orElse(text, otherwise string) string {
	if text == "" || text == "auto" {
		return otherwise
	}
	return text
}

// dallE returns images at URLs and, for DALL·E 3, the revised prompt.
func (c *call) dallE(n int, format string, r Reply) response {
	data := []object{}
	for i := range n {
		image := object{"url": "https://images.example.com/" + c.id("img-", i) + ".png"}
		if format == "b64_json" {
			image = object{"b64_json": r.image(i)}
		}
		if c.Model == "dall-e-3" {
			image["revised_prompt"] = "This is a mock prompt."
		}
		data = append(data, image)
	}
	return jsonResponse(object{"created": c.created(), "data": data})
}

// imageStream returns the requested number of partial images, and the complete ones. The last event reports usage.
func (c *call) imageStream(n, partial int, shared, usage object, r Reply) response {
	kind := "image_generation"
	if strings.HasSuffix(c.path, "/edits") {
		kind = "image_edit"
	}
	a := eventResponse()
	event := func(end string, image int, fields object) []byte {
		o := object{"type": kind + end, "b64_json": r.image(image), "created_at": c.created()}
		maps.Copy(o, shared)
		maps.Copy(o, fields)
		return a.named(kind+end, o)
	}
	for i := range min(partial, 3) {
		a.text(event(".partial_image", 0, object{"partial_image_index": i}))
	}
	for i := range n - 1 {
		a.chunk(event(".completed", i, object{}))
	}
	last := object{}
	if !r.NoUsage {
		last["usage"] = usage
	}
	a.closing = [][]byte{event(".completed", n-1, last)}
	a.failure = a.named("error", object{"type": "error", "error": openAIError(http.StatusInternalServerError, streamFault)["error"]})
	return a
}

// soundFormats are the media types of speech formats, and the beginning of a file in each. The default is MP3.
var soundFormats = map[string]struct{ kind, begins string }{
	"opus": {"audio/opus", "OggS"}, "aac": {"audio/aac", "\xff\xf1"}, "flac": {"audio/flac", "fLaC"},
	"wav": {"audio/wav", "RIFF\xff\xff\xff\xffWAVEfmt "}, "pcm": {"audio/pcm", ""},
}

// soundPiece is how many bytes an event of speech contains.
const soundPiece = 256

// speech responds with sound, or with events that contain it.
func (c *call) speech(r Reply) response {
	if c.Characters == 0 {
		return c.failure(http.StatusBadRequest, "the text to speak is missing")
	}
	sound := c.sound(c.Characters)
	if !c.Stream {
		var req struct {
			Format string `json:"response_format"`
		}
		_ = json.Unmarshal(c.body, &req)
		format := soundFormats[req.Format]
		copy(sound, format.begins)
		return response{kind: orElse(format.kind, "audio/mpeg"), body: sound}
	}
	a := eventResponse()
	for piece := range slices.Chunk(sound, soundPiece) {
		a.text(a.data(object{"type": "speech.audio.delta", "audio": base64Of(piece)}))
	}
	done := object{"type": "speech.audio.done"}
	if !r.NoUsage {
		u := Usage{InputTokens: dialect.EstimateTokens(c.Characters), OutputTokens: dialect.EstimateTokens(c.Characters)}
		if r.Usage != nil {
			u = *r.Usage
		}
		done["usage"] = object{"input_tokens": u.InputTokens, "output_tokens": u.OutputTokens, "total_tokens": u.InputTokens + u.OutputTokens}
	}
	a.closing = append(a.closing, a.data(done))
	return a
}
