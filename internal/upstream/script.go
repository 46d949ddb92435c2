package upstream

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// Rules for replies that a real model could never give. Providers call only offered tools, so a script that calls
// others is a mistake that the test must report.

// ScriptTools is the rule for scripted calls of tools.
const ScriptTools Rule = "script.tools"

// callsTools has the operations whose models call tools. A reply for all of an application's requests also applies to
// its embeddings, which ignore its calls.
var callsTools = map[dialect.Operation]bool{
	dialect.ChatCompletions: true, dialect.Responses: true, dialect.Messages: true, dialect.Generate: true, dialect.Converse: true,
}

// ScriptCandidates is the rule for how many candidates a reply has.
const ScriptCandidates Rule = "script.candidates"

// unfit returns the response to a request that the reply does not fit.
func (c *call) unfit(r Reply) (response, bool) {
	switch {
	case !callsTools[c.Operation] && c.Operation != dialect.Completions:
		return response{}, false
	case len(r.Candidates) > 1 && len(r.Candidates) > c.choices() && !c.isLenient(ScriptCandidates):
		return c.unfitBy(ScriptCandidates, fmt.Sprintf("has %d candidates, but the request asks for %d", len(r.Candidates), c.choices())), true
	case !callsTools[c.Operation] || c.isLenient(ScriptTools):
		return response{}, false
	}
	for i := range max(1, len(r.Candidates)) {
		if calls := r.candidate(i).ToolCalls; len(calls) > 0 {
			if problem := c.unfitCalls(calls); problem != "" {
				return c.unfitBy(ScriptTools, problem), true
			}
		}
	}
	return response{}, false
}

func (c *call) unfitBy(rule Rule, problem string) response {
	return c.refuse(rule, refused("the mock's reply "+problem+": correct the reply, or turn the rule "+string(rule)+" off"))
}

func (c *call) isLenient(rule Rule) bool { return c.lenient != nil && c.lenient(rule) }

// unfitCalls returns what is wrong with the calls of a reply, or "".
func (c *call) unfitCalls(calls []ToolCall) string {
	request := c.parsed()
	if request.get("prompt").isObject() || c.managedPrompt() {
		return "" // a stored prompt may have its own tools
	}
	if c.forbidsTools() {
		return fmt.Sprintf("calls the tool %q, but the request forbids tool calls", calls[0].Name)
	}
	offered := map[string]value{}
	for _, home := range [...]string{"tools", "functions", "toolConfig"} {
		offeredTools(either(request, home), offered)
	}
	for _, call := range calls {
		tool, ok := offered[call.Name]
		switch {
		case !ok && len(offered) == 0:
			return fmt.Sprintf("calls the tool %q, but the request offers no tools", call.Name)
		case !ok:
			return fmt.Sprintf("calls the tool %q, but the request offers only %s", call.Name, strings.Join(slices.Sorted(maps.Keys(offered)), ", "))
		case !fitsStrictly(tool, call.Arguments):
			return fmt.Sprintf("calls the tool %q with arguments that its strict schema does not allow", call.Name)
		}
	}
	return ""
}

// forbidsTools reports whether the request forbids tool calls.
func (c *call) forbidsTools() bool {
	request := c.parsed()
	choice := request.get("tool_choice")
	mode := either(either(request, "toolConfig"), "functionCallingConfig").get("mode")
	return slices.ContainsFunc([]value{choice, choice.get("type"), mode}, func(v value) bool { return strings.EqualFold(v.text(), "none") })
}

// offeredTools finds the tools in a part of a request by what all formats have in common: an object with a name.
// Nested tools, as in a namespace, count too.
func offeredTools(v value, offered map[string]value) {
	if name := v.get("name").text(); name != "" {
		offered[name] = v
	}
	for _, f := range v.fields {
		if f.name != "parameters" && f.name != "input_schema" && f.name != "inputSchema" {
			offeredTools(f.value, offered)
		}
	}
	for _, item := range v.items {
		offeredTools(item, offered)
	}
}

// fitsStrictly reports whether arguments satisfy the schema of a tool that is strict.
func fitsStrictly(tool value, arguments string) bool {
	if arguments == "" || !tool.get("strict").isTrue() {
		return true
	}
	for _, place := range [...]value{tool.get("parameters"), tool.get("input_schema"), tool.get("inputSchema", "json")} {
		if !place.isObject() {
			continue
		}
		var schema, v any
		_ = json.Unmarshal(place.raw, &schema)
		return json.Unmarshal([]byte(arguments), &v) == nil && satisfies(schema, schema, v)
	}
	return true
}
