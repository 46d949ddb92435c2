package upstream

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ElevenLabs' voices and sounds.

// premade are some of the voices that each account has. Its own voices are not known here: they speak too.
var premade = []struct{ id, name, gender, accent string }{
	{"21m00Tcm4TlvDq8ikWAM", "Rachel", "female", "american"},
	{"EXAVITQu4vr4xnSDxMaL", "Sarah", "female", "american"},
	{"JBFqnCBsd6RMkjVDRZzb", "George", "male", "british"},
}

func listedVoices() []object {
	list := make([]object, len(premade))
	for i, v := range premade {
		list[i] = object{"voice_id": v.id, "name": v.name, "category": "premade", "labels": object{"gender": v.gender, "accent": v.accent},
			"description": nil, "preview_url": nil, "samples": nil, "settings": nil, "available_for_tiers": []string{}, "high_quality_base_model_ids": []string{}}
	}
	return list
}

func (c *call) listVoices(Reply) response { return jsonResponse(object{"voices": listedVoices()}) }

// pageOfVoices is the second version of the list, of ten voices unless the request says otherwise.
func (c *call) pageOfVoices(Reply) response {
	query, _ := url.ParseQuery(c.query)
	list := slices.DeleteFunc(listedVoices(), func(voice object) bool { return !isSearched(voice, query) })
	total := len(list)
	start, _ := strconv.Atoi(query.Get("next_page_token"))
	start = max(0, min(start, total))
	list = list[start:]
	size, err := strconv.Atoi(query.Get("page_size"))
	if err != nil {
		size = 10
	}
	var next any
	more := len(list) > max(1, size)
	if more {
		list = list[:max(1, size)]
		next = strconv.Itoa(start + len(list))
	}
	return jsonResponse(object{"voices": list, "has_more": more, "total_count": total, "next_page_token": next})
}

// isSearched reports whether a voice is among those that a query selects.
func isSearched(voice object, query url.Values) bool {
	labels, _ := voice["labels"].(object)
	if ids := query["voice_ids"]; len(ids) > 0 && !slices.Contains(ids, fmt.Sprint(voice["voice_id"])) {
		return false
	}
	for _, name := range [...]string{"category", "gender", "accent"} {
		if want := query.Get(name); want != "" && want != voice[name] && want != labels[name] {
			return false
		}
	}
	text := fmt.Sprint(voice["name"], " ", voice["category"], " ", labels["gender"], " ", labels["accent"])
	return strings.Contains(strings.ToLower(text), strings.ToLower(query.Get("search")))
}

func (c *call) voice(Reply) response {
	for i, v := range premade {
		if v.id == c.resource {
			return jsonResponse(listedVoices()[i])
		}
	}
	a := jsonResponse(noVoice(c.resource).body)
	a.status = http.StatusNotFound
	return a
}

// noVoice is the refusal of a voice that does not exist.
func noVoice(id string) *refusal {
	broken := elevenLabsRefusal("voice_not_found", "A voice with the voice_id "+id+" was not found.")
	broken.status = http.StatusNotFound
	return broken
}

// unknownVoice refuses the first voice whose id can't be one: all have 20 letters and digits.
func (c *call) unknownVoice() *refusal {
	var ids []string
	for _, input := range c.request.get("inputs").items { // of a dialogue
		ids = append(ids, input.get("voice_id").text())
	}
	if _, rest, ok := strings.Cut(c.path, "/text-to-speech/"); ok {
		id, _, _ := strings.Cut(rest, "/")
		ids = append(ids, id)
	}
	for _, id := range ids {
		if len(id) != 20 || !isName(id, "") {
			return noVoice(id)
		}
	}
	return nil
}

// soundEffect generates a sound from its description.
func (c *call) soundEffect(Reply) response {
	n := utf8.RuneCountInString(c.parsed().get("text").text())
	if n == 0 {
		return c.failure(http.StatusBadRequest, "the text that describes the sound is missing")
	}
	return response{kind: soundType(c.query), body: c.sound(int64(n))}
}
