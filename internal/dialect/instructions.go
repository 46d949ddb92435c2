package dialect

import "slices"

// Place says where a provider accepts instructions inside a conversation.
type Place int

// The places.
const (
	// InNoTurn means that it accepts them only before the conversation. Moved there, they would apply to what was
	// said before them, and a conversation that ends with them would end with the assistant. So they become part of
	// the user's messages in place, as a reminder (assumption placed-instructions).
	InNoTurn Place = iota
	// BehindUser means that they may follow the user's turn, before the assistant's if there is one.
	BehindUser
	// Anywhere means that they are accepted anywhere.
	Anywhere
)

// Instruct adds instructions to a request: before the conversation if it has not begun, and otherwise in place.
func (r *Request) Instruct(list []Part, at string) {
	if len(r.Messages) == 0 {
		r.System = append(r.System, list...)
		return
	}
	r.Messages = append(r.Messages, Message{Role: Instructor, Parts: list, At: at})
}

// placeInstructions returns the messages with instructions where a provider accepts them.
func placeInstructions(list []Message, place Place) []Message {
	isInstruction := func(m Message) bool { return m.Role == Instructor }
	if place == Anywhere || !slices.ContainsFunc(list, isInstruction) {
		return list
	}
	out := make([]Message, 0, len(list))
	for len(list) > 0 {
		var assistant, turn []Message
		assistant, turn, list = cutTurns(list)
		out = append(out, assistant...)
		if place == BehindUser && slices.ContainsFunc(turn, saysSomething) {
			var behind []Message
			for _, m := range turn {
				if isInstruction(m) {
					behind = append(behind, m)
				} else {
					out = append(out, m)
				}
			}
			out = append(out, behind...)
			continue
		}
		for _, m := range turn {
			if isInstruction(m) {
				m = m.asReminder()
			}
			out = append(out, m)
		}
	}
	return out
}

// saysSomething reports whether a message is the user's and not blank.
func saysSomething(m Message) bool {
	return m.Role == User && slices.ContainsFunc(m.Parts, func(p Part) bool {
		text, ok := p.(Text)
		return !ok || !isBlank(text.Text)
	})
}

// asReminder returns instructions as the user's message.
func (m Message) asReminder() Message {
	m.Role = User
	if text := TextOf(m.Parts); !isBlank(text) {
		m.Parts = []Part{Text{Text: Reminder(text)}}
	}
	return m
}

// Reminder marks instructions that the user's message contains, like those of Claude's own clients
// (github.com/UKGovernmentBEIS/inspect_ai/pull/4221).
func Reminder(text string) string { return "<system-reminder>\n" + text + "\n</system-reminder>" }
