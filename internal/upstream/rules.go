package upstream

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// Rule names a rule for what a provider rejects according to its documentation, such as "openai.tool-call-id". The
// first part is an id of the catalog, or "script" for rules about a [Reply].
type Rule string

// RuleHeader is the header of a refusal with the name of its [Rule]: the body is the
// provider's, and has no place for it.
const RuleHeader = "X-Lavamock-Rule"

// rule finds a violation in a request, or returns nil. Testdata has an accepted and a rejected request for each rule,
// with the source.
type rule struct {
	name  Rule
	check func(c *call) *refusal
}

// refusal is a provider's response to a violation of a rule.
type refusal struct {
	message string
	status  int // 0: 400
	body    any // instead of the format's usual body
}

// refused returns a refusal in the format's usual form.
func refused(message string) *refusal { return &refusal{message: message} }

// Rules returns the names of all rules, in order.
func Rules() []Rule {
	names := []Rule{ScriptCandidates, ScriptTools}
	for _, list := range rules {
		for _, r := range list {
			if !slices.Contains(names, r.name) {
				names = append(names, r.name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// rules are the rules by provider and operation.
var rules = addEndpointRules(map[api][]rule{
	{"openai", dialect.ChatCompletions}:     slices.Concat(requiredModelRules, openAIShaped(chatFields), chatShapes, chatEndpointRules, chatValueRules, chatRules, chatCombinationRules, chatMediaRules, chatFeatureRules, chatModelRules, chatContextRules),
	{"openai", dialect.Responses}:           slices.Concat(openAIShaped(responsesFields), responsesValueRules, responsesRules, responsesCombinationRules, responsesMediaRules, responsesFeatureRules, responsesModelRules),
	{"openai", dialect.Embeddings}:          slices.Concat(requiredModelRules, openAIShaped(embeddingsFields), embeddingRules),
	{"openai", dialect.Completions}:         slices.Concat(requiredModelRules, openAIShaped(completionsFields), completionRules),
	{"openai", dialect.Images}:              slices.Concat(openAIShaped(imageFields), imageRules),
	{"openai", dialect.Moderation}:          slices.Concat(openAIShaped(moderationFields), moderationRules),
	{"openai", files}:                       fileRules,
	{"openai", batches}:                     openAIShaped(batchFields),
	{"openai", openUploads}:                 openAIShaped(uploadFields),
	{"openai", dialect.Speech}:              speechRules,
	{"openai", dialect.Transcription}:       slices.Concat(requiredModelRules, transcriptionRules),
	{"anthropic", dialect.Messages}:         allMessagesRules,
	{"anthropic", dialect.CountTokens}:      without(allMessagesRules, "anthropic.required", "anthropic.prefill", "anthropic.context-window", "anthropic.trailing-whitespace", "anthropic.thinking-last"),
	{"anthropic", batches}:                  claudeBatchRules,
	{"google", dialect.Generate}:            slices.Concat(protoRules, generateRules, googleSchemaRules, googleLimitRules, googleMediaRules, googleContextRules),
	{"google", dialect.ChatCompletions}:     compatibleGoogleRules,
	{"google", dialect.Embed}:               slices.Concat(protoRules, embedRules),
	{"google", caches}:                      cacheRules,
	{"google", dialect.CountTokens}:         protoRules,
	{"google", dialect.Other}:               predictRules,
	{"bedrock", dialect.Converse}:           slices.Concat(converseRules, bedrockModelRules, bedrockMediaRules, bedrockLimitRules, bedrockContextRules, memberRules),
	{"bedrock", dialect.Invoke}:             invokeRules,
	{"cohere", dialect.NativeChat}:          cohereChatRules,
	{"cohere", dialect.Embed}:               cohereEmbedRules,
	{"cohere", dialect.Rerank}:              cohereRerankRules,
	{"voyage", dialect.Embeddings}:          voyageEmbedRules,
	{"voyage", dialect.Embed}:               voyageMultimodalRules,
	{"voyage", dialect.Rerank}:              voyageRerankRules,
	{"elevenlabs", dialect.Speech}:          elevenLabsRules,
	{"mistral", ocr}:                        ocrRules,
	{"mistral", dialect.ChatCompletions}:    mistralRules,
	{"mistral", dialect.Completions}:        fimRules,
	{"groq", dialect.ChatCompletions}:       groqRules,
	{"deepseek", dialect.ChatCompletions}:   deepSeekRules,
	{"xai", dialect.ChatCompletions}:        xaiRules,
	{"perplexity", dialect.ChatCompletions}: perplexityRules,
	{"moonshot", dialect.ChatCompletions}:   moonshotRules,
	{"cerebras", dialect.ChatCompletions}:   cerebrasRules,
	{"fireworks", dialect.ChatCompletions}:  fireworksRules,
})

var allMessagesRules = slices.Concat(messagesShapes, messagesRules, claudeSchemaRules, turnRules, blockRules, claudeMediaRules, claudeRules, claudeLimitRules, claudeContextRules, fieldRules)

// without returns the rules of a list except some.
func without(list []rule, names ...Rule) []rule {
	return slices.DeleteFunc(slices.Clone(list), func(r rule) bool { return slices.Contains(names, r.name) })
}

// api is the key of rules: one API of one provider. Other providers of the same format have their own rules, or none.
type api struct {
	provider  string
	operation dialect.Operation
}

// refusal returns the response to a request that breaks a rule of the provider.
func (c *call) refusal() (response, bool) {
	if c.provider == nil {
		return response{}, false
	}
	operation := c.Operation
	if e := c.endpoint(); e != nil {
		operation = e.operation
	}
	list := rules[api{c.provider.ID, operation}]
	if len(list) == 0 {
		return response{}, false
	}
	c.parsed()
	for i := range list {
		if c.isLenient(list[i].name) {
			continue
		}
		if broken := list[i].check(c); broken != nil {
			return c.refuse(list[i].name, broken), true
		}
	}
	return response{}, false
}

// refuse returns the response to a violation of a rule.
func (c *call) refuse(name Rule, broken *refusal) response {
	status := broken.status
	if status == 0 {
		status = http.StatusBadRequest
	}
	a := response{status: status, kind: "application/json"}
	if broken.body != nil {
		a.body = marshal(broken.body)
	} else {
		a = c.failure(status, broken.message)
	}
	if a.header == nil {
		a.header = http.Header{}
	}
	a.header.Set(RuleHeader, string(name))
	if c.rejected != nil {
		c.rejected(name)
	}
	return a
}

// mostOutput returns the highest limit of output tokens that the model accepts; false if it isn't in the catalog.
func (c *call) mostOutput() (int64, bool) {
	m, ok := c.provider.Model(c.Model)
	if !ok || m.MaxOutput == 0 {
		return 0, false
	}
	return m.MaxOutput, true
}

// parsed returns the request's body, parsed once.
func (c *call) parsed() value {
	if !c.request.there() {
		c.request = parseValue(bytes.TrimLeft(c.body, " \t\r\n"))
	}
	return c.request
}

// words is a set of names, such as the fields of an object.
func words(list string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}

// isName reports whether a string has only ASCII letters, digits and the other
// characters given, and is not empty.
func isName(s, others string) bool {
	for i := range len(s) {
		b := s[i]
		if (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') && (b < '0' || b > '9') && strings.IndexByte(others, b) < 0 {
			return false
		}
	}
	return s != ""
}

// isFamily reports whether a model is the given one or a dated version of it.
func isFamily(model, family string) bool {
	rest, ok := strings.CutPrefix(model, family)
	return ok && (rest == "" || rest == "-latest" || strings.HasPrefix(rest, "-20"))
}

func isOneOf(model string, families []string) bool {
	return slices.ContainsFunc(families, func(family string) bool { return isFamily(model, family) })
}
