package mockserver_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

// twoCandidates differ in everything that each choice has.
var twoCandidates = []mockserver.Candidate{
	{Text: "one two three"},
	{ToolCalls: []mockserver.ToolCall{{Name: "weather", Arguments: `{"city":"Oslo"}`}}},
}

const (
	offersWeather = `"tools":[{"type":"function","function":{"name":"weather"}}]`
	forwardOpenAI = "/v1/forward?u=https://api.openai.com/v1/"
	forwardGemini = "/v1/forward?u=https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:"
	geminiWeather = `{"contents":[{"role":"user","parts":[{"text":"Hello"}]}],"tools":[{"functionDeclarations":[{"name":"weather"}]}],"generationConfig":{"candidateCount":2}}`
)

type chatUsage struct {
	Prompt     int64 `json:"prompt_tokens"`
	Completion int64 `json:"completion_tokens"`
	Total      int64 `json:"total_tokens"`
}

// Each choice has its own text, index and finish reason. The fields are those of
// developers.openai.com/api/reference/resources/chat ("n", "choices[].index").
func TestCandidatesOfChats(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	s.Script(mockserver.Reply{Candidates: twoCandidates})
	const request = `{"model":"gpt-4o-mini","n":2,` + offersWeather + `,"messages":[{"role":"user","content":"Hello"}]`

	var whole struct {
		Choices []struct {
			Index   int
			Message struct {
				Content   *string
				ToolCalls []struct {
					Function struct{ Name, Arguments string }
				} `json:"tool_calls"`
			}
			FinishReason string `json:"finish_reason"`
		}
		Usage chatUsage
	}
	got := send(t, s, "POST", forwardOpenAI+"chat/completions", request+`}`)
	require.NoError(t, json.Unmarshal(got.body, &whole), "%s", got.body)
	require.Len(t, whole.Choices, 2)
	assert.Equal(t, "one two three", *whole.Choices[0].Message.Content)
	assert.Equal(t, "stop", whole.Choices[0].FinishReason)
	assert.Nil(t, whole.Choices[1].Message.Content)
	assert.Equal(t, `{"city":"Oslo"}`, whole.Choices[1].Message.ToolCalls[0].Function.Arguments)
	assert.Equal(t, "tool_calls", whole.Choices[1].FinishReason)
	assert.Equal(t, int64(4+6), whole.Usage.Completion, "13 characters, and 7+15: four are a token")

	got = send(t, s, "POST", forwardOpenAI+"chat/completions", request+`,"stream":true,"stream_options":{"include_usage":true}}`)
	texts, reasons, arguments := map[int]string{}, map[int]string{}, map[int]string{}
	var usage *chatUsage
	for line := range strings.Lines(string(got.body)) {
		data, ok := strings.CutPrefix(strings.TrimSpace(line), "data: {")
		if !ok {
			continue
		}
		var chunk struct {
			Choices []struct {
				Index int
				Delta struct {
					Content   string
					ToolCalls []struct {
						Index    int
						Function struct{ Name, Arguments string }
					} `json:"tool_calls"`
				}
				FinishReason string `json:"finish_reason"`
			}
			Usage *chatUsage
		}
		require.NoError(t, json.Unmarshal([]byte("{"+data), &chunk), line)
		for _, c := range chunk.Choices {
			texts[c.Index] += c.Delta.Content
			reasons[c.Index] += c.FinishReason
			for _, call := range c.Delta.ToolCalls {
				arguments[c.Index] += call.Function.Name + call.Function.Arguments
			}
		}
		if chunk.Usage != nil {
			usage = chunk.Usage
		}
	}
	assert.Equal(t, map[int]string{0: "one two three", 1: ""}, texts)
	assert.Equal(t, map[int]string{0: "stop", 1: "tool_calls"}, reasons)
	assert.Equal(t, map[int]string{1: `weather{"city":"Oslo"}`}, arguments)
	assert.Equal(t, &whole.Usage, usage)

	calls := s.ProviderCalls()
	require.Len(t, calls, 2)
	for _, c := range calls {
		assert.Equal(t, whole.Usage.Completion, c.Usage.OutputTokens, "the charged tokens")
	}
}

// ai.google.dev/api/generate-content: "candidateCount", "candidates[].index".
func TestCandidatesOfGemini(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	s.Script(mockserver.Reply{Candidates: twoCandidates})
	type response struct {
		Candidates []struct {
			Index   int
			Content struct {
				Parts []struct {
					Text         string
					FunctionCall *struct{ Name string }
				}
			}
			FinishReason string
		}
		UsageMetadata struct{ CandidatesTokenCount, TotalTokenCount int64 }
	}
	var whole response
	got := send(t, s, "POST", forwardGemini+"generateContent", geminiWeather)
	require.NoError(t, json.Unmarshal(got.body, &whole), "%s", got.body)
	require.Len(t, whole.Candidates, 2)
	assert.Equal(t, "one two three", whole.Candidates[0].Content.Parts[0].Text)
	assert.Equal(t, "weather", whole.Candidates[1].Content.Parts[0].FunctionCall.Name)
	assert.Equal(t, int64(4+6), whole.UsageMetadata.CandidatesTokenCount)

	got = send(t, s, "POST", forwardGemini+"streamGenerateContent%3Falt=sse", geminiWeather)
	texts, calls, reasons := map[int]string{}, map[int]int{}, map[int]string{}
	var last response
	for line := range strings.Lines(string(got.body)) {
		data, ok := strings.CutPrefix(strings.TrimSpace(line), "data: ")
		if !ok {
			continue
		}
		last = response{}
		require.NoError(t, json.Unmarshal([]byte(data), &last))
		for _, c := range last.Candidates {
			for _, part := range c.Content.Parts {
				texts[c.Index] += part.Text
				if part.FunctionCall != nil {
					calls[c.Index]++
				}
			}
			reasons[c.Index] += c.FinishReason
		}
	}
	assert.Equal(t, map[int]string{0: "one two three", 1: ""}, texts)
	assert.Equal(t, map[int]int{1: 1}, calls)
	assert.Equal(t, map[int]string{0: "STOP", 1: "STOP"}, reasons)
	assert.Equal(t, whole.UsageMetadata, last.UsageMetadata)
}

// A request for more candidates gets the last one again; a request for fewer reveals a mistake in the test, in every
// format.
func TestCandidatesAndWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	s.Script(mockserver.Reply{Candidates: []mockserver.Candidate{{Text: "First."}, {Text: "Second.", FinishReason: mockserver.FinishLength}}})
	asked := func(n string) string {
		return `{"model":"gpt-4o-mini",` + n + `"messages":[{"role":"user","content":"Hello"}]}`
	}
	got := send(t, s, "POST", forwardOpenAI+"chat/completions", asked(`"n":10,`))
	assert.Equal(t, 1, strings.Count(string(got.body), "First."))
	assert.Equal(t, 9, strings.Count(string(got.body), "Second."))
	assert.Equal(t, 9, strings.Count(string(got.body), `"finish_reason":"length"`))

	got = send(t, s, "POST", forwardOpenAI+"completions", `{"model":"gpt-3.5-turbo-instruct","prompt":"Hello","n":2}`)
	assert.Contains(t, string(got.body), `"index":1,"logprobs":null,"text":"Second."`)
	got = send(t, s, "POST", forwardOpenAI+"completions", `{"model":"gpt-3.5-turbo-instruct","prompt":"Hello","n":2,"stream":true}`)
	assert.Contains(t, string(got.body), `"index":1,"logprobs":null,"text":"Second."`)

	for path, body := range map[string]string{
		forwardOpenAI + "chat/completions":                         asked(""),
		forwardOpenAI + "responses":                                `{"model":"gpt-4o","input":"Hello"}`,
		"/v1/messages":                                             `{"model":"claude-sonnet-4-5","max_tokens":100,"messages":[{"role":"user","content":"Hello"}]}`,
		strings.TrimSuffix(forwardGemini, "&") + "generateContent": `{"contents":[{"parts":[{"text":"Hello"}]}]}`,
	} {
		got = send(t, s, "POST", path, body)
		assert.Equal(t, 400, got.status, path)
		assert.Equal(t, "script.candidates", got.header.Get("X-Lavamock-Rule"), path)
		assert.Contains(t, string(got.body), "has 2 candidates, but the request asks for 1", path)
	}
	lenient := mockserver.Start(t, mockserver.InMemory(), mockserver.Lenient("script.candidates"))
	lenient.Script(mockserver.Reply{Candidates: []mockserver.Candidate{{Text: "First."}, {Text: "Second."}}})
	got = send(t, lenient, "POST", forwardOpenAI+"chat/completions", asked(""))
	assert.Contains(t, string(got.body), "First.")
	assert.NotContains(t, string(got.body), "Second.")
}

// They can be scripted from other languages and are part of snapshots.
func TestCandidatesInJSON(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	got := send(t, s, "POST", "/_mock/script", `{"candidates":[{"text":"First."},{"tool_calls":[{"name":"weather","arguments":{"city":"Oslo"}}]}]}`)
	require.Equal(t, 200, got.status, "%s", got.body)
	snapshot, err := s.Snapshot()
	require.NoError(t, err)
	restored := mockserver.Start(t, mockserver.InMemory())
	require.NoError(t, restored.Restore(snapshot))
	got = send(t, restored, "POST", forwardOpenAI+"chat/completions", `{"model":"gpt-4o-mini","n":2,`+offersWeather+`,"messages":[{"role":"user","content":"Hello"}]}`)
	assert.Contains(t, string(got.body), "First.")
	assert.Contains(t, string(got.body), `{\"city\":\"Oslo\"}`)

	for body, says := range map[string]string{
		`{"text":"x","candidates":[{"text":"y"}]}`:                        "their own texts",
		`{"candidates":[{"tool_calls":[{"arguments":{}}]}]}`:              "candidates[0].tool_calls[0].name",
		`{"candidates":[{"txt":"y"}]}`:                                    "text",
		`{"candidates":[` + strings.Repeat(`{"text":"y"},`, 128) + `{}]}`: "129 are too many",
	} {
		got = send(t, s, "POST", "/_mock/script", body)
		assert.Equal(t, 400, got.status, body)
		assert.Contains(t, string(got.body), says)
	}
	s.ResetScript()
	restored.ResetScript()
}

// jpeg is the start of a JPEG file.
var jpeg = []byte{0xff, 0xd8, 0xff, 0xe0, 0, 0x10, 'J', 'F', 'I', 'F'}

// Images are in the place that each format has for them, whole and streamed.
func TestImagesInReplies(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory(), mockserver.AllowUnknownModels())
	s.Script(mockserver.Reply{Images: [][]byte{jpeg}})
	inBase64 := base64.StdEncoding.EncodeToString(jpeg)
	const gemini = "/v1/forward?u=https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash-image:"
	draw := `{"contents":[{"role":"user","parts":[{"text":"Draw a cat."}]}]}`
	for _, test := range []struct{ path, body, has string }{
		{forwardOpenAI + "images/generations", `{"model":"gpt-image-1","prompt":"A cat"}`, `"b64_json":"` + inBase64 + `"`},
		{forwardOpenAI + "images/generations", `{"model":"gpt-image-1","prompt":"A cat","stream":true}`, `"b64_json":"` + inBase64 + `"`},
		{forwardOpenAI + "images/generations", `{"model":"dall-e-2","prompt":"A cat","response_format":"b64_json"}`, `"b64_json":"` + inBase64 + `"`},
		{gemini + "generateContent", draw, `"inlineData":{"data":"` + inBase64 + `","mimeType":"image/jpeg"}`},
		{gemini + "streamGenerateContent%3Falt=sse", draw, `"inlineData":{"data":"` + inBase64 + `","mimeType":"image/jpeg"}`},
		// ResponseOutputItemImageGenerationCall of openai-go has these fields.
		{forwardOpenAI + "responses", `{"model":"gpt-4o","input":"Draw a cat.","tools":[{"type":"image_generation"}]}`, `"result":"` + inBase64 + `","status":"completed","type":"image_generation_call"`},
		{forwardOpenAI + "responses", `{"model":"gpt-4o","input":"Draw a cat.","stream":true,"tools":[{"type":"image_generation"}]}`, "event: response.image_generation_call.completed\n"},
	} {
		got := send(t, s, "POST", test.path, test.body)
		assert.Equal(t, 200, got.status, "%s: %s", test.path, got.body)
		assert.Contains(t, string(got.body), test.has, test.path)
	}
	got := send(t, s, "POST", forwardOpenAI+"responses", `{"model":"gpt-4o","input":"Hello"}`)
	assert.NotContains(t, string(got.body), "image_generation_call", "a tool that isn't offered isn't called")
}

// A fault comes after its delay in each format: FaultDelay takes Go's time.
func TestFaultDelayInEachFormat(t *testing.T) {
	t.Parallel()
	for path, body := range map[string]string{
		forwardOpenAI + "chat/completions":                `{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hello"}]}`,
		forwardOpenAI + "responses":                       `{"model":"gpt-4o","stream":true,"input":"Hello"}`,
		forwardOpenAI + "completions":                     `{"model":"gpt-3.5-turbo-instruct","stream":true,"prompt":"Hello"}`,
		"/v1/messages":                                    `{"model":"claude-sonnet-4-5","stream":true,"max_tokens":100,"messages":[{"role":"user","content":"Hello"}]}`,
		forwardGemini + "streamGenerateContent%3Falt=sse": `{"contents":[{"parts":[{"text":"Hello"}]}]}`,
		"/v1/forward?u=https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-lite-v1:0/converse-stream": `{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}`,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := mockserver.Start(t, mockserver.InMemory())
			s.Script(mockserver.Reply{Text: "a b c", Fault: mockserver.CutAfter(2), FaultDelay: 7 * time.Second})
			start := time.Now()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+path, strings.NewReader(body))
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer "+s.SecretKey())
			resp, err := s.HTTPClient().Do(req)
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, resp.Body)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, path)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, 7*time.Second, time.Since(start), path)
		})
	}
}
