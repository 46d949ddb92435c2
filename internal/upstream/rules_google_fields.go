package upstream

import (
	"fmt"
	"strings"
)

// Google names all fields that it does not know at once.

var (
	generateFields = words("contents systemInstruction tools toolConfig safetySettings generationConfig cachedContent labels model serviceTier store modelArmorConfig")
	contentFields  = words("parts role")
	partFields     = words(`audioTranscription codeExecutionResult executableCode fileData functionCall functionResponse inlineData mediaProcessing
		mediaResolution partMetadata speechMetadata text thought thoughtSignature toolCall toolResponse videoMetadata`)
	blobFields       = words("data mimeType")
	callFields       = words("args id name partialArgs willContinue")
	resultFields     = words("id name parts response scheduling willContinue")
	generationFields = words(`audioTimestamp audioTranscriptionConfig candidateCount enableAffectiveDialog enableEnhancedCivicAnswers frequencyPenalty
		imageConfig logprobs maxOutputTokens mediaResolution modelSelectionConfig presencePenalty responseFormat responseJsonSchema
		_responseJsonSchema responseLogprobs responseMimeType responseModalities responseSchema routingConfig seed speechConfig
		stopSequences temperature thinkingConfig topK topP translationConfig`)
	toolFields = words(`codeExecution computerUse enterpriseWebSearch exaAiSearch fileSearch functionDeclarations googleMaps googleSearch
		googleSearchRetrieval mcpServers parallelAiSearch retrieval urlContext`)
	declarationFields = words("behavior description name parameters parametersJsonSchema response responseJsonSchema")
	schemaFields      = words(`anyOf default description enum example format items maxItems maxLength maxProperties maximum minItems minLength
		minProperties minimum nullable pattern properties propertyOrdering required title type`)
)

// noList is what Google says of a list that stands where one value belongs.
const noList = "Proto field is not repeating, cannot start list."

// violations are names that the API does not have.
type violations []object

func (v *violations) add(name, place, problem string) {
	description := fmt.Sprintf("Invalid JSON payload received. Unknown name %q", name)
	if place != "" {
		description += " at '" + place + "'"
	}
	violation := object{"description": description + ": " + problem}
	if place != "" {
		violation["field"] = place
	}
	*v = append(*v, violation)
}

// refusal is the error, which has each of them twice.
func (v violations) refusal() *refusal {
	if len(v) == 0 {
		return nil
	}
	var lines []string
	for _, violation := range v {
		lines = append(lines, violation["description"].(string)) //nolint:forcetypeassert // add put it there
	}
	e := googleError(400, strings.Join(lines, "\n"))
	e["error"].(object)["details"] = []object{{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": v}} //nolint:forcetypeassert // as above
	return &refusal{body: e}
}

func (v *violations) object(o value, place string, known map[string]bool) {
	for _, f := range o.fields {
		if !known[camel(f.name)] {
			v.add(f.name, place, "Cannot find field.")
		}
	}
}

func (v *violations) request(r value) {
	v.object(r, "", generateFields)
	for i, content := range repeated(r, "contents") {
		place := fmt.Sprintf("contents[%d]", i)
		v.object(content, place, contentFields)
		for j, part := range repeated(content, "parts") {
			inner := fmt.Sprintf("%s.parts[%d]", place, j)
			v.object(part, inner, partFields)
			v.object(either(part, "inlineData"), inner+".inline_data", blobFields)
			v.object(either(part, "functionCall"), inner+".function_call", callFields)
			result := either(part, "functionResponse")
			v.object(result, inner+".function_response", resultFields)
			if result.get("response").isArray() {
				v.add("response", inner+".function_response", noList)
			}
		}
	}
	generation := either(r, "generationConfig")
	v.object(generation, "generation_config", generationFields)
	v.schema(either(generation, "responseSchema"), "generation_config.response_schema")
	for i, tool := range repeated(r, "tools") {
		place := fmt.Sprintf("tools[%d]", i)
		v.object(tool, place, toolFields)
		for j, declaration := range repeated(tool, "functionDeclarations") {
			inner := fmt.Sprintf("%s.function_declarations[%d]", place, j)
			v.object(declaration, inner, declarationFields)
			v.schema(declaration.get("parameters"), inner+".parameters")
		}
	}
}

func (v *violations) schema(s value, place string) {
	v.object(s, place, schemaFields)
	if s.get("type").isArray() {
		v.add("type", place, noList)
	}
	for i, p := range s.get("properties").fields {
		v.schema(p.value, fmt.Sprintf("%s.properties[%d].value", place, i))
	}
	if s.get("items").isObject() {
		v.schema(s.get("items"), place+".items")
	}
	for i, choice := range either(s, "anyOf").items {
		v.schema(choice, fmt.Sprintf("%s.any_of[%d]", place, i))
	}
}
