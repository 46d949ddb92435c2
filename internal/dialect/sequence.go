package dialect

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// sequence arranges the events of one choice into parts that follow each other, as most formats require. The first
// unfinished part is passed on as it arrives; data of later parts waits. Whole responses go through it too, so that
// they have the same content as streams.
type sequence struct {
	choice  int
	parts   []*openPart // unfinished, in order
	known   []*openPart // all calls, finished or not
	calls   int         // begun so far
	refused bool        // the model has refused
	stop    Stop
	name    string // of the sequence that stopped it
	id      string // of the response, for calls without an id
}

// openPart is a part that may not be finished.
type openPart struct {
	kind      EventKind // TextDelta, ThoughtDelta, RedactedDelta, MediaWhole or CallBegin
	media     *Media
	id, name  string
	number    int  // of a call, from the provider
	renumber  bool // the number is an earlier call's, and may be corrected
	begun     bool
	ended     bool
	waiting   string // text that was not passed on yet
	some      bool   // some text was passed on
	arguments argumentsState
	signature Signature
}

// take appends the parts of a reader's event that are next in order. The appended events are for writers.
func (s *sequence) take(dst []Event, e Event) []Event {
	if e.Kind == RefusalDelta {
		s.refused, e.Kind = true, TextDelta
	}
	switch e.Kind {
	case TextDelta, ThoughtDelta:
		last := s.last()
		if last == nil || last.kind != e.Kind || last.signature.Value != "" {
			last = s.add(&openPart{kind: e.Kind})
		}
		last.waiting += e.Text
	case SignatureDelta:
		last := s.last()
		if last == nil || last.kind != ThoughtDelta || last.signature.Value != "" && last.signature.By != e.By {
			last = s.add(&openPart{kind: ThoughtDelta})
		}
		last.signature.By = e.By
		last.signature.Value += e.Text
	case RedactedDelta:
		s.add(&openPart{kind: RedactedDelta, waiting: e.Text, ended: true})
	case MediaWhole:
		s.add(&openPart{kind: MediaWhole, media: e.Media, ended: true})
	case CallDelta:
		s.call(e).write(e)
	case PartEnd:
		s.end(e)
	case Finish:
		s.stop, s.name = e.Stop, e.Name
		return dst
	default: // not for a choice
		return dst
	}
	return s.pass(dst)
}

// finish appends the remaining parts, and why the model stopped.
func (s *sequence) finish(dst []Event) []Event {
	for _, p := range s.parts {
		p.ended = true
	}
	dst = s.pass(dst)
	return append(dst, Event{Kind: Finish, Choice: s.choice, Stop: s.reason(), Name: s.name})
}

// reason returns why the model stopped, considering its output: some providers report the end of a turn for a call,
// or the other way round.
func (s *sequence) reason() Stop {
	switch {
	case s.refused && (s.stop == EndTurn || s.stop == ""):
		return Refusal
	case s.calls > 0 && (s.stop == EndTurn || s.stop == ""):
		return ToolUse
	case s.calls == 0 && s.stop == ToolUse, s.stop == "":
		return EndTurn
	}
	return s.stop
}

// last returns the part that text may belong to, or nil.
func (s *sequence) last() *openPart {
	if n := len(s.parts); n > 0 && !s.parts[n-1].ended {
		return s.parts[n-1]
	}
	return nil
}

// add adds a part. It ends the previous one, unless that is a call whose arguments may continue.
func (s *sequence) add(p *openPart) *openPart {
	if last := s.last(); last != nil && last.kind != CallBegin {
		last.ended = true
	}
	s.parts = append(s.parts, p)
	return p
}

// call returns the call that an event belongs to. Some servers give all calls the same number, and distinguish them
// by id, or not at all: then a name after complete arguments starts another call. Some give a call another call's
// number at first, and only its arguments the right one.
func (s *sequence) call(e Event) *openPart {
	var latest *openPart
	for _, p := range slices.Backward(s.known) {
		switch {
		case p.number != e.Part:
		case e.ID != "" && p.id == e.ID:
			return p
		case latest == nil:
			latest = p
		}
	}
	if latest != nil {
		other := e.ID != "" && latest.id != ""
		again := e.ID == "" && e.Name != "" && e.Text != "" && latest.arguments.complete
		if !other && !again {
			return latest
		}
	}
	if n := len(s.known); latest == nil && n > 0 && e.ID == "" && e.Name == "" && s.known[n-1].renumber {
		p := s.known[n-1]
		p.number, p.renumber = e.Part, false
		return p
	}
	p := s.add(&openPart{kind: CallBegin, number: e.Part, renumber: latest != nil})
	s.known = append(s.known, p)
	return p
}

// write adds an event's data to a call. Data after its end is ignored.
func (p *openPart) write(e Event) {
	if p.ended {
		return
	}
	if p.id == "" {
		p.id = e.ID
	}
	if p.name == "" {
		p.name = e.Name
	}
	p.waiting += e.Text
	p.arguments.read(e.Text)
	p.renumber = p.renumber && !p.arguments.complete
}

// end ends a call by its number, or else the open text.
func (s *sequence) end(e Event) {
	for _, p := range s.parts {
		if p.kind == CallBegin && p.number == e.Part && !p.ended {
			p.ended = true
			return
		}
	}
	if last := s.last(); last != nil && last.kind != CallBegin {
		last.ended = true
	}
}

// pass appends what can be passed on now.
func (s *sequence) pass(dst []Event) []Event {
	for len(s.parts) > 0 {
		p := s.parts[0]
		if len(s.parts) > 1 && (p.kind != CallBegin || p.arguments.complete) {
			p.ended = true
		}
		dst = s.passPart(dst, p)
		if !p.ended {
			return dst
		}
		if p.begun {
			dst = append(dst, Event{Kind: PartEnd, Choice: s.choice})
		}
		s.parts = s.parts[1:]
	}
	s.parts = nil
	return dst
}

func (s *sequence) passPart(dst []Event, p *openPart) []Event {
	switch p.kind {
	case RedactedDelta:
		p.begun = true
		return append(dst, Event{Kind: RedactedDelta, Choice: s.choice, Text: p.waiting})
	case MediaWhole:
		p.begun = true
		return append(dst, Event{Kind: MediaWhole, Choice: s.choice, Media: p.media})
	case CallBegin:
		return s.passCall(dst, p)
	default:
		dst = s.passText(dst, p, p.kind)
		if p.ended && p.signature.Value != "" {
			p.begun = true
			dst = append(dst, Event{Kind: SignatureDelta, Choice: s.choice, Text: p.signature.Value, By: p.signature.By})
		}
		return dst
	}
}

// passCall starts a call when its name and id are known. A call without a name is dropped, and missing arguments
// become an empty object.
func (s *sequence) passCall(dst []Event, p *openPart) []Event {
	if !p.begun {
		if p.name == "" || p.id == "" && !p.ended {
			return dst
		}
		s.calls++
		if p.id == "" {
			p.id = callID(s.id, s.calls)
		}
		p.begun = true
		dst = append(dst, Event{Kind: CallBegin, Choice: s.choice, ID: p.id, Name: p.name})
	}
	if p.ended && !p.some && strings.TrimSpace(p.waiting) == "" {
		p.waiting = "{}"
	}
	return s.passText(dst, p, ArgumentsDelta)
}

// passText appends the text of a part, except for an incomplete character at its end.
func (s *sequence) passText(dst []Event, p *openPart, kind EventKind) []Event {
	text, rest := wholeText(p.waiting)
	if p.ended {
		text, rest = text+strings.ToValidUTF8(rest, "\uFFFD"), ""
	}
	p.waiting = rest
	if text == "" {
		return dst
	}
	p.begun, p.some = true, true
	return append(dst, Event{Kind: kind, Choice: s.choice, Text: text})
}

// callID returns an id for a call whose provider gave none. It is unique in a conversation, because the response's id
// is, and accepted by all providers.
func callID(response string, n int) string {
	const longest = 28 // of 40 characters, OpenAI's limit
	clean := CleanID(response)
	return fmt.Sprintf("call_%s_%d", clean[max(0, len(clean)-longest):], n)
}

// wholeText removes from the end of a text a character that continues in the next event: some of its bytes, or half
// of a surrogate pair, which [wire.Text] keeps as three bytes. Halves that belong together are joined; other invalid
// bytes are replaced, as encoding/json does.
func wholeText(text string) (whole, rest string) {
	if utf8.ValidString(text) {
		return text, ""
	}
	for i := len(text) - 1; i >= max(0, len(text)-utf8.UTFMax); i-- {
		if !utf8.RuneStart(text[i]) {
			continue
		}
		if !utf8.FullRuneInString(text[i:]) || isSurrogate(text[i:], 0xA0) {
			text, rest = text[:i], text[i:]
		}
		break
	}
	var b strings.Builder
	for len(text) > 0 {
		switch r, size := utf8.DecodeRuneInString(text); {
		case size > 1 || r != utf8.RuneError:
			b.WriteString(text[:size])
			text = text[size:]
		case isSurrogate(text, 0xA0) && isSurrogate(text[3:], 0xB0):
			b.WriteRune(0x10000 + surrogateBits(text)<<10 + surrogateBits(text[3:]))
			text = text[6:]
		case isSurrogate(text, 0xA0), isSurrogate(text, 0xB0):
			b.WriteRune(utf8.RuneError)
			text = text[3:]
		default:
			b.WriteRune(utf8.RuneError)
			text = text[1:]
		}
	}
	return b.String(), rest
}

// isSurrogate reports whether a text begins with half of a pair: 0xA0 is the high half, 0xB0 the low one.
func isSurrogate(text string, half byte) bool {
	return len(text) >= 3 && text[0] == 0xED && text[1]&0xF0 == half && text[2]&0xC0 == 0x80
}

func surrogateBits(text string) rune { return rune(text[1]&0x0F)<<6 | rune(text[2]&0x3F) }
