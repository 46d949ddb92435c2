package upstream

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// What Google rejects in settings, and for models that speak or paint.

var googleLimitRules = []rule{
	{"google.output-tokens", func(c *call) *refusal {
		if n, ok := either(either(c.request, "generationConfig"), "maxOutputTokens").number(); ok && n < 0 {
			return refused("* GenerateContentRequest.generation_config.max_output_tokens: max_output_tokens must be positive.\n")
		}
		return nil
	}},
	{"google.ranges", func(c *call) *refusal {
		generation := either(c.request, "generationConfig")
		for _, limit := range generationLimits {
			if n, ok := either(generation, limit.name).number(); ok && (n < limit.least || n > limit.most) {
				return refused("* GenerateContentRequest.generation_config." + snake(limit.name) + ": " + snake(limit.name) + " must be in the range " + limit.says + ".\n")
			}
		}
		return nil
	}},
	{"google.response-type", func(c *call) *refusal {
		generation := either(c.request, "generationConfig")
		kind, schema := either(generation, "responseMimeType").text(), either(generation, "responseSchema").there()
		switch {
		case kind != "" && !responseTypes[kind]:
			return refused("* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are `text/plain`, `application/json`, `application/xml`, `application/yaml` and `text/x.enum`.\n")
		case schema && (either(generation, "responseJsonSchema").there() || either(generation, "_responseJsonSchema").there()):
			return refused("* GenerateContentRequest.generation_config: only one of response_schema and response_json_schema may be set.\n")
		case schema && (kind == "" || kind == "text/plain"):
			return refused("* GenerateContentRequest.generation_config.response_schema: a compatible response_mime_type must be set, such as application/json.\n")
		}
		return nil
	}},
	{"google.one-schema", func(c *call) *refusal {
		return c.eachDeclaration(func(at declared, declaration value) *refusal {
			if either(declaration, "parameters").there() && either(declaration, "parametersJsonSchema").there() {
				return refused("* GenerateContentRequest." + at.place() + ": only one of parameters and parameters_json_schema may be set.\n")
			}
			return nil
		})
	}},
	{"google.parameters-object", func(c *call) *refusal {
		return c.eachDeclaration(func(_ declared, declaration value) *refusal {
			parameters := either(declaration, "parameters")
			if !parameters.get("type").there() || isType(parameters, "object", "type_unspecified") {
				return nil
			}
			return refused("Unable to submit request because `" + declaration.get("name").text() + "` functionDeclaration `parameters` schema should be of type OBJECT.")
		})
	}},
	{"google.call-name", func(c *call) *refusal {
		var wrong strings.Builder
		for i, content := range repeated(c.request, "contents") {
			for j, part := range repeated(content, "parts") {
				if function := either(part, "functionCall"); function.isObject() && len(function.get("name").inner()) == 0 {
					fmt.Fprintf(&wrong, "* GenerateContentRequest.contents[%d].parts[%d].function_call.name: Name cannot be empty.\n", i, j)
				}
			}
		}
		return refusedIf(wrong.String())
	}},
	{"google.tool-type", func(c *call) *refusal {
		for i, tool := range repeated(c.request, "tools") {
			if tool.isObject() && len(tool.fields) == 0 {
				return refused(fmt.Sprintf("The GenerateContentRequest proto is invalid:\n  * tools[%d].tool_type: required one_of 'tool_type' must have one initialized field", i))
			}
		}
		return nil
	}},
	{"google.safety-categories", func(c *call) *refusal {
		for i, setting := range repeated(c.request, "safetySettings") {
			category := strings.TrimPrefix(strings.ToUpper(setting.get("category").text()), "HARM_CATEGORY_")
			if !strings.Contains(c.host, "aiplatform") && setting.get("category").isString() && !harmful[category] {
				return refused(fmt.Sprintf("* GenerateContentRequest.safety_settings[%d]: element predicate failed: $.category in (HarmCategory.HARM_CATEGORY_HATE_SPEECH, "+
					"HarmCategory.HARM_CATEGORY_SEXUALLY_EXPLICIT, HarmCategory.HARM_CATEGORY_DANGEROUS_CONTENT, HarmCategory.HARM_CATEGORY_HARASSMENT, HarmCategory.HARM_CATEGORY_CIVIC_INTEGRITY)\n", i))
			}
		}
		return nil
	}},
	{"google.search-retrieval", func(c *call) *refusal {
		if !strings.HasPrefix(c.Model, "gemini-2") && !strings.HasPrefix(c.Model, "gemini-3") {
			return nil
		}
		for _, tool := range repeated(c.request, "tools") {
			if either(tool, "googleSearchRetrieval").there() {
				return refused("google_search_retrieval is not supported. Please use google_search tool instead.")
			}
		}
		return nil
	}},
	{"google.allowed-names", func(c *call) *refusal {
		for name := range either(either(either(c.request, "toolConfig"), "functionCallingConfig"), "allowedFunctionNames").texts() {
			found := c.eachDeclaration(func(_ declared, declaration value) *refusal {
				if declaration.get("name").text() == name {
					return refused(name)
				}
				return nil
			})
			if found == nil {
				return refused("* GenerateContentRequest.tool_config.function_calling_config.allowed_function_names: allowed_function_names should be a subset of function_declarations. Unknown name: " + name + "\n")
			}
		}
		return nil
	}},
	{"google.thinking", func(c *call) *refusal {
		thinking := c.thinkingConfig()
		budget, _ := either(thinking, "thinkingBudget").number()
		if !either(thinking, "includeThoughts").isTrue() && budget == 0 || thinksAtAll(c.Model) {
			return nil
		}
		return refused("Thinking is not enabled for models/" + c.Model)
	}},
	{"google.modalities", func(c *call) *refusal {
		asked := slices.Collect(either(either(c.request, "generationConfig"), "responseModalities").texts())
		for i := range asked {
			asked[i] = strings.ToUpper(asked[i])
		}
		slices.Sort(asked)
		accepted := ""
		switch {
		case speaks(c.Model) && !slices.Equal(asked, []string{"AUDIO"}):
			accepted = "AUDIO"
		case isFamily(c.Model, "gemini-2.0-flash-preview-image-generation") && !slices.Equal(asked, []string{"IMAGE", "TEXT"}):
			accepted = "IMAGE, TEXT"
		case onlyWrites(c.Model) && slices.Contains(asked, "IMAGE"):
			return refused("Multi-modal output is not supported.")
		case onlyWrites(c.Model) && slices.Contains(asked, "AUDIO"):
			return refused("This model only supports text output.")
		default:
			return nil
		}
		if len(asked) == 0 {
			asked = []string{"TEXT"}
		}
		return refused("The requested combination of response modalities (" + strings.Join(asked, ", ") + ") is not supported by the model. models/" + c.Model +
			" accepts the following combination of response modalities:\n* " + accepted + "\n")
	}},
	{"google.media-models", func(c *call) *refusal {
		if !speaks(c.Model) && !isFamily(c.Model, "gemini-2.0-flash-preview-image-generation") {
			return nil
		}
		return c.conversesOnly()
	}},
	{"google.voice", func(c *call) *refusal {
		speech := either(either(c.request, "generationConfig"), "speechConfig")
		if !speech.there() {
			return nil
		}
		speakers := repeated(either(speech, "multiSpeakerVoiceConfig"), "speakerVoiceConfigs")
		switch {
		case either(speech, "multiSpeakerVoiceConfig").there() && either(speech, "voiceConfig").there():
			return refused("* GenerateContentRequest.generation_config.speech_config: voice_config is mutually exclusive with multi_speaker_voice_config.\n")
		case either(speech, "multiSpeakerVoiceConfig").there() && len(speakers) != 2:
			return refused("* GenerateContentRequest.generation_config.speech_config.multi_speaker_voice_config.speaker_voice_configs: exactly two speaker voice configurations must be provided.\n")
		}
		for _, one := range append(slices.Clone(speakers), speech) {
			name := either(either(either(one, "voiceConfig"), "prebuiltVoiceConfig"), "voiceName").text()
			if name != "" && speaks(c.Model) && !slices.Contains(voices, strings.ToLower(name)) {
				return refused("Voice name " + name + " is not supported. Allowed voice names are: " + strings.Join(voices, ", "))
			}
		}
		return nil
	}},
}

var embedRules = []rule{
	{"google.embed-content", func(c *call) *refusal {
		if strings.HasSuffix(c.path, ":embedContent") && !c.request.get("content").there() {
			return refused("* EmbedContentRequest.content: contents is not specified\n")
		}
		return nil
	}},
	{"google.batch-size", func(c *call) *refusal {
		if len(repeated(c.request, "requests")) > 100 {
			return refused("* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch\n")
		}
		return nil
	}},
}

var (
	generationLimits = []struct {
		name        string
		least, most float64
		says        string
	}{{"topP", 0, 1, "[0.0, 1.0]"}, {"topK", 0, 1 << 31, "[0, 2147483647]"}, {"candidateCount", 0, 8, "[1, 8]"}}

	responseTypes = words("text/plain application/json application/xml application/yaml text/x.enum")
	harmful       = words("HATE_SPEECH SEXUALLY_EXPLICIT DANGEROUS_CONTENT HARASSMENT CIVIC_INTEGRITY")
	voices        = strings.Fields(`achernar achird algenib algieba alnilam aoede autonoe callirrhoe charon despina enceladus erinome fenrir gacrux iapetus
		kore laomedeia leda orus puck pulcherrima rasalgethi sadachbia sadaltager schedar sulafat umbriel vindemiatrix zephyr zubenelgenubi`)
)

// speaks reports whether a model only speaks.
func speaks(model string) bool {
	return strings.HasPrefix(model, "gemini-2.5-") && strings.HasSuffix(model, "-tts")
}

// onlyWrites reports whether a model is known to respond only with text.
func onlyWrites(model string) bool {
	switch model {
	case "gemini-1.5-flash", "gemini-1.5-pro", "gemini-2.0-flash", "gemini-2.0-flash-lite", "gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-2.5-pro",
		"gemini-3-pro-preview", "gemini-3-flash-preview":
		return true
	}
	return false
}

// thinksAtAll reports whether a model may think: others are known not to think.
func thinksAtAll(model string) bool {
	if strings.Contains(model, "thinking") {
		return true
	}
	return !strings.HasPrefix(model, "gemini-1.") && !strings.HasPrefix(model, "gemini-2.0-") && !speaks(model)
}

var cacheRules = []rule{
	{"google.cache-size", func(c *call) *refusal {
		var least int64
		switch model := strings.TrimPrefix(c.request.get("model").text(), "models/"); {
		case strings.HasPrefix(model, "gemini-2.5-pro"), strings.HasPrefix(model, "gemini-3-pro"):
			least = 4096
		case strings.HasPrefix(model, "gemini-2.5-flash"), strings.HasPrefix(model, "gemini-3-flash"):
			least = 1024
		}
		n := googleTokens(c.request)
		if n >= least || bytes.Contains(c.body, []byte("Data\"")) || bytes.Contains(c.body, []byte("_data\"")) { // the size of a file is unknown
			return nil
		}
		return refused(fmt.Sprintf("Cached content is too small. total_token_count=%d, min_total_token_count=%d", n, least))
	}},
}
