package lava_test

import (
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A program that imports this package gets these packages, and no other.
func TestImportGraph(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	require.NoError(t, err)
	require.ElementsMatch(t, []string{
		"github.com/lavapayments/lava-go",
		"github.com/lavapayments/lava-go/internal/dialect/ending",
		"github.com/lavapayments/lava-go/internal/eventstream",
		"github.com/lavapayments/lava-go/internal/exchange",
		"github.com/lavapayments/lava-go/internal/jsonscan",
		"github.com/lavapayments/lava-go/internal/sse",
		"github.com/google/uuid",
		"github.com/shopspring/decimal",
	}, strings.Fields(string(out)))
}

// The program in the package comment is a program.
func TestPackageDocCompiles(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "lava.go", nil, parser.PackageClauseOnly|parser.ParseComments)
	require.NoError(t, err)
	_, program, found := strings.Cut(file.Doc.Text(), "\tpackage main\n")
	require.True(t, found)
	program, _, _ = strings.Cut(program, "\n# ")
	path := filepath.Join(t.TempDir(), "main.go")
	require.NoError(t, os.WriteFile(path, []byte("package main\n"+program), 0o600))
	out, err := exec.Command("go", "vet", path).CombinedOutput()
	require.NoError(t, err, string(out))
}
