package upstream

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// embeddings responds with vectors that depend only on the text.
func (c *call) embeddings(r Reply) response {
	var req struct {
		Input          json.RawMessage `json:"input"`
		EncodingFormat string          `json:"encoding_format"`
		Dimensions     int             `json:"dimensions"`       // OpenAI
		Dimension      int             `json:"output_dimension"` // Mistral, Cohere, Voyage
	}
	if err := json.Unmarshal(c.body, &req); err != nil || len(req.Input) == 0 {
		return c.failure(http.StatusBadRequest, "Missing required parameter: 'input'.")
	}
	if c.Model == "" {
		return c.failure(http.StatusBadRequest, "you must provide a model parameter")
	}
	data := []object{}
	texts, tokens := embeddingInputs(req.Input)
	for i, text := range texts {
		v := vector(text, embeddingSize(c.Model, max(req.Dimensions, req.Dimension)))
		var embedding any = v
		if req.EncodingFormat == "base64" {
			embedding = base64Of(littleEndian(v))
		}
		data = append(data, object{"object": "embedding", "index": i, "embedding": embedding})
	}
	h := c.habits()
	body := object{"object": "list", "data": data, "model": c.Model}
	if h.embeddingID {
		body["id"] = c.id("", 0)
	}
	if !r.NoUsage {
		if r.Usage != nil {
			tokens = r.Usage.InputTokens
		}
		body["usage"] = h.embeddingUsage(tokens)
	}
	return jsonResponse(body)
}

// ownEmbeddings responds to Voyage's embeddings of texts with images, and of the parts of documents.
func (c *call) ownEmbeddings(r Reply) response {
	request := c.parsed()
	inputs := request.get("inputs").items
	if len(inputs) == 0 {
		return c.failure(http.StatusBadRequest, "Argument 'inputs' is required.")
	}
	size := embeddingSize(c.Model, request.get("output_dimension").integer())
	embed := func(i int, content string) object {
		v := vector(content, size)
		var embedding any = v
		if text := request.get("output_encoding").text() + request.get("encoding_format").text(); text == "base64" {
			embedding = base64Of(littleEndian(v))
		}
		return object{"object": "embedding", "index": i, "embedding": embedding}
	}
	var texts []string
	images := 0
	data := []object{}
	for i, input := range inputs {
		if input.isArray() { // the parts of a document
			parts := []object{}
			for j, part := range input.items {
				parts, texts = append(parts, embed(j, part.text())), append(texts, part.text())
			}
			data = append(data, object{"object": "list", "index": i, "data": parts})
			continue
		}
		var content strings.Builder
		for _, part := range input.get("content").items {
			text := part.get("text").text()
			if text != "" {
				texts = append(texts, text)
			}
			content.WriteString(text + part.get("image_url").text() + part.get("image_base64").text())
			if strings.HasPrefix(part.get("type").text(), "image_") {
				images++
			}
		}
		data = append(data, embed(i, content.String()))
	}
	body := object{"object": "list", "data": data, "model": c.Model}
	if !r.NoUsage {
		tokens := reported(r, texts...)
		usage := object{"total_tokens": tokens}
		if strings.HasSuffix(c.path, "/multimodalembeddings") {
			// The size of an image is not known here: each counts as one of the smallest, 50,000 pixels. 560 pixels are a token.
			const pixels, pixelsPerToken = 50_000, 560
			usage = object{"text_tokens": tokens, "image_pixels": images * pixels, "total_tokens": tokens + int64(images*pixels/pixelsPerToken)}
			if r.Usage != nil {
				usage["total_tokens"] = tokens
			}
		}
		body["usage"] = usage
	}
	return jsonResponse(body)
}

// embeddingSizes are the sizes of models' vectors, by a part of their names.
var embeddingSizes = []struct {
	in   string
	size int
}{
	{"text-embedding-3-large", 3072}, {"text-embedding-3-small", 1536}, {"ada-002", 1536}, // OpenAI
	{"gemini-embedding", 3072}, {"text-embedding-00", 768}, {"embedding-001", 768}, // Google
	{"mistral-embed", 1024}, {"codestral-embed", 1536},
	{"embed-v4", 1536}, {"light-v3", 384}, {"light-v2", 1024}, {"embed-english-v2", 4096}, {"embed-multilingual-v2", 768},
	{"embed-english", 1024}, {"embed-multilingual", 1024}, // Cohere
	{"voyage-3-lite", 512}, {"voyage-code-2", 1536}, {"voyage-large-2", 1536}, {"voyage", 1024},
	{"titan-embed-text-v1", 1536}, {"titan-embed-g1", 1536}, {"titan-embed", 1024}, {"nova-2-multimodal", 3072}, // Amazon
	{"qwen3-embedding-8b", 4096}, {"qwen3-embedding-4b", 2560}, {"qwen3-embedding", 1024},
	{"bge-small", 384}, {"bge-base", 768}, {"bge", 1024}, {"gte-modernbert", 768}, {"e5-large", 1024}, {"m2-bert", 768}, {"nomic-embed", 768},
}

// embeddingSize returns the size of a model's vectors, unless another one is requested.
func embeddingSize(model string, asked int) int {
	if asked > 0 {
		return min(asked, 4096)
	}
	model = strings.ToLower(model)
	for _, known := range embeddingSizes {
		if strings.Contains(model, known.in) {
			return known.size
		}
	}
	return 1536
}

// embeddingInputs reads the inputs: a text, texts, tokens, or lists of tokens. Tokens are counted for each input, and
// their lists as they are.
func embeddingInputs(input json.RawMessage) (texts []string, tokens int64) {
	var several []json.RawMessage
	if json.Unmarshal(input, &several) != nil || len(several) > 0 && several[0][0] != '"' && several[0][0] != '[' { // one text or list
		several = []json.RawMessage{input}
	}
	for _, raw := range several {
		var text string
		if json.Unmarshal(raw, &text) == nil {
			tokens += max(1, dialect.EstimateTokens(int64(utf8.RuneCountInString(text))))
		} else {
			text = string(raw)
			tokens += int64(1 + strings.Count(text, ","))
		}
		texts = append(texts, text)
	}
	return texts, tokens
}

// vector returns a unit vector computed from the letters of a text: texts that share letters are similar.
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
