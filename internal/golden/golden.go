// Package golden compares a test's result with a reviewed file. With the flag
// -update, it writes the file instead.
package golden

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files in testdata instead of comparing with them")

// Equal compares got with the file at path, byte for byte, and reports the first
// line that differs.
func Equal(t testing.TB, path, got string) {
	t.Helper()
	want, err := os.ReadFile(path)
	switch {
	case *update:
		write(t, path, got)
	case errors.Is(err, fs.ErrNotExist):
		t.Errorf("there is no %s yet: run go test with -update, and review what it writes", path)
	case err != nil:
		t.Error(err)
	case string(want) != got:
		t.Errorf("%s\n(go test with -update writes the file)", difference(path, string(want), got))
	}
}

func write(t testing.TB, path, got string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
		t.Fatal(err)
	}
}

// difference shows the first line in which two texts differ.
func difference(path, want, got string) string {
	wants, gots := strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")
	line := 0
	for wants[line] == gots[line] { // only the last line of each has no line end
		line++
	}
	return fmt.Sprintf("%s:%d\nwant %q\ngot  %q", path, line+1, wants[line], gots[line])
}
