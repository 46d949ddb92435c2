package openai_test

import (
	"encoding/json"
	"testing"

	. "github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/openai"
)

// Whatever a client sends, the result is JSON, needs no further change, and has what no rule knows.
func FuzzAdapt(f *testing.F) {
	traits := []Traits{
		{}, {Original: true},
		{Thoughts: "none", CallIDLength: 9, ResultsLast: true, MarksPrefix: true, MaxTemperature: 1.5, Refuses: []string{"user", "store", "logprobs"}, RefusesInMessages: []string{"refusal", "audio"}, Named: "tool"},
		{NeedsThoughts: true, NoSchemas: true, NoMedia: true}, {Thoughts: "reasoning", OneChoice: true, JSONAlone: true, SameStrict: true}, {Alternates: true, OnlySchemas: true, RandomSeed: true, Refuses: []string{"tools", "functions"}},
	}
	models := []string{"m", "deepseek-reasoner", "o3", "grok-4", "kimi-k3", "gpt-oss-20b"}
	for _, seed := range []string{
		`{"model":"m","messages":[{"role":"developer","content":"a"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","function":{"name":"f","arguments":""}}]},{"role":"tool","tool_call_id":"call_1","content":"1"},{"role":"user","content":[{"type":"text","text":"b"}]}]}`,
		`{"messages":[{"role":"user","content":"a"},{"role":"system","content":"b"},{"role":"assistant","refusal":"c"}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}},"tools":[{}]}`,
		`{"messages":[null,1,{"role":1,"content":{}},{"role":"assistant","content":5,"tool_calls":{"a":1}}],"response_format":"x","temperature":null,"n":"2","max_completion_tokens":null}`,
		`{"messages":{"role":"user"},"tools":5,"tool_choice":"required","response_format":{"type":"json_schema","json_schema":{"schema":{}}},"stop":"x","reasoning_effort":7}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var fields map[string]json.RawMessage
		if json.Unmarshal([]byte(body), &fields) != nil || fields == nil {
			t.Skip()
		}
		fields["x_unknown"] = json.RawMessage(`{"b": 1.0, "a":[ ]}`)
		asked, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		for i, tr := range traits {
			out, _, err := openai.Format{}.Adapt(asked, models[i], tr)
			if err != nil {
				continue
			}
			var after map[string]json.RawMessage
			if err := json.Unmarshal(out, &after); err != nil {
				t.Fatalf("%s\nbecame\n%s", asked, out)
			}
			if string(after["x_unknown"]) != `{"b":1.0,"a":[]}` {
				t.Fatalf("lost a field: %s", out)
			}
			again, _, err := openai.Format{}.Adapt(out, models[i], tr)
			if err != nil || string(again) != string(out) {
				t.Fatalf("%s\nbecame\n%s\nthen\n%s %v", asked, out, again, err)
			}
		}
	})
}
