package main

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// otherFlags are the options whose flag has another name, or that have no flag for a reason.
var otherFlags = map[string]string{
	"SecretKey": "key", "RealTime": "at", "UpstreamURL": "upstream", "OnCall": "v", "Setup": "init",
	"ControlToken": "control-token-file",
	"OnRejection":  "", // lavamock logs rejections
	"InMemory":     "", // no program could reach it
	"Upstream":     "", // needs a handler
}

var wordStart = regexp.MustCompile(`([a-z])([A-Z])`)

// Every Go option has a flag, and vice versa.
func TestFlagsAndOptions(t *testing.T) {
	t.Parallel()
	var f flags
	fs := flag.NewFlagSet("lavamock", flag.ContinueOnError)
	f.define(fs, noEnvironment, io.Discard)
	unknown := map[string]bool{}
	fs.VisitAll(func(f *flag.Flag) { unknown[f.Name] = true })
	files, err := filepath.Glob("../../mockserver/*.go")
	require.NoError(t, err)
	options := 0
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		for _, d := range tree.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !fn.Name.IsExported() || fn.Type.Results == nil || len(fn.Type.Results.List) != 1 {
				continue
			}
			if result, ok := fn.Type.Results.List[0].Type.(*ast.Ident); !ok || result.Name != "Option" {
				continue
			}
			options++
			name, other := otherFlags[fn.Name.Name]
			if !other {
				name = strings.ToLower(strings.ReplaceAll(wordStart.ReplaceAllString(fn.Name.Name, "$1-$2"), "-URL", "-url"))
			}
			if name != "" {
				require.NotNil(t, fs.Lookup(name), "%s has no flag -%s", fn.Name.Name, name)
			}
			delete(unknown, name)
		}
	}
	require.Greater(t, options, 20)
	for _, own := range []string{"init", "webhook", "version", "page"} {
		delete(unknown, own)
	}
	require.Empty(t, unknown, "flags without an option")
}

// Keys come from the environment or from a file, and are not printed.
func TestProviderKeys(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, []byte("sk-file\n"), 0o600))
	getenv := func(name string) string { return map[string]string{"OPENAI_API_KEY": "sk-env"}[name] }
	for _, good := range []string{"OPENAI_API_KEY", "@" + file} {
		key, err := providerKey(good, getenv)
		require.NoError(t, err)
		require.Regexp(t, "^sk-(env|file)$", key)
	}
	var printed strings.Builder
	_, err := parseFlags([]string{"-provider-key", "openai=sk-proj-oops"}, getenv, &printed, &printed)
	require.Error(t, err)
	require.NotContains(t, err.Error()+printed.String(), "sk-proj-oops")
}

func TestPrices(t *testing.T) {
	t.Parallel()
	f, err := parseFlags([]string{"-price", "openai/mine=1.50,2"}, noEnvironment, io.Discard, io.Discard)
	require.NoError(t, err)
	env, stop := start(t, "-price", "openai/mine=1.50,2")
	defer func() { require.NoError(t, stop()) }()
	_, body, err := get(t.Context(), env["LAVA_API_URL"]+"/v1/models", "")
	require.NoError(t, err)
	require.Contains(t, body, `"mine"`)
	require.NotEmpty(t, f.opts)
	for _, bad := range []string{"mine=1,2", "openai/mine=1", "openai/mine", "openai/mine=1,x"} {
		_, err := parseFlags([]string{"-price", bad}, noEnvironment, io.Discard, io.Discard)
		require.ErrorAs(t, err, new(usageError), bad)
	}
}
