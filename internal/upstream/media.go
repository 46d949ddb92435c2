package upstream

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// Embeddings, images, speech and transcriptions of OpenAI.

// embeddings responds with vectors that depend on the text alone.
func (c *call) embeddings(r Reply) response {
	var req struct {
		Input          json.RawMessage `json:"input"`
		EncodingFormat string          `json:"encoding_format"`
		Dimensions     int             `json:"dimensions"`
	}
	if err := json.Unmarshal(c.body, &req); err != nil || len(req.Input) == 0 {
		return c.failure(http.StatusBadRequest, "Missing required parameter: 'input'.")
	}
	if c.Model == "" {
		return c.failure(http.StatusBadRequest, "you must provide a model parameter")
	}
	size := req.Dimensions
	if size <= 0 || size > 4096 {
		size = 1536
		if strings.Contains(c.Model, "3-large") {
			size = 3072
		}
	}
	data := []object{}
	for i, text := range embeddingInputs(req.Input) {
		v := vector(text, size)
		var embedding any = v
		if req.EncodingFormat == "base64" {
			embedding = base64Of(littleEndian(v))
		}
		data = append(data, object{"object": "embedding", "index": i, "embedding": embedding})
	}
	body := object{"object": "list", "data": data, "model": c.Model}
	if !r.NoUsage {
		u := c.count(turn{}, r)
		body["usage"] = object{"prompt_tokens": u.InputTokens, "total_tokens": u.InputTokens}
	}
	return jsonResponse(body)
}

// embeddingInputs are a text, texts, tokens, or lists of tokens.
func embeddingInputs(input json.RawMessage) []string {
	var one string
	if json.Unmarshal(input, &one) == nil {
		return []string{one}
	}
	var several []json.RawMessage
	_ = json.Unmarshal(input, &several)
	if len(several) > 0 && several[0][0] != '"' && several[0][0] != '[' { // one list of tokens
		return []string{string(input)}
	}
	texts := make([]string, len(several))
	for i, raw := range several {
		if json.Unmarshal(raw, &texts[i]) != nil {
			texts[i] = string(raw)
		}
	}
	return texts
}

// vector is a unit vector made from the letters of a text: texts that share
// letters are alike.
func vector(text string, size int) []float32 {
	v := make([]float32, size)
	for i, ch := range text {
		v[(int(ch)*31+i%7)%size]++
	}
	v[0]++
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return v
}

func littleEndian(v []float32) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// pixel is a PNG of one transparent pixel.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

func (c *call) images(r Reply) response {
	var req struct {
		N              int    `json:"n"`
		ResponseFormat string `json:"response_format"`
	}
	_ = json.Unmarshal(c.body, &req) // edits are forms: one image then
	data := []object{}
	for i := range max(1, min(req.N, 10)) {
		if strings.HasPrefix(c.Model, "dall-e") && req.ResponseFormat != "b64_json" {
			data = append(data, object{"url": "https://images.example.com/" + c.id("img-", i) + ".png"})
			continue
		}
		data = append(data, object{"b64_json": pixel})
	}
	body := object{"created": c.created(), "data": data}
	if !r.NoUsage && !strings.HasPrefix(c.Model, "dall-e") {
		const tokensPerImage = 272 // a small one of low quality
		u := c.count(turn{}, r)
		if r.Usage == nil {
			u.OutputTokens = int64(len(data)) * tokensPerImage
		}
		body["usage"] = object{"input_tokens": u.InputTokens, "output_tokens": u.OutputTokens, "total_tokens": u.InputTokens + u.OutputTokens,
			"input_tokens_details": object{"text_tokens": u.InputTokens, "image_tokens": 0}}
	}
	return jsonResponse(body)
}

// speech responds with sound, or with events that carry it.
func (c *call) speech(r Reply) response {
	if c.Characters == 0 {
		return c.failure(http.StatusBadRequest, "the text to be spoken is missing")
	}
	sound := c.sound(c.Characters)
	if !c.Stream {
		return response{kind: "audio/mpeg", body: sound}
	}
	a := eventResponse()
	for len(sound) > 0 {
		n := min(len(sound), 256)
		a.text(dataEvent(object{"type": "speech.audio.delta", "audio": base64Of(sound[:n])}))
		sound = sound[n:]
	}
	done := object{"type": "speech.audio.done"}
	if !r.NoUsage {
		u := Usage{InputTokens: dialect.EstimateTokens(c.Characters), OutputTokens: dialect.EstimateTokens(c.Characters)}
		if r.Usage != nil {
			u = *r.Usage
		}
		done["usage"] = object{"input_tokens": u.InputTokens, "output_tokens": u.OutputTokens, "total_tokens": u.InputTokens + u.OutputTokens}
	}
	a.closing = append(a.closing, dataEvent(done))
	return a
}

// heard is what a recording is taken for: what the reply says, for as long as the
// recording lasts.
func (c *call) heard(r Reply) (text string, length time.Duration) {
	text = r.Text
	if text == "" {
		text = "This is a mock transcription."
	}
	length = dialect.AudioDuration(c.Audio)
	if r.Usage != nil && r.Usage.Duration > 0 {
		length = r.Usage.Duration
	}
	return text, max(length, time.Millisecond) // never nothing
}

func (c *call) transcription(r Reply) response {
	text, length := c.heard(r)
	usage := object{"type": "duration", "seconds": length.Seconds()}
	if c.Model != "whisper-1" && !strings.HasPrefix(c.Model, "whisper-") {
		u := Usage{InputTokens: dialect.EstimateTokens(int64(length / (25 * time.Millisecond))), OutputTokens: dialect.EstimateTokens(int64(utf8.RuneCountInString(text)))}
		if r.Usage != nil {
			u = *r.Usage
		}
		usage = object{"type": "tokens", "input_tokens": u.InputTokens, "output_tokens": u.OutputTokens, "total_tokens": u.InputTokens + u.OutputTokens,
			"input_token_details": object{"text_tokens": 0, "audio_tokens": u.InputTokens}}
	}
	if c.Stream {
		a := eventResponse()
		for _, piece := range pieces(text, r.ChunkSize) {
			a.text(dataEvent(object{"type": "transcript.text.delta", "delta": piece}))
		}
		a.closing = append(a.closing, dataEvent(object{"type": "transcript.text.done", "text": text, "usage": usage}))
		return a
	}
	body := object{"text": text, "usage": usage}
	switch format := formValue(c, "response_format"); format {
	case "text", "srt", "vtt":
		return response{kind: "text/plain; charset=utf-8", body: []byte(text + "\n")}
	case "verbose_json":
		body["task"], body["language"], body["duration"] = "transcribe", "english", length.Seconds()
		body["segments"] = []object{}
	}
	if r.NoUsage {
		delete(body, "usage")
	}
	return jsonResponse(body)
}

// formValue finds a short field of an upload without parsing it again.
func formValue(c *call, name string) string {
	_, rest, ok := strings.Cut(string(c.body), `name="`+name+`"`)
	if !ok {
		return ""
	}
	_, rest, _ = strings.Cut(rest, "\r\n\r\n")
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}
