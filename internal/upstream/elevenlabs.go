package upstream

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// elevenLabsFake responds as ElevenLabs does, with speech and transcriptions.
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
		return c.failure(http.StatusBadRequest, "the text to speak is missing")
	}
	sound := c.sound(c.Characters)
	header := http.Header{
		"Character-Cost": {strconv.FormatInt(c.Characters, 10)},
		"Request-Id":     {c.id("", 0)},
	}
	if strings.Contains(c.path, "with-timestamps") {
		return c.timedSpeech(sound, header)
	}
	return response{kind: soundType(c.query), body: sound, header: header}
}

// timedSpeech is speech with the times of its characters: an object or, in a stream, one object per word, each ended by
// a newline, without which ElevenLabs' own client for Node ignores it.
func (c *call) timedSpeech(sound []byte, header http.Header) response {
	var req struct {
		Text string `json:"text"`
	}
	_ = json.Unmarshal(c.body, &req)
	texts, streams := []string{req.Text}, strings.Contains(c.path, "/stream/")
	if streams {
		texts = pieces(req.Text, 0)
	}
	var lines [][]byte
	said := 0
	for i, text := range texts {
		alignment := characterTimes(text, said)
		said += utf8.RuneCountInString(text)
		part := sound[len(sound)*i/len(texts) : len(sound)*(i+1)/len(texts)]
		lines = append(lines, append(marshal(object{"audio_base64": base64Of(part), "alignment": alignment, "normalized_alignment": alignment}), '\n'))
	}
	if !streams {
		return response{kind: "application/json", body: bytes.TrimSpace(lines[0]), header: header}
	}
	a := response{kind: "application/json", header: header}
	for _, line := range lines[:len(lines)-1] {
		a.text(line)
	}
	a.closing = lines[len(lines)-1:]
	return a
}

// characterTimes gives each character a twentieth of a second, one after the other.
func characterTimes(text string, before int) object {
	characters, starts, ends := []string{}, []float64{}, []float64{}
	for i, ch := range []rune(text) {
		characters = append(characters, string(ch))
		starts, ends = append(starts, float64(before+i)/20), append(ends, float64(before+i+1)/20)
	}
	return object{"characters": characters, "character_start_times_seconds": starts, "character_end_times_seconds": ends}
}

// soundType returns the media type of the requested format, such as pcm_16000.
func soundType(query string) string {
	_, format, _ := strings.Cut(query, "output_format=")
	for prefix, kind := range map[string]string{"pcm": "audio/pcm", "ulaw": "audio/basic", "opus": "audio/opus", "wav": "audio/wav"} {
		if strings.HasPrefix(format, prefix) {
			return kind
		}
	}
	return "audio/mpeg"
}

// elevenLabsTranscript contains the words, and the spaces between them.
func elevenLabsTranscript(c *call, r Reply) object {
	text, length := c.heard(r)
	words := []object{}
	add := func(text, kind string, start, end time.Duration) {
		words = append(words, object{"text": text, "type": kind, "start": start.Seconds(), "end": end.Seconds(), "logprob": 0.0, "speaker_id": "speaker_0"})
	}
	for _, s := range spoken(text, length) {
		for _, w := range s.words {
			if len(words) > 0 {
				add(" ", "spacing", w.start, w.start)
			}
			add(w.text, "word", w.start, w.end)
		}
	}
	return object{"language_code": "eng", "language_probability": 1.0, "text": text, "words": words,
		"audio_duration_secs": length.Seconds(), "transcription_id": c.id("", 0)}
}
