package upstream

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// elevenLabsFake responds as ElevenLabs, with speech and transcriptions.
type elevenLabsFake struct{}

func (elevenLabsFake) respond(c *call, r Reply) (response, bool) {
	switch c.Operation {
	case dialect.Speech:
		return c.elevenLabsSpeech(), true
	case dialect.Transcription:
		return jsonResponse(elevenLabsTranscript(c, r)), true
	}
	return response{}, false
}

func (elevenLabsFake) failure(_ *call, status int, message string) response {
	return response{body: marshal(object{"detail": object{"status": errorType(status), "message": message}})}
}

func (elevenLabsFake) model(_ *call, m catalog.Model) object {
	return object{"model_id": m.ID, "name": m.ID, "can_do_text_to_speech": m.CharacterInput != 0}
}

func (elevenLabsFake) models(list []object) any { return list }

func (c *call) elevenLabsSpeech() response {
	if c.Characters == 0 {
		return c.failure(http.StatusBadRequest, "the text to be spoken is missing")
	}
	sound := c.sound(c.Characters)
	header := http.Header{
		"Character-Cost": {strconv.FormatInt(c.Characters, 10)},
		"Request-Id":     {c.id("", 0)},
	}
	if strings.Contains(c.path, "with-timestamps") {
		a := jsonResponse(object{"audio_base64": base64Of(sound), "alignment": nil, "normalized_alignment": nil})
		a.header = header
		return a
	}
	return response{kind: "audio/mpeg", body: sound, header: header}
}

func elevenLabsTranscript(c *call, r Reply) object {
	text, length := c.heard(r)
	words := []object{}
	fields := strings.Fields(text)
	for i, w := range fields {
		share := length.Seconds() / float64(len(fields))
		words = append(words, object{"text": w, "type": "word", "start": share * float64(i), "end": share * float64(i+1)})
	}
	return object{"language_code": "en", "language_probability": 1.0, "text": text, "words": words,
		"audio_duration_secs": length.Seconds(), "transcription_id": c.id("", 0)}
}
