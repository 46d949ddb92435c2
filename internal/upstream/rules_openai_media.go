package upstream

import (
	"bytes"
	"fmt"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// What OpenAI rejects in embeddings, images, moderations, files, speech, transcriptions and text completions.

var embeddingRules = []rule{
	{"openai.embedding-model", func(c *call) *refusal {
		if of := c.modelIsFor(); of == dialect.Embeddings || of == "" && !c.neverReasons() && !c.reasons() {
			return nil
		}
		broken := openAIRefusal("", "", "You are not allowed to generate embeddings from this model")
		broken.status = http.StatusForbidden
		return broken
	}},
	{"openai.embedding-input", func(c *call) *refusal {
		const most = 2048
		input := c.request.get("input")
		empty := input.isString() && input.text() == "" || input.isArray() && len(input.items) == 0 ||
			slices.ContainsFunc(input.items, func(item value) bool { return string(item.raw) == `""` })
		if !empty && len(input.items) <= most {
			return nil
		}
		return openAIRefusal("", "", "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.")
	}},
	{"openai.dimensions", func(c *call) *refusal {
		asked, ok := c.request.get("dimensions").number()
		if !ok {
			return nil
		}
		if isFamily(c.Model, "text-embedding-ada-002") {
			return openAIRefusal("", "", "This model does not support specifying dimensions.")
		}
		if most := embeddingSize(c.Model, 0); asked > float64(most) && strings.HasPrefix(c.Model, "text-embedding-3-") {
			return openAIRefusal("", "", "Invalid value for 'dimensions' = %.0f. Must be less than or equal to %d.", asked, most)
		}
		return nil
	}},
	{"openai.embedding-window", func(c *call) *refusal {
		const window = 8192
		if len(c.body) <= 2*window { // it can't be more, so most requests need no count
			return nil
		}
		input := c.request.get("input")
		for _, item := range append(slices.Clone(input.items), input) {
			if !item.isString() {
				continue
			}
			if n := dialect.EstimateTokens(int64(len([]rune(item.text())))); n > window {
				return openAIRefusal("", "", "This model's maximum context length is %d tokens, however you requested %d tokens (%d in your prompt; 0 for the completion). "+
					"Please reduce your prompt; or completion length.", window, n, n)
			}
		}
		return nil
	}},
}

var completionRules = []rule{
	{"openai.completion-model", func(c *call) *refusal {
		if m, ok := c.provider.Model(c.Model); !ok || m.Operation != "" && m.Operation != dialect.ChatCompletions {
			return nil
		}
		return wrongEndpoint("This is a chat model and not supported in the v1/completions endpoint. Did you mean to use v1/chat/completions?")
	}},
	{"openai.stream-options", (*call).streamOptions},
}

var imageRules = []rule{
	{"openai.image-variations", func(c *call) *refusal {
		if !strings.HasSuffix(c.path, "/variations") {
			return nil
		}
		broken := openAIRefusal("", "", "The image variations endpoint has been retired and no longer accepts requests.")
		broken.status = http.StatusNotFound
		return broken
	}},
	{"openai.image-parameter", func(c *call) *refusal {
		for _, name := range c.imageUnknown() {
			if _, given := c.param(name); given {
				return openAIRefusal(name, "unknown_parameter", "Unknown parameter: '%s'.", name)
			}
		}
		return nil
	}},
	{"openai.image-size", func(c *call) *refusal {
		size, given := c.param("size")
		if sizes := imageSizes[c.Model]; !given || sizes == nil || slices.Contains(sizes, size) {
			return nil
		}
		if strings.HasPrefix(c.Model, "dall-e") {
			return openAIRefusal("", "invalid_size", "The size is not supported by this model.")
		}
		return openAIRefusal("size", "invalid_value", "Invalid value: '%s'. Supported values are: %s.", size, listed(imageSizes[c.Model]))
	}},
	{"openai.image-quality", func(c *call) *refusal {
		quality, given := c.param("quality")
		if !given || imageSizes[c.Model] == nil || strings.HasPrefix(c.Model, "dall-e") || slices.Contains(imageQualities, quality) {
			return nil
		}
		return openAIRefusal("quality", "invalid_value", "Invalid value: '%s'. Supported values are: %s.", quality, listed(imageQualities))
	}},
	{"openai.image-count", func(c *call) *refusal {
		if n, given := c.param("n"); !given || n == "1" || c.Model != "dall-e-3" {
			return nil
		}
		return openAIRefusal("n", "invalid_value", "You must provide n=1 for this model.")
	}},
	{"openai.image-background", func(c *call) *refusal {
		background, _ := c.param("background")
		if format, _ := c.param("output_format"); background != "transparent" || format != "jpeg" {
			return nil
		}
		return openAIRefusal("background", "invalid_value", "Transparent background is not supported for output_format 'jpeg'. Use 'png' or 'webp' instead.")
	}},
	{"openai.image-file", func(c *call) *refusal {
		for file := range c.files() {
			kind := file.kind
			if !strings.HasPrefix(file.field, "image") || imageTypes[kind] && kind != "image/gif" {
				continue
			}
			return openAIRefusal(file.field, "unsupported_file_mimetype",
				"Invalid file '%s': unsupported mimetype ('%s'). Supported file formats are 'image/jpeg', 'image/png', and 'image/webp'.", file.field, kind)
		}
		return nil
	}},
}

var (
	squares = []string{"1024x1024", "1024x1536", "1536x1024", "auto"}
	// imageSizes are the sizes of models that don't support all sizes.
	imageSizes = map[string][]string{
		"dall-e-2": {"256x256", "512x512", "1024x1024"}, "dall-e-3": {"1024x1024", "1792x1024", "1024x1792"},
		"gpt-image-1": squares, "gpt-image-1-mini": squares, "gpt-image-1.5": squares,
	}
	imageQualities = []string{"low", "medium", "high", "auto"}
)

// imageUnknown are parameters that only other models support.
func (c *call) imageUnknown() []string {
	switch {
	case strings.HasPrefix(c.Model, "gpt-image"), strings.HasPrefix(c.Model, "chatgpt-image"):
		return []string{"response_format", "style"}
	case c.Model == "dall-e-2":
		return []string{"quality", "background", "moderation", "output_format"}
	}
	return nil
}

var moderationRules = []rule{
	{"openai.moderation-model", func(c *call) *refusal {
		if c.Model == "" || strings.HasPrefix(c.Model, "omni-moderation") || strings.HasPrefix(c.Model, "text-moderation") {
			return nil
		}
		return openAIRefusal("model", "", "Invalid value for 'model' = %s. Please check the OpenAI documentation and try again.", c.Model)
	}},
	{"openai.moderation-images", func(c *call) *refusal {
		n := 0
		for _, part := range c.request.get("input").items {
			if part.get("image_url").there() {
				n++
			}
		}
		if n <= 1 {
			return nil
		}
		return openAIRefusal("input", "too_many_images", "Number of images (%d) exceeds maximum of 1", n)
	}},
}

var fileRules = []rule{
	{ruleMissing, func(c *call) *refusal {
		for range c.files() {
			if _, given := c.param("purpose"); given {
				return nil
			}
			return missingParameter("purpose")
		}
		return missingParameter("file")
	}},
	{ruleValue, func(c *call) *refusal {
		purpose, given := c.param("purpose")
		if !given || slices.Contains(filePurposes, purpose) {
			return nil
		}
		return openAIRefusal("purpose", "invalid_value", "Invalid value: '%s'. Supported values are: %s.", purpose, listed(filePurposes))
	}},
	{"openai.batch-file", func(c *call) *refusal {
		purpose, _ := c.param("purpose")
		for file := range c.files() {
			if purpose == batchPurpose && path.Ext(file.name) != ".jsonl" {
				return openAIRefusal("", "", "Invalid file format for Batch API. Must be .jsonl")
			}
		}
		return nil
	}},
}

var filePurposes = []string{"assistants", "batch", "fine-tune", "vision", "user_data", "evals"}

var speechRules = []rule{
	{"openai.speech", func(c *call) *refusal {
		const longest, fastest, slowest = 4096, 4.0, 0.25
		voice, format := c.request.get("voice"), c.request.get("response_format")
		speed, _ := c.request.get("speed").number()
		switch {
		case !voice.there():
			return speechRefusal("missing", "voice", "Field required", nil, "")
		case c.Characters > longest:
			return speechRefusal("string_too_long", "input", fmt.Sprintf("String should have at most %d characters", longest), nil, fmt.Sprintf("{'max_length': %d}", longest))
		case voice.isString() && !slices.Contains(openAIVoices, voice.text()):
			return speechChoice("voice", voice, openAIVoices)
		case format.there() && !slices.Contains(spokenFormats, format.text()):
			return speechChoice("response_format", format, spokenFormats)
		case speed > fastest:
			return speechRefusal("less_than_equal", "speed", "Input should be less than or equal to 4", c.request.get("speed").raw, "{'le': 4.0}")
		case speed != 0 && speed < slowest:
			return speechRefusal("greater_than_equal", "speed", "Input should be greater than or equal to 0.25", c.request.get("speed").raw, "{'ge': 0.25}")
		}
		return nil
	}},
	{"openai.speech-stream", func(c *call) *refusal {
		if c.request.get("stream_format").text() != "sse" || !strings.HasPrefix(c.Model, "tts-1") {
			return nil
		}
		return openAIRefusal("stream_format", "unsupported_value", "stream_format 'sse' is not compatible with model '%s'. Use 'audio' instead.", c.Model)
	}},
}

var (
	openAIVoices  = []string{"alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse", "marin", "cedar"}
	spokenFormats = []string{"mp3", "opus", "aac", "flac", "wav", "pcm"}
)

// speechRefusal is the endpoint's error, in the form that Python prints.
func speechRefusal(kind, field, message string, input []byte, about string) *refusal {
	quote := "'"
	if strings.Contains(message, quote) {
		quote = `"`
	}
	said := "[{'type': '" + kind + "', 'loc': ('body', '" + field + "'), 'msg': " + quote + message + quote
	if input != nil {
		said += ", 'input': " + string(input)
	}
	if about != "" {
		said += ", 'ctx': " + about
	}
	return openAIRefusal("", "", "%s}]", said)
}

func speechChoice(field string, given value, known []string) *refusal {
	last := len(known) - 1
	choice := quotedList(known[:last]) + " or " + quoted(known[last])
	return speechRefusal("enum", field, "Input should be "+choice, []byte(quoted(given.text())), `{'expected': "`+choice+`"}`)
}

var transcriptionRules = []rule{
	{"openai.recording", func(c *call) *refusal {
		for file := range c.files() {
			if file.field == "file" {
				return nil
			}
		}
		return openAIRefusal("", "", "1 validation error for Request\nbody -> file\n  field required (type=value_error.missing)")
	}},
	{"openai.translation-model", func(c *call) *refusal {
		if !strings.HasSuffix(c.path, "/translations") || c.Model == "whisper-1" {
			return nil
		}
		return openAIRefusal("model", "", "Invalid model %s. Only 'whisper-1' is supported for translations.", c.Model)
	}},
	{"openai.transcription-format", func(c *call) *refusal {
		format, given := c.param("response_format")
		if !given || format == "json" || format == "text" || !strings.HasSuffix(c.Model, "transcribe") {
			return nil
		}
		return openAIRefusal("response_format", "unsupported_value",
			"response_format '%s' is not compatible with model '%s'. Use 'json' or 'text' instead.", format, c.Model)
	}},
	{"openai.timestamps", func(c *call) *refusal {
		_, asked := c.param("timestamp_granularities[]")
		if format, _ := c.param("response_format"); !asked || format == "verbose_json" {
			return nil
		}
		return openAIRefusal("timestamp_granularities", "", "The 'timestamp_granularities' parameter is only allowed when 'response_format' is 'verbose_json'.")
	}},
	{"openai.audio-file", func(c *call) *refusal {
		for file := range c.files() {
			kind := strings.TrimPrefix(path.Ext(file.name), ".")
			if file.field != "file" || kind == "" || slices.Contains(recordings, strings.ToLower(kind)) {
				continue
			}
			return openAIRefusal("", "", "Invalid file format. Supported formats: ['%s']", strings.Join(recordings, "', '"))
		}
		return nil
	}},
}

var recordings = []string{"flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm"}

// param is a parameter of JSON or of a form.
func (c *call) param(name string) (string, bool) {
	if c.request.isObject() {
		v := c.request.get(name)
		if v.isString() {
			return v.text(), true
		}
		return string(v.raw), v.there()
	}
	values := formValues(c.body, name)
	return firstOf(values), len(values) > 0
}

// formFile describes a file in a form.
type formFile struct{ field, name, kind string }

// files iterates over the files of a form.
func (c *call) files() func(yield func(formFile) bool) {
	return func(yield func(formFile) bool) {
		if c.request.isObject() {
			return
		}
		_, params, _ := mime.ParseMediaType(c.header.Get("Content-Type"))
		form := multipart.NewReader(bytes.NewReader(c.body), params["boundary"])
		for {
			part, err := form.NextRawPart()
			if err != nil { // the end, or no form
				return
			}
			file := formFile{part.FormName(), part.FileName(), orElse(part.Header.Get("Content-Type"), "application/octet-stream")}
			if file.name != "" && !yield(file) {
				return
			}
		}
	}
}
