package upstream

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The members of Converse, from docs.aws.amazon.com and the AWS SDKs. Unknown members are ignored.

var memberRules = []rule{
	shaped("bedrock.member-type", converseShape, memberType, oneOfProblems(mistyped)),
	shaped("bedrock.member", converseShape, memberFault, oneOfProblems(missing, misspoken, under, over)),
}

func converseShape(*call) *shape { return converseBody }

var (
	bedrockSource = openRecord(fields{"bytes": aText, "s3Location": openRecord(fields{"uri": aText, "bucketOwner": aText}, "uri")})
	cachePoint    = openRecord(fields{"type": wordOf("default"), "ttl": wordOf("5m", "1h")}, "type")
	bedrockImage  = openRecord(fields{"format": aText, "source": bedrockSource}, "format", "source")
	bedrockDoc    = openRecord(fields{"name": aText, "source": bedrockSource.with(fields{"text": aText, "content": aList}), "context": aText,
		"format": wordOf("pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"), "citations": openRecord(fields{"enabled": aTruth}, "enabled")}, "name", "source")
	bedrockVideo = openRecord(fields{"format": wordOf("mkv", "mov", "mp4", "webm", "flv", "mpeg", "mpg", "wmv", "three_gp"), "source": bedrockSource}, "format", "source")
	guardContent = openRecord(fields{"image": bedrockImage, "text": openRecord(fields{"text": aText, "qualifiers": several(wordOf("grounding_source", "query", "guard_content"))}, "text")})
	searchResult = openRecord(fields{"source": aText, "title": aText, "content": aList}, "source", "title", "content")

	bedrockBlock = openRecord(fields{
		"text": aText, "image": bedrockImage, "document": bedrockDoc, "video": bedrockVideo, "cachePoint": cachePoint, "guardContent": guardContent, "searchResult": searchResult,
		"toolUse":          openRecord(fields{"toolUseId": aText, "name": aText, "input": whatever}, "toolUseId", "name", "input"),
		"toolResult":       openRecord(fields{"toolUseId": aText, "status": wordOf("success", "error"), "content": several(openRecord(fields{"text": aText, "json": whatever, "image": bedrockImage, "document": bedrockDoc, "video": bedrockVideo, "searchResult": searchResult}))}, "toolUseId"),
		"reasoningContent": openRecord(fields{"redactedContent": aText, "reasoningText": openRecord(fields{"text": aText, "signature": aText}, "text")}),
	})

	converseBody = openRecord(fields{
		"messages": several(openRecord(fields{"role": aText, "content": several(bedrockBlock)}, "role", "content")),
		"system":   several(openRecord(fields{"text": aText, "guardContent": guardContent, "cachePoint": cachePoint})),
		"inferenceConfig": openRecord(fields{"maxTokens": aWhole, "temperature": aNumber, "topP": aNumber,
			"stopSequences": {kind: list, item: between(text, 1, 0), bounded: true, most: 2500}}),
		"toolConfig": openRecord(fields{
			"tools": several(openRecord(fields{"cachePoint": cachePoint, "systemTool": openRecord(fields{"name": aText}, "name"),
				"toolSpec": openRecord(fields{"name": aText, "description": aText, "inputSchema": anObject, "strict": aTruth}, "name", "inputSchema")})),
			"toolChoice": openRecord(fields{"auto": anObject, "any": anObject, "tool": openRecord(fields{"name": aText}, "name")}),
		}, "tools"),
		"guardrailConfig": openRecord(fields{"guardrailIdentifier": aText, "guardrailVersion": aText,
			"trace": wordOf("enabled", "disabled", "enabled_full"), "streamProcessingMode": wordOf("sync", "async")}),
		"additionalModelResponseFieldPaths": {kind: list, item: between(text, 1, 256), bounded: true, most: 10},
		"performanceConfig":                 openRecord(fields{"latency": wordOf("standard", "optimized")}),
		"serviceTier":                       openRecord(fields{"type": wordOf("priority", "default", "flex", "reserved")}, "type"),
		"requestMetadata":                   anObject,
		"outputConfig": openRecord(fields{"textFormat": openRecord(fields{"type": wordOf("json_schema"),
			"structure": openRecord(fields{"jsonSchema": openRecord(fields{"schema": aText, "name": aText, "description": aText}, "schema")})}, "type", "structure")}),
	})
)

// memberPath formats the path of a value as in Amazon's errors: messages.1.member.role. They count from one.
func (f *fault) memberPath() string {
	var b strings.Builder
	for _, at := range slices.Backward(f.path) {
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		if at.kind == list {
			fmt.Fprintf(&b, "%d.member", at.index+1)
		} else {
			b.WriteString(at.name)
		}
	}
	return b.String()
}

// memberFault returns Amazon's message about values that its API model does not allow.
func memberFault(_ *call, f *fault) *refusal {
	s, place := f.shape, f.memberPath()
	if f.problem == missing {
		return refused("1 validation error detected: Value null at '" + place + "' failed to satisfy constraint: Member must not be null")
	}
	var constraint string
	switch f.problem {
	case misspoken:
		constraint = "satisfy enum value set: [" + strings.Join(s.words, ", ") + "]"
	case under:
		constraint = "have length greater than or equal to " + strconv.FormatFloat(s.least, 'f', -1, 64)
	default:
		constraint = "have length less than or equal to " + strconv.FormatFloat(s.most, 'f', -1, 64)
	}
	shown := f.value.text()
	if f.value.isArray() {
		shown = "[]"
	}
	return invalidMember(shown, place, "Member must "+constraint)
}

var (
	memberKinds = map[kind]string{text: "String", number: "Float", whole: "Integer", truth: "Boolean"}
	jsonTokens  = map[byte]string{'"': "STRING_VALUE", 't': "TRUE_VALUE", 'f': "FALSE_VALUE"}
)

// memberType returns the message of Amazon's parser about a value of another type, without its place.
func memberType(_ *call, f *fault) *refusal {
	token := jsonTokens[f.value.raw[0]]
	if token == "" {
		token = "NUMBER_VALUE"
	}
	switch expected := memberKinds[f.shape.kind]; {
	case f.value.isObject():
		return refused("Start of structure or map found where not expected.")
	case f.value.isArray():
		return refused("Start of list found where not expected")
	case expected == "":
		return refused("Unexpected token " + token + ", expected a list or a structure")
	default:
		return refused(token + " cannot be converted to " + expected)
	}
}
