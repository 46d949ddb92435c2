package rewrite

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/document"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genai"

	"github.com/lavapayments/lava-go/mockserver"
)

// call is a tool call as an SDK reports it.
type call struct{ id, name, arguments string }

// agent continues a conversation in the way that its SDK documents: it sends back what the SDK made of the response.
type agent interface {
	// turn sends the conversation and adds the response to it.
	turn(t *testing.T, stream bool) (calls []call, text string)
	// results adds the results of the tools.
	results(calls []call)
}

// places are the providers, as base URLs for each SDK. The models think, and require back what they signed.
var places = []struct{ provider, base, model string }{
	{"openai", "https://api.openai.com/v1", "gpt-4o-mini"},
	{"deepseek", "https://api.deepseek.com/v1", "deepseek-chat"},
	{"anthropic", "https://api.anthropic.com/v1", "claude-sonnet-4-5"},
	{"google", "https://generativelanguage.googleapis.com/v1beta", "gemini-3-pro-preview"},
	{"bedrock", "https://bedrock-runtime.us-east-1.amazonaws.com", "anthropic.claude-sonnet-4-5-20250929-v1:0"},
}

// Three turns with parallel calls, through every official Go SDK at every provider, whole and streamed. The fake
// providers reject what real ones reject.
func TestAgentsForGo(t *testing.T) {
	agents := map[string]func(t *testing.T, s *mockserver.Server, base, model string) agent{
		"openai": newOpenAIAgent, "anthropic": newAnthropicAgent, "google": newGoogleAgent, "bedrock": newBedrockAgent,
	}
	for name, newAgent := range agents {
		for _, at := range places {
			for _, stream := range []bool{false, true} {
				t.Run(name+" to "+at.provider+map[bool]string{true: ", streamed"}[stream], func(t *testing.T) {
					s := mockserver.Start(t)
					s.Script(turns()...)
					runAgent(t, newAgent(t, s, at.base, at.model), stream)
				})
			}
		}
	}
}

// turns are the model's replies in three turns.
func turns() []mockserver.Reply {
	return []mockserver.Reply{
		{Times: 1, Reasoning: "Look first", ToolCalls: []mockserver.ToolCall{{Name: "weather", Arguments: `{"city":"Oslo"}`}, {Name: "clock", Arguments: `{}`}}},
		{Times: 1, Reasoning: "Look again", ToolCalls: []mockserver.ToolCall{{Name: "weather", Arguments: `{"city":"Rome"}`}}},
		{Times: 1, Text: "Done."},
	}
}

func runAgent(t *testing.T, a agent, stream bool) {
	t.Helper()
	calls, _ := a.turn(t, stream)
	require.Len(t, calls, 2)
	assert.Equal(t, "weather", calls[0].name)
	assert.JSONEq(t, `{"city":"Oslo"}`, calls[0].arguments)
	assert.Equal(t, "clock", calls[1].name)
	assert.JSONEq(t, `{}`, calls[1].arguments)
	a.results(calls)

	calls, _ = a.turn(t, stream)
	require.Len(t, calls, 1)
	assert.JSONEq(t, `{"city":"Rome"}`, calls[0].arguments)
	a.results(calls)

	calls, text := a.turn(t, stream)
	assert.Empty(t, calls)
	assert.Equal(t, "Done.", text)
}

var noArguments = map[string]any{"type": "object", "properties": map[string]any{}}

type openAIAgent struct {
	client openai.Client
	params openai.ChatCompletionNewParams
}

func newOpenAIAgent(_ *testing.T, s *mockserver.Server, base, model string) agent {
	return &openAIAgent{
		client: openai.NewClient(option.WithBaseURL(s.URL()+"/v1/rewrite/openai/"+base+"/"), option.WithAPIKey(s.SecretKey()), option.WithMaxRetries(0)),
		params: openai.ChatCompletionNewParams{Model: model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)}, Tools: []openai.ChatCompletionToolUnionParam{
			openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{Name: "weather", Parameters: weather}),
			openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{Name: "clock", Parameters: noArguments}),
		}},
	}
}

func (a *openAIAgent) turn(t *testing.T, stream bool) (calls []call, text string) {
	t.Helper()
	var got *openai.ChatCompletion
	if stream {
		events := a.client.Chat.Completions.NewStreaming(t.Context(), a.params)
		whole := openai.ChatCompletionAccumulator{}
		for events.Next() {
			require.True(t, whole.AddChunk(events.Current()))
		}
		require.NoError(t, events.Err())
		got = &whole.ChatCompletion
	} else {
		var err error
		got, err = a.client.Chat.Completions.New(t.Context(), a.params)
		require.NoError(t, err)
	}
	message := got.Choices[0].Message
	a.params.Messages = append(a.params.Messages, message.ToParam())
	for _, c := range message.ToolCalls {
		calls = append(calls, call{c.ID, c.Function.Name, c.Function.Arguments})
	}
	assert.Equal(t, map[bool]string{true: "tool_calls", false: "stop"}[len(calls) > 0], got.Choices[0].FinishReason)
	return calls, message.Content
}

func (a *openAIAgent) results(calls []call) {
	for _, c := range calls {
		a.params.Messages = append(a.params.Messages, openai.ToolMessage("Result of "+c.name, c.id))
	}
}

type anthropicAgent struct {
	client anthropic.Client
	params anthropic.MessageNewParams
}

func newAnthropicAgent(_ *testing.T, s *mockserver.Server, base, model string) agent {
	return &anthropicAgent{
		client: anthropic.NewClient(anthropicoption.WithBaseURL(s.URL()+"/v1/rewrite/anthropic/"+strings.TrimSuffix(base, "/v1")+"/"), anthropicoption.WithAPIKey(s.SecretKey()), anthropicoption.WithMaxRetries(0)),
		params: anthropic.MessageNewParams{Model: model, MaxTokens: 1000, Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(question))}, Tools: []anthropic.ToolUnionParam{
			anthropic.ToolUnionParamOfTool(anthropic.ToolInputSchemaParam{Properties: weather["properties"], Required: []string{"city"}}, "weather"),
			anthropic.ToolUnionParamOfTool(anthropic.ToolInputSchemaParam{Properties: map[string]any{}}, "clock"),
		}},
	}
}

func (a *anthropicAgent) turn(t *testing.T, stream bool) (calls []call, text string) {
	t.Helper()
	var got *anthropic.Message
	if stream {
		events := a.client.Messages.NewStreaming(t.Context(), a.params)
		got = &anthropic.Message{}
		for events.Next() {
			require.NoError(t, got.Accumulate(events.Current()))
		}
		require.NoError(t, events.Err())
	} else {
		var err error
		got, err = a.client.Messages.New(t.Context(), a.params)
		require.NoError(t, err)
	}
	a.params.Messages = append(a.params.Messages, got.ToParam())
	for _, b := range got.Content {
		switch b := b.AsAny().(type) {
		case anthropic.ToolUseBlock:
			calls = append(calls, call{b.ID, b.Name, string(b.Input)})
		case anthropic.TextBlock:
			text += b.Text
		}
	}
	assert.Equal(t, map[bool]anthropic.StopReason{true: anthropic.StopReasonToolUse, false: anthropic.StopReasonEndTurn}[len(calls) > 0], got.StopReason)
	return calls, text
}

func (a *anthropicAgent) results(calls []call) {
	var blocks []anthropic.ContentBlockParamUnion
	for _, c := range calls {
		blocks = append(blocks, anthropic.NewToolResultBlock(c.id, "Result of "+c.name, false))
	}
	a.params.Messages = append(a.params.Messages, anthropic.NewUserMessage(blocks...))
}

type googleAgent struct {
	client   *genai.Client
	model    string
	contents []*genai.Content
	config   *genai.GenerateContentConfig
}

func newGoogleAgent(t *testing.T, s *mockserver.Server, base, model string) agent {
	t.Helper()
	host, _, _ := strings.Cut(strings.TrimPrefix(base, "https://"), "/")
	client, err := genai.NewClient(t.Context(), &genai.ClientConfig{
		Backend: genai.BackendGeminiAPI, APIKey: s.SecretKey(), HTTPOptions: genai.HTTPOptions{BaseURL: s.URL() + "/v1/rewrite/google/https://" + host + "/"},
	})
	require.NoError(t, err)
	return &googleAgent{client: client, model: model, contents: genai.Text(question), config: &genai.GenerateContentConfig{Tools: []*genai.Tool{{FunctionDeclarations: []*genai.FunctionDeclaration{
		{Name: "weather", ParametersJsonSchema: weather}, {Name: "clock"},
	}}}}}
}

func (a *googleAgent) turn(t *testing.T, stream bool) (calls []call, text string) {
	t.Helper()
	content := &genai.Content{Role: genai.RoleModel}
	if stream {
		for chunk, err := range a.client.Models.GenerateContentStream(t.Context(), a.model, a.contents, a.config) {
			require.NoError(t, err)
			content.Parts = append(content.Parts, chunk.Candidates[0].Content.Parts...)
		}
	} else {
		got, err := a.client.Models.GenerateContent(t.Context(), a.model, a.contents, a.config)
		require.NoError(t, err)
		content = got.Candidates[0].Content
	}
	a.contents = append(a.contents, content)
	for _, p := range content.Parts {
		if c := p.FunctionCall; c != nil {
			arguments, err := json.Marshal(c.Args)
			require.NoError(t, err)
			calls = append(calls, call{c.ID, c.Name, string(arguments)})
		} else if !p.Thought {
			text += p.Text
		}
	}
	return calls, text
}

func (a *googleAgent) results(calls []call) {
	content := &genai.Content{Role: genai.RoleUser}
	for _, c := range calls {
		part := genai.NewPartFromFunctionResponse(c.name, map[string]any{"output": "Result of " + c.name})
		part.FunctionResponse.ID = c.id
		content.Parts = append(content.Parts, part)
	}
	a.contents = append(a.contents, content)
}

// bearer sends requests with a key.
type bearer string

func (b bearer) Do(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultClient.Do(r)
}

type bedrockAgent struct {
	client   *bedrockruntime.Client
	model    string
	messages []types.Message
	tools    *types.ToolConfiguration
}

func newBedrockAgent(_ *testing.T, s *mockserver.Server, base, model string) agent {
	host, _, _ := strings.Cut(strings.TrimPrefix(base, "https://"), "/")
	tool := func(name string, schema any) types.Tool {
		return &types.ToolMemberToolSpec{Value: types.ToolSpecification{Name: &name, InputSchema: &types.ToolInputSchemaMemberJson{Value: document.NewLazyDocument(schema)}}}
	}
	return &bedrockAgent{
		client: bedrockruntime.New(bedrockruntime.Options{
			Region: "us-east-1", BaseEndpoint: aws.String(s.URL() + "/v1/rewrite/bedrock/" + host), RetryMaxAttempts: 1,
			// The SDK's own bearer needs TLS, so its signature is replaced.
			AuthSchemePreference: []string{"sigv4"}, HTTPClient: bearer(s.SecretKey()),
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "key", SecretAccessKey: "secret"}, nil
			}),
		}),
		model: model, tools: &types.ToolConfiguration{Tools: []types.Tool{tool("weather", weather), tool("clock", noArguments)}},
		messages: []types.Message{{Role: types.ConversationRoleUser, Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: question}}}},
	}
}

func (a *bedrockAgent) turn(t *testing.T, stream bool) (calls []call, text string) {
	t.Helper()
	var blocks []types.ContentBlock
	if stream {
		got, err := a.client.ConverseStream(t.Context(), &bedrockruntime.ConverseStreamInput{ModelId: &a.model, Messages: a.messages, ToolConfig: a.tools})
		require.NoError(t, err)
		blocks = accumulate(t, got.GetStream())
	} else {
		got, err := a.client.Converse(t.Context(), &bedrockruntime.ConverseInput{ModelId: &a.model, Messages: a.messages, ToolConfig: a.tools})
		require.NoError(t, err)
		blocks = got.Output.(*types.ConverseOutputMemberMessage).Value.Content
	}
	a.messages = append(a.messages, types.Message{Role: types.ConversationRoleAssistant, Content: blocks})
	for _, b := range blocks {
		switch b := b.(type) {
		case *types.ContentBlockMemberToolUse:
			arguments, err := b.Value.Input.MarshalSmithyDocument()
			require.NoError(t, err)
			calls = append(calls, call{*b.Value.ToolUseId, *b.Value.Name, string(arguments)})
		case *types.ContentBlockMemberText:
			text += b.Value
		}
	}
	return calls, text
}

// accumulate assembles the blocks of a stream, which the SDK leaves to its users.
func accumulate(t *testing.T, stream *bedrockruntime.ConverseStreamEventStream) []types.ContentBlock {
	t.Helper()
	var blocks []types.ContentBlock
	var use *types.ToolUseBlock
	var input string
	var thought *types.ReasoningTextBlock
	var text *string
	for event := range stream.Events() {
		switch e := event.(type) {
		case *types.ConverseStreamOutputMemberContentBlockStart:
			start := e.Value.Start.(*types.ContentBlockStartMemberToolUse).Value
			use, input = &types.ToolUseBlock{ToolUseId: start.ToolUseId, Name: start.Name}, ""
		case *types.ConverseStreamOutputMemberContentBlockDelta:
			switch d := e.Value.Delta.(type) {
			case *types.ContentBlockDeltaMemberText:
				text = aws.String(aws.ToString(text) + d.Value)
			case *types.ContentBlockDeltaMemberToolUse:
				input += *d.Value.Input
			case *types.ContentBlockDeltaMemberReasoningContent:
				if thought == nil {
					thought = &types.ReasoningTextBlock{Text: aws.String("")}
				}
				switch r := d.Value.(type) {
				case *types.ReasoningContentBlockDeltaMemberText:
					*thought.Text += r.Value
				case *types.ReasoningContentBlockDeltaMemberSignature:
					thought.Signature = aws.String(r.Value)
				}
			}
		case *types.ConverseStreamOutputMemberContentBlockStop:
			switch {
			case use != nil:
				var arguments map[string]any
				require.NoError(t, json.Unmarshal([]byte(input), &arguments))
				use.Input = document.NewLazyDocument(arguments)
				blocks = append(blocks, &types.ContentBlockMemberToolUse{Value: *use})
			case thought != nil:
				blocks = append(blocks, &types.ContentBlockMemberReasoningContent{Value: &types.ReasoningContentBlockMemberReasoningText{Value: *thought}})
			case text != nil:
				blocks = append(blocks, &types.ContentBlockMemberText{Value: *text})
			}
			use, thought, text = nil, nil, nil
		}
	}
	require.NoError(t, stream.Err())
	return blocks
}

func (a *bedrockAgent) results(calls []call) {
	var blocks []types.ContentBlock
	for _, c := range calls {
		blocks = append(blocks, &types.ContentBlockMemberToolResult{Value: types.ToolResultBlock{
			ToolUseId: &c.id, Content: []types.ToolResultContentBlock{&types.ToolResultContentBlockMemberText{Value: "Result of " + c.name}},
		}})
	}
	a.messages = append(a.messages, types.Message{Role: types.ConversationRoleUser, Content: blocks})
}
