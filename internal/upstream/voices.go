package upstream

import (
	"net/http"
	"unicode/utf8"
)

// ElevenLabs' voices and sounds.

// premade are some of the voices that each account has.
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

// pageOfVoices is the second version of the list.
func (c *call) pageOfVoices(Reply) response {
	return jsonResponse(object{"voices": listedVoices(), "has_more": false, "total_count": len(premade), "next_page_token": nil})
}

func (c *call) voice(Reply) response {
	for i, v := range premade {
		if v.id == c.resource {
			return jsonResponse(listedVoices()[i])
		}
	}
	a := jsonResponse(object{"detail": object{"status": "voice_not_found", "message": "A voice with the voice_id " + c.resource + " was not found."}})
	a.status = http.StatusNotFound
	return a
}

// soundEffect generates a sound from its description.
func (c *call) soundEffect(Reply) response {
	n := utf8.RuneCountInString(c.parsed().get("text").text())
	if n == 0 {
		return c.failure(http.StatusBadRequest, "the text that describes the sound is missing")
	}
	return response{kind: soundType(c.query), body: c.sound(int64(n))}
}
