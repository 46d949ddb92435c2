package openai

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// adaptation is a request that is changed for another provider of the format. The rules are those of
// [Format.WriteRequest], on JSON that stays as it is where no rule applies (assumption adapted-requests).
type adaptation struct {
	body     rawObject
	messages []rawMessage
	traits   dialect.Traits
	model    string
	family   family
	// prompts are instructions for what can't be requested in another way.
	prompts []string
}

// Adapt is part of [dialect.Adapter].
func (Format) Adapt(body []byte, model string, traits dialect.Traits) (adapted []byte, deviates bool, err error) {
	const usual = 48 // fields, of the request and its messages
	traits = traits.For(model)
	a := adaptation{traits: traits, model: model, family: familyAt(model, traits)}
	var list []rawField
	a.body, list = readRaw(body, make([]rawField, 0, usual))
	if err := a.body.leaveOut(traits.Refuses); err != nil {
		return nil, false, err
	}
	for _, step := range [...]func() error{a.adaptSettings, a.adaptTools, a.adaptOutput, a.adaptFamily} {
		if err := step(); err != nil {
			return nil, false, err
		}
	}
	a.adaptChoice()
	if err := a.adaptMessages(list); err != nil {
		return nil, false, err
	}
	if !a.body.edited {
		return body, a.deviates(), nil
	}
	return a.body.written(make([]byte, 0, len(body)+len(body)/8)), a.deviates(), nil
}

// deviates reports whether the response may have a list of thoughts and text where OpenAI has a string, which clients
// can't read.
func (a *adaptation) deviates() bool {
	models := a.traits.ThoughtsInContent
	if models == nil {
		return false
	}
	effort := a.body.text("reasoning_effort")
	return effort != "" && effort != "none" || dialect.BeginsWithOneOf(a.model, models...)
}

// leaveOut removes the fields that a provider refuses. Those without which the response would be different are errors.
func (o *rawObject) leaveOut(names []string) error {
	for _, name := range names {
		value := o.get(name)
		if value == nil {
			continue
		}
		if changesResponse(name, value) {
			return refused(name)
		}
		o.drop(name)
	}
	return nil
}

// changesResponse reports whether the response would be different without a field.
func changesResponse(name string, value json.RawMessage) bool {
	if name == "tools" {
		return !isEmpty(value)
	}
	var fields only
	alone := rawObject{edited: true, fields: []rawField{{name, value}}}
	return json.Unmarshal(alone.written(nil), &fields) == nil && fields.check() != nil
}

func refused(field string) error { return dialect.Wrong(field, "the provider does not support it") }

func (a *adaptation) adaptSettings() error {
	if a.traits.Original {
		a.body.rename("max_tokens", "max_completion_tokens")
	} else {
		a.body.rename("max_completion_tokens", "max_tokens")
	}
	if a.traits.RandomSeed {
		a.body.rename("seed", "random_seed")
	}
	if hottest := a.traits.MaxTemperature; hottest > 0 {
		if t, ok := a.number("temperature"); ok && t > hottest {
			a.body.set("temperature", strconv.AppendFloat(nil, hottest, 'g', -1, 64))
		}
	}
	if n, ok := a.number("n"); ok && n > 1 && (a.traits.OneChoice || a.family.pinned) {
		return refused("n")
	}
	return nil
}

// number returns the value of a field of the request that is a number.
func (a *adaptation) number(name string) (float64, bool) {
	n, err := strconv.ParseFloat(string(a.body.get(name)), 64)
	return n, err == nil
}

// adaptTools makes no tool strict if not all are, where they must be alike.
func (a *adaptation) adaptTools() error {
	if !a.traits.SameStrict {
		return nil
	}
	var tools []rawObject
	strict := 0
	for element := range jsonscan.Elements(a.body.get("tools")) {
		tool, _ := readRaw(element, nil)
		function, _ := readRaw(tool.get("function"), nil)
		if string(function.get("strict")) == "true" {
			strict++
			function.drop("strict")
			tool.set("function", function.written(nil))
		}
		tools = append(tools, tool)
	}
	if strict > 0 && strict < len(tools) {
		a.body.set("tools", writtenList(tools))
	}
	return nil
}

func (a *adaptation) adaptOutput() error {
	format := a.body.get("response_format")
	kind, _ := jsonscan.Text(jsonscan.Field(format, "type"))
	switch {
	case a.traits.JSONAlone && strings.HasPrefix(kind, "json_") && !isEmpty(a.body.get("tools")):
		return errJSONAlone
	case a.traits.OnlySchemas && kind == "json_object":
		return errOnlySchemas
	case a.traits.NoSchemas && kind == "json_schema":
		a.prompts = append(a.prompts, dialect.JSONPrompt(jsonscan.Field(jsonscan.Field(format, "json_schema"), "schema")))
		a.body.set("response_format", json.RawMessage(`{"type":"json_object"}`))
	}
	return nil
}

// adaptFamily removes what the model is known to reject. Nothing is known about other models.
func (a *adaptation) adaptFamily() error {
	f := a.family
	if f.prefix == "" || a.traits.IgnoresSettings {
		return nil
	}
	a.adaptEffort()
	if f.pinned {
		a.body.drop("top_p")
		if !a.thinks() {
			a.body.drop("temperature")
		}
	}
	switch {
	case f.noPenalties:
		a.body.drop("frequency_penalty", "presence_penalty")
	case f.fixed:
		a.dropUnless("1", "temperature", "top_p")
		a.dropUnless("0", "frequency_penalty", "presence_penalty")
	}
	if f.oneCall {
		a.body.drop("parallel_tool_calls")
	}
	if f.noStop {
		if !isEmpty(a.body.get("stop")) {
			return f.refusesStop(a.model)
		}
		a.body.drop("stop")
	}
	return nil
}

func (a *adaptation) adaptEffort() {
	asked := dialect.Effort(a.body.text("reasoning_effort"))
	effort := a.family.nearest(asked)
	if a.family.toolsOrThoughts && a.traits.Original && !isEmpty(a.body.get("tools")) {
		effort = "none"
	}
	switch effort {
	case asked:
	case "":
		a.body.drop("reasoning_effort")
	default:
		a.body.setText("reasoning_effort", string(effort))
	}
}

// dropUnless removes fields unless they have the only value that the model accepts.
func (a *adaptation) dropUnless(accepted string, names ...string) {
	for _, name := range names {
		if n, ok := a.number(name); !ok || strconv.FormatFloat(n, 'g', -1, 64) != accepted {
			a.body.drop(name)
		}
	}
}

// adaptChoice offers only the chosen tools where the choice can't be expressed.
func (a *adaptation) adaptChoice() {
	choice, err := readChoice(a.body.get("tool_choice"))
	if err != nil { // of a tool that isn't a function
		return
	}
	forced := choice.Mode == dialect.Required && dialect.RefusesForce(a.model) && (!a.traits.NeedsThoughts || a.thinks())
	named := choice.Mode == dialect.Required && len(choice.Only) == 1 && !a.family.unnamed
	listed := choice.Only != nil && !named
	if !forced && (!listed || a.traits.Original) {
		return
	}
	var offered []rawObject
	var names []string
	for tool := range jsonscan.Elements(a.body.get("tools")) {
		name, _ := jsonscan.Text(jsonscan.Field(jsonscan.Field(tool, "function"), "name"))
		if choice.Only == nil || slices.Contains(choice.Only, name) {
			offered, names = append(offered, rawObject{raw: tool}), append(names, name)
		}
	}
	if offered == nil {
		return
	}
	mode := choice.Mode
	if mode == "" || forced {
		mode = dialect.Auto
	}
	if a.body.setText("tool_choice", string(mode)); choice.Only != nil {
		a.body.set("tools", writtenList(offered))
	}
	if forced {
		a.prompts = append(a.prompts, dialect.CallPrompt(names))
	}
}
