package docs

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// resources are the files that have the same name on each floor. A floor may lack one for a reason: plans are part of
// the client's Subscriptions, as in the Node SDK, and models come from the catalog instead of the engine.
var resources = []struct {
	name   string
	absent []string
}{
	{name: "meters"},
	{name: "customers"},
	{name: "subscriptions"},
	{name: "checkout"},
	{name: "usage"},
	{name: "requests"},
	{name: "creditbundles"},
	{name: "fallback"},
	{name: "secretkeys"},
	{name: "spendkeys"},
	{name: "wallet"},
	{name: "webhooks"},
	{name: "plans", absent: []string{"."}},
	{name: "models", absent: []string{"internal/billing"}},
}

// A resource has the same file name on each floor, such as meters.go.
func TestFloorsHaveTheSameRooms(t *testing.T) {
	t.Parallel()
	for _, floor := range []string{".", "mockserver", "internal/billing"} {
		for _, r := range resources {
			_, err := os.Stat(filepath.Join("..", floor, r.name+".go"))
			if slices.Contains(r.absent, floor) {
				assert.Error(t, err, "%s/%s.go is listed as absent", floor, r.name)
			} else {
				assert.NoError(t, err)
			}
		}
	}
}

// Each file has its test next to it: mockserver/meters_test.go next to mockserver/meters.go.
func TestRoomsHaveTheirTests(t *testing.T) {
	t.Parallel()
	for _, floor := range []string{"mockserver", "internal/billing"} {
		for _, r := range resources {
			if !slices.Contains(r.absent, floor) {
				assert.FileExists(t, filepath.Join("..", floor, r.name+"_test.go"))
			}
		}
	}
}

const module = "github.com/lavapayments/lava-go"

// walls are the packages of this module that each package may import.
var walls = map[string][]string{
	".":                           {"internal/exchange", "internal/sse", "internal/eventstream", "internal/dialect/ending", "internal/errorbody", "internal/jsonscan"},
	"internal/exchange":           {},
	"internal/billing":            {},
	"internal/delivery":           {},
	"internal/sse":                {},
	"internal/eventstream":        {},
	"internal/jsonscan":           {},
	"internal/errorbody":          {},
	"internal/dialect/ending":     {"internal/jsonscan"},
	"internal/dialect/wire":       {"internal/dialect", "internal/jsonscan"},
	"internal/dialect":            {"internal/dialect/ending", "internal/errorbody", "internal/jsonscan"},
	"internal/dialect/openai":     {"internal/dialect", "internal/dialect/ending", "internal/dialect/wire", "internal/jsonscan"},
	"internal/dialect/anthropic":  {"internal/dialect", "internal/dialect/ending", "internal/dialect/wire", "internal/jsonscan"},
	"internal/dialect/google":     {"internal/dialect", "internal/dialect/ending", "internal/dialect/wire", "internal/dialect/anthropic", "internal/jsonscan"},
	"internal/dialect/elevenlabs": {"internal/dialect", "internal/dialect/ending", "internal/dialect/wire", "internal/jsonscan"},
	"internal/dialect/cohere":     {"internal/dialect", "internal/dialect/ending", "internal/dialect/wire", "internal/jsonscan"},
	"internal/dialect/bedrock":    {"internal/dialect", "internal/dialect/ending", "internal/dialect/wire", "internal/dialect/anthropic", "internal/eventstream", "internal/jsonscan"},
	"internal/spelling":           {},
	"internal/catalog":            {"internal/billing", "internal/dialect", "internal/spelling"},
	"mockserver/dashboard":        {"", "mockserver"},
	"otel":                        {""}, // a separate module: it uses the client's exported API, which stays compatible, unlike internal packages
	"internal/gateway":            {"internal/billing", "internal/catalog", "internal/dialect", "internal/dialect/ending", "internal/errorbody", "internal/eventstream", "internal/jsonscan", "internal/sse"},
}

// Packages import only what the table of walls allows. The compiler only rejects cycles.
func TestWalls(t *testing.T) {
	t.Parallel()
	for room, doors := range walls {
		files, err := filepath.Glob(filepath.Join("..", room, "*.go"))
		require.NoError(t, err)
		require.NotEmpty(t, files, "there is no package %s", room)
		for _, file := range files {
			for _, path := range imports(t, file) {
				assert.Contains(t, doors, path, "%s imports %s", file, path)
			}
		}
	}
}

// Only one file of the fakes knows the formats, the list of them: a fake that used a format's code would share its
// bugs.
func TestWallsWithOneDoor(t *testing.T) {
	t.Parallel()
	for _, wall := range []struct {
		room, behind, door string
	}{
		{"mockserver", "^internal/dialect/known$", "upstreams.go"},
		{"internal/upstream", "^internal/dialect/(openai|anthropic|google|bedrock|elevenlabs|cohere|known)$", "fakes.go"},
	} {
		files, err := filepath.Glob(filepath.Join("..", wall.room, "*.go"))
		require.NoError(t, err)
		behind := regexp.MustCompile(wall.behind)
		for _, file := range files {
			if filepath.Base(file) != wall.door {
				for _, path := range imports(t, file) {
					assert.False(t, behind.MatchString(path), "%s imports %s, which is for %s", file, path, wall.door)
				}
			}
		}
	}
}

// imports returns the packages of this module that a file imports, "" for the client. Imports of tests are not
// limited.
func imports(t *testing.T, file string) []string {
	t.Helper()
	if strings.HasSuffix(file, "_test.go") {
		return nil
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	require.NoError(t, err)
	var paths []string
	for _, spec := range parsed.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		if inner, ok := strings.CutPrefix(path, module); ok {
			paths = append(paths, strings.TrimPrefix(inner, "/"))
		}
	}
	return paths
}

var code = regexp.MustCompile("`([a-z][\\w./-]*)`")

// Every file and folder named in architecture.md exists.
func TestArchitectureNamesWhatIsThere(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("architecture.md")
	require.NoError(t, err)
	for _, m := range code.FindAllStringSubmatch(string(text), -1) {
		name := strings.TrimSuffix(m[1], "/")
		if !strings.Contains(name, "/") && !strings.HasSuffix(name, ".go") || strings.HasPrefix(name, "net/") {
			continue
		}
		found := false
		for _, dir := range []string{"", "mockserver", "internal/billing", "internal/gateway", "internal"} {
			_, err := os.Stat(filepath.Join("..", dir, name))
			found = found || err == nil
		}
		assert.True(t, found || strings.HasPrefix(name, "testing/"), "architecture.md names %s", name)
	}
}
