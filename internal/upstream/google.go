package upstream

import (
	"cmp"
	"net/http"
	"slices"
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
		return c.countTokens(), true
	}
	if strings.HasSuffix(c.path, ":predict") {
		return c.predict(r)
	}
	return response{}, false
}

// failure returns an error, as an element of an array if the response would be an array.
func (googleFake) failure(c *call, status int, message string) response {
	body := marshal(googleError(status, message))
	if c.Stream && !c.sendsEvents() {
		body = arrayOf(body)
	}
	return response{body: body}
}

func arrayOf(element []byte) []byte { return slices.Concat([]byte("["), element, []byte("]")) }

// sendsEvents reports whether a stream consists of events, not of the elements of an array.
func (c *call) sendsEvents() bool { return strings.Contains(c.query, "alt=sse") }

func (googleFake) model(_ *call, m catalog.Model) object {
	return object{"name": "models/" + m.ID, "displayName": m.ID, "inputTokenLimit": m.Context,
		"supportedGenerationMethods": []string{"generateContent", "countTokens"}}
}

func (googleFake) models(list []object) any { return object{"models": list} }

// generatePrompt reads the prompt of a request to generateContent. Its JSON is that of protocol buffers, which the
// rules parse too.
func generatePrompt(request value) prompt {
	generation := either(request, "generationConfig")
	kind := either(generation, "responseMimeType").text()
	p := prompt{json: kind == "application/json" || kind == "text/x.enum", bare: kind == "text/x.enum",
		schema: eitherOf(generation, "responseSchema", "responseJsonSchema").decoded()}
	for _, content := range repeated(request, "contents") {
		if content.get("role").text() == "model" {
			continue
		}
		for _, part := range repeated(content, "parts") {
			if text := part.get("text").text(); text != "" {
				p.last = text
			}
		}
	}
	for _, t := range repeated(request, "tools") {
		for _, d := range repeated(t, "functionDeclarations") {
			p.tools = append(p.tools, tool{d.get("name").text(), eitherOf(d, "parameters", "parametersJsonSchema")})
		}
	}
	calling := either(either(request, "toolConfig"), "functionCallingConfig")
	if strings.EqualFold(calling.get("mode").text(), "ANY") {
		p.forced = "*"
		for name := range either(calling, "allowedFunctionNames").texts() {
			p.forced = name
			break
		}
	}
	return p
}

// eitherOf returns the first of several fields that exists, in either spelling.
func eitherOf(v value, names ...string) value {
	for _, name := range names {
		if found := either(v, name); found.there() {
			return found
		}
	}
	return value{}
}

func (c *call) generate(r Reply) response {
	request := c.parsed()
	if len(repeated(request, "contents")) == 0 {
		return c.failure(http.StatusBadRequest, "* GenerateContentRequest.contents: contents is not specified\n")
	}
	cached, broken := c.usedCache(request)
	if broken != nil {
		return c.failure(cmp.Or(broken.status, http.StatusBadRequest), broken.message)
	}
	generation := either(request, "generationConfig")
	modalities := slices.Collect(either(generation, "responseModalities").texts())
	all := c.thinkAll(generatePrompt(request), r)
	for i := range all {
		c.draw(&all[i], modalities, r.candidate(i))
		if r.Usage == nil {
			all[i].usage.InputTokens += cached.tokens
			all[i].usage.CachedTokens = cached.tokens
		}
	}
	g := generating{c, r}
	if c.Stream {
		return g.stream(all)
	}
	candidates := make([]object, len(all))
	for i, t := range all {
		candidates[i] = candidate(i, g.parts(i, t, t.text), googleFinish.of(t.finish))
	}
	return jsonResponse(g.response(candidates, all.usage(r)))
}

// countTokens counts a prompt, including what is cached of it.
func (c *call) countTokens() response {
	request := c.parsed()
	if whole := either(request, "generateContentRequest"); whole.there() {
		request = whole
	}
	cached, broken := c.usedCache(request)
	if broken != nil {
		return c.failure(cmp.Or(broken.status, http.StatusBadRequest), broken.message)
	}
	counted := object{"totalTokens": dialect.EstimateTokens(c.Format.CountPrompt(request.raw)) + cached.tokens}
	if cached.tokens > 0 {
		counted["cachedContentTokenCount"] = cached.tokens
	}
	return jsonResponse(counted)
}

var googleFinish = finishWords{FinishStop: "STOP", FinishLength: "MAX_TOKENS", FinishToolCalls: "STOP",
	FinishContentFilter: "SAFETY", FinishRefusal: "SAFETY"}

// imageTokens is the number of tokens of a generated image.
const imageTokens = 1290

// draw adds an image if the model or the requested modalities require one.
func (c *call) draw(t *turn, modalities []string, r Reply) {
	t.image = slices.Contains(modalities, "IMAGE") || len(modalities) == 0 && strings.Contains(c.Model, "-image")
	if !t.image || len(t.tools) > 0 {
		t.image = false
		return
	}
	if len(modalities) == 1 && r.Text == "" {
		t.text = ""
		t.usage = c.count(*t, r)
	}
	if r.Usage == nil {
		t.usage.OutputTokens += imageTokens
	}
}

// generating writes the responses of generateContent.
type generating struct {
	*call
	reply Reply
}

// parts returns the parts of a candidate's turn, with a piece of its text. Gemini 3 signs the first tool call, and
// requires the signature back. It gives each call an id (ai.google.dev/gemini-api/docs/function-calling).
func (g generating) parts(n int, t turn, text string) []object {
	parts := []object{}
	if t.reasoning != "" {
		parts = append(parts, object{"text": t.reasoning, "thought": true})
	}
	if text != "" {
		parts = append(parts, object{"text": text})
	}
	if t.image {
		for i := range max(1, len(g.reply.Images)) {
			parts = append(parts, object{"inlineData": object{"mimeType": g.reply.imageType(i), "data": g.reply.image(i)}})
		}
	}
	for i, call := range t.tools {
		function := object{"name": call.Name, "args": call.object()}
		part := object{"functionCall": function}
		if strings.Contains(g.Model, "gemini-3") {
			function["id"] = g.id("call_", 100*(n+1)+i)
			if i == 0 {
				part["thoughtSignature"] = base64Of([]byte(g.id("", 1+n)))
			}
		}
		parts = append(parts, part)
	}
	return parts
}

func candidate(n int, parts []object, finish string) object {
	o := object{"index": n, "content": object{"role": "model", "parts": parts}}
	if finish != "" {
		o["finishReason"] = finish
	}
	return o
}

func (g generating) response(candidates []object, u Usage) object {
	o := object{"candidates": candidates, "modelVersion": g.Model, "responseId": g.id("", 0)}
	if !g.reply.NoUsage {
		o["usageMetadata"] = googleUsage(u)
	}
	return o
}

// googleUsage reports thoughts separately from candidates, as Google does, and omits zeros.
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
		o["cachedContentTokenCount"], o["cacheTokensDetails"] = u.CachedTokens, []object{{"modality": "TEXT", "tokenCount": u.CachedTokens}}
	}
	return o
}

// stream writes a response for each piece of text and one that ends them, as events if ?alt=sse requests them, and
// otherwise as an array. Each contains the candidates that haven't ended, and the usage so far.
func (g generating) stream(all turns) response {
	a := response{kind: "text/event-stream"}
	frame := a.googleEvent
	if !g.sendsEvents() {
		a.kind, frame = "application/json; charset=UTF-8", a.googleElement
	}
	usage := all.usage(g.reply)
	said, rounds := all.pieces(g.reply.ChunkSize)
	for round := range rounds {
		var speaking []object
		for i, t := range all {
			if round >= len(said[i]) {
				continue
			}
			turn := turn{}
			if round == 0 {
				turn.reasoning = t.reasoning
			}
			speaking = append(speaking, candidate(i, g.parts(i, turn, said[i][round]), ""))
		}
		u := usage
		if said := u.OutputTokens - u.ReasoningTokens; round < rounds-1 {
			u.OutputTokens = u.ReasoningTokens + said*int64(round+1)/int64(rounds)
		}
		a.text(frame(round, g.response(speaking, u)))
	}
	ended := make([]object, len(all))
	for i, t := range all {
		last := turn{tools: t.tools, image: t.image}
		if len(said[i]) == 0 {
			last.reasoning = t.reasoning
		}
		parts := g.parts(i, last, "")
		if len(parts) == 0 {
			parts = []object{{"text": ""}}
		}
		ended[i] = candidate(i, parts, googleFinish.of(t.finish))
	}
	a.closing = append(a.closing, frame(rounds, g.response(ended, usage)))
	if g.reply.Fault.kind == fail {
		a.failure = frame(a.faultAt(g.reply.Fault.after), googleError(http.StatusServiceUnavailable, "The model is overloaded. Please try again later."))
	}
	if a.kind != "text/event-stream" {
		a.closing, a.failure = append(a.closing, []byte("]")), append(a.failure, ']')
	}
	return a
}

func (a *response) googleEvent(_ int, o object) []byte {
	return a.event(func(b []byte) []byte { return append(appendValue(append(b, "data: "...), o), "\r\n\r\n"...) })
}

// googleElement is an element of an array, with the preceding separator.
func (a *response) googleElement(i int, o object) []byte {
	before := ",\r\n"
	if i == 0 {
		before = "["
	}
	return a.event(func(b []byte) []byte { return appendValue(append(b, before...), o) })
}

func (c *call) embed() response {
	embedding := func(r value) object {
		size, _ := either(r, "outputDimensionality").number()
		return object{"values": vector(string(r.get("content").raw), embeddingSize(c.Model, int(size)))}
	}
	if strings.HasSuffix(c.path, ":embedContent") {
		return jsonResponse(object{"embedding": embedding(c.parsed())})
	}
	list := []object{}
	for _, one := range repeated(c.parsed(), "requests") {
		list = append(list, embedding(one))
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
