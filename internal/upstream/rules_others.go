package upstream

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// What Cohere's own API, Voyage and ElevenLabs refuse. Cohere documents its errors at
// docs.cohere.com/reference/errors.

var cohereChatRules = []rule{
	{"cohere.model", cohereModel},
	{"cohere.ranges", func(c *call) *refusal {
		for _, limit := range cohereLimits {
			if n, ok := c.request.get(limit.name).number(); ok && (n < limit.least || n > limit.most) {
				return refused("invalid request: " + limit.name + " must be between " + limit.says + " inclusive.")
			}
		}
		return nil
	}},
	{"cohere.penalties", func(c *call) *refusal {
		frequency, _ := c.request.get("frequency_penalty").number()
		presence, _ := c.request.get("presence_penalty").number()
		if frequency != 0 && presence != 0 {
			return refused("invalid request: cannot specify both frequency_penalty and presence_penalty.")
		}
		return nil
	}},
	{"cohere.stop-sequences", func(c *call) *refusal {
		if n := len(c.request.get("stop_sequences").items); n > 5 {
			return refused(fmt.Sprintf("invalid request: there must be at most 5 stop_sequences - received %d", n))
		}
		return nil
	}},
	{"cohere.role", func(c *call) *refusal {
		for i, m := range c.request.get("messages").items {
			if role := m.get("role").text(); !cohereRoles[role] {
				return refused(fmt.Sprintf("invalid request: Invalid role in messages at index %d. Role must be one of the following: user, assistant, system, tool", i))
			}
		}
		return nil
	}},
	{"cohere.content-empty", func(c *call) *refusal {
		for _, m := range c.request.get("messages").items {
			content := m.get("content")
			if m.get("role").text() == "user" && (content.isString() && len(content.inner()) == 0 || content.isArray() && len(content.items) == 0) {
				return refused("message must not be empty in a turn")
			}
		}
		return nil
	}},
	{"cohere.tool-name", func(c *call) *refusal {
		for _, tool := range c.request.get("tools").items {
			name := tool.get("function", "name")
			if s := name.text(); name.isString() && (!isName(s, "_-") || s[0] >= '0' && s[0] <= '9') {
				return refused("invalid request: tool names can only contain certain characters (A-Za-z0-9_) and can't begin with a digit (provided name: '" + s + "').")
			}
		}
		return nil
	}},
	{"cohere.json-with-documents", func(c *call) *refusal {
		if c.request.get("response_format", "type").text() == "json_object" && len(c.request.get("documents").items) > 0 {
			return refused("invalid request: response_format is not supported with RAG.")
		}
		return nil
	}},
	{"cohere.document-ids", func(c *call) *refusal {
		seen := map[string]int{}
		for i, document := range c.request.get("documents").items {
			id := document.get("id").text()
			if before, found := seen[id]; found && id != "" {
				return refused(fmt.Sprintf("invalid request: duplicate document ID %s at index %d and %d", id, i, before))
			}
			seen[id] = i
		}
		return nil
	}},
}

var cohereEmbedRules = []rule{
	{"cohere.model", cohereModel},
	{"cohere.input-type", func(c *call) *refusal {
		model := c.request.get("model").text()
		if strings.HasSuffix(model, "v2.0") || cohereInputs[c.request.get("input_type").text()] {
			return nil
		}
		return refused("invalid request: valid input_type must be provided with the provided model")
	}},
	{"cohere.batch-size", func(c *call) *refusal {
		if n := len(c.request.get("texts").items); n > 96 {
			return refused(fmt.Sprintf("invalid request: total number of texts must be at most 96 - received %d", n))
		}
		return nil
	}},
	{"cohere.embedding-types", func(c *call) *refusal {
		for name := range c.request.get("embedding_types").texts() {
			if !cohereEmbeddings[name] {
				return refused("invalid request: embedding_types must be one of float, int8, uint8, binary, ubinary and base64, not '" + name + "'")
			}
		}
		return nil
	}},
}

var cohereRerankRules = []rule{
	{"cohere.model", cohereModel},
	{"cohere.rerank", func(c *call) *refusal {
		n, ok := c.request.get("top_n").number()
		switch documents := c.request.get("documents"); {
		case c.request.get("query").blank() || !c.request.get("query").there():
			return refused("invalid request: query must not be empty or be only whitespace")
		case len(documents.items) == 0:
			return refused("invalid request: list of documents must not be empty")
		case ok && n < 1:
			return refused(fmt.Sprintf("invalid request: return_top_n is invalid, value must be between 1 and %d", len(documents.items)))
		}
		return nil
	}},
}

func cohereModel(c *call) *refusal {
	if len(c.request.get("model").inner()) == 0 {
		return refused("a model parameter is required for this endpoint.")
	}
	return nil
}

var (
	cohereLimits = []struct {
		name        string
		least, most float64
		says        string
	}{{"temperature", 0, 1, "0 and 1.0"}, {"p", 0.01, 0.99, "0.01 and 0.99"}, {"k", 0, 500, "0 and 500"},
		{"frequency_penalty", 0, 1, "0 and 1"}, {"presence_penalty", 0, 1, "0 and 1"}}
	cohereRoles      = words("user assistant system tool")
	cohereInputs     = words("search_document search_query classification clustering image")
	cohereEmbeddings = words("float int8 uint8 binary ubinary base64")
)

var (
	voyageEmbedRules  = []rule{voyageArguments("input model input_type truncation output_dimension output_dtype encoding_format"), voyageInputType, voyageBatch("input"), voyageDimension}
	voyageRerankRules = []rule{voyageArguments("query documents model top_k return_documents truncation"), voyageBatch("documents")}

	voyageMultimodalRules = []rule{voyageArguments("inputs model input_type truncation output_encoding encoding_format output_dimension output_dtype enable_chunking chunk_size chunk_overlap"),
		voyageInputType, voyageBatch("inputs"), voyageDimension, {"voyage.image-kind", func(c *call) *refusal {
			if bytes.Contains(c.body, []byte(`"image_url"`)) && bytes.Contains(c.body, []byte(`"image_base64"`)) {
				return voyageRefusal("Images must be either all URLs or all base64-encoded, not both")
			}
			return nil
		}}, {"voyage.content-type", func(c *call) *refusal {
			for _, input := range c.request.get("inputs").items {
				for _, part := range input.get("content").items {
					if kind := part.get("type"); kind.isString() && !voyageContents[kind.text()] {
						return voyageRefusal("Value '" + kind.text() + "' provided for argument 'type' is not valid. Accepted values are 'text', 'image_url', 'image_base64', 'video_url' and 'video_base64'")
					}
				}
			}
			return nil
		}}, {"voyage.multimodal-model", func(c *call) *refusal {
			if !strings.HasSuffix(c.path, "/multimodalembeddings") || !voyageTexts[c.Model] {
				return nil
			}
			return &refusal{body: object{"detail": "Model " + c.Model + " is not supported. Supported models are ['voyage-multimodal-3', 'voyage-multimodal-3.5']."}}
		}}}

	voyageContents = words("text image_url image_base64 video_url video_base64")
	// voyageTexts are the models for texts only, see docs.voyageai.com/docs/embeddings.
	voyageTexts = words(`voyage-4-large voyage-4 voyage-4-lite voyage-3-large voyage-3.5 voyage-3.5-lite voyage-3 voyage-3-lite voyage-code-3 voyage-code-2 voyage-finance-2
		voyage-law-2 voyage-multilingual-2 voyage-large-2 voyage-large-2-instruct voyage-2 voyage-context-3`)

	voyageInputType = rule{"voyage.input-type", func(c *call) *refusal {
		if kind := c.request.get("input_type"); kind.there() && kind.text() != "query" && kind.text() != "document" {
			return voyageRefusal("Value '" + kind.text() + "' provided for argument 'input_type' is not valid. Accepted values are 'query', 'document' and null")
		}
		return nil
	}}
	voyageDimension = rule{"voyage.dimension", func(c *call) *refusal {
		if n := c.request.get("output_dimension").integer(); n != 0 && !slices.Contains([]int{256, 512, 1024, 2048}, n) {
			return voyageRefusal(fmt.Sprintf("Value '%d' provided for argument 'output_dimension' is not valid. Accepted values are 256, 512, 1024 and 2048", n))
		}
		return nil
	}}
)

// voyageArguments is the rule for the arguments of an operation.
func voyageArguments(list string) rule {
	known := words(list)
	return rule{"voyage.argument", func(c *call) *refusal {
		for _, f := range c.request.fields {
			if !known[f.name] {
				return voyageRefusal("Argument '" + f.name + "' is not supported by our API")
			}
		}
		return nil
	}}
}

// voyageBatch is the rule for how many texts there are.
func voyageBatch(name string) rule {
	return rule{"voyage.batch-size", func(c *call) *refusal {
		switch list := c.request.get(name); {
		case len(list.items) > 1000:
			return &refusal{body: object{"detail": fmt.Sprintf("The batch size limit is 1000. Your batch size is %d.", len(list.items))}}
		case list.isArray() && len(list.items) == 0:
			return voyageRefusal("Input cannot contain empty strings or empty lists")
		}
		return nil
	}}
}

func voyageRefusal(what string) *refusal {
	return &refusal{body: object{"detail": "The request body is not valid JSON, or some arguments were not specified properly. In particular, " + what}}
}

var elevenLabsRules = []rule{
	{"elevenlabs.text", func(c *call) *refusal {
		if c.request.isObject() && !c.request.get("text").there() && !strings.Contains(c.path, "text-to-dialogue") {
			return pydantic("missing", "Field required", []string{"body", "text"})
		}
		return nil
	}},
	{"elevenlabs.model", func(c *call) *refusal {
		if id := c.request.get("model_id"); id.isString() && !isName(id.text(), "_-.") {
			return elevenLabsRefusal("invalid_uid", "An invalid ID has been received: '"+id.text()+"'. Make sure to provide a correct one.")
		}
		return nil
	}},
	{"elevenlabs.voice-settings", func(c *call) *refusal {
		settings := c.request.get("voice_settings")
		for _, name := range [...]string{"stability", "similarity_boost", "style"} {
			n, ok := settings.get(name).number()
			switch {
			case ok && n < 0:
				return pydantic("greater_than_equal", "Input should be greater than or equal to 0", []string{"body", "voice_settings", name})
			case ok && n > 1:
				return pydantic("less_than_equal", "Input should be less than or equal to 1", []string{"body", "voice_settings", name})
			}
		}
		if n, ok := settings.get("speed").number(); ok && (n < 0.7 || n > 1.2) {
			return elevenLabsRefusal("invalid_voice_settings", fmt.Sprintf("Invalid setting for speed received, expected to be greater or equal to 0.7 and less or equal to 1.2, received %v.", n))
		}
		n, ok := settings.get("stability").number()
		if ok && c.speaksV3() && n != 0 && n != 0.5 && n != 1 {
			return elevenLabsRefusal("invalid_ttd_stability", "Invalid TTD stability value. Must be one of: [0.0, 0.5, 1.0] (0.0 = Creative, 0.5 = Natural, 1.0 = Robust)")
		}
		return nil
	}},
	{"elevenlabs.continuity", func(c *call) *refusal {
		for _, names := range [...][2]string{{"previous_text", "next_text"}, {"previous_request_ids", "next_request_ids"}} {
			if !c.speaksV3() || !c.request.get(names[0]).there() && !c.request.get(names[1]).there() {
				continue
			}
			model := c.request.get("model_id").text()
			return &refusal{body: object{"detail": object{"type": "validation_error", "code": "unsupported_model", "status": "unsupported_model", "param": "model_id",
				"message": "Providing " + names[0] + " or " + names[1] + " is not yet supported with the '" + model + "' model."}}}
		}
		return nil
	}},
	{"elevenlabs.text-length", func(c *call) *refusal {
		most := speechLengths[c.request.get("model_id").text()]
		if n := utf8.RuneCountInString(c.request.get("text").text()); most > 0 && n > most {
			return elevenLabsRefusal("max_character_limit_exceeded", fmt.Sprintf("This request exceeds the maximum of %d characters for this model: it has %d.", most, n))
		}
		return nil
	}},
	{"elevenlabs.seed", func(c *call) *refusal {
		if n, ok := c.request.get("seed").number(); ok && (n < 0 || n > 4294967295) {
			return pydantic("less_than_equal", "Input should be between 0 and 4294967295", []string{"body", "seed"})
		}
		return nil
	}},
	{"elevenlabs.voice", (*call).unknownVoice},
}

// speechLengths are how many characters models speak at once, see elevenlabs.io/docs/models.
var speechLengths = map[string]int{"eleven_v3": 5000, "eleven_multilingual_v2": 10_000, "eleven_multilingual_v1": 10_000,
	"eleven_flash_v2": 30_000, "eleven_turbo_v2": 30_000, "eleven_flash_v2_5": 40_000, "eleven_turbo_v2_5": 40_000}

// speaksV3 reports whether the model is one of the third generation.
func (c *call) speaksV3() bool {
	return strings.HasPrefix(c.request.get("model_id").text(), "eleven_v3")
}

func elevenLabsRefusal(status, message string) *refusal {
	return &refusal{body: object{"detail": object{"status": status, "message": message}}}
}

// pydantic is how ElevenLabs refuses a field, as FastAPI does.
func pydantic(kind, message string, place []string) *refusal {
	return &refusal{status: http.StatusUnprocessableEntity, body: object{"detail": []object{{"type": kind, "loc": place, "msg": message}}}}
}
