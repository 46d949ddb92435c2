package openai

import (
	"bytes"
	"cmp"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// The keys of generated text: in the chunks of completions and in whole responses; and in typed events, whose other
// keys repeat it.
var (
	chunkText = []string{"content", "text", "arguments", "refusal", "reasoning_content", "reasoning"}
	eventText = []string{"delta"}
)

// CountText counts the text in a whole response.
func (Format) CountText(body []byte) int64 { return jsonscan.Characters(body, chunkText...) }

// meter reads the chunks of a completion, or typed events.
type meter struct {
	dialect.Tally
	text   []string    // keys of generated text
	images bool        // the output consists of images
	counts usageReport // the largest so far

	before, after []byte // the data around the text of the last event, up to the quotes
}

// NewMeter returns a reader of a stream.
func (Format) NewMeter(op dialect.Operation) dialect.Meter {
	m := &meter{text: chunkText, images: op == dialect.Images}
	if op == dialect.Responses || op == dialect.Transcription {
		m.text = eventText
	}
	return m
}

// Read parses an event. It scans every event once, and again only those that may report something.
func (m *meter) Read(kind string, data []byte) ending.Class {
	if characters, ok := m.readLike(data); ok && kind == "" {
		m.Text += characters
		return ending.Content
	}
	var text int64
	var texts, at int
	var special, usage, cites bool
	for key, value := range jsonscan.Keys(data) {
		switch string(key) {
		case "type", "error":
			special = true
		case "annotations":
			cites = cites || citesWeb(data[value:])
		case "usage":
			usage = usage || data[value] == '{'
		default:
			if n := jsonscan.CharactersAt(data, key, value, m.text); n > 0 {
				text, texts, at = text+n, texts+1, value
			}
		}
	}
	class := ending.Content
	if kind != "" || special || usage || len(data) == 0 || data[0] != '{' { // chunks with text are none of these
		class = ending.OfEvent(kind, data)
	}
	if class == ending.Heartbeat || ending.IsDone(data) {
		return class
	}
	reports := class != ending.Content || usage
	if reports && jsonscan.Valid(data) || !reports && m.Used.ResponseID == "" { // the first event has the id
		m.report(data)
	}
	if class == ending.Content {
		m.Text += text
	}
	if plain := kind == "" && !special && !usage && !cites; plain && texts == 1 && m.Used.ResponseID != "" {
		s, _ := jsonscan.String(data, at)
		m.before, m.after = append(m.before[:0], data[:at+1]...), append(m.after[:0], data[at+1+len(s):]...)
	}
	if cites {
		m.Used.AddFee(dialect.WebSearch)
	}
	return class
}

// readLike reads an event that differs from the last one only in its text, as most do: comparing takes a tenth of a
// scan, which was 7 % of the CPU of a stream.
func (m *meter) readLike(data []byte) (characters int64, ok bool) {
	if len(m.before) == 0 || len(data) < len(m.before)+len(m.after) || !bytes.HasPrefix(data, m.before) || !bytes.HasSuffix(data, m.after) {
		return 0, false
	}
	text, _ := jsonscan.String(data, len(m.before)-1)
	if len(m.before)+len(text)+len(m.after) != len(data) {
		return 0, false
	}
	return jsonscan.Length(data[len(m.before)-1:]), true
}

// citesWeb reports whether a response, or its annotations, cites web pages: chat completion models that search do,
// and are billed per request (platform.openai.com/docs/guides/tools-web-search, "Chat Completions").
func citesWeb(data []byte) bool { return bytes.Contains(data, citation) }

var citation = []byte(`"url_citation"`)

func (m *meter) learn(about dialect.Usage) {
	m.Used.ResponseID = cmp.Or(m.Used.ResponseID, about.ResponseID)
	m.Used.Model = cmp.Or(about.Model, m.Used.Model)
	m.Used.Tier = cmp.Or(about.Tier, m.Used.Tier)
	for _, tool := range about.Fees {
		m.Used.AddFee(tool)
	}
	m.Used.InputDuration = max(m.Used.InputDuration, about.InputDuration)
}

// report reads what an event reports; the first one has the response's id. It may contain the whole response.
func (m *meter) report(data []byte) {
	if response := jsonscan.Field(data, "response"); len(response) > 0 && response[0] == '{' {
		data = response
	}
	r := readReport(data, &m.counts)
	m.learn(r.about)
	if r.reported {
		m.counts.applyTo(&m.Used)
		m.Reported = true
	}
	if m.images && m.Reported {
		onlyImages(&m.Used, &m.counts)
	}
}
