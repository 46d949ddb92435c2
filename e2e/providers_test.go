package e2e

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

// busy and thoughtful are models by provider: the first are overloaded, the second think before they respond.
// node/providers knows them too.
var (
	busy = []string{
		"mistral-tiny", "llama-3.1-8b-instant", "grok-3-mini", "deepseek-v3.2", "llama3.1-8b", "command-light",
		"meta-llama/Llama-3-8b-chat-hf", "sonar-pro", "openai/gpt-4o-mini", "gemma-3-27b-it", "amazon.nova-micro-v1:0", "voyage-3-lite",
	}
	thoughtful = []string{
		"magistral-medium", "openai/gpt-oss-120b", "grok-4-0709", "deepseek-reasoner", "qwen-3-32b", "deepseek/deepseek-r1",
		"deepseek-r1-0528", "deepseek-ai/DeepSeek-R1", "o4-mini",
	}
)

// The official Node packages of providers, unmodified, through the gateway's forward path to the fakes, in one
// process.
func TestProviders(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.AllowUnknownModels())
	for _, model := range busy {
		s.Script(mockserver.Reply{Model: model, Status: 429, Message: "slow down"})
	}
	for _, model := range thoughtful {
		s.Script(mockserver.Reply{Model: model, Reasoning: "Let me see. Four."})
	}
	require.FileExists(t, "node/node_modules/.package-lock.json", "run first: npm ci --prefix node")
	ctx, cancel := context.WithTimeout(t.Context(), nodeTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "--test-reporter=tap", "providers/all.mjs")
	cmd.Dir = "node"
	cmd.Env = append(os.Environ(), s.Env()...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	count := passed.FindStringSubmatch(string(out))
	require.NotNil(t, count, "no summary in:\n%s", out)
	require.NotEqual(t, "0", count[1], "no test ran:\n%s", out)
	t.Logf("%s tests passed", count[1])
}
