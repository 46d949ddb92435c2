package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/spelling"
)

// promptTimeout is the longest that a gateway call may take.
const promptTimeout = 10 * time.Minute

type promptArgs struct {
	Model     string          `json:"model" jsonschema:"the model's id, such as gpt-4o-mini; search finds others"`
	Messages  []promptMessage `json:"messages" jsonschema:"the conversation so far, the oldest message first"`
	Fallbacks []lava.Fallback `json:"fallbacks,omitzero" jsonschema:"what to try instead, in this order, if the model's provider fails: the address of an endpoint at a provider, and a model there"`
}

type promptMessage struct {
	Role    promptRole `json:"role"`
	Content string     `json:"content"`
}

type promptRole string

type promptResult struct {
	Content      string      `json:"content" jsonschema:"what the model said"`
	Model        string      `json:"model" jsonschema:"the model that responded"`
	Truncated    bool        `json:"truncated,omitzero" jsonschema:"the model said more, and content is its beginning"`
	FinishReason string      `json:"finish_reason,omitzero" jsonschema:"why the response ended, such as stop or length"`
	Usage        promptUsage `json:"usage"`
	RequestID    string      `json:"request_id,omitzero" jsonschema:"Lava's id of the request"`
}

type promptUsage struct {
	InputTokens  int64 `json:"input_tokens"`
	OutputTokens int64 `json:"output_tokens"`
	TotalTokens  int64 `json:"total_tokens"`
}

func addPrompt(t toolbox) {
	addHandler(t, tool{
		name:  "prompt",
		title: "Prompt a model",
		description: "Send a conversation to any model of any provider and get the response (a chat completion). The merchant's wallet pays; after a login in the browser, the agent's own spend key is used. " +
			"To charge a customer, or for anything other than chat, use call.",
		effect: effect{openWorld: true},
	}, func(ctx context.Context, _ *mcp.CallToolRequest, in promptArgs) (*mcp.CallToolResult, promptResult, error) {
		if len(in.Messages) == 0 {
			return nil, promptResult{}, errors.New("messages: at least one is required")
		}
		client, err := t.account.PromptClient(lava.WithTimeout(promptTimeout), withFallbacks(in.Fallbacks))
		if err != nil {
			return nil, promptResult{}, err
		}
		out, err := prompt(ctx, client, in)
		return say(out.Content), out, err
	})
}

// withFallbacks adds a fallback chain to every request of a client.
func withFallbacks(chain []lava.Fallback) lava.Option {
	text, _ := json.Marshal(chain) // can't fail for strings
	return lava.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		if len(chain) == 0 {
			return next
		}
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			r = r.Clone(r.Context())
			r.Header.Set("X-Lava-Fallbacks", string(text))
			return next.RoundTrip(r)
		})
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// prompt makes a chat completion in OpenAI's format, which Lava translates for the model's provider.
func prompt(ctx context.Context, client *lava.Client, in promptArgs) (promptResult, error) {
	var completion struct {
		Model   string `json:"model"`
		Choices []struct {
			Message      struct{ Content string } `json:"message"`
			FinishReason string                   `json:"finish_reason"`
		} `json:"choices"`
		Usage struct {
			PromptTokens     int64 `json:"prompt_tokens"`
			CompletionTokens int64 `json:"completion_tokens"`
			TotalTokens      int64 `json:"total_tokens"`
		} `json:"usage"`
	}
	body := struct {
		Model    string          `json:"model"`
		Messages []promptMessage `json:"messages"`
	}{in.Model, in.Messages}
	var response lava.Response
	err := client.Do(lava.ContextWithResponse(ctx, &response), http.MethodPost, "chat/completions", body, &completion)
	if err != nil {
		return promptResult{}, withNearestModels(ctx, client, in.Model, err)
	}
	out := promptResult{
		Model:     completion.Model,
		Usage:     promptUsage{completion.Usage.PromptTokens, completion.Usage.CompletionTokens, completion.Usage.TotalTokens},
		RequestID: response.Header().Get("X-Lava-Request-Id"),
	}
	if len(completion.Choices) > 0 {
		out.Content, out.Truncated = cutText(completion.Choices[0].Message.Content)
		out.FinishReason = completion.Choices[0].FinishReason
	}
	return out, nil
}

// unknownModel are the codes with which Lava and OpenAI report an unknown model.
var unknownModel = []string{"forward_model_not_supported", "forward_model_invalid", "model_not_found"}

// withNearestModels adds similar existing models to the error for an unknown one.
func withNearestModels(ctx context.Context, client *lava.Client, model string, err error) error {
	var refused *lava.Error
	if !errors.As(err, &refused) || !slices.Contains(unknownModel, refused.Code) {
		return err
	}
	text := describe(refused)
	if models, listErr := client.Models.List(ctx); listErr == nil {
		ids := make([]string, len(models))
		for i, m := range models {
			ids[i] = m.ID
		}
		if slices.Contains(ids, model) {
			return err // it exists, so something else is wrong
		}
		if like := spelling.Nearest(model, ids); len(like) > 0 {
			text += ".\nThe nearest models: " + strings.Join(like, ", ")
		}
	}
	return fmt.Errorf("%s.\nThe tool search finds models", text)
}
