package upstream

import (
	"fmt"
	"maps"
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

// members returns an object with required and optional members.
func members(needed string, fields map[string]*shape) *shape {
	s := fieldsOf(needed, fields)
	s.open = true
	return s
}

var (
	bedrockSource = members("", map[string]*shape{"bytes": aText, "s3Location": members("uri", map[string]*shape{"uri": aText, "bucketOwner": aText})})
	cachePoint    = members("type", map[string]*shape{"type": wordOf("default"), "ttl": wordOf("5m", "1h")})
	bedrockImage  = members("format source", map[string]*shape{"format": aText, "source": bedrockSource})
	bedrockDoc    = members("name source", map[string]*shape{"name": aText, "source": bedrockSource.with("text", aText, "content", aList), "context": aText,
		"format": wordOf("pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"), "citations": members("enabled", map[string]*shape{"enabled": aTruth})})
	bedrockVideo = members("format source", map[string]*shape{"format": wordOf("mkv", "mov", "mp4", "webm", "flv", "mpeg", "mpg", "wmv", "three_gp"), "source": bedrockSource})
	guardContent = members("", map[string]*shape{"image": bedrockImage, "text": members("text", map[string]*shape{"text": aText, "qualifiers": several(wordOf("grounding_source", "query", "guard_content"))})})
	searchResult = members("source title content", map[string]*shape{"source": aText, "title": aText, "content": aList})

	bedrockBlock = members("", map[string]*shape{
		"text": aText, "image": bedrockImage, "document": bedrockDoc, "video": bedrockVideo, "cachePoint": cachePoint, "guardContent": guardContent, "searchResult": searchResult,
		"toolUse": members("toolUseId name input", map[string]*shape{"toolUseId": aText, "name": aText, "input": whatever}),
		"toolResult": members("toolUseId", map[string]*shape{"toolUseId": aText, "status": wordOf("success", "error"), "content": several(members("",
			map[string]*shape{"text": aText, "json": whatever, "image": bedrockImage, "document": bedrockDoc, "video": bedrockVideo, "searchResult": searchResult}))}),
		"reasoningContent": members("", map[string]*shape{"redactedContent": aText, "reasoningText": members("text", map[string]*shape{"text": aText, "signature": aText})}),
	})

	converseBody = members("", map[string]*shape{
		"messages": several(members("role content", map[string]*shape{"role": aText, "content": several(bedrockBlock)})),
		"system":   several(members("", map[string]*shape{"text": aText, "guardContent": guardContent, "cachePoint": cachePoint})),
		"inferenceConfig": members("", map[string]*shape{"maxTokens": aWhole, "temperature": aNumber, "topP": aNumber,
			"stopSequences": {kind: list, item: between(text, 1, 0), bounded: true, most: 2500}}),
		"toolConfig": members("tools", map[string]*shape{
			"tools": several(members("", map[string]*shape{"cachePoint": cachePoint, "systemTool": members("name", map[string]*shape{"name": aText}),
				"toolSpec": members("name inputSchema", map[string]*shape{"name": aText, "description": aText, "inputSchema": anObject, "strict": aTruth})})),
			"toolChoice": members("", map[string]*shape{"auto": anObject, "any": anObject, "tool": members("name", map[string]*shape{"name": aText})}),
		}),
		"guardrailConfig": members("", map[string]*shape{"guardrailIdentifier": aText, "guardrailVersion": aText,
			"trace": wordOf("enabled", "disabled", "enabled_full"), "streamProcessingMode": wordOf("sync", "async")}),
		"additionalModelResponseFieldPaths": {kind: list, item: between(text, 1, 256), bounded: true, most: 10},
		"performanceConfig":                 members("", map[string]*shape{"latency": wordOf("standard", "optimized")}),
		"serviceTier":                       members("type", map[string]*shape{"type": wordOf("priority", "default", "flex", "reserved")}),
		"requestMetadata":                   anObject,
		"outputConfig": members("", map[string]*shape{"textFormat": members("type structure", map[string]*shape{"type": wordOf("json_schema"),
			"structure": members("", map[string]*shape{"jsonSchema": members("schema", map[string]*shape{"schema": aText, "name": aText, "description": aText})})})}),
	})
)

// with returns an object with more members, each a name and its shape.
func (s shape) with(fields ...any) *shape {
	all := maps.Clone(s.fields)
	for i := 0; i < len(fields); i += 2 {
		all[fields[i].(string)] = fields[i+1].(*shape) //nolint:forcetypeassert // a table
	}
	s.fields = all
	return &s
}

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
