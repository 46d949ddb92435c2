package upstream

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go/internal/eventstream"
)

// Bedrock's InvokeModel, whose bodies are in the models' own formats.

// families are the formats of models at InvokeModel, by a part of their names.
var families = []struct {
	in     string
	invoke func(*call, Reply) invoked
}{
	{"titan-embed-image", (*call).invokeTitanImageEmbed},
	{"titan-embed", (*call).invokeTitanEmbed},
	{"nova-2-multimodal-embeddings", (*call).invokeNovaEmbed},
	{"titan-image", (*call).invokeImages},
	{"nova-canvas", (*call).invokeImages},
	{"stability.", (*call).invokeStability},
	{"rerank", (*call).invokeRerank},
	{"cohere.embed", (*call).invokeCohereEmbed},
	{"anthropic.", (*call).invokeClaude},
	{"amazon.nova", (*call).invokeNova},
	{"amazon.titan", (*call).invokeTitan},
	{"meta.llama", (*call).invokeLlama},
	{"mistral.", (*call).invokeMistral},
	{"", (*call).invokeChat},
}

// invoked is a model's response in its own format: a body, or the events of a stream.
type invoked struct {
	response
	usage Usage
}

// invoke responds to /model/{model}/invoke and /invoke-with-response-stream.
func (c *call) invoke(r Reply) (response, bool) {
	path, method, ok := cutLast(c.path, "/")
	_, model, found := strings.Cut(path, "/model/")
	if !ok || !found || model == "" || c.method != http.MethodPost || method != "invoke" && method != "invoke-with-response-stream" {
		return response{}, false
	}
	c.Model, c.Stream = model, method != "invoke"
	if !json.Valid(c.body) {
		return c.failure(http.StatusBadRequest, "Malformed input request, please reformat your input and try again."), true
	}
	if c.isOtherInvocation() {
		return response{}, false
	}
	var a invoked
	for _, family := range families {
		if strings.Contains(model, family.in) {
			a = family.invoke(c, r)
			break
		}
	}
	switch {
	case a.status >= 400:
		return a.response, true
	case c.Stream:
		return a.frames(r), true
	}
	a.header = http.Header{"X-Amzn-Bedrock-Invocation-Latency": {"1"}}
	if !r.NoUsage && a.usage != (Usage{}) {
		a.header["X-Amzn-Bedrock-Input-Token-Count"] = []string{strconv.FormatInt(a.usage.InputTokens, 10)}
		a.header["X-Amzn-Bedrock-Output-Token-Count"] = []string{strconv.FormatInt(a.usage.OutputTokens, 10)}
	}
	return a.response, true
}

// isOtherInvocation reports whether a body is in a format that has no fake: that of older models of Cohere and
// DeepSeek.
func (c *call) isOtherInvocation() bool {
	body := c.parsed()
	if body.get("prompt").there() {
		return strings.Contains(c.Model, "cohere.command") || strings.Contains(c.Model, "deepseek.")
	}
	return strings.Contains(c.Model, "cohere.command-r") && body.get("message").there()
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// frames packs each event into a chunk of Amazon's stream. The last contains the service's own counts.
func (a invoked) frames(r Reply) response {
	out := a.response
	out.kind = eventstream.ContentType
	pack := func(parts [][]byte) [][]byte {
		var packed [][]byte
		for _, part := range parts {
			_, data, _ := bytes.Cut(part, []byte("data: "))
			packed = append(packed, eventstream.AppendEvent(nil, "chunk", marshal(object{"bytes": base64Of(bytes.TrimSpace(data))})))
		}
		return packed
	}
	if n := len(out.closing); n > 0 && bytes.Equal(out.closing[n-1], doneEvent) {
		out.closing = out.closing[:n-1]
	}
	if n := len(out.closing); n > 0 && !r.NoUsage {
		metrics := marshal(object{"amazon-bedrock-invocationMetrics": object{"inputTokenCount": a.usage.InputTokens,
			"outputTokenCount": a.usage.OutputTokens, "invocationLatency": 1, "firstByteLatency": 1}})
		last := bytes.TrimSpace(out.closing[n-1])
		out.closing[n-1] = append(append(last[:len(last)-1:len(last)-1], ','), metrics[1:]...)
	}
	out.opening, out.chunks, out.closing = pack(out.opening), pack(out.chunks), pack(out.closing)
	out.failure = eventstream.AppendException(nil, "modelStreamErrorException", marshal(object{"message": streamFault}))
	return out
}

func (c *call) invokeClaude(r Reply) invoked {
	request := c.parsed()
	if missing := missingFromMessage(request); missing != "" {
		return invoked{response: c.failure(http.StatusBadRequest, missing)}
	}
	t := c.think(messagesPrompt(request), r)
	_, c.Model, _ = strings.Cut(c.Model, "anthropic.") // without the region too
	if c.Stream {
		return invoked{c.messageStream(t, r), t.usage}
	}
	m := c.message(c.contentBlocks(t), anthropicFinish.of(t.finish))
	if !r.NoUsage {
		m["usage"] = anthropicUsage(t.usage)
	}
	return invoked{jsonResponse(m), t.usage}
}

// invokeNova uses the format of Converse, with its events in chunks.
func (c *call) invokeNova(r Reply) invoked {
	request := c.parsed()
	if len(request.get("messages").items) == 0 {
		return invoked{response: c.failure(http.StatusBadRequest, "Malformed input request: #: required key [messages] not found, please reformat your input and try again.")}
	}
	t := c.think(conversePrompt(request), r)
	if !c.Stream {
		return invoked{c.converse(r), t.usage}
	}
	a := eventResponse()
	a.opening = append(a.opening, a.data(object{"messageStart": object{"role": "assistant"}}))
	for _, text := range pieces(t.text, r.ChunkSize) {
		a.text(a.data(object{"contentBlockDelta": object{"delta": object{"text": text}, "contentBlockIndex": 0}}))
	}
	a.closing = append(a.closing, a.data(object{"messageStop": object{"stopReason": bedrockFinish.of(t.finish)}}),
		a.data(object{"metadata": object{"usage": bedrockUsage(t.usage), "metrics": object{}}}))
	return invoked{a, t.usage}
}

// said returns a model's response to a plain prompt, and the usage.
func (c *call) said(r Reply) turn {
	var req struct {
		Prompt    string `json:"prompt"`
		InputText string `json:"inputText"`
	}
	_ = json.Unmarshal(c.body, &req)
	t := c.think(prompt{last: req.Prompt + req.InputText}, r)
	if r.Usage == nil {
		t.usage.InputTokens = reported(r, req.Prompt, req.InputText)
	}
	return t
}

// plain formats text in a model's own format: each piece of a stream, or the whole text.
func (c *call) plain(t turn, r Reply, write func(text string, end bool) object) invoked {
	if !c.Stream {
		return invoked{jsonResponse(write(t.text, true)), t.usage}
	}
	a := eventResponse()
	for _, text := range pieces(t.text, r.ChunkSize) {
		a.text(a.data(write(text, false)))
	}
	a.closing = [][]byte{a.data(write("", true))}
	return invoked{a, t.usage}
}

var titanFinish = finishWords{FinishStop: "FINISH", FinishLength: "LENGTH", FinishContentFilter: "CONTENT_FILTERED", FinishRefusal: "FINISH"}

func (c *call) invokeTitan(r Reply) invoked {
	t := c.said(r)
	return c.plain(t, r, func(text string, end bool) object {
		var reason any
		if end {
			reason = titanFinish.of(t.finish)
		}
		if c.Stream {
			return object{"outputText": text, "index": 0, "totalOutputTextTokenCount": t.usage.OutputTokens, "completionReason": reason,
				"inputTextTokenCount": t.usage.InputTokens}
		}
		return object{"inputTextTokenCount": t.usage.InputTokens,
			"results": []object{{"tokenCount": t.usage.OutputTokens, "outputText": text, "completionReason": reason}}}
	})
}

func (c *call) invokeLlama(r Reply) invoked {
	t := c.said(r)
	return c.plain(t, r, func(text string, end bool) object {
		o := object{"generation": text, "prompt_token_count": t.usage.InputTokens, "generation_token_count": t.usage.OutputTokens, "stop_reason": nil}
		if end {
			o["stop_reason"] = chatFinish.of(t.finish)
		}
		return o
	})
}

func (c *call) invokeMistral(r Reply) invoked {
	if bytes.Contains(c.body, []byte(`"messages"`)) {
		return c.invokeChat(r)
	}
	t := c.said(r)
	return c.plain(t, r, func(text string, end bool) object {
		output := object{"text": text, "stop_reason": nil}
		if end {
			output["stop_reason"] = chatFinish.of(t.finish)
		}
		return object{"outputs": []object{output}}
	})
}

// invokeChat is for models with OpenAI's format.
func (c *call) invokeChat(r Reply) invoked {
	return invoked{c.chat(r), c.think(chatPrompt(c.parsed()), r).usage}
}

func (c *call) invokeTitanEmbed(r Reply) invoked {
	var req struct {
		Text       string `json:"inputText"`
		Dimensions int    `json:"dimensions"`
	}
	_ = json.Unmarshal(c.body, &req)
	v, tokens := vector(req.Text, embeddingSize(c.Model, req.Dimensions)), reported(r, req.Text)
	o := object{"embedding": v, "inputTextTokenCount": tokens}
	if !strings.Contains(c.Model, "text-v1") {
		o["embeddingsByType"] = object{"float": v}
	}
	return invoked{jsonResponse(o), Usage{InputTokens: tokens}}
}

func (c *call) invokeCohereEmbed(r Reply) invoked {
	a := c.cohereEmbed(r)
	if a.status >= 400 {
		return invoked{response: a}
	}
	var body struct {
		Texts      []string `json:"texts"`
		Embeddings struct {
			Float any `json:"float"`
		} `json:"embeddings"`
		ID string `json:"id"`
	}
	_ = json.Unmarshal(a.body, &body)
	usage := Usage{InputTokens: reported(r, body.Texts...)}
	if bytes.Contains(c.body, []byte(`"embedding_types"`)) {
		return invoked{a, usage}
	}
	return invoked{jsonResponse(object{"id": body.ID, "texts": body.Texts, "embeddings": body.Embeddings.Float, "response_type": "embeddings_floats"}), usage}
}
