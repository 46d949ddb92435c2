package upstream

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// The messages of Google's API, from google.golang.org/genai. Its JSON is that of protocol buffers: enums may be in
// any case, numbers in quotes, and a single value may replace a list of one.

// message is the fields of a message, by camelCase name; none means any.
type message map[string]protoField

type protoField struct {
	kind     protoKind
	name     string // of an enum or a message
	words    map[string]bool
	message  message
	repeated bool
	byKey    bool // an object of such fields
}

type protoKind byte

const (
	protoAny protoKind = iota
	protoString
	protoFloat
	protoInt
	protoBool
	protoEnum
	protoMessage
)

var protoTypes = [...]string{protoString: "TYPE_STRING", protoFloat: "TYPE_FLOAT", protoInt: "TYPE_INT32", protoBool: "TYPE_BOOL"}

func (f protoField) list() protoField {
	f.repeated = true
	return f
}

func (f protoField) byKeys() protoField {
	f.byKey = true
	return f
}

func enum(name, list string) protoField {
	return protoField{kind: protoEnum, name: name, words: words(strings.ToLower(list))}
}

func messageOf(name string, m message) protoField {
	return protoField{kind: protoMessage, name: name, message: m}
}

// with returns a message with fields that aren't checked further, and others.
func with(names string, others message) message {
	all := message{}
	for name := range words(names) {
		all[name] = protoField{}
	}
	maps.Copy(all, others)
	return all
}

var (
	str         = protoField{kind: protoString}
	float       = protoField{kind: protoFloat}
	integer     = protoField{kind: protoInt}
	flag        = protoField{kind: protoBool}
	some        = protoField{}
	protoStruct = messageOf("Struct", nil)

	harmCategories = "HARM_CATEGORY_UNSPECIFIED HARM_CATEGORY_DEROGATORY HARM_CATEGORY_TOXICITY HARM_CATEGORY_VIOLENCE HARM_CATEGORY_SEXUAL HARM_CATEGORY_MEDICAL " +
		"HARM_CATEGORY_DANGEROUS HARM_CATEGORY_HARASSMENT HARM_CATEGORY_HATE_SPEECH HARM_CATEGORY_SEXUALLY_EXPLICIT HARM_CATEGORY_DANGEROUS_CONTENT HARM_CATEGORY_CIVIC_INTEGRITY " +
		"HARM_CATEGORY_JAILBREAK HARM_CATEGORY_UNSPECIFIED HARM_CATEGORY_IMAGE_HATE HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT HARM_CATEGORY_IMAGE_HARASSMENT HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT"
	mediaResolution = enum("GenerationConfig.MediaResolution", "MEDIA_RESOLUTION_UNSPECIFIED MEDIA_RESOLUTION_LOW MEDIA_RESOLUTION_MEDIUM MEDIA_RESOLUTION_HIGH MEDIA_RESOLUTION_ULTRA_HIGH")

	partMessage = with("audioTranscription mediaProcessing mediaResolution partMetadata speechMetadata toolCall toolResponse videoMetadata", message{
		"text": str, "thought": flag, "thoughtSignature": str,
		"inlineData":          messageOf("Blob", message{"data": str, "mimeType": str}),
		"fileData":            messageOf("FileData", message{"fileUri": str, "mimeType": str, "displayName": str}),
		"functionCall":        messageOf("FunctionCall", with("partialArgs willContinue", message{"args": protoStruct, "id": str, "name": str})),
		"functionResponse":    messageOf("FunctionResponse", with("parts scheduling willContinue", message{"id": str, "name": str, "response": some})),
		"executableCode":      messageOf("ExecutableCode", with("", message{"code": str, "id": str, "language": enum("ExecutableCode.Language", "LANGUAGE_UNSPECIFIED PYTHON")})),
		"codeExecutionResult": messageOf("CodeExecutionResult", with("", message{"outcome": enum("CodeExecutionResult.Outcome", "OUTCOME_UNSPECIFIED OUTCOME_OK OUTCOME_FAILED OUTCOME_DEADLINE_EXCEEDED"), "output": str, "id": str})),
	})
	contentMessage = messageOf("Content", message{"role": str, "parts": messageOf("Part", partMessage).list()})

	schemaMessage = func() protoField {
		fields := with("default example", message{
			"type": enum("Type", "TYPE_UNSPECIFIED STRING NUMBER INTEGER BOOLEAN ARRAY OBJECT NULL"), "format": str, "title": str, "description": str,
			"nullable": flag, "enum": str.list(), "required": str.list(), "propertyOrdering": str.list(), "pattern": str, "minimum": float, "maximum": float,
			"maxItems": integer, "minItems": integer, "maxLength": integer, "minLength": integer, "maxProperties": integer, "minProperties": integer,
		})
		schema := messageOf("Schema", fields)
		fields["items"], fields["anyOf"], fields["properties"] = schema, schema.list(), schema.byKeys()
		return schema
	}()

	voiceMessage = messageOf("VoiceConfig", with("replicatedVoiceConfig voice", message{"prebuiltVoiceConfig": messageOf("PrebuiltVoiceConfig", message{"voiceName": str})}))

	generationMessage = with(`audioTranscriptionConfig enableEnhancedCivicAnswers imageConfig modelSelectionConfig responseFormat responseJsonSchema
		_responseJsonSchema routingConfig translationConfig`, message{
		"audioTimestamp": flag, "enableAffectiveDialog": flag, "candidateCount": integer, "frequencyPenalty": float, "presencePenalty": float, "logprobs": integer,
		"maxOutputTokens": integer, "mediaResolution": mediaResolution, "responseLogprobs": flag, "responseMimeType": str, "responseSchema": schemaMessage,
		"responseModalities": enum("GenerationConfig.Modality", "MODALITY_UNSPECIFIED TEXT IMAGE AUDIO VIDEO").list(), "seed": integer, "stopSequences": str.list(),
		"temperature": float, "topP": float, "topK": integer,
		"thinkingConfig": messageOf("ThinkingConfig", message{"includeThoughts": flag, "thinkingBudget": integer,
			"thinkingLevel": enum("ThinkingConfig.ThinkingLevel", "THINKING_LEVEL_UNSPECIFIED MINIMAL LOW MEDIUM HIGH")}),
		"speechConfig": messageOf("SpeechConfig", message{"voiceConfig": voiceMessage, "languageCode": str, "multiSpeakerVoiceConfig": messageOf("MultiSpeakerVoiceConfig",
			message{"speakerVoiceConfigs": messageOf("SpeakerVoiceConfig", message{"speaker": str, "voiceConfig": voiceMessage}).list()})}),
	})

	toolsMessage = messageOf("Tool", with(`codeExecution computerUse enterpriseWebSearch exaAiSearch fileSearch googleMaps googleSearch
		googleSearchRetrieval mcpServers parallelAiSearch retrieval urlContext`, message{
		"functionDeclarations": messageOf("FunctionDeclaration", with("parametersJsonSchema responseJsonSchema", message{
			"behavior": some, "name": str, "description": str, "parameters": schemaMessage, "response": schemaMessage,
		})).list(),
	})).list()

	generateMessage = with("labels modelArmorConfig serviceTier", message{
		"model": str, "cachedContent": str, "store": flag, "contents": contentMessage.list(), "systemInstruction": contentMessage,
		"tools": toolsMessage, "generationConfig": messageOf("GenerationConfig", generationMessage),
		"toolConfig": messageOf("ToolConfig", with("retrievalConfig", message{"includeServerSideToolInvocations": flag,
			"functionCallingConfig": messageOf("FunctionCallingConfig", message{"streamFunctionCallArguments": flag, "allowedFunctionNames": str.list(),
				"mode": enum("FunctionCallingConfig.Mode", "MODE_UNSPECIFIED AUTO ANY NONE VALIDATED")})})),
		"safetySettings": messageOf("SafetySetting", message{"category": enum("HarmCategory", harmCategories), "method": some,
			"threshold": enum("SafetySetting.HarmBlockThreshold", "HARM_BLOCK_THRESHOLD_UNSPECIFIED BLOCK_LOW_AND_ABOVE BLOCK_MEDIUM_AND_ABOVE BLOCK_ONLY_HIGH BLOCK_NONE OFF")}).list(),
	})

	embedMessage = with("autoTruncate documentOcr audioTrackExtraction mimeType embedContentConfig", message{
		"model": str, "content": contentMessage, "title": str, "outputDimensionality": integer,
		"taskType": enum("TaskType", `TASK_TYPE_UNSPECIFIED RETRIEVAL_QUERY RETRIEVAL_DOCUMENT SEMANTIC_SIMILARITY CLASSIFICATION CLUSTERING QUESTION_ANSWERING FACT_VERIFICATION
			CODE_RETRIEVAL_QUERY`),
	})
	batchMessage = message{"requests": messageOf("EmbedContentRequest", embedMessage).list()}
	countMessage = with("systemInstruction tools generationConfig", message{"model": str, "contents": contentMessage.list(),
		"generateContentRequest": messageOf("GenerateContentRequest", generateMessage)})
)

// messageFor returns the message type of a request's body.
func messageFor(c *call) message {
	switch {
	case c.Operation == dialect.Generate:
		return generateMessage
	case c.Operation == dialect.CountTokens:
		return countMessage
	case strings.HasSuffix(c.path, ":batchEmbedContents"):
		return batchMessage
	}
	return embedMessage
}

// violation is what is wrong with a field. Its path is built from the inside out.
type violation struct {
	path    string
	name    string // of a field with a wrong name
	problem string
	value   value // the wrong value
	kind    string
}

const (
	noField = "Cannot find field."
	noList  = "Proto field is not repeating, cannot start list."
	noStart = "Starting an object on a scalar field."
)

// violations are all faults of a request: Google reports them together.
type violations []violation

// within prepends a step to the paths of all violations after the first n.
func (v violations) within(n int, step string) {
	for i := n; i < len(v); i++ {
		switch {
		case v[i].path == "" || v[i].path[0] == '[':
			v[i].path = step + v[i].path
		default:
			v[i].path = step + "." + v[i].path
		}
	}
}

// check adds the violations of an object that should be a message.
func (v violations) check(o value, m message) violations {
	for i := range o.fields {
		f := &o.fields[i]
		field, known := m[f.name]
		name := f.name
		if !known {
			name = camel(f.name)
			field, known = m[name]
		}
		switch {
		case !known:
			v = append(v, violation{name: f.name, problem: noField})
		case !f.value.there(), field.kind == protoAny && (name != "response" || !f.value.isArray()):
		case f.value.isArray() && !field.repeated:
			v = append(v, violation{name: f.name, problem: noList})
		case field.repeated && f.value.isArray():
			for j, item := range f.value.items {
				n := len(v)
				v = v.value(item, field, "")
				v.within(n, "["+strconv.Itoa(j)+"]")
				v.within(n, snake(name))
			}
		case field.byKey && f.value.isObject():
			for j := range f.value.fields {
				n := len(v)
				v = v.value(f.value.fields[j].value, field, "")
				v.within(n, "["+strconv.Itoa(j)+"].value")
				v.within(n, snake(name))
			}
		default:
			n := len(v)
			v = v.value(f.value, field, f.name)
			if len(v) > n && v[n].name != f.name {
				v.within(n, snake(name))
			}
		}
	}
	return v
}

// value adds the violations of one value of a field. An object in place of a scalar is reported with the field's
// name.
func (v violations) value(one value, f protoField, name string) violations {
	if !one.there() {
		return v
	}
	ok := true
	switch f.kind {
	case protoMessage:
		if one.isObject() {
			if f.message != nil {
				v = v.check(one, f.message)
			}
			return v
		}
		ok = false
	case protoString:
		ok = one.isString()
	case protoBool:
		ok = one.is('t') || one.is('f') || one.isString()
	case protoFloat, protoInt:
		n, isNumber := one.number()
		if one.isString() {
			parsed, err := strconv.ParseFloat(one.text(), 64)
			n, isNumber = parsed, err == nil
		}
		ok = isNumber && (f.kind == protoFloat || n == float64(int32(n)))
	case protoEnum:
		_, isNumber := one.number()
		ok = isNumber || one.isString() && f.has(one)
	case protoAny:
	}
	switch {
	case ok:
		return v
	case one.isObject() && name != "":
		return append(v, violation{name: name, problem: noStart})
	}
	return append(v, violation{value: one, kind: f.typeName()})
}

// has reports whether an enum contains a word, in any case.
func (f protoField) has(word value) bool {
	if f.words[string(word.inner())] {
		return true
	}
	return f.words[strings.ToLower(word.text())]
}

func (f protoField) typeName() string {
	if f.name == "Struct" {
		return "type.googleapis.com/google.protobuf.Struct"
	}
	if f.name != "" {
		return "type.googleapis.com/google.ai.generativelanguage.v1beta." + f.name
	}
	return protoTypes[f.kind]
}

// snake returns a name with underscores.
func snake(name string) string {
	var b strings.Builder
	for _, ch := range name {
		if ch >= 'A' && ch <= 'Z' {
			b.WriteByte('_')
			ch += 'a' - 'A'
		}
		b.WriteRune(ch)
	}
	return b.String()
}

// described is a violation in Google's words, and the field it names.
func (v violation) described() (description, field string) {
	if v.name == "" {
		return fmt.Sprintf("Invalid value at '%s' (%s), %s", v.path, v.kind, v.value.raw), v.path
	}
	description = fmt.Sprintf("Invalid JSON payload received. Unknown name %q", v.name)
	if v.path != "" {
		description += " at '" + v.path + "'"
	}
	return description + ": " + v.problem, v.path
}

// refusal returns the error, which contains each violation twice.
func (v violations) refusal() *refusal {
	if len(v) == 0 {
		return nil
	}
	var lines []string
	var details []object
	for _, one := range v {
		description, field := one.described()
		detail := object{"description": description}
		if field != "" {
			detail["field"] = field
		}
		lines, details = append(lines, description), append(details, detail)
	}
	e := googleError(400, strings.Join(lines, "\n"))
	e["error"].(object)["details"] = []object{{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": details}} //nolint:forcetypeassert // googleError made it
	return &refusal{body: e}
}

var protoRules = []rule{
	{"google.unknown-field", func(c *call) *refusal { return c.protoViolations(true) }},
	{"google.field-value", func(c *call) *refusal { return c.protoViolations(false) }},
}

// protoViolations are violations of names, or of values. They are a single error at Google, and two rules here.
func (c *call) protoViolations(names bool) *refusal {
	if !c.shaped {
		c.shaped = true
		c.violations = violations(nil).check(c.request, messageFor(c))
	}
	var of violations
	for _, one := range c.violations {
		if (one.name != "") == names {
			of = append(of, one)
		}
	}
	return of.refusal()
}
