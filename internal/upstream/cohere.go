package upstream

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// Cohere's own API, in addition to the one in OpenAI's format.

var cohereTypes = map[string]string{"messages": "[", "tools": "[", "stream": "tf", "response_format": "{", "tool_choice": `"`}

func (c *call) cohereChat(r Reply) response {
	req := c.parsed()
	if name := req.mistyped(cohereTypes); name != "" || !json.Valid(c.body) {
		return c.failure(http.StatusBadRequest, "invalid request: "+cmp.Or(name, "the body")+" can't be read")
	}
	if len(req.get("messages").items) == 0 {
		return c.failure(http.StatusBadRequest, "invalid request: messages must be at least 1 message")
	}
	p := chatPrompt(req)
	format := req.get("response_format")
	p.json, p.schema = format.get("type").text() == "json_object", format.get("json_schema").decoded()
	if p.schema == nil {
		p.schema = format.get("schema").decoded()
	}
	if req.get("tool_choice").text() == "REQUIRED" {
		p.forced = "*"
	}
	t := c.think(p, r)
	if req.get("stream").isTrue() {
		return c.cohereStream(t, r)
	}
	content := []object{}
	if t.reasoning != "" {
		content = append(content, object{"type": "thinking", "thinking": t.reasoning})
	}
	if t.text != "" {
		content = append(content, object{"type": "text", "text": t.text})
	}
	message := object{"role": "assistant"}
	if len(content) > 0 {
		message["content"] = content
	}
	if len(t.tools) > 0 {
		message["tool_calls"], message["tool_plan"] = c.cohereTools(t), coherePlan
	}
	body := object{"id": c.id("", 0), "finish_reason": cohereFinish.of(t.finish), "message": message}
	if !r.NoUsage {
		body["usage"] = cohereUsage(t.usage)
	}
	return jsonResponse(body)
}

const coherePlan = "I will use a tool."

var cohereFinish = finishWords{FinishStop: "COMPLETE", FinishLength: "MAX_TOKENS", FinishToolCalls: "TOOL_CALL",
	FinishContentFilter: "ERROR", FinishRefusal: "COMPLETE"}

func (c *call) cohereTools(t turn) []object {
	list := []object{}
	for i, tool := range t.tools {
		list = append(list, object{"id": c.id(tool.Name+"_", i+1), "type": "function",
			"function": object{"name": tool.Name, "arguments": tool.Arguments}})
	}
	return list
}

// cohereUsage counts tokens and billed tokens, which are equal here.
func cohereUsage(u Usage) object {
	tokens := object{"input_tokens": u.InputTokens, "output_tokens": u.OutputTokens}
	return object{"billed_units": tokens, "tokens": tokens, "cached_tokens": u.CachedTokens}
}

func (c *call) cohereStream(t turn, r Reply) response {
	a := eventResponse()
	event := func(kind string, fields object) []byte {
		fields["type"] = kind
		return a.named(kind, fields)
	}
	message := func(fields object) object { return object{"message": fields} }
	a.opening = append(a.opening, event("message-start", object{"id": c.id("", 0),
		"delta": message(object{"role": "assistant", "content": []object{}, "tool_plan": "", "tool_calls": []object{}, "citations": []object{}})}))
	index := 0
	content := func(kind, text string) {
		if text == "" {
			return
		}
		a.chunk(event("content-start", object{"index": index, "delta": message(object{"content": object{"type": kind, kind: ""}})}))
		for _, piece := range pieces(text, r.ChunkSize) {
			add := a.text
			if kind != "text" {
				add = a.chunk
			}
			add(event("content-delta", object{"index": index, "delta": message(object{"content": object{kind: piece}})}))
		}
		a.chunk(event("content-end", object{"index": index}))
		index++
	}
	content("thinking", t.reasoning)
	content("text", t.text)
	tools := c.cohereTools(t)
	if len(tools) > 0 {
		a.chunk(event("tool-plan-delta", object{"delta": message(object{"tool_plan": coherePlan})}))
	}
	for i, tool := range tools {
		begun := object{"id": tool["id"], "type": "function", "function": object{"name": t.tools[i].Name, "arguments": ""}}
		a.chunk(event("tool-call-start", object{"index": i, "delta": message(object{"tool_calls": begun})}))
		for _, piece := range pieces(t.tools[i].Arguments, r.ChunkSize) {
			delta := message(object{"tool_calls": object{"function": object{"arguments": piece}}})
			a.chunk(event("tool-call-delta", object{"index": i, "delta": delta}))
		}
		a.chunk(event("tool-call-end", object{"index": i}))
	}
	end := object{"finish_reason": cohereFinish.of(t.finish)}
	if !r.NoUsage {
		end["usage"] = cohereUsage(t.usage)
	}
	a.closing = [][]byte{event("message-end", object{"id": c.id("", 0), "delta": end}), doneEvent}
	a.failure = event("message-end", object{"delta": object{"finish_reason": "ERROR", "error": streamFault}})
	return a
}

func (c *call) cohereEmbed(r Reply) response {
	var req struct {
		Texts  []string `json:"texts"`
		Images []string `json:"images"`
		Inputs []struct {
			Content json.RawMessage `json:"content"`
		} `json:"inputs"`
		Types     []string `json:"embedding_types"`
		Dimension int      `json:"output_dimension"`
	}
	if err := json.Unmarshal(c.body, &req); err != nil {
		return c.failure(http.StatusBadRequest, "invalid request: "+err.Error())
	}
	texts := slices.Concat(req.Texts, req.Images)
	for _, in := range req.Inputs {
		texts = append(texts, textOf(parseValue(in.Content)))
	}
	if len(texts) == 0 {
		return c.failure(http.StatusBadRequest, "invalid request: at least one of texts, images or inputs is required")
	}
	if len(req.Types) == 0 {
		req.Types = []string{"float"}
	}
	byType := object{}
	for _, kind := range req.Types {
		list := []any{}
		for _, text := range texts {
			list = append(list, packed(vector(text, embeddingSize(c.Model, req.Dimension)), kind))
		}
		byType[kind] = list
	}
	body := object{"id": c.id("", 0), "embeddings": byType, "texts": texts, "response_type": "embeddings_by_type"}
	meta := object{"api_version": object{"version": "2"}}
	if !r.NoUsage {
		meta["billed_units"] = object{"input_tokens": reported(r, texts...)}
	}
	body["meta"] = meta
	return jsonResponse(body)
}

// packed returns a vector in one of the types of embeddings.
func packed(v []float32, kind string) any {
	switch kind {
	case "int8", "uint8":
		shift := 0
		if kind == "uint8" {
			shift = 128
		}
		whole := make([]int, len(v))
		for i, x := range v {
			whole[i] = int(x*127) + shift
		}
		return whole
	case "binary", "ubinary":
		shift := 0
		if kind == "binary" {
			shift = 128
		}
		bits := make([]int, len(v)/8)
		for i := range bits {
			for j, x := range v[i*8 : i*8+8] {
				if x > 0 {
					bits[i] |= 1 << (7 - j)
				}
			}
			bits[i] -= shift
		}
		return bits
	case "base64":
		return base64Of(littleEndian(v))
	}
	return v
}

// reported returns the number of tokens in the texts, unless the reply sets it.
func reported(r Reply, texts ...string) int64 {
	if r.Usage != nil {
		return r.Usage.InputTokens
	}
	var n int64
	for _, text := range texts {
		n += dialect.EstimateTokens(int64(utf8.RuneCountInString(text)))
	}
	return max(1, n)
}

// rerank orders documents by their similarity to the query.
func (c *call) rerank(r Reply) response {
	request := c.parsed()
	documents := request.get("documents")
	if request.get("query").text() == "" || len(documents.items) == 0 {
		return c.failure(http.StatusBadRequest, "invalid request: query and documents are required")
	}
	results := c.ranked()
	if c.providerID() == "voyage" {
		texts := append(slices.Collect(documents.texts()), request.get("query").text())
		return jsonResponse(object{"object": "list", "data": results, "model": c.Model, "usage": object{"total_tokens": reported(r, texts...)}})
	}
	return jsonResponse(object{"id": c.id("", 0), "results": results, "meta": c.rerankMeta(r)})
}

// rank is the place of a document, by its index in the request.
type rank struct {
	Index int     `json:"index"`
	Score float64 `json:"relevance_score"`
}

// ranked orders the documents of a request, which are texts or objects with a text.
func (c *call) ranked() []rank {
	request := c.parsed()
	results := []rank{}
	for i, document := range request.get("documents").items {
		results = append(results, rank{i, alike(request.get("query").text(), document.text()+document.get("text").text())})
	}
	slices.SortStableFunc(results, func(a, b rank) int { return cmp.Compare(b.Score, a.Score) })
	if most := max(request.get("top_n").integer(), request.get("top_k").integer()); most > 0 {
		results = results[:min(most, len(results))]
	}
	return results
}

// rerankMeta is what Cohere bills: a unit for each hundred documents.
func (c *call) rerankMeta(r Reply) object {
	meta := object{"api_version": object{"version": "2"}}
	if !r.NoUsage {
		meta["billed_units"] = object{"search_units": (len(c.parsed().get("documents").items) + 99) / 100}
	}
	return meta
}

// alike returns the share of the query's words that a document contains.
func alike(query, document string) float64 {
	words := strings.Fields(strings.ToLower(query))
	has := strings.Fields(strings.ToLower(document))
	n := 0
	for _, word := range words {
		if slices.Contains(has, word) {
			n++
		}
	}
	return float64(n) / float64(max(1, len(words)))
}
