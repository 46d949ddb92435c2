package catalog_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// Every model in the data can be parsed, and found by all of its names.
func TestDataIsWhole(t *testing.T) {
	t.Parallel()
	c := catalog.Default()
	assert.NotEmpty(t, c.Date)
	assert.NotEmpty(t, c.Source)
	assert.Len(t, c.Providers(), 38, "the SDK's 28 base URLs, two of them Google's, Bedrock, and ten more")
	priced := 0
	for _, p := range c.Providers() {
		assert.NotEmpty(t, p.BaseFor(p.Dialect), p.ID)
		for _, m := range p.Models() {
			found, ok := p.Model(m.ID)
			require.True(t, ok, "%s %s", p.ID, m.ID)
			assert.Equal(t, m.ID, found.ID, p.ID)
			if m.Rates != (catalog.Rates{}) {
				priced++
			}
		}
	}
	assert.Greater(t, priced, 400)
}

// The highest limits of output tokens, from the models' pages:
// https://platform.claude.com/docs/en/about-claude/models/overview, https://platform.openai.com/docs/models,
// https://ai.google.dev/gemini-api/docs/models, https://docs.aws.amazon.com/nova/latest/userguide/what-is-nova.html.
func TestMaxOutput(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		provider, model string
		want            int64
	}{
		{"anthropic", "claude-3-5-sonnet-20241022", 8192},
		{"anthropic", "claude-3-haiku-20240307", 4096},
		{"anthropic", "claude-opus-4-1-20250805", 32_000},
		{"anthropic", "claude-sonnet-4-5", 64_000},
		{"bedrock", "us.anthropic.claude-3-7-sonnet-20250219-v1:0", 64_000},
		{"bedrock", "amazon.nova-pro-v1:0", 10_000},
		{"openai", "gpt-4o-2024-08-06", 16_384},
		{"openai", "o3", 100_000},
		{"google", "gemini-2.0-flash", 8192},
		{"google", "models/gemini-2.5-pro", 65_536},
		{"mistral", "mistral-large-latest", 0},
	} {
		p, _ := catalog.Default().Provider(test.provider)
		m, ok := p.Model(test.model)
		require.True(t, ok, test.model)
		assert.Equal(t, test.want, m.MaxOutput, test.model)
	}
}

func TestByHost(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"api.openai.com": "openai", "API.OPENAI.COM": "openai", "api.openai.com.": "openai",
		"generativelanguage.googleapis.com": "google", "api.cohere.ai": "cohere", "api.cohere.com": "cohere",
		"bedrock-runtime.us-east-1.amazonaws.com": "bedrock", "bedrock-runtime.EU-west-1.amazonaws.com": "bedrock",
		"bedrock-runtime.us-east-1.api.aws": "bedrock", "bedrock-runtime-fips.us-east-1.amazonaws.com": "bedrock",
		"api.together.ai": "together", "api.together.xyz": "together", "eu.api.openai.com": "openai", "us-east-1.api.x.ai": "xai",
		"api.moonshot.cn": "moonshot", "open.bigmodel.cn": "zai", "dashscope-us.aliyuncs.com": "alibaba", "api.us.elevenlabs.io": "elevenlabs",
		// google.golang.org/genai with Vertex AI; https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations
		"aiplatform.googleapis.com": "google", "us-east5-aiplatform.googleapis.com": "google", "aiplatform.eu.rep.googleapis.com": "google",
		"storage.googleapis.com": "", "aiplatform.googleapis.com.example.com": "",
		"bedrock-runtime.a.b.amazonaws.com": "", "bedrock-runtime..amazonaws.com": "", "bedrock-runtime.amazonaws.com": "",
		"openrouter.ai": "openrouter", "google.serper.dev": "serper", "dashscope.aliyuncs.com": "alibaba",
		"openai.com": "", "api.openai.com.example.com": "", "": "",
	} {
		p, ok := catalog.Default().ByHost(host)
		assert.Equal(t, want != "", ok, host)
		if ok {
			assert.Equal(t, want, p.ID)
		}
	}
}

func TestModelNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ provider, name, want string }{
		{"openai", "gpt-4o", "gpt-4o"},
		{"openai", "GPT-4o", "gpt-4o"},
		{"openai", "gpt-4o-2024-08-06", "gpt-4o"},
		{"openai", "gpt-4o-2024-05-13", "gpt-4o-2024-05-13"},
		{"openai", "gpt-4o-mini", "gpt-4o-mini"},
		{"openai", "gpt-4.1-2025-04-14", "gpt-4.1"},
		{"openai", "gpt-4o-mimi", ""},
		{"openai", "gpt-5-chat-latest", "gpt-5"},
		{"anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"},
		{"anthropic", "claude-sonnet-4-20250514", "claude-sonnet-4-0"},
		{"anthropic", "claude-3-5-haiku-20241022", "claude-3-5-haiku-latest"},
		{"google", "gemini-2.0-flash-001", "gemini-2.0-flash"},
		{"google", "models/gemini-2.5-pro", "gemini-2.5-pro"},
		{"google", "claude-sonnet-4-5", ""},
		{"groq", "llama-3.3-70b-versatile", "llama-3.3-70b-versatile"},
		{"bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-sonnet-4-5-20250929-v1:0"},
		{"bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-sonnet-4-5-20250929-v1:0"},
		{"bedrock", "global.anthropic.claude-sonnet-4-5-20250929-v1:0", "global.anthropic.claude-sonnet-4-5-20250929-v1:0"},
		{"kluster", "anything", ""},
		{"openai", "", ""},
	} {
		p, ok := catalog.Default().Provider(test.provider)
		require.True(t, ok)
		m, ok := p.Model(test.name)
		assert.Equal(t, test.want != "", ok, test.name)
		if ok {
			assert.Equal(t, test.want, m.ID, test.name)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	offers := catalog.Default().Find("gpt-4o")
	require.NotEmpty(t, offers)
	assert.Equal(t, "openai", offers[0].Provider.ID, "the maker of a model comes first")
	offers = catalog.Default().Find("groq/llama-3.3-70b-versatile")
	require.Len(t, offers, 1)
	assert.Equal(t, "llama-3.3-70b-versatile", offers[0].Name)
	assert.Empty(t, catalog.Default().Find("no-such-model"))
}

func TestNearest(t *testing.T) {
	t.Parallel()
	p, _ := catalog.Default().Provider("openai")
	assert.Equal(t, "gpt-4o-mini", p.Nearest("gpt-4o-mimi"))
	assert.Empty(t, p.Nearest("llama"))
}

func rate(s string) billing.Amount {
	a, err := billing.ParseAmount(s)
	if err != nil {
		panic(err)
	}
	return a
}

func TestCost(t *testing.T) {
	t.Parallel()
	m := &catalog.Model{Rates: catalog.Rates{
		Input: rate("3"), Output: rate("15"), Cached: rate("0.3"), CacheWrite: rate("3.75"),
		AudioInput: rate("10"), CharacterInput: rate("15"), AudioHour: rate("0.36"), Image: rate("0.04"), Search: rate("2"),
	}, Long: &catalog.LongRates{Over: 1000, Rates: catalog.Rates{Input: rate("6"), Output: rate("22.5")}}, Tiers: map[string]billing.Amount{"fast": rate("2"), "flex": rate("0.4")}}
	p := &catalog.Provider{Tiers: map[string]billing.Amount{"batch": rate("0.5"), "flex": rate("0.5"), "priority": rate("1.75")}}
	for _, test := range []struct {
		name          string
		usage         dialect.Usage
		input, output string
	}{
		{"plain", dialect.Usage{InputTokens: 1000, OutputTokens: 100}, "0.003", "0.0015"},
		{"cached", dialect.Usage{InputTokens: 1000, CachedTokens: 600}, "0.00138", "0"},
		{"a 1-hour cache write costs as much as a 5-minute one if it has no price", dialect.Usage{InputTokens: 100, CacheWriteTokens: 40, CacheWrite1hTokens: 60}, "0.000375", "0"},
		{"audio", dialect.Usage{InputTokens: 100, AudioInputTokens: 100}, "0.001", "0"},
		{"audio output costs as much as text if it has no price", dialect.Usage{OutputTokens: 100, AudioOutputTokens: 50}, "0", "0.0015"},
		{"long", dialect.Usage{InputTokens: 1001, OutputTokens: 100, CachedTokens: 1}, "0.0060003", "0.00225"},
		{"batch", dialect.Usage{InputTokens: 1000, OutputTokens: 100, Tier: "batch"}, "0.0015", "0.00075"},
		{"a tier of the model", dialect.Usage{InputTokens: 1000, OutputTokens: 100, Tier: "fast"}, "0.006", "0.003"},
		{"the model's own factor for a tier", dialect.Usage{InputTokens: 1000, OutputTokens: 100, Tier: "flex"}, "0.0012", "0.0006"},
		{"priority", dialect.Usage{InputTokens: 1000, OutputTokens: 100, Tier: "priority"}, "0.00525", "0.002625"},
		{"a tier that means standard", dialect.Usage{InputTokens: 1000, OutputTokens: 100, Tier: "default"}, "0.003", "0.0015"},
		{"a tier without a public price", dialect.Usage{InputTokens: 1000, OutputTokens: 100, Tier: "scale"}, "0.003", "0.0015"},
		{"two factors", dialect.Usage{InputTokens: 1000, OutputTokens: 100, Tier: "batch+priority"}, "0.002625", "0.0013125"},
		{"tokens that are not billed", dialect.Usage{InputTokens: 1000, OutputTokens: 100, UnbilledInputTokens: 400, UnbilledOutputTokens: 50}, "0.0018", "0.00075"},
		{"searches", dialect.Usage{Searches: 3}, "0.006", "0"},
		{"characters", dialect.Usage{InputCharacters: 7}, "0.000105", "0"},
		{"time", dialect.Usage{InputDuration: 100 * time.Second}, "0.01", "0"},
		{"images", dialect.Usage{Images: 3}, "0", "0.12"},
		{"parts beyond the whole", dialect.Usage{InputTokens: 10, CachedTokens: 20}, "0.000006", "0"},
		{"rounded once, half away from zero", dialect.Usage{InputDuration: 500 * time.Nanosecond}, "0.0000000001", "0"}, // 0.36/7.2e9 = 0.5e-10
	} {
		t.Run(test.name, func(t *testing.T) {
			input, output, err := p.Cost(m, test.usage)
			require.NoError(t, err)
			assert.Equal(t, test.input, input.Plain())
			assert.Equal(t, test.output, output.Plain())
		})
	}
	input, output, err := p.Cost(nil, dialect.Usage{InputTokens: 5})
	require.NoError(t, err)
	assert.Zero(t, input+output)
	_, _, err = p.Cost(&catalog.Model{Rates: catalog.Rates{Input: billing.MaxAmount}}, dialect.Usage{InputTokens: 1e9})
	assert.Error(t, err)
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	base := catalog.Default()
	changed := base.With("openai", catalog.Model{ID: "gpt-4o", Rates: catalog.Rates{Input: rate("1")}}, catalog.Model{ID: "mine"})
	p, _ := changed.Provider("openai")
	m, _ := p.Model("gpt-4o")
	assert.Equal(t, rate("1"), m.Input)
	_, ok := p.Model("mine")
	assert.True(t, ok)
	_, ok = p.Model("gpt-4o-mini")
	assert.True(t, ok, "others stay")
	byHost, _ := changed.ByHost("api.openai.com")
	assert.Same(t, p, byHost)

	old, _ := base.Provider("openai")
	m, _ = old.Model("gpt-4o")
	assert.Equal(t, rate("2.5"), m.Input, "the original catalog is unchanged")

	own := base.WithProvider(catalog.Provider{ID: "own", Name: "Own", BaseURL: "https://llm.example.com/v1", Dialect: "openai"}, catalog.Model{ID: "x"})
	p, ok = own.ByHost("llm.example.com")
	require.True(t, ok)
	_, ok = p.Model("x")
	assert.True(t, ok)
	assert.Len(t, own.Find("own/x"), 1)
	p, _ = own.Provider("openai")
	_, ok = p.Model("gpt-4o")
	assert.True(t, ok)
}

func BenchmarkCost(b *testing.B) {
	p, _ := catalog.Default().ByHost("api.openai.com")
	b.ReportAllocs()
	for b.Loop() {
		m, _ := p.Model("gpt-4o-mini")
		if _, _, err := p.Cost(m, dialect.Usage{InputTokens: 1234, OutputTokens: 56, CachedTokens: 1024}); err != nil {
			b.Fatal(err)
		}
	}
}
