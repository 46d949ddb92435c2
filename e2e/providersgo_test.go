package e2e

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/document"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	smithybearer "github.com/aws/smithy-go/auth/bearer"
	cohere "github.com/cohere-ai/cohere-go/v2"
	cohereclient "github.com/cohere-ai/cohere-go/v2/client"
	cohereoption "github.com/cohere-ai/cohere-go/v2/option"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// The official Go SDKs of Cohere and Amazon, unmodified, with Lava's transport. Those of OpenAI, Anthropic and Google
// have their own tests.

const (
	sky    = "Why is the sky blue?"
	skySay = "This is a mock response to: " + sky
)

// probability is a schema whose limits the fakes must respect.
var probability = map[string]any{
	"type": "object", "required": []string{"city", "chance"},
	"properties": map[string]any{
		"city":   map[string]any{"type": "string"},
		"chance": map[string]any{"type": "number", "minimum": 0, "maximum": 0.5},
	},
}

func fitsProbability(t *testing.T, text string) {
	t.Helper()
	var v struct {
		City   *string  `json:"city"`
		Chance *float64 `json:"chance"`
	}
	require.NoError(t, json.Unmarshal([]byte(text), &v), text)
	require.NotNil(t, v.City, text)
	require.NotNil(t, v.Chance, text)
	assert.True(t, *v.Chance >= 0 && *v.Chance <= 0.5, text)
}

// throughLava returns an HTTP client for a mock server with these replies.
func throughLava(t *testing.T, replies ...mockserver.Reply) *http.Client {
	t.Helper()
	s := mockserver.Start(t, mockserver.AllowUnknownModels())
	s.Script(replies...)
	transport, err := s.Client().Transport(lava.TransportParams{})
	require.NoError(t, err)
	return &http.Client{Transport: transport}
}

func overloaded(model string) mockserver.Reply {
	return mockserver.Reply{Model: model, Status: 429, Message: "slow down"}
}

func TestCohereForGo(t *testing.T) {
	t.Parallel()
	client := cohereclient.NewClient(cohereoption.WithHTTPClient(throughLava(t, overloaded("command-light"))), cohereoption.WithToken("replaced by lava"), cohereoption.WithMaxAttempts(1)).V2
	ctx := t.Context()
	messages := cohere.ChatMessages{{Role: "user", User: &cohere.UserMessageV2{Content: &cohere.UserMessageV2Content{String: sky}}}}

	whole, err := client.Chat(ctx, &cohere.V2ChatRequest{Model: "command-a", Messages: messages})
	require.NoError(t, err)
	assert.Equal(t, skySay, whole.Message.Content[0].Text.Text)
	assert.Positive(t, *whole.Usage.Tokens.InputTokens)

	// Its streams are not tested here: v2.15.3 treats the blank line between two events as a separate event unless
	// they arrive in one piece.
	required := cohere.V2ChatRequestToolChoiceRequired
	asked, err := client.Chat(ctx, &cohere.V2ChatRequest{Model: "command-a", Messages: messages, ToolChoice: &required,
		Tools: []*cohere.ToolV2{{Type: new("function"), Function: &cohere.ToolV2Function{Name: "weather", Parameters: probability}}}})
	require.NoError(t, err)
	fitsProbability(t, *asked.Message.ToolCalls[0].Function.Arguments)

	embedded, err := client.Embed(ctx, &cohere.V2EmbedRequest{Model: "embed-v4.0", InputType: cohere.EmbedInputTypeSearchDocument,
		Texts: []string{"one"}, OutputDimension: new(256), EmbeddingTypes: []cohere.EmbeddingType{cohere.EmbeddingTypeFloat}})
	require.NoError(t, err)
	assert.Len(t, embedded.Embeddings.Float[0], 256)

	ranked, err := client.Rerank(ctx, &cohere.V2RerankRequest{Model: "rerank-v3.5", Query: "sky", Documents: []string{"sea", "the sky"}})
	require.NoError(t, err)
	assert.Equal(t, 1, ranked.Results[0].Index)

	_, err = client.Chat(ctx, &cohere.V2ChatRequest{Model: "command-light", Messages: messages})
	var tooMany *cohere.TooManyRequestsError
	require.ErrorAs(t, err, &tooMany)
	assert.Contains(t, err.Error(), "slow down")
}

func TestBedrockForGo(t *testing.T) {
	t.Parallel()
	client := bedrockruntime.New(bedrockruntime.Options{
		Region: "us-east-1", HTTPClient: throughLava(t, overloaded("amazon.nova-micro-v1:0")), RetryMaxAttempts: 1,
		BearerAuthTokenProvider: smithybearer.StaticTokenProvider{Token: smithybearer.Token{Value: "replaced by lava"}},
		AuthSchemePreference:    []string{"httpBearerAuth"},
	})
	ctx := t.Context()
	const nova = "amazon.nova-pro-v1:0"
	messages := []types.Message{{Role: types.ConversationRoleUser, Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: sky}}}}

	whole, err := client.Converse(ctx, &bedrockruntime.ConverseInput{ModelId: aws.String(nova), Messages: messages})
	require.NoError(t, err)
	message := whole.Output.(*types.ConverseOutputMemberMessage).Value
	assert.Equal(t, skySay, message.Content[0].(*types.ContentBlockMemberText).Value)
	assert.Positive(t, *whole.Usage.InputTokens)

	stream, err := client.ConverseStream(ctx, &bedrockruntime.ConverseStreamInput{ModelId: aws.String(nova), Messages: messages})
	require.NoError(t, err)
	said := ""
	for event := range stream.GetStream().Events() {
		if delta, ok := event.(*types.ConverseStreamOutputMemberContentBlockDelta); ok {
			said += delta.Value.Delta.(*types.ContentBlockDeltaMemberText).Value
		}
	}
	require.NoError(t, stream.GetStream().Err())
	assert.Equal(t, skySay, said)

	asked, err := client.Converse(ctx, &bedrockruntime.ConverseInput{ModelId: aws.String(nova), Messages: messages,
		ToolConfig: &types.ToolConfiguration{ToolChoice: &types.ToolChoiceMemberAny{}, Tools: []types.Tool{&types.ToolMemberToolSpec{Value: types.ToolSpecification{
			Name: aws.String("weather"), InputSchema: &types.ToolInputSchemaMemberJson{Value: document.NewLazyDocument(probability)}}}}}})
	require.NoError(t, err)
	use := asked.Output.(*types.ConverseOutputMemberMessage).Value.Content[0].(*types.ContentBlockMemberToolUse).Value
	input, err := use.Input.MarshalSmithyDocument()
	require.NoError(t, err)
	fitsProbability(t, string(input))

	const claude = "anthropic.claude-sonnet-4-5-20250929-v1:0"
	body := []byte(`{"anthropic_version":"bedrock-2023-05-31","max_tokens":100,"messages":[{"role":"user","content":"` + sky + `"}]}`)
	invoked, err := client.InvokeModel(ctx, &bedrockruntime.InvokeModelInput{ModelId: aws.String(claude), Body: body})
	require.NoError(t, err)
	assert.Contains(t, string(invoked.Body), skySay)
	streamed, err := client.InvokeModelWithResponseStream(ctx, &bedrockruntime.InvokeModelWithResponseStreamInput{ModelId: aws.String(claude), Body: body})
	require.NoError(t, err)
	var last []byte
	for event := range streamed.GetStream().Events() {
		last = event.(*types.ResponseStreamMemberChunk).Value.Bytes
	}
	require.NoError(t, streamed.GetStream().Err())
	assert.Contains(t, string(last), "amazon-bedrock-invocationMetrics")

	// The bodies are those of docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html.
	for _, other := range []struct{ model, body, has string }{
		{"amazon.titan-image-generator-v2:0", `{"taskType":"TEXT_IMAGE","textToImageParams":{"text":"A cat"},"imageGenerationConfig":{"numberOfImages":2}}`, `"images":["iVBOR`},
		{"amazon.nova-canvas-v1:0", `{"taskType":"INPAINTING","inPaintingParams":{"image":"iVBORw0KGgo=","maskPrompt":"sky","text":"a cloud"}}`, `"images":["iVBOR`},
		{"stability.sd3-5-large-v1:0", `{"prompt":"A cat"}`, `"finish_reasons":[null]`},
		{"amazon.rerank-v1:0", `{"query":"sky","documents":["sea","the sky"],"top_n":1}`, `"results":[{"index":1,`},
		{"cohere.embed-v4:0", `{"texts":["a"],"input_type":"search_query","embedding_types":["float"]}`, `"embeddings":{"float":[[`},
	} {
		invoked, err := client.InvokeModel(ctx, &bedrockruntime.InvokeModelInput{ModelId: aws.String(other.model), Body: []byte(other.body)})
		require.NoError(t, err, other.model)
		assert.Contains(t, string(invoked.Body), other.has)
	}

	_, err = client.Converse(ctx, &bedrockruntime.ConverseInput{ModelId: aws.String("amazon.nova-micro-v1:0"), Messages: messages})
	var throttled *types.ThrottlingException
	require.ErrorAs(t, err, &throttled)
	assert.Equal(t, "slow down", throttled.ErrorMessage())
}
