// Package rewrite tests the translation between providers' formats with the
// official SDKs.
package rewrite

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/e2e/internal/exchanges"
	"github.com/lavapayments/lava-go/mockserver"
)

// nodeTimeout limits the Node programs, so that one that hangs is reported.
const nodeTimeout = 2 * time.Minute

var passed = regexp.MustCompile(`(?m)^# pass (\d+)$`)

// The official Node SDKs, unmodified from npm.
func TestNode(t *testing.T) {
	node(t, exchanges.Env(t, mockserver.Start(t).Env()), "rewrite.test.mjs")
}

// The agents of TestAgentsForGo, through the official JavaScript SDKs. Their requests are not recorded: Amazon's SDK
// uses HTTP/2, which the recorder does not support.
func TestAgentsForNode(t *testing.T) {
	s := mockserver.Start(t)
	for range 4 * 4 * 2 { // SDKs, providers, whole and streamed
		s.Script(turns()...)
	}
	node(t, s.Env(), "agents.test.mjs")
}

// node runs a file of Node tests.
func node(t *testing.T, env []string, file string) {
	t.Helper()
	require.FileExists(t, "../node/node_modules/.package-lock.json", "run first: npm ci --prefix ../node")
	ctx, cancel := context.WithTimeout(t.Context(), nodeTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "--test", "--test-reporter=tap", file)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	count := passed.FindStringSubmatch(string(out))
	require.NotNil(t, count, "no summary in:\n%s", out)
	require.False(t, strings.HasPrefix(count[1], "0"), "no test ran:\n%s", out)
	t.Logf("%s tests passed", count[1])
}
