package mockserver_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

var modelMethods = methods{
	"Models.List": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			got, err := c.Models.List(t.Context())
			if err != nil {
				return err
			}
			require.NotEmpty(t, got)
			return nil
		},
	},
	"Services.List": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			got, err := c.Services.List(t.Context(), lava.ListServicesParams{Provider: "openai"})
			if err != nil {
				return err
			}
			require.True(t, got[0].Pricing.Input.IsPositive())
			return nil
		},
		bad: []badCall{{"unknown provider", func(ctx context.Context, s *account) error {
			return only(s.Services.List(ctx, lava.ListServicesParams{Provider: "nobody"}))
		}, lava.ErrNotFound, 404, "not_found", "provider"}},
		open: true,
	},
	"Services.ListProviders": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			got, err := c.Services.ListProviders(t.Context(), lava.ListServicesParams{Provider: "openai"})
			if err != nil {
				return err
			}
			require.Len(t, got, 1)
			services, err := c.Services.List(t.Context(), lava.ListServicesParams{Provider: "openai"})
			require.NoError(t, err)
			require.Len(t, services, got[0].EntryCount)
			return nil
		},
		bad: []badCall{{"unknown provider", func(ctx context.Context, s *account) error {
			return only(s.Services.ListProviders(ctx, lava.ListServicesParams{Provider: "nobody"}))
		}, lava.ErrNotFound, 404, "not_found", "provider"}},
		open: true,
	},
}

// Each example works unchanged: sent through the gateway to the fakes, it costs what the list says.
func TestExamplesOfServices(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	services, err := s.Client().Services.List(t.Context(), lava.ListServicesParams{})
	require.NoError(t, err)
	require.Greater(t, len(services), 300)
	kinds := map[string]bool{}
	for _, service := range services {
		name := service.Provider + " " + service.ID
		require.NotEmpty(t, service.Capabilities, name)
		kinds[service.Capabilities[0]] = true
		body, contentType := exampleBody(t, service.ExampleBody)
		req, err := http.NewRequestWithContext(t.Context(), service.Method, s.URL()+"/v1/forward?u="+url.QueryEscape(service.Endpoint), body)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+s.SecretKey())
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("Anthropic-Version", "2023-06-01")
		res, err := s.HTTPClient().Do(req)
		require.NoError(t, err)
		b, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		_ = res.Body.Close()
		require.Equal(t, 200, res.StatusCode, "%s: %s", name, b)

		r, err := s.Client().Requests.Retrieve(t.Context(), res.Header.Get("X-Lava-Request-Id"))
		require.NoError(t, err)
		require.EqualValues(t, "completed", r.Status, name)
		require.Equal(t, service.Provider, r.Provider)
		require.Equal(t, service.ID, r.Model)
		require.Equal(t, "POST "+service.Endpoint, r.Endpoint)
		p, u := service.Pricing, r.ModelUsage
		million := decimal.New(1, 6)
		switch p.Type {
		case "characters_1m":
			require.Equal(t, p.Input.Mul(decimal.NewFromInt(u.InputCharacters)).Div(million).String(), r.Cost.String(), name)
		case "minutes":
			require.True(t, r.Cost.IsPositive(), name)
			require.True(t, p.Input.IsPositive(), name)
		case "requests":
			require.Equal(t, p.CostPerRequest.String(), r.Cost.String(), name)
		case "tokens_1m":
			require.Equal(t, !p.Input.IsZero() || !p.Output.IsZero(), r.Cost.IsPositive(), name)
		default:
			t.Errorf("%s: priced in %q", name, p.Type)
		}
	}
	for _, kind := range []string{"chat", "text-completion", "responses", "embeddings", "image-generation", "text-to-speech", "speech-to-text"} {
		require.True(t, kinds[kind], kind)
	}
}

// exampleBody returns the request body for an example: a form if it contains a file.
func exampleBody(t *testing.T, example json.RawMessage) (io.Reader, string) {
	t.Helper()
	var fields map[string]any
	require.NoError(t, json.Unmarshal(example, &fields))
	if _, isForm := fields["file"]; !isForm {
		return bytes.NewReader(example), "application/json"
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		text := value.(string)
		if data, isFile := strings.CutPrefix(text, "data:audio/wav;base64,"); isFile {
			part, err := form.CreateFormFile(name, "audio.wav")
			require.NoError(t, err)
			audio, err := base64.StdEncoding.DecodeString(data)
			require.NoError(t, err)
			_, err = part.Write(audio)
			require.NoError(t, err)
		} else {
			require.NoError(t, form.WriteField(name, text))
		}
	}
	require.NoError(t, form.Close())
	return &body, form.FormDataContentType()
}

// The gateway charges for media what the list says, and never 0 for tokens.
func TestPricesOfServices(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	list := send(t, s, "GET", "/v1/services", "").object(t)["data"].([]any)
	found := map[string]map[string]any{}
	for _, v := range list {
		service := v.(map[string]any)
		found[service["provider"].(string)+" "+service["id"].(string)] = service
	}
	for name, want := range map[string]map[string]any{
		"openai tts-1":             {"type": "characters_1m", "input": 15.0, "output": 0.0},
		"openai whisper-1":         {"type": "minutes", "input": 0.006, "output": 0.0},
		"openai dall-e-3":          {"type": "requests", "input": 0.0, "output": 0.0, "cost_per_request": 0.04},
		"elevenlabs eleven_v3":     {"type": "characters_1m", "input": 100.0, "output": 0.0},
		"groq whisper-large-v3":    {"type": "minutes", "input": 0.00185, "output": 0.0},
		"openai gpt-4o-transcribe": {"type": "tokens_1m", "input": 2.5, "output": 10.0, "text": map[string]any{"input": 2.5, "output": 10.0}, "audio": map[string]any{"input": 6.0}},
		"google gemini-2.5-flash-image": {"type": "tokens_1m", "input": 0.3, "output": 2.5, "text": map[string]any{"input": 0.3, "output": 2.5},
			"image": map[string]any{"output": 30.0}},
		"openai gpt-4o-mini": {"type": "tokens_1m", "input": 0.15, "output": 0.6, "cache_input_read": 0.075},
	} {
		require.Contains(t, found, name)
		require.Equal(t, want, found[name]["pricing"], name)
	}
	require.NotContains(t, found, "openai gpt-realtime", "WebSockets aren't forwarded")
	gemini := found["google gemini-2.5-flash"]
	require.Equal(t, "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent", gemini["endpoint"])
	require.Equal(t, "https://generativelanguage.googleapis.com/v1beta/models/{model}:generateContent", gemini["url_template"])
	require.Equal(t, []any{"chat", "prompt-caching", "audio-input"}, gemini["capabilities"])
}
