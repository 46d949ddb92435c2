package openai

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// rawMessage is a message of a request that is adapted.
type rawMessage struct {
	rawObject
	role string
	at   int // its index in the client's request
}

func (m *rawMessage) place() string { return wire.Index("messages", m.at) }

func (m *rawMessage) setRole(role string) {
	m.role = role
	m.setText("role", role)
}

// adaptMessages adapts each message, and then their order. It reads them into the end of a list of fields.
func (a *adaptation) adaptMessages(list []rawField) error {
	raw := a.body.get("messages")
	if len(raw) == 0 || raw[0] != '[' {
		return nil
	}
	const usual = 32
	a.messages = make([]rawMessage, 0, usual)
	n := 0
	for element := range jsonscan.Elements(raw) {
		m := rawMessage{at: n}
		m.rawObject, list = readRaw(element, list)
		m.role = roleOf(m.get("role"))
		if err := a.adaptMessage(&m); err != nil {
			return err
		}
		if n++; !m.saysNothing() || a.traits.Original {
			a.messages = append(a.messages, m)
		}
	}
	a.giveIDs()
	if err := a.adaptOrder(); err != nil {
		return err
	}
	a.instruct()
	if len(a.messages) == n && !slices.ContainsFunc(a.messages, func(m rawMessage) bool { return m.edited }) {
		return nil
	}
	objects := make([]rawObject, len(a.messages))
	for i, m := range a.messages {
		objects[i] = m.rawObject
	}
	a.body.set("messages", writtenList(objects))
	return nil
}

// roleOf returns a role, without allocating if it is a common one.
func roleOf(value json.RawMessage) string {
	for _, role := range [...]string{"user", "assistant", "tool", "system"} {
		if len(value) == len(role)+2 && string(value[1:len(value)-1]) == role {
			return role
		}
	}
	role, _ := jsonscan.Text(value)
	return role
}

func (a *adaptation) adaptMessage(m *rawMessage) error {
	if m.role == "function" && slices.Contains(a.traits.Refuses, "functions") {
		return refused(m.place() + ".role")
	}
	if m.role == "developer" && !a.traits.Original {
		m.setRole("system")
	}
	if m.role == "system" && a.family.noSystem {
		m.setRole("user")
	}
	if a.traits.Named != "" && m.role != a.traits.Named {
		m.drop("name")
	}
	if err := a.leaveOutOf(m); err != nil {
		return err
	}
	if err := a.adaptParts(m); err != nil {
		return err
	}
	if m.role == "assistant" {
		a.adaptCalls(m)
		a.adaptThoughts(m)
	}
	return nil
}

// leaveOutOf removes the fields that the provider rejects in messages. A refusal is what the assistant said, for
// others than OpenAI. Other fields must be empty, as SDKs send them back.
func (a *adaptation) leaveOutOf(m *rawMessage) error {
	if !a.traits.Original && isEmpty(m.get("content")) && !isEmpty(m.get("refusal")) {
		m.drop("content")
		m.rename("refusal", "content")
	}
	for _, name := range a.traits.RefusesInMessages {
		value := m.get(name)
		switch {
		case value == nil:
			continue
		case !isEmpty(value) && (name == "audio" || name == "function_call"):
			return refused(m.place() + "." + name)
		}
		m.drop(name)
	}
	return nil
}

// adaptParts turns refusals, which are a kind of their own only at OpenAI, into text, rejects media where only text is
// accepted, and joins texts that must be one.
func (a *adaptation) adaptParts(m *rawMessage) error {
	content := m.get("content")
	refuses := bytes.Contains(content, []byte("refusal")) && !a.traits.Original
	plain := slices.Contains(a.traits.PlainRoles, m.role)
	if len(content) == 0 || content[0] != '[' || !refuses && !plain && !a.traits.NoMedia {
		return nil
	}
	var parts []rawObject
	var text strings.Builder
	edited := false
	for element := range jsonscan.Elements(content) {
		part, _ := readRaw(element, nil)
		switch kind := part.text("type"); {
		case kind == "refusal" && refuses:
			part.setText("type", "text")
			part.rename("refusal", "text")
			edited = true
		case kind != "text" && (plain || a.traits.NoMedia):
			return dialect.Wrong(m.place()+"."+wire.Index("content", len(parts)), "the provider accepts only text")
		}
		text.WriteString(part.text("text"))
		parts = append(parts, part)
	}
	switch {
	case plain:
		m.setText("content", text.String())
	case edited:
		m.set("content", writtenList(parts))
	}
	return nil
}

// adaptCalls gives calls without arguments an object, which others than OpenAI require, and removes signatures that
// the provider does not know.
func (a *adaptation) adaptCalls(m *rawMessage) {
	if a.traits.Original {
		return
	}
	m.editCalls(func(c *rawObject) {
		if a.traits.Thoughts == notAtAll || a.traits.Thoughts == inReasoning {
			c.drop("extra_content")
		}
		function, _ := readRaw(c.get("function"), nil)
		if string(function.get("arguments")) == `""` {
			function.setText("arguments", "{}")
			c.set("function", function.written(nil))
		}
	})
}

// editCalls calls edit for each call of a message.
func (m *rawMessage) editCalls(edit func(*rawObject)) {
	raw := m.get("tool_calls")
	if isEmpty(raw) {
		return
	}
	var calls []rawObject
	for element := range jsonscan.Elements(raw) {
		call, _ := readRaw(element, nil)
		edit(&call)
		calls = append(calls, call)
	}
	if slices.ContainsFunc(calls, func(c rawObject) bool { return c.edited }) {
		m.set("tool_calls", writtenList(calls))
	}
}

// adaptThoughts moves thoughts to the field in which the provider accepts them, if it rejects others.
func (a *adaptation) adaptThoughts(m *rawMessage) {
	switch a.traits.Thoughts {
	case notAtAll:
		m.drop("reasoning_content", "reasoning", inDetails, inExtraContent)
	case inReasoning:
		if isEmpty(m.get("reasoning")) {
			m.rename("reasoning_content", "reasoning")
		}
		m.drop("reasoning_content", inDetails, inExtraContent)
	}
	if a.traits.NeedsThoughts && !isEmpty(m.get("tool_calls")) && isEmpty(m.get("reasoning_content")) && a.thinks() {
		m.setText("reasoning_content", blankThought)
	}
}

// thinks reports whether the model of a provider with a switch for thinking may think.
func (a *adaptation) thinks() bool {
	switch string(jsonscan.Field(a.body.get("thinking"), "type")) {
	case `"enabled"`:
		return true
	case `"disabled"`:
		return false
	}
	return !strings.Contains(a.model, "-chat")
}

// saysNothing reports whether a message of the assistant is empty, which many providers reject.
func (m *rawMessage) saysNothing() bool {
	return m.role == "assistant" && !slices.ContainsFunc(m.fields, func(f rawField) bool { return f.key != "role" && f.key != "name" && !isEmpty(f.value) })
}

// giveIDs gives calls and their results ids of the length that the provider requires.
func (a *adaptation) giveIDs() {
	if a.traits.CallIDLength == 0 {
		return
	}
	var present []string
	for i := range a.messages {
		a.messages[i].editCalls(func(c *rawObject) { present = append(present, c.text("id")) })
	}
	give, given := limitsOf(a.traits).CallIDs(present), map[string]string{}
	for i := range a.messages {
		m := &a.messages[i]
		m.editCalls(func(c *rawObject) {
			id := c.text("id")
			if given[id] = give(id); given[id] != id {
				c.setText("id", given[id])
			}
		})
		if id := m.text("tool_call_id"); id != "" && given[id] != "" && given[id] != id {
			m.setText("tool_call_id", given[id])
		}
	}
}

// adaptOrder puts messages into an order that the provider accepts.
func (a *adaptation) adaptOrder() error {
	if limitsOf(a.traits).Instructions == dialect.InNoTurn {
		a.remind()
	}
	if a.traits.Alternates {
		a.joinNeighbors(func(before, next string) bool { return before == next && (next == "user" || next == "assistant") })
		for i := range a.messages {
			if m := &a.messages[i]; m.role != "system" {
				if m.role != "user" {
					return dialect.Wrong(m.place(), "the first message must be the user's")
				}
				break
			}
		}
		if n := len(a.messages); n > 0 && a.messages[n-1].role == "assistant" {
			return dialect.Wrong(a.messages[n-1].place(), lastIsUsers)
		}
	}
	if a.traits.ResultsLast {
		a.joinNeighbors(func(before, next string) bool { return before == "tool" && next == "user" })
	}
	if n := len(a.messages); a.traits.MarksPrefix && n > 0 && a.messages[n-1].role == "assistant" && isEmpty(a.messages[n-1].get("tool_calls")) {
		if last := &a.messages[n-1]; string(last.get("prefix")) != "true" {
			last.set("prefix", json.RawMessage("true"))
		}
	}
	return nil
}

// remind turns instructions within the conversation into the user's messages (assumption placed-instructions).
func (a *adaptation) remind() {
	begun := false
	for i := range a.messages {
		m := &a.messages[i]
		if m.role != "system" {
			begun = true
			continue
		}
		if begun {
			var text strings.Builder
			for _, p := range written(m.get("content")) {
				text.WriteString(p.Text)
			}
			m.setRole("user")
			m.setText("content", dialect.Reminder(text.String()))
		}
	}
}

// joinNeighbors moves what a message says to the end of the one before it.
func (a *adaptation) joinNeighbors(joins func(before, next string) bool) {
	out := a.messages[:0]
	for _, m := range a.messages {
		n := len(out)
		if n == 0 || !joins(out[n-1].role, m.role) {
			out = append(out, m)
			continue
		}
		last := &out[n-1]
		last.set("content", joined(last.get("content"), m.get("content")))
		for _, f := range m.fields {
			if isEmpty(last.get(f.key)) {
				last.set(f.key, f.value)
			}
		}
	}
	a.messages = out
}

// joined returns the parts of two contents.
func joined(a, b json.RawMessage) json.RawMessage {
	var parts []rawObject
	for _, content := range [...]json.RawMessage{a, b} {
		switch {
		case isEmpty(content):
		case content[0] == '"':
			parts = append(parts, rawObject{raw: []byte(`{"type":"text","text":` + string(content) + `}`)})
		default:
			for part := range jsonscan.Elements(content) {
				parts = append(parts, rawObject{raw: part})
			}
		}
	}
	return writtenList(parts)
}

// instruct adds the prompts after the instructions with which the conversation begins.
func (a *adaptation) instruct() {
	i := 0
	for i < len(a.messages) && a.messages[i].role == "system" {
		i++
	}
	for _, text := range slices.Backward(a.prompts) {
		m := rawMessage{}
		m.setRole("system")
		m.setText("content", text)
		a.messages = slices.Insert(a.messages, i, m)
	}
}
