package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// fakesBehind records requests and sends them to the fakes, whose rules are on.
func fakesBehind(p *recorder) *recorder {
	fake := &upstream.Fake{}
	p.respond = func(req *http.Request) (*http.Response, error) {
		req.Body = io.NopCloser(strings.NewReader(p.body))
		return fake.RoundTrip(req)
	}
	return p
}

// overloadedOnce returns the fakes behind a provider that is overloaded at the first try, and the hosts and bodies of
// all tries.
func overloadedOnce() (p *recorder, hosts, bodies *[]string) {
	p, hosts, bodies = fakesBehind(&recorder{}), new([]string), new([]string)
	send := p.respond
	p.respond = func(req *http.Request) (*http.Response, error) {
		*hosts, *bodies = append(*hosts, req.URL.Host), append(*bodies, p.body)
		if len(*hosts) == 1 {
			return response(503, "application/json", `{"error":{"message":"overloaded"}}`), nil
		}
		return send(req)
	}
	return p, hosts, bodies
}

// What OpenAI's clients send, with what other providers of the format get of it: from reports of what they reject.
func TestAdaptedRequests(t *testing.T) {
	t.Parallel()
	const (
		hi      = `"messages":[{"role":"user","content":"hi"}]`
		weather = `{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}`
		called  = `{"role":"user","content":"Hello"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_kzDkSmPC3bFTk9MZzZ2Zzq3L","type":"function","function":{"name":"get_weather","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_kzDkSmPC3bFTk9MZzZ2Zzq3L","content":"22"}`
	)
	for _, test := range []struct{ name, model, url, body, gets string }{
		{"Gitlawb/openclaude#739", "mistral/codestral-2508", "https://api.mistral.ai/v1/chat/completions",
			`"messages":[{"role":"user","content":"hi"}],"store":false,"max_completion_tokens":8192,"temperature":0.70`,
			`"messages":[{"role":"user","content":"hi"}],"max_tokens":8192,"temperature":0.70`},
		{"nearai/ironclaw#1241", "mistral/mistral-large-latest", "https://api.mistral.ai/v1/chat/completions",
			`"messages":[` + called + `,{"role":"user","content":"Thanks"}]`,
			`"messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":null,"tool_calls":[{"id":"{id}","type":"function","function":{"name":"get_weather","arguments":"{}"}}]},` +
				`{"role":"tool","tool_call_id":"{id}","content":[{"type":"text","text":"22"},{"type":"text","text":"Thanks"}]}]`},
		{"charmbracelet/crush#1590", "mistral/mistral-large-latest", "https://api.mistral.ai/v1/chat/completions",
			`"messages":[{"role":"user","content":"a","name":"Ann"},{"role":"assistant","content":"b","reasoning_content":"\n","refusal":null,"annotations":[]},{"role":"user","content":"c"}]`,
			`"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]`},
		{"NEKOparapa/AiNiee#641", "mistral/mistral-large-latest", "https://api.mistral.ai/v1/chat/completions",
			`"messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":"The answer is"}]`,
			`"messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":"The answer is","prefix":true}]`},
		{"null is no limit", "mistral/mistral-large-latest", "https://api.mistral.ai/v1/chat/completions",
			hi + `,"max_tokens":5,"max_completion_tokens":null`, hi + `,"max_tokens":5`},
		{"badlogic/pi-mono#1048", "deepseek/deepseek-chat", "https://api.deepseek.com/v1/chat/completions",
			`"messages":[{"role":"developer","content":"Be brief."},{"role":"user","content":"Hello"}],"reasoning_effort":"low"`,
			`"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hello"}],"reasoning_effort":"low"`},
		{"UKGovernmentBEIS/inspect_ai#4916", "deepseek/deepseek-chat", "https://api.deepseek.com/v1/chat/completions",
			hi + `,"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type": "object"}}},"top_p":1.0`,
			`"messages":[{"role":"system","content":"Respond with JSON that follows this JSON Schema:\n{\"type\": \"object\"}"},{"role":"user","content":"hi"}],"response_format":{"type":"json_object"},"top_p":1.0`},
		{"deepseek-ai/DeepSeek-V3#1376", "deepseek/deepseek-reasoner", "https://api.deepseek.com/v1/chat/completions",
			`"messages":[` + called + `],"tools":[` + weather + `],"tool_choice":"required"`,
			`"messages":[{"role":"system","content":"Respond with a call of the tool get_weather."},{"role":"user","content":"Hello"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_kzDkSmPC3bFTk9MZzZ2Zzq3L","type":"function","function":{"name":"get_weather","arguments":"{}"}}],"reasoning_content":" "},` +
				`{"role":"tool","tool_call_id":"call_kzDkSmPC3bFTk9MZzZ2Zzq3L","content":"22"}],"tools":[` + weather + `],"tool_choice":"auto"`},
		{"janhq/jan#8136", "groq/openai/gpt-oss-20b", "https://api.groq.com/openai/v1/chat/completions",
			`"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","reasoning_content":"hm"},{"role":"user","content":"c"}],"reasoning_effort":"minimal","logprobs":false`,
			`"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","reasoning":"hm"},{"role":"user","content":"c"}],"reasoning_effort":"low"`},
		{"tools that are allowed", "groq/openai/gpt-oss-20b", "https://api.groq.com/openai/v1/chat/completions",
			hi + `,"tools":[` + weather + `,{"type":"function","function":{"name":"today"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"get_weather"}}]}}`,
			hi + `,"tools":[` + weather + `],"tool_choice":"auto"`},
		{"BerriAI/litellm#9720", "xai/grok-4.3", "https://api.x.ai/v1/chat/completions",
			`"messages":[{"role":"system","name":"s","content":"Be brief."},{"role":"user","name":"Ann","content":"a"}],"presence_penalty":0.1,"reasoning_effort":"none"`,
			`"messages":[{"role":"system","content":"Be brief."},{"role":"user","name":"Ann","content":"a"}],"reasoning_effort":"none"`},
		{"omnigent-ai/omnigent#1686", "xai/grok-code-fast-1", "https://api.x.ai/v1/chat/completions",
			hi + `,"reasoning_effort":"high"`, hi},
		{"iamsrikanthnani/pluely#71", "perplexity/sonar", "https://api.perplexity.ai/chat/completions",
			`"messages":[{"role":"user","content":"a"},{"role":"user","content":[{"type":"text","text":"b","x":[1, 2]}]},{"role":"assistant","content":"c"},{"role":"developer","content":"Be brief."},{"role":"user","content":"d"}]`,
			`"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b","x":[1, 2]}]},{"role":"assistant","content":"c"},{"role":"user","content":[{"type":"text","text":"<system-reminder>\nBe brief.\n</system-reminder>"},{"type":"text","text":"d"}]}]`},
		{"earendil-works/pi#4251", "moonshot/kimi-k2.6", "https://api.moonshot.ai/v1/chat/completions",
			`"messages":[` + called + `],"temperature":0.3`,
			`"messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_kzDkSmPC3bFTk9MZzZ2Zzq3L","type":"function","function":{"name":"get_weather","arguments":"{}"}}],"reasoning_content":" "},{"role":"tool","tool_call_id":"call_kzDkSmPC3bFTk9MZzZ2Zzq3L","content":"22"}]`},
		{"Gitlawb/openclaude#740", "cerebras/gpt-oss-120b", "https://api.cerebras.ai/v1/chat/completions",
			hi + `,"store":false,"metadata":{"a": "b"}`, hi + `,"metadata":{"a": "b"}`},
		{"miaoxworld/NativeTavern#83", "xai/grok-4.3", "https://api.x.ai/v1/chat/completions",
			hi + `,"presence_penalty":0,"frequency_penalty":0,"stop":null`, hi},
		{"Alishahryar1/free-claude-code#1348", "groq/qwen/qwen3-32b", "https://api.groq.com/openai/v1/chat/completions",
			hi + `,"reasoning_effort":"medium"`, hi + `,"reasoning_effort":"default"`},
		{"plune-ai/cairn#36", "groq/llama-3.3-70b-versatile", "https://api.groq.com/openai/v1/chat/completions",
			hi + `,"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object"}}}`,
			`"messages":[{"role":"system","content":"Respond with JSON that follows this JSON Schema:\n{\"type\":\"object\"}"},{"role":"user","content":"hi"}],"response_format":{"type":"json_object"}`},
		{"architects-toolkit/SmartHopper#647", "mistral/mistral-small-latest", "https://api.mistral.ai/v1/chat/completions",
			hi + `,"reasoning_effort":"medium"`, hi + `,"reasoning_effort":"high"`},
		{"withceleste/celeste-python#311", "mistral/magistral-medium-latest", "https://api.mistral.ai/v1/chat/completions",
			hi + `,"reasoning_effort":"high"`, hi},
		{"Gitlawb/openclaude#774, EvoScientist/EvoScientist#77", "deepseek/deepseek-chat", "https://api.deepseek.com/v1/chat/completions",
			`"messages":[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":[{"type":"text","text":"b"},{"type":"refusal","refusal":"c"}],"tool_calls":[{"id":"call_1","type":"function","function":{"name":"Bash","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_1","content":[{"type":"text","text":"d\n"},{"type":"text","text":"e"}]}]`,
			`"messages":[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":"bc","tool_calls":[{"id":"call_1","type":"function","function":{"name":"Bash","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_1","content":"d\ne"}]`},
		{"langchain-ai/langchain-azure#82", "mistral/mistral-large-latest", "https://api.mistral.ai/v1/chat/completions",
			hi + `,"seed":123`, hi + `,"random_seed":123`},
		{"HKUDS/DeepTutor#938", "moonshot/kimi-k3", "https://api.moonshot.ai/v1/chat/completions",
			hi + `,"temperature":0.3,"top_p":1,"n":1`, hi + `,"n":1`},
		{"UKGovernmentBEIS/inspect_ai#5152", "moonshot/kimi-k2.6", "https://api.moonshot.ai/v1/chat/completions",
			hi + `,"tools":[` + weather + `],"tool_choice":{"type":"function","function":{"name":"get_weather"}}`,
			`"messages":[{"role":"system","content":"Respond with a call of the tool get_weather."},{"role":"user","content":"hi"}],"tools":[` + weather + `],"tool_choice":"auto"`},
		{"can1357/oh-my-pi#1077", "moonshot/kimi-k2.6", "https://api.moonshot.ai/v1/chat/completions",
			`"thinking":{"type":"disabled"},` + hi + `,"tools":[` + weather + `],"tool_choice":"required"`,
			`"thinking":{"type":"disabled"},` + hi + `,"tools":[` + weather + `],"tool_choice":"required"`},
		{"can1357/oh-my-pi#5994", "moonshot/kimi-k3", "https://api.moonshot.ai/v1/chat/completions",
			hi + `,"tools":[` + weather + `,{"type":"function","function":{"name":"today"}}],"tool_choice":{"type":"function","function":{"name":"get_weather"}}`,
			hi + `,"tools":[` + weather + `],"tool_choice":"required"`},
		{"CherryHQ/cherry-studio#11435, eigent-ai/eigent#1827", "groq/openai/gpt-oss-20b", "https://api.groq.com/openai/v1/chat/completions",
			hi + `,"verbosity":"medium","prompt_cache_key":"a"`, hi},
		{"RooCodeInc/Roo-Code#10334", "cerebras/gpt-oss-120b", "https://api.cerebras.ai/v1/chat/completions",
			hi + `,"tools":[{"type":"function","function":{"name":"f","strict":true,"parameters":{"type":"object"}}},` + weather + `]`,
			hi + `,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}},` + weather + `]`},
		{"leookun/cursor-byok#112", "gemini-2.5-flash", "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
			hi + `,"prompt_cache_key":"a"`, hi},
		{"ed-donner/agents#45", "gemini-2.5-flash", "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
			hi + `,"metadata":{"a":"b"},"store":false,"extra_body":{"google":{"cached_content":"c"}}`, hi + `,"extra_body":{"google":{"cached_content":"c"}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := fakesBehind(&recorder{})
			r := newRig(t, recording(p))
			_, model, ok := strings.Cut(test.model, "/")
			if !ok {
				model = test.model
			}
			for path, named := range map[string]string{"/v1/chat/completions": test.model, "/v1/rewrite/openai/" + test.url: model} {
				if named == "perplexity/sonar" { // the catalog has no models of Perplexity
					continue
				}
				got := r.do(t, "POST", path, `{"model":"`+named+`",`+test.body+`}`)
				require.Equal(t, 200, got.status, got.body)
				assert.Equal(t, test.url, p.url)
				_, behind, _ := strings.Cut(p.body, `"tool_call_id":"`)
				id, _, _ := strings.Cut(behind, `"`)
				assert.Equal(t, `{"model":"`+model+`",`+strings.ReplaceAll(test.gets, "{id}", id)+`}`, p.body)
			}
		})
	}
}

// What a provider rejects and can't be left out without changing the response is rejected with the field's name, as
// where a request is translated.
func TestRequestsThatCannotBeAdapted(t *testing.T) {
	t.Parallel()
	const hi = `"messages":[{"role":"user","content":"hi"}]`
	for _, test := range []struct{ model, body, param string }{
		{"groq/openai/gpt-oss-20b", hi + `,"logprobs":true`, "logprobs"},
		{"groq/openai/gpt-oss-20b", hi + `,"logit_bias":{"1":1}`, "logit_bias"},
		{"groq/openai/gpt-oss-20b", hi + `,"n":2`, "n"},
		{"groq/openai/gpt-oss-20b", hi + `,"tools":[{"type":"function","function":{"name":"f"}}],"response_format":{"type":"json_object"}`, "response_format"},
		{"mistral/mistral-large-latest", hi + `,"modalities":["text","audio"],"audio":{"voice":"alloy","format":"wav"}`, "modalities"},
		{"mistral/mistral-large-latest", hi + `,"web_search_options":{}`, "web_search_options"},
		{"mistral/mistral-large-latest", `"messages":[{"role":"assistant","audio":{"id":"audio_1"}},{"role":"user","content":"hi"}]`, "messages[0].audio"},
		{"deepseek/deepseek-chat", `"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]`, "messages[0].content[1]"},
		{"xai/grok-4", hi + `,"stop":["END"]`, "stop"},
		{"moonshot/kimi-k2.5", hi + `,"n":2`, "n"},
		{"cerebras/gpt-oss-120b", hi + `,"tools":[{"type":"function","function":{"name":"f"}}],"response_format":{"type":"json_object"}`, "response_format"},
		{"deepseek/deepseek-chat", hi + `,"functions":[{"name":"f"}]`, "functions"},
		{"xai/grok-4.3", hi + `,"function_call":"auto"`, "function_call"},
		{"moonshot/kimi-k2.6", `"messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"1"}]`, "messages[1].function_call"},
		{"moonshot/kimi-k2.6", `"messages":[{"role":"user","content":"a"},{"role":"function","name":"f","content":"1"}]`, "messages[1].role"},
	} {
		p := fakesBehind(&recorder{})
		r := newRig(t, recording(p))
		got := r.do(t, "POST", "/v1/chat/completions", `{"model":"`+test.model+`",`+test.body+`}`)
		assert.Equal(t, 400, got.status, got.body)
		assert.Contains(t, got.body, `"param":"`+test.param+`"`)
		assert.Empty(t, p.url, "sent to the provider")
	}
	for body, param := range map[string]string{ // the catalog has no models of Perplexity
		`"messages":[{"role":"assistant","content":"a"},{"role":"user","content":"b"}]`: "messages[0]",
		`"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]`: "messages[1]",     // BerriAI/litellm#3918
		hi + `,"tools":[{"type":"function","function":{"name":"f"}}]`:                   "tools",           // pipecat-ai/pipecat#4862
		hi + `,"response_format":{"type":"json_object"}`:                                "response_format", // 567-labs/instructor#1005
	} {
		got := newRig(t).do(t, "POST", "/v1/rewrite/openai/https://api.perplexity.ai/chat/completions", `{"model":"sonar",`+body+`}`)
		assert.Equal(t, 400, got.status)
		assert.Contains(t, got.body, `"param":"`+param+`"`)
	}
}

// Requests that the provider takes, or about which nothing is known, pass byte for byte: those to OpenAI too, which
// knows what to reject, and all through /v1/forward.
func TestRequestsThatNeedNoChange(t *testing.T) {
	t.Parallel()
	const full = `{ "model" : "MODEL", "messages": [ {"role":"developer","content":"Be brief.","x":1.0}, {"role":"user", "content":"hi"} ], "max_completion_tokens": 9, "store":false, "temperature":0.20 }`
	for _, test := range []struct{ name, path, body string }{
		{"OpenAI", "/v1/chat/completions", strings.Replace(full, "MODEL", "o3", 1)},
		{"OpenAI", "/v1/rewrite/openai/https://api.openai.com/v1/chat/completions", strings.Replace(full, "MODEL", "o3", 1)},
		{"forward", "/v1/forward?u=https%3A%2F%2Fapi.mistral.ai%2Fv1%2Fchat%2Fcompletions", strings.Replace(full, "MODEL", "mistral-large-latest", 1)},
		{"Mistral's own", "/v1/chat/completions", `{"model":"mistral-large-latest", "messages":[{"role":"user","content":[{"type":"document_url","document_url":"https://arxiv.org/pdf/1805.04770"}]},{"role":"assistant","content":"a","prefix":true}], "random_seed":1,"safe_prompt":true}`},
		{"DeepSeek's own", "/v1/rewrite/openai/https://api.deepseek.com/v1/chat/completions", `{"model":"deepseek-chat","thinking":{"type": "enabled"},"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"","reasoning_content":"hm","tool_calls":[{"id":"call_00_a","index":0,"type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_00_a","content":"1"}]}`},
		{"Moonshot's own", "/v1/chat/completions", `{"model":"kimi-k2.6","messages":[{"role":"user","content":"a"},{"role":"assistant","name":"k","content":"","partial":true}],"temperature":1.0}`},
		{"Groq's own", "/v1/chat/completions", `{"model":"qwen/qwen3-32b","reasoning_format":"parsed","messages":[{"role":"user","content":"a"}],"reasoning_effort":"default"}`},
		{"images that DeepSeek takes", "/v1/chat/completions", `{"model":"deepseek-v4-flash","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]}`},
		{"OpenRouter, which ignores settings (openrouter.ai/docs/api/reference/parameters)", "/v1/rewrite/openai/https://openrouter.ai/api/v1/chat/completions", `{"model":"openai/gpt-5-mini","messages":[{"role":"user","content":"a"}],"stop":["END"],"temperature":0.5,"transforms":["middle-out"]}`},
		{"a forced call at a reseller", "/v1/rewrite/openai/https://api.fireworks.ai/inference/v1/chat/completions", `{"model":"accounts/fireworks/models/deepseek-v4-flash","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required"}`},
		{"Gemini, without thoughts", "/v1/chat/completions", `{"model":"gemini-2.5-flash","messages":[{"role":"user","content":"a"}],"reasoning_effort":"none"}`},
	} {
		p := &recorder{}
		r := newRig(t, recording(p))
		r.do(t, "POST", test.path, test.body)
		assert.Equal(t, test.body, p.body, test.name)
	}
}

// A fallback gets the request as it accepts it, even from OpenAI to OpenAI: the client chose its settings for another
// model.
func TestAdaptedFallbacks(t *testing.T) {
	t.Parallel()
	const body = `"messages":[{"role":"developer","content":"Be brief."},{"role":"user","content":"hi"}],"max_tokens":9,"temperature":0.2,"store":false`
	for _, test := range []struct{ url, model, gets string }{
		{"https://api.openai.com/v1", "o3", `{"model":"o3","messages":[{"role":"developer","content":"Be brief."},{"role":"user","content":"hi"}],"max_completion_tokens":9,"store":false}`},
		{"https://api.mistral.ai/v1", "mistral-large-latest", `{"model":"mistral-large-latest","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"}],"max_tokens":9,"temperature":0.2}`},
	} {
		p, _, tried := overloadedOnce()
		r := newRig(t, recording(p))
		got := r.do(t, "POST", "/v1/chat/completions", `{"model":"gpt-4o",`+body+`}`, "X-Lava-Fallbacks", `[{"url":"`+test.url+`","model":"`+test.model+`"}]`)
		require.Equal(t, 200, got.status, got.body)
		assert.Equal(t, []string{`{"model":"gpt-4o",` + body + `}`, test.gets}, *tried)
	}
}

// The limit of output tokens was for the first model: https://github.com/BerriAI/litellm/pull/40209 (a model "rejects
// it"), https://github.com/NousResearch/hermes-agent/issues/70222 (Llama 4 Scout at Bedrock, 64000 where 8192 is the most).
func TestLimitsOfFallbacks(t *testing.T) {
	t.Parallel()
	const (
		hi      = `"messages":[{"role":"user","content":"hi"}]`
		gpt     = `{"model":"gpt-5",` + hi + `,"max_completion_tokens":64000}`
		claude  = `{"model":"claude-sonnet-4-5","max_tokens":64000,` + hi + `}`
		gemini  = `{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"temperature":0.20,"maxOutputTokens":64000}}`
		google  = "https://generativelanguage.googleapis.com/v1beta"
		bedrock = "https://bedrock-runtime.us-east-1.amazonaws.com"
	)
	for _, test := range []struct{ name, path, body, url, model, gets string }{
		{"OpenAI", "/v1/chat/completions", gpt, "https://api.openai.com/v1", "gpt-4o", `{"model":"gpt-4o",` + hi + `,"max_completion_tokens":16384}`},
		{"another provider of its format", "/v1/chat/completions", gpt, "https://api.groq.com/openai/v1", "llama-3.3-70b-versatile", `{"model":"llama-3.3-70b-versatile",` + hi + `,"max_tokens":32768}`},
		{"another format", "/v1/chat/completions", gpt, bedrock, "us.meta.llama4-scout-17b-instruct-v1:0", `{"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"maxTokens":8192}}`},
		{"Anthropic", "/v1/messages", claude, "https://api.anthropic.com/v1", "claude-3-haiku-20240307", `{"model":"claude-3-haiku-20240307","max_tokens":4096,` + hi + `}`},
		{"Anthropic's budget for thoughts", "/v1/messages", `{"model":"claude-sonnet-4-5","max_tokens":64000,"thinking":{"type":"enabled","budget_tokens":60000},` + hi + `}`, "https://api.anthropic.com/v1", "claude-opus-4-1",
			`{"model":"claude-opus-4-1","max_tokens":32000,"thinking":{"type":"enabled","budget_tokens":27904},` + hi + `}`},
		{"one that fits", "/v1/messages", `{"model":"claude-sonnet-4-5","max_tokens":32000,"thinking":{"type":"enabled","budget_tokens":30000},` + hi + `}`, "https://api.anthropic.com/v1", "claude-opus-4-1",
			`{"model":"claude-opus-4-1","max_tokens":32000,"thinking":{"type":"enabled","budget_tokens":30000},` + hi + `}`},
		{"Google", "/v1/rewrite/google/" + google + "/models/gemini-2.5-flash:generateContent", gemini, google, "gemini-2.0-flash", strings.Replace(gemini, "64000", "8192", 1)},
		{"a limit that the model has, too", "/v1/chat/completions", gpt, "https://api.openai.com/v1", "o3", strings.Replace(gpt, "gpt-5", "o3", 1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, _, tried := overloadedOnce()
			r := newRig(t, recording(p))
			got := r.do(t, "POST", test.path, test.body, "X-Lava-Fallbacks", `[{"url":"`+test.url+`","model":"`+test.model+`"}]`)
			assert.Equal(t, 200, got.status, got.body)
			assert.Equal(t, []string{test.body, test.gets}, *tried)
		})
	}
}

// A fallback that rejects what the request needs is skipped.
func TestFallbacksThatCannotBeAdapted(t *testing.T) {
	t.Parallel()
	p, tried, _ := overloadedOnce()
	got := newRig(t, recording(p)).do(t, "POST", "/v1/chat/completions", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"logprobs":true}`,
		"X-Lava-Fallbacks", `[{"url":"https://api.groq.com/openai/v1","model":"llama-3.3-70b-versatile"},{"url":"https://api.deepseek.com/v1","model":"deepseek-chat"}]`)
	require.Equal(t, 200, got.status, got.body)
	assert.Equal(t, []string{"api.openai.com", "api.deepseek.com"}, *tried)
}

// Mistral's thoughts are parts of the content (docs.mistral.ai/resources/cookbooks/mistral-reasoning). Clients of
// OpenAI's format, which has only text there, get them where most servers of the format have them.
func TestThoughtsInContent(t *testing.T) {
	t.Parallel()
	const (
		usage  = `"usage":{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16}`
		whole  = `{"id":"a1","object":"chat.completion","created":1752000000,"model":"magistral-medium-latest","choices":[{"index":0,"message":{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"Let me add."}]},{"type":"text","text":"It is 4."}],"tool_calls":null},"finish_reason":"stop"}],` + usage + `}`
		chunk  = `{"id":"a1","object":"chat.completion.chunk","created":1752000000,"model":"magistral-medium-latest","choices":[{"index":0,"delta":`
		events = "data: " + chunk + `{"role":"assistant","content":""},"finish_reason":null}]}` + "\n\n" +
			"data: " + chunk + `{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Let me add."}]}]},"finish_reason":null}]}` + "\n\n" +
			"data: " + chunk + `{"content":[{"type":"text","text":"It is "}]},"finish_reason":null}]}` + "\n\n" +
			"data: " + chunk + `{"content":"4."},"finish_reason":"stop"}],` + usage + "}\n\ndata: [DONE]\n\n"
		hi = `"messages":[{"role":"user","content":"2+2?"}]`
	)
	for _, path := range []string{"/v1/chat/completions", "/v1/rewrite/openai/https://api.mistral.ai/v1/chat/completions"} {
		for _, asked := range []string{`{"model":"magistral-medium-latest",` + hi, `{"model":"mistral-medium-latest","reasoning_effort":"high",` + hi} {
			p := &recorder{respond: func(*http.Request) (*http.Response, error) { return response(200, "application/json", whole), nil }}
			got := newRig(t, recording(p)).do(t, "POST", path, asked+`}`)
			require.Equal(t, 200, got.status, got.body)
			assert.Equal(t, asked+`}`, p.body, "the request passes")
			assert.Contains(t, got.body, `"content":"It is 4."`)
			assert.Contains(t, got.body, `"reasoning_content":"Let me add."`)
			assert.Contains(t, got.body, `"total_tokens":16`)

			p.respond = func(*http.Request) (*http.Response, error) { return response(200, "text/event-stream", events), nil }
			got = newRig(t, recording(p)).do(t, "POST", path, asked+`,"stream":true}`)
			require.Equal(t, 200, got.status, got.body)
			assert.Contains(t, got.body, `"reasoning_content":"Let me add."`)
			assert.Contains(t, got.body, `"content":"It is "`)
			assert.Contains(t, got.body, `"content":"4."`)
			assert.NotContains(t, got.body, `"thinking"`)
			assert.Contains(t, got.body, "data: [DONE]")
		}
	}
	p := &recorder{respond: func(*http.Request) (*http.Response, error) { return response(200, "application/json", whole), nil }}
	got := newRig(t, recording(p)).do(t, "POST", "/v1/chat/completions", `{"model":"mistral-large-latest","reasoning_effort":"none",`+hi+`}`)
	assert.Equal(t, whole, got.body, "what doesn't think passes unchanged")
}
