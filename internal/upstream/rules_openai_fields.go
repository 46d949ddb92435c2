package upstream

// The fields of OpenAI's requests, from the types of openai-go and their comments. Doubtful fields are accepted:
// messages of chat completions may have others, because reports disagree.

var (
	efforts7   = wordOf("none", "minimal", "low", "medium", "high", "xhigh", "max")
	verbosity  = wordOf("low", "medium", "high")
	metadata   = &shape{kind: record, item: aText}
	userID     = upTo(64).brokenAs("openai.user-id")
	safetyID   = upTo(128).brokenAs("openai.user-id")
	streamOpts = openRecord(fields{"include_usage": aTruth, "include_obfuscation": aTruth})
	jsonSchema = openRecord(fields{"name": aText, "description": aText, "schema": anObject, "strict": aTruth})
	toolName64 = upTo(64).asName().brokenAs("openai.tool-name")
	parameters = anObject
)

var chatFields = openRecord(fields{
	"messages":               several(chatMessageFields).notEmpty().brokenAs("openai.messages"),
	"model":                  aText,
	"audio":                  openRecord(fields{"voice": aText.orElse(anObject), "format": wordOf("wav", "aac", "mp3", "flac", "opus", "pcm16")}, "voice", "format"),
	"frequency_penalty":      between(number, -2, 2),
	"function_call":          wordOf("none", "auto").orElse(openRecord(fields{"name": aText}, "name")),
	"functions":              several(openRecord(fields{"name": toolName64, "description": aText, "parameters": parameters}, "name")).notEmpty(),
	"logit_bias":             anObject,
	"logprobs":               aTruth,
	"max_completion_tokens":  between(whole, 1, 0),
	"max_tokens":             between(whole, 1, 0),
	"metadata":               metadata,
	"modalities":             several(wordOf("text", "audio")).notEmpty(),
	"moderation":             anObject,
	"n":                      between(whole, 1, 128),
	"parallel_tool_calls":    aTruth,
	"prediction":             openRecord(fields{"type": wordOf("content"), "content": aText.orList(nil)}, "type", "content"),
	"presence_penalty":       between(number, -2, 2),
	"prompt_cache_key":       userID,
	"prompt_cache_options":   anObject,
	"prompt_cache_retention": aText,
	"reasoning_effort":       efforts7,
	"response_format": typed("json_object json_schema text", fields{
		"json_schema": openRecord(fields{"json_schema": jsonSchema})}),
	"safety_identifier":  safetyID,
	"seed":               aWhole,
	"service_tier":       wordOf("auto", "default", "flex", "scale", "priority", "fast"),
	"stop":               aText.orElse(several(aText).atMostItems(4).brokenAs("openai.stop")),
	"store":              aTruth,
	"stream":             aTruth,
	"stream_options":     streamOpts,
	"temperature":        between(number, 0, 2),
	"tool_choice":        toolChoiceFields,
	"tools":              several(chatToolFields).notEmpty().brokenAs("openai.tools"),
	"top_logprobs":       between(whole, 0, 20).brokenAs("openai.top-logprobs"),
	"top_p":              between(number, 0, 1),
	"user":               userID,
	"verbosity":          verbosity,
	"web_search_options": openRecord(fields{"search_context_size": verbosity, "user_location": anObject}),
})

var (
	chatMessageFields = openRecord(fields{
		"role":         wordOf("system", "assistant", "user", "function", "tool", "developer").brokenAs("openai.role"),
		"content":      aText.orElse(several(chatPartFields).notEmpty().brokenAs("openai.content-empty")),
		"name":         upTo(64).asName().brokenAs("openai.message-name"),
		"refusal":      aText,
		"tool_calls":   several(chatCallFields).notEmpty().brokenAs("openai.tool-calls"),
		"tool_call_id": upTo(40).brokenAs("openai.tool-call-id"),
	}, "role")
	chatCallFields = typed("function custom", fields{
		"function": openRecord(fields{"id": callID, "function": openRecord(fields{"name": toolName64, "arguments": aText}, "name", "arguments")}, "id", "function"),
		"custom":   openRecord(fields{"id": callID, "custom": openRecord(fields{"name": toolName64, "input": aText}, "name", "input")}, "id", "custom"),
	})
	callID         = upTo(40).brokenAs("openai.tool-call-id")
	chatPartFields = typed("text image_url input_audio refusal audio file", fields{
		"text":        openRecord(fields{"text": aText}, "text"),
		"image_url":   openRecord(fields{"image_url": openRecord(fields{"url": aText, "detail": wordOf("auto", "low", "high", "original")}, "url")}, "image_url"),
		"input_audio": openRecord(fields{"input_audio": openRecord(fields{"data": aText, "format": wordOf("wav", "mp3")}, "data", "format")}, "input_audio"),
		"refusal":     openRecord(fields{"refusal": aText}, "refusal"),
		"file":        openRecord(fields{"file": openRecord(fields{"file_data": aText, "file_id": aText, "filename": aText})}, "file"),
	}).brokenAs("openai.content-type")
	chatToolFields = typed("function custom", fields{
		"function": openRecord(fields{"function": openRecord(fields{"name": toolName64, "description": aText, "parameters": parameters, "strict": aTruth}, "name")}, "function"),
		"custom":   openRecord(fields{"custom": openRecord(fields{"name": toolName64, "description": aText, "format": anObject}, "name")}, "custom"),
	})
	toolChoiceFields = wordOf("none", "auto", "required").orElse(typed("function allowed_tools custom", fields{
		"function":      openRecord(fields{"function": openRecord(fields{"name": aText}, "name")}, "function"),
		"allowed_tools": openRecord(fields{"allowed_tools": openRecord(fields{"mode": wordOf("auto", "required"), "tools": aList}, "mode", "tools")}, "allowed_tools"),
		"custom":        openRecord(fields{"custom": openRecord(fields{"name": aText}, "name")}, "custom"),
	}))
)

var responsesFields = openRecord(fields{
	"access_programs":        whatever,
	"background":             aTruth,
	"client_metadata":        anObject, // not documented; Codex 0.171 sends it
	"context_management":     aList,
	"conversation":           aText.orElse(openRecord(fields{"id": aText}, "id")),
	"image":                  anObject,
	"include":                several(wordOf(includable...)),
	"input":                  aText.orElse(several(itemFields)),
	"instructions":           aText.orList(nil),
	"max_output_tokens":      between(whole, 16, 0),
	"max_tool_calls":         between(whole, 1, 0),
	"metadata":               metadata,
	"model":                  aText,
	"moderation":             anObject,
	"parallel_tool_calls":    aTruth,
	"previous_response_id":   aText,
	"prompt":                 openRecord(fields{"id": aText, "variables": anObject, "version": aText}, "id"),
	"prompt_cache_key":       userID,
	"prompt_cache_options":   anObject,
	"prompt_cache_retention": aText,
	"reasoning": openRecord(fields{"effort": efforts7, "summary": wordOf("concise", "detailed", "auto"), "generate_summary": wordOf("concise", "detailed", "auto"),
		"context": wordOf("auto", "current_turn", "all_turns"), "mode": aText}).closed(),
	"safety_identifier": safetyID,
	"service_tier":      wordOf("auto", "default", "flex", "scale", "priority", "fast", "ultrafast"),
	"store":             aTruth,
	"stream":            aTruth,
	"stream_options":    streamOpts,
	"temperature":       between(number, 0, 2),
	"text": openRecord(fields{"verbosity": verbosity, "format": typed("json_object json_schema text", fields{
		"json_schema": openRecord(fields{"name": aText, "schema": anObject, "strict": aTruth, "description": aText})})}),
	"tool_choice":  wordOf("none", "auto", "required").orElse(openRecord(fields{"type": aText}, "type")),
	"tools":        several(responsesTools),
	"top_logprobs": between(whole, 0, 20),
	"top_p":        between(number, 0, 1),
	"truncation":   wordOf("auto", "disabled"),
	"user":         userID,
})

var includable = []string{"file_search_call.results", "web_search_call.results", "web_search_call.action.sources", "message.input_image.image_url",
	"computer_call_output.output.image_url", "code_interpreter_call.outputs", "reasoning.encrypted_content", "message.output_text.logprobs"}

// itemFields has the fields of the items that clients send back most often. Others are the results of OpenAI's own
// tools, which change often.
var itemFields = orMessage(typed("additional_tools apply_patch_call apply_patch_call_output code_interpreter_call compaction compaction_trigger computer_call computer_call_output configuration_update custom_tool_call custom_tool_call_output file_search_call function_call function_call_output image_generation_call item_reference local_shell_call local_shell_call_output mcp_approval_request mcp_approval_response mcp_call mcp_list_tools message program program_output reasoning shell_call shell_call_output tool_search_call tool_search_output web_search_call", fields{
	"message": openRecord(fields{"type": aText, "id": aText, "status": itemStatus, "phase": aText,
		"role":    wordOf("assistant", "system", "developer", "user").brokenAs("openai.role"),
		"content": aText.orElse(several(openRecord(fields{"type": aText, "text": aText}, "type"))),
	}, "role"),
	"function_call": openRecord(fields{"type": aText, "id": aText, "status": itemStatus, "async": aTruth, "namespace": aText, "caller": anObject, "created_by": aText,
		"call_id": itemCallID, "name": toolName64.notEmpty(), "arguments": aText}, "call_id", "name", "arguments").closed(),
	"function_call_output": openRecord(fields{"type": aText, "id": aText, "status": itemStatus, "name": aText, "namespace": aText, "caller": anObject, "created_by": aText,
		"call_id": itemCallID, "output": aText.orList(nil)}, "call_id", "output").closed(),
	"custom_tool_call":        openRecord(fields{"call_id": itemCallID, "name": aText, "input": aText}, "call_id", "name", "input"),
	"custom_tool_call_output": openRecord(fields{"call_id": itemCallID}, "call_id", "output"),
	"reasoning":               openRecord(fields{"summary": aList, "encrypted_content": aText}, "summary"),
	"web_search_call": openRecord(fields{"id": aText, "action": typed("search open_page find_in_page", fields{
		"search":       openRecord(fields{"type": aText, "query": aText, "queries": several(aText), "sources": aList}).closed(),
		"open_page":    openRecord(fields{"type": aText, "url": aText}).closed(),
		"find_in_page": openRecord(fields{"type": aText, "url": aText, "pattern": aText}).closed(),
	})}, "id"),
	"item_reference": openRecord(fields{"id": aText}, "id"),
}))

// orMessage also has the fields of a message, for an item without a type.
func orMessage(items *shape) *shape {
	untyped := *items.tags["message"] // or a reference to an item, which has only an id
	untyped.needed = nil
	items.tags[""] = &untyped
	return items
}

var (
	itemStatus = wordOf("in_progress", "completed", "incomplete")
	itemCallID = upTo(64).brokenAs("openai.tool-call-id")
)

var responsesTools = typed("apply_patch code_interpreter computer computer_use computer_use_preview custom file_search function image_generation local_shell mcp namespace programmatic_tool_calling shell tool_search web_search web_search_2025_08_26 web_search_preview web_search_preview_2025_03_11", fields{
	"function":         openRecord(fields{"name": toolName64, "description": aText, "parameters": parameters, "strict": aTruth}, "name"),
	"custom":           openRecord(fields{"name": toolName64, "description": aText}, "name"),
	"code_interpreter": openRecord(fields{"container": aText.orElse(anObject)}, "container"),
	"file_search":      openRecord(fields{"vector_store_ids": several(aText), "max_num_results": between(whole, 1, 50)}, "vector_store_ids"),
	"mcp":              openRecord(fields{"server_label": aText}, "server_label"),
})

var embeddingsFields = openRecord(fields{
	"input":           aText.orList(nil),
	"model":           aText,
	"encoding_format": wordOf("float", "base64"),
	"dimensions":      between(whole, 1, 0),
	"user":            aText,
}, "input")

var completionsFields = openRecord(fields{
	"model":             aText,
	"prompt":            aText.orList(nil),
	"best_of":           between(whole, 0, 20),
	"echo":              aTruth,
	"frequency_penalty": between(number, -2, 2),
	"logit_bias":        anObject,
	"logprobs":          between(whole, 0, 5),
	"max_tokens":        between(whole, 0, 0),
	"n":                 between(whole, 1, 128),
	"presence_penalty":  between(number, -2, 2),
	"seed":              aWhole,
	"stop":              aText.orElse(several(aText).atMostItems(4).brokenAs("openai.stop")),
	"stream":            aTruth,
	"stream_options":    streamOpts,
	"suffix":            aText,
	"temperature":       between(number, 0, 2),
	"top_p":             between(number, 0, 1),
	"user":              aText,
})

// imageFields are the fields of a generation. Edits are forms.
var imageFields = openRecord(fields{
	"prompt":             upTo(32000),
	"model":              aText,
	"background":         wordOf("transparent", "opaque", "auto"),
	"complexity":         wordOf("low", "medium", "high"),
	"frame_count":        between(whole, 2, 16),
	"frame_duration_ms":  between(whole, 1, 0),
	"input_fidelity":     wordOf("high", "low"),
	"images":             aList,
	"mask":               whatever,
	"moderation":         wordOf("low", "auto"),
	"n":                  between(whole, 1, 10),
	"output_compression": between(whole, 0, 100),
	"output_format":      wordOf("png", "webp", "jpeg", "gif", "svg"),
	"partial_images":     between(whole, 0, 3),
	"prompt_rewriter":    whatever,
	"quality":            aText,
	"response_format":    wordOf("url", "b64_json"),
	"safety_identifier":  aText,
	"size":               aText,
	"stream":             aTruth,
	"style":              wordOf("vivid", "natural"),
	"svg":                anObject,
	"user":               aText,
}, "prompt").closed()

var moderationFields = openRecord(fields{
	"input": aText.orElse(several(aText.orElse(tagged(fields{
		"text":      fieldsOf("text", fields{"type": aText, "text": aText}),
		"image_url": fieldsOf("image_url", fields{"type": aText, "image_url": fieldsOf("url", fields{"url": aText})}),
	}, "text", "image_url"))).notEmpty()),
	"model": aText,
}, "input").closed()

var batchFields = openRecord(fields{
	"input_file_id": aText,
	"endpoint": wordOf("/v1/responses", "/v1/chat/completions", "/v1/embeddings", "/v1/completions", "/v1/moderations",
		"/v1/images/generations", "/v1/images/edits", "/v1/videos"),
	"completion_window":    wordOf("24h"),
	"metadata":             metadata,
	"output_expires_after": expiresAfter,
}, "input_file_id", "endpoint", "completion_window").closed()

var uploadFields = openRecord(fields{
	"bytes":         aWhole,
	"filename":      aText,
	"mime_type":     aText,
	"purpose":       wordOf(filePurposes...),
	"expires_after": expiresAfter,
}, "bytes", "filename", "mime_type", "purpose").closed()

var expiresAfter = openRecord(fields{"anchor": wordOf("created_at"), "seconds": between(whole, 3600, 2592000)}, "anchor", "seconds")
