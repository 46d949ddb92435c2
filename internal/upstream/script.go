package upstream

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// What a reply can't make a model do. Providers call only tools that are offered, so a
// script that calls others has a mistake in it, which a test is to hear of.

// ScriptTools is the rule for scripted calls of tools.
const ScriptTools Rule = "script.tools"

// callsTools has the operations whose models call tools. A reply that is for all of an
// application's requests is for its embeddings too, which have no use for its calls.
var callsTools = map[dialect.Operation]bool{
	dialect.ChatCompletions: true, dialect.Responses: true, dialect.Messages: true, dialect.Generate: true, dialect.Converse: true,
}

// unfit returns the response to a request that the reply's calls don't fit.
func (c *call) unfit(r Reply) (response, bool) {
	if len(r.ToolCalls) == 0 || !callsTools[c.Operation] || c.lenient != nil && c.lenient(ScriptTools) {
		return response{}, false
	}
	problem := c.unfitCalls(r.ToolCalls)
	if problem == "" {
		return response{}, false
	}
	return c.refuse(ScriptTools, refused("the mock's reply "+problem+": correct the reply, or switch the rule "+string(ScriptTools)+" off")), true
}

// unfitCalls returns what is wrong with the calls of a reply, "" if nothing is.
func (c *call) unfitCalls(calls []ToolCall) string {
	request := c.parsed()
	if request.get("prompt").isObject() || c.managedPrompt() {
		return "" // a stored prompt may have tools of its own
	}
	if c.forbidsTools() {
		return fmt.Sprintf("calls the tool %q, but the request says that none may be called", calls[0].Name)
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

// forbidsTools reports whether the request says that no tool may be called.
func (c *call) forbidsTools() bool {
	request := c.parsed()
	choice := request.get("tool_choice")
	mode := either(either(request, "toolConfig"), "functionCallingConfig").get("mode")
	return slices.ContainsFunc([]value{choice, choice.get("type"), mode}, func(v value) bool { return strings.EqualFold(v.text(), "none") })
}

// offeredTools finds the tools within a part of a request, by what all formats have:
// an object with a name. Those within a tool, as of a namespace, count too.
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
