package upstream

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// heard is the content of a recording: the reply's text, for the duration of the recording.
func (c *call) heard(r Reply) (text string, length time.Duration) {
	text = r.Text
	if text == "" {
		text = "This is a mock transcription."
	}
	length = dialect.AudioDuration(c.Audio)
	if r.Usage != nil && r.Usage.Duration > 0 {
		length = r.Usage.Duration
	}
	return text, max(length, time.Millisecond) // never zero
}

// heardUsage is the usage of a model that counts tokens of audio.
func (r Reply) heardUsage(text string, length time.Duration) Usage {
	if r.Usage != nil {
		return *r.Usage
	}
	return Usage{InputTokens: dialect.EstimateTokens(int64(length / (25 * time.Millisecond))), OutputTokens: dialect.EstimateTokens(int64(utf8.RuneCountInString(text)))}
}

func (c *call) transcription(r Reply) response {
	text, length := c.heard(r)
	usage := object{"type": "duration", "seconds": length.Seconds()}
	if c.Model != "whisper-1" && !strings.HasPrefix(c.Model, "whisper-") {
		u := r.heardUsage(text, length)
		usage = object{"type": "tokens", "input_tokens": u.InputTokens, "output_tokens": u.OutputTokens, "total_tokens": u.InputTokens + u.OutputTokens,
			"input_token_details": object{"text_tokens": 0, "audio_tokens": u.InputTokens}}
	}
	if c.Stream {
		a := eventResponse()
		for _, piece := range pieces(text, r.ChunkSize) {
			a.text(a.data(object{"type": "transcript.text.delta", "delta": piece}))
		}
		a.closing = append(a.closing, a.data(object{"type": "transcript.text.done", "text": text, "usage": usage}))
		return a
	}
	format := firstOf(formValues(c.body, "response_format"))
	parts := spoken(text, length)
	switch format {
	case "text":
		return response{kind: "text/plain; charset=utf-8", body: []byte(text + "\n")}
	case "srt", "vtt":
		return response{kind: "text/plain; charset=utf-8", body: subtitles(parts, format)}
	}
	body := object{"text": text}
	if !r.NoUsage {
		body["usage"] = usage
	}
	switch format {
	case "verbose_json":
		c.verbose(body, parts, length)
	case "diarized_json":
		list := []object{}
		for i, s := range parts {
			list = append(list, object{"type": "transcript.text.segment", "id": "seg_" + strconv.Itoa(i),
				"start": s.start.Seconds(), "end": s.end.Seconds(), "text": s.text(), "speaker": "A"})
		}
		body["task"], body["duration"], body["segments"] = "transcribe", length.Seconds(), list
	}
	if c.habits().usage == groqUsage {
		body["x_groq"] = object{"id": c.id("req_", 0)}
	}
	return jsonResponse(body)
}

// verbose adds the parts of a transcription with timestamps: segments, unless only words are requested.
func (c *call) verbose(body object, segments []segment, length time.Duration) {
	body["task"], body["language"], body["duration"] = "transcribe", "english", length.Seconds()
	if strings.HasSuffix(c.path, "/translations") {
		body["task"] = "translate"
	}
	asked := formValues(c.body, "timestamp_granularities[]")
	if len(asked) == 0 || slices.Contains(asked, "segment") {
		list := []object{}
		for i, s := range segments {
			list = append(list, object{"id": i, "seek": 0, "start": s.start.Seconds(), "end": s.end.Seconds(), "text": " " + s.text(),
				"tokens": []int{}, "temperature": 0.0, "avg_logprob": -0.1, "compression_ratio": 1.0, "no_speech_prob": 0.01})
		}
		body["segments"] = list
	}
	if slices.Contains(asked, "word") {
		list := []object{}
		for _, s := range segments {
			for _, w := range s.words {
				list = append(list, object{"word": strings.Trim(w.text, ".,;:!?"), "start": w.start.Seconds(), "end": w.end.Seconds()})
			}
		}
		body["words"] = list
	}
}

// segment is a sentence of a recording.
type segment struct {
	words      []word
	start, end time.Duration
}

type word struct {
	text       string
	start, end time.Duration
}

func (s segment) text() string {
	var texts []string
	for _, w := range s.words {
		texts = append(texts, w.text)
	}
	return strings.Join(texts, " ")
}

// spoken returns the sentences of a text, whose words divide its duration evenly.
func spoken(text string, length time.Duration) []segment {
	fields := strings.Fields(text)
	var list []segment
	begun := false
	for i, w := range fields {
		if !begun {
			list = append(list, segment{})
		}
		s := &list[len(list)-1]
		at := func(i int) time.Duration {
			return (length * time.Duration(i) / time.Duration(len(fields))).Round(time.Microsecond)
		}
		s.words = append(s.words, word{w, at(i), at(i + 1)})
		s.start, s.end = s.words[0].start, at(i+1)
		begun = !strings.ContainsAny(w[len(w)-1:], ".!?")
	}
	return list
}

// subtitles writes sentences in the format of SubRip or of WebVTT.
func subtitles(list []segment, format string) []byte {
	var b strings.Builder
	point := ","
	if format == "vtt" {
		point = "."
		b.WriteString("WEBVTT\n\n")
	}
	stamp := func(d time.Duration) string {
		return fmt.Sprintf("%02d:%02d:%02d%s%03d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60, point, d.Milliseconds()%1000)
	}
	for i, s := range list {
		if format == "srt" {
			fmt.Fprintf(&b, "%d\n", i+1)
		}
		fmt.Fprintf(&b, "%s --> %s\n%s\n\n", stamp(s.start), stamp(s.end), s.text())
	}
	return []byte(b.String())
}

// formValues finds the short fields with a name in an upload without parsing it again.
func formValues(body []byte, name string) []string {
	var values []string
	for {
		_, rest, ok := bytes.Cut(body, []byte(`name="`+name+`"`))
		if !ok {
			return values
		}
		_, rest, _ = bytes.Cut(rest, []byte("\r\n\r\n"))
		value, rest, _ := bytes.Cut(rest, []byte("\r\n"))
		values, body = append(values, string(value)), rest
	}
}

func firstOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
