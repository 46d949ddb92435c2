package dialect

import (
	"slices"
	"strings"
)

// callIDs assigns unique ids to the calls of a conversation that a provider accepts.
type callIDs struct {
	longest int // 0 means that any id is accepted
	exact   bool
	taken   map[string]bool
	given   map[string]bool
}

func newCallIDs(list []Message, l Limits) *callIDs {
	ids := &callIDs{longest: l.MaxCallID, exact: l.ExactCallID, taken: map[string]bool{}, given: map[string]bool{}}
	for _, m := range list {
		for _, p := range m.Parts {
			if c, ok := p.(ToolCall); ok && ids.accepts(c.ID) {
				ids.taken[c.ID] = true
			}
		}
	}
	return ids
}

func (ids *callIDs) accepts(id string) bool {
	switch {
	case id == "":
		return false
	case ids.exact:
		return len(id) == ids.longest && !strings.ContainsAny(id, "_-") && hasOnlyNameChars(id, "")
	}
	return ids.longest == 0 || len(id) <= ids.longest && hasOnlyNameChars(id, "")
}

// CallIDs returns a function that gives the calls of a conversation, in order, ids that are within the limits, and
// unique. Those among its present ids that need no change keep them.
func (l Limits) CallIDs(present []string) func(id string) string {
	ids := newCallIDs(nil, l)
	for _, id := range present {
		if ids.accepts(id) {
			ids.taken[id] = true
		}
	}
	return ids.give
}

// give returns the id of a call at the provider: unchanged if the provider accepts it and no other call has it. The
// same conversation always gets the same ids.
func (ids *callIDs) give(id string) string {
	if !ids.accepts(id) || ids.given[id] {
		const usual = 64
		switch {
		case ids.exact:
			id = uniqueID(id, ids.longest, ids.taken)
		case ids.longest == 0:
			id = uniqueName("call_"+CleanID(id), id, usual, ids.taken)
		default:
			id = uniqueName("call_"+CleanID(id), id, ids.longest, ids.taken)
		}
	}
	ids.taken[id], ids.given[id] = true, true
	return id
}

// openCall is a call without a result so far.
type openCall struct {
	ToolCall
	given string
}

// pairCalls puts the results of calls right after them, in a separate message. A call without a result and a result
// without a call are rejected, as all providers do. Calls and results get ids that the provider accepts.
func pairCalls(list []Message, ids *callIDs) ([]Message, error) {
	out := make([]Message, 0, len(list))
	for len(list) > 0 {
		var assistant, user []Message
		assistant, user, list = cutTurns(list)
		assistant, open := ids.calls(assistant)
		results, user, err := splitResults(user, open)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, assistant...), results...), user...)
	}
	return out, nil
}

// cutTurns splits off the assistant's messages at the beginning of a list, and the others up to the assistant's next.
func cutTurns(list []Message) (assistant, others, rest []Message) {
	begin := 0
	for begin < len(list) && list[begin].Role == Assistant {
		begin++
	}
	end := begin
	for end < len(list) && list[end].Role != Assistant {
		end++
	}
	return list[:begin], list[begin:end], list[end:]
}

// calls assigns ids to the calls in the assistant's messages, which are joined if they contain calls.
func (ids *callIDs) calls(turn []Message) ([]Message, []openCall) {
	var open []openCall
	var parts []Part
	for _, m := range turn {
		for _, p := range m.Parts {
			if c, ok := p.(ToolCall); ok {
				o := openCall{ToolCall: c, given: ids.give(c.ID)}
				open = append(open, o)
				c.ID = o.given
				p = c
			}
			parts = append(parts, p)
		}
	}
	if open == nil {
		return turn, nil
	}
	return []Message{{Role: Assistant, Parts: parts, At: turn[0].At}}, open
}

// splitResults splits the results of calls from the user's other parts.
func splitResults(turn []Message, open []openCall) (results, rest []Message, err error) {
	var list []Part
	at := ""
	for _, m := range turn {
		var others []Part
		behindResult := false
		for _, p := range m.Parts {
			switch p := p.(type) {
			case ToolResult:
				call, ok := takeCall(&open, p.ID)
				if !ok {
					return nil, nil, Wrong(p.At, "is the result of the call %.80q, which is not in the preceding assistant turn", p.ID)
				}
				p.ID, p.Name = call.given, call.Name
				list, behindResult = append(list, p), true
				if at == "" {
					at = m.At
				}
				continue
			case CachePoint:
				if behindResult {
					list, behindResult = append(list, p), false
					continue
				}
			}
			others, behindResult = append(others, p), false
		}
		if others != nil {
			m.Parts = others
			rest = append(rest, m)
		}
	}
	if len(open) > 0 {
		return nil, nil, Wrong(open[0].At, "the call %.80q has no result in the following user turn", open[0].ID)
	}
	if list != nil {
		results = []Message{{Role: User, Parts: list, At: at}}
	}
	return results, rest, nil
}

// takeCall removes the first open call with an id from a list.
func takeCall(open *[]openCall, id string) (openCall, bool) {
	i := slices.IndexFunc(*open, func(c openCall) bool { return c.ID == id })
	if i < 0 {
		return openCall{}, false
	}
	call := (*open)[i]
	*open = slices.Delete(*open, i, i+1)
	return call, true
}
