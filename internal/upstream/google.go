package upstream

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// googleFake responds as Google's generateContent, streamGenerateContent and
// embedContent.
type googleFake struct{}

func (googleFake) respond(c *call, r Reply) (response, bool) {
	switch c.Operation {
	case dialect.Generate:
		return c.generate(r), true
	case dialect.Embed:
		return c.embed(), true
	case dialect.CountTokens:
		return jsonResponse(object{"totalTokens": dialect.EstimateTokens(c.PromptCharacters())}), true
	}
	return response{}, false
}

func (googleFake) failure(_ *call, status int, message string) response {
	return response{body: marshal(googleError(status, message))}
}

func (googleFake) model(_ *call, m catalog.Model) object {
	return object{"name": "models/" + m.ID, "displayName": m.ID, "inputTokenLimit": m.Context,
		"supportedGenerationMethods": []string{"generateContent", "countTokens"}}
}

func (googleFake) models(list []object) any { return object{"models": list} }

type generateRequest struct {
	Contents []struct {
		Role  string `json:"role"`
		Parts []struct {
			Text             string          `json:"text"`
			FunctionResponse json.RawMessage `json:"functionResponse"`
		} `json:"parts"`
	} `json:"contents"`
	Tools []struct {
		Declarations []struct {
			Name       string `json:"name"`
			Parameters any    `json:"parameters"`
			JSONSchema any    `json:"parametersJsonSchema"`
		} `json:"functionDeclarations"`
	} `json:"tools"`
	ToolConfig struct {
		Calling struct {
			Mode    string   `json:"mode"`
			Allowed []string `json:"allowedFunctionNames"`
		} `json:"functionCallingConfig"`
	} `json:"toolConfig"`
	Generation struct {
		MimeType   string `json:"responseMimeType"`
		Schema     any    `json:"responseSchema"`
		JSONSchema any    `json:"responseJsonSchema"`
	} `json:"generationConfig"`
}

func (r generateRequest) prompt() prompt {
	p := prompt{json: r.Generation.MimeType == "application/json", schema: r.Generation.Schema}
	if p.schema == nil {
		p.schema = r.Generation.JSONSchema
	}
	for _, content := range r.Contents {
		if content.Role == "model" {
			continue
		}
		p.toolResponded = false
		for _, part := range content.Parts {
			if part.Text != "" {
				p.last = part.Text
			}
			p.toolResponded = p.toolResponded || len(part.FunctionResponse) > 0
		}
	}
	for _, t := range r.Tools {
		for _, d := range t.Declarations {
			schema := d.Parameters
			if schema == nil {
				schema = d.JSONSchema
			}
			p.tools = append(p.tools, tool{d.Name, schema})
		}
	}
	if r.ToolConfig.Calling.Mode == "ANY" {
		p.forced = "*"
		if len(r.ToolConfig.Calling.Allowed) > 0 {
			p.forced = r.ToolConfig.Calling.Allowed[0]
		}
	}
	return p
}

func (c *call) generate(r Reply) response {
	var req generateRequest
	if err := json.Unmarshal(c.body, &req); err != nil {
		return c.failure(http.StatusBadRequest, "Invalid JSON payload received. "+err.Error())
	}
	if len(req.Contents) == 0 {
		return c.failure(http.StatusBadRequest, "* GenerateContentRequest.contents: contents is not specified")
	}
	t := c.think(req.prompt(), r)
	if c.Stream {
		return c.generateStream(t, r)
	}
	return jsonResponse(c.generated(googleParts(t, t.text), "STOP", t.usage, r))
}

func googleParts(t turn, text string) []object {
	parts := []object{}
	if t.reasoning != "" {
		parts = append(parts, object{"text": t.reasoning, "thought": true})
	}
	if text != "" {
		parts = append(parts, object{"text": text})
	}
	for _, call := range t.tools {
		parts = append(parts, object{"functionCall": object{"name": call.Name, "args": json.RawMessage(call.Arguments)}})
	}
	return parts
}

func (c *call) generated(parts []object, finish string, u Usage, r Reply) object {
	candidate := object{"index": 0, "content": object{"role": "model", "parts": parts}}
	if finish != "" {
		candidate["finishReason"] = finish
	}
	o := object{"candidates": []object{candidate}, "modelVersion": c.Model, "responseId": c.id("", 0)}
	if !r.NoUsage {
		o["usageMetadata"] = googleUsage(u)
	}
	return o
}

// googleUsage reports thoughts apart from candidates, as Google does, and
// leaves zeros out.
func googleUsage(u Usage) object {
	o := object{
		"promptTokenCount": u.InputTokens, "candidatesTokenCount": u.OutputTokens - u.ReasoningTokens,
		"totalTokenCount":     u.InputTokens + u.OutputTokens,
		"promptTokensDetails": []object{{"modality": "TEXT", "tokenCount": u.InputTokens}},
	}
	if u.ReasoningTokens > 0 {
		o["thoughtsTokenCount"] = u.ReasoningTokens
	}
	if u.CachedTokens > 0 {
		o["cachedContentTokenCount"] = u.CachedTokens
	}
	return o
}

// generateStream writes a response for each piece of text and one that ends them, as
// events if ?alt=sse asks for them, else as one array. Usage is in each, counted up
// to it.
func (c *call) generateStream(t turn, r Reply) response {
	a, frame := response{kind: "text/event-stream"}, googleEvent
	if !strings.Contains(c.query, "alt=sse") {
		a.kind, frame = "application/json; charset=UTF-8", googleElement
	}
	texts := pieces(t.text, r.ChunkSize)
	for i, text := range texts {
		turn, u := turn{}, t.usage
		if i == 0 {
			turn.reasoning = t.reasoning
		}
		if said := u.OutputTokens - u.ReasoningTokens; i < len(texts)-1 {
			u.OutputTokens = u.ReasoningTokens + said*int64(i+1)/int64(len(texts))
		}
		a.text(frame(i, c.generated(googleParts(turn, text), "", u, r)))
	}
	last := turn{tools: t.tools}
	if len(texts) == 0 {
		last.reasoning = t.reasoning
	}
	parts := googleParts(last, "")
	if len(parts) == 0 {
		parts = []object{{"text": ""}}
	}
	a.closing = append(a.closing, frame(len(texts), c.generated(parts, "STOP", t.usage, r)))
	a.failure = frame(a.faultAt(r.Fault.after), googleError(http.StatusServiceUnavailable, "The model is overloaded. Please try again later."))
	if a.kind != "text/event-stream" {
		a.closing, a.failure = append(a.closing, []byte("]")), append(a.failure, ']')
	}
	return a
}

func googleEvent(_ int, o object) []byte {
	return append(append([]byte("data: "), marshal(o)...), "\r\n\r\n"...)
}

// googleElement is an element of an array, with what stands before it.
func googleElement(i int, o object) []byte {
	before := ",\r\n"
	if i == 0 {
		before = "["
	}
	return append([]byte(before), marshal(o)...)
}

func (c *call) embed() response {
	var req struct {
		Content  json.RawMessage `json:"content"`
		Requests []struct {
			Content json.RawMessage `json:"content"`
		} `json:"requests"`
	}
	if err := json.Unmarshal(c.body, &req); err != nil {
		return c.failure(http.StatusBadRequest, "Invalid JSON payload received. "+err.Error())
	}
	const size = 768
	if strings.HasSuffix(c.path, ":embedContent") {
		return jsonResponse(object{"embedding": object{"values": vector(string(req.Content), size)}})
	}
	list := []object{}
	for _, one := range req.Requests {
		list = append(list, object{"values": vector(string(one.Content), size)})
	}
	return jsonResponse(object{"embeddings": list})
}

var googleStatus = map[int]string{
	400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
	409: "ABORTED", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 501: "UNIMPLEMENTED", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}

func googleError(status int, message string) object {
	name, ok := googleStatus[status]
	if !ok {
		name = "UNKNOWN"
	}
	return object{"error": object{"code": status, "message": message, "status": name}}
}
