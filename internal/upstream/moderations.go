package upstream

import (
	"regexp"
	"slices"
	"strings"
)

// The moderation endpoints of OpenAI and Mistral. Texts are flagged for what OpenAI's and Mistral's examples contain,
// and for the name of a category, if it is no word: "violence/graphic" or "dangerous_and_criminal_content". Images
// are never flagged; script a body for that.

// moderator is a provider's kind of moderation.
type moderator struct {
	categories []string
	flagging   []flagging
	// ofImages are the categories that also apply to images.
	ofImages []string
}

// flagging is a phrase that is flagged, with its categories.
type flagging struct {
	phrase     *regexp.Regexp
	categories []string
}

var (
	moderators = map[string]moderator{"mistral": {categories: mistralCategories, flagging: mistralFlagging}}

	openAIModerator = moderator{openAICategories, openAIFlagging, []string{"self-harm", "self-harm/instructions", "self-harm/intent", "sexual", "violence", "violence/graphic"}}
	// Older models have no categories for illicit acts, and do not report the types of the input
	// (github.com/64bit/async-openai/issues/355).
	textModerator = moderator{categories: slices.DeleteFunc(slices.Clone(openAICategories), func(name string) bool { return strings.HasPrefix(name, "illicit") }), flagging: openAIFlagging}

	openAICategories = []string{"harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent",
		"self-harm", "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors", "violence", "violence/graphic"}
	mistralCategories = []string{"sexual", "hate_and_discrimination", "violence_and_threats", "dangerous_and_criminal_content",
		"selfharm", "health", "financial", "law", "pii"}

	someone        = regexp.MustCompile(`(?i)\bkill (him|her|them|you)\b`)
	myself         = regexp.MustCompile(`(?i)\bkill myself\b`)
	openAIFlagging = []flagging{
		{someone, []string{"harassment", "harassment/threatening", "violence"}},
		{myself, []string{"self-harm", "self-harm/intent"}},
	}
	mistralFlagging = []flagging{{someone, []string{"violence_and_threats"}}, {myself, []string{"selfharm"}}}
)

// moderated is an input of a moderation.
type moderated struct {
	text         string
	texts, image bool
}

// moderations responds with a result for each input: a text, each of several texts, or all parts of one multimodal
// input together.
func (c *call) moderations() response {
	by, openAI := moderators[c.providerID()], false
	if by.categories == nil {
		by, openAI = openAIModerator, true
		if strings.HasPrefix(c.Model, "text-moderation") {
			by = textModerator
		}
	}
	results := []object{}
	for _, input := range moderationInputs(c.parsed().get("input")) {
		result, flagged := by.moderate(input)
		if openAI {
			result["flagged"] = flagged
		}
		results = append(results, result)
	}
	prefix := ""
	if openAI {
		prefix = "modr-"
	}
	return jsonResponse(object{"id": c.id(prefix, 0), "model": orElse(c.Model, "omni-moderation-latest"), "results": results})
}

func moderationInputs(input value) []moderated {
	if input.isString() {
		return []moderated{{text: input.text(), texts: true}}
	}
	var inputs []moderated
	parts := moderated{}
	for i, item := range input.items {
		switch {
		case item.isString():
			inputs = append(inputs, moderated{text: item.text(), texts: true})
		case item.isArray(): // one of several conversations
			inputs = append(inputs, moderationInputs(item)...)
		case !item.get("role").there():
			parts.text += item.get("text").text() + "\n"
			parts.texts = parts.texts || item.get("text").there()
			parts.image = parts.image || item.get("image_url").there()
		case i == len(input.items)-1: // the last message of a conversation
			inputs = append(inputs, moderated{text: textOf(item.get("content")), texts: true})
		}
	}
	if parts != (moderated{}) {
		inputs = append(inputs, parts)
	}
	return inputs
}

func (m moderator) moderate(input moderated) (result object, flagged bool) {
	const high, low = 0.98, 0.00001
	found := m.flags(input.text)
	categories, scores, types := object{}, object{}, object{}
	for _, name := range m.categories {
		applied := []string{}
		if input.texts {
			applied = append(applied, "text")
		}
		if input.image && slices.Contains(m.ofImages, name) {
			applied = append(applied, "image")
		}
		categories[name], scores[name], types[name] = found[name], low, applied
		if found[name] {
			scores[name], flagged = high, true
		}
		if len(applied) == 0 {
			scores[name] = 0.0
		}
	}
	result = object{"categories": categories, "category_scores": scores}
	if m.ofImages != nil {
		result["category_applied_input_types"] = types
	}
	return result, flagged
}

// flags returns the categories of a text, including those that contain them.
func (m moderator) flags(text string) map[string]bool {
	found := map[string]bool{}
	for _, f := range m.flagging {
		if f.phrase.MatchString(text) {
			for _, name := range f.categories {
				found[name] = true
			}
		}
	}
	for _, name := range m.categories {
		if strings.ContainsAny(name, "/_-") && strings.Contains(text, name) {
			found[name] = true
			parent, _, _ := strings.Cut(name, "/")
			found[parent] = true
		}
	}
	return found
}
