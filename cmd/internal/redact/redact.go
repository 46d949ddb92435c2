// Package redact keeps secrets out of the programs' output.
package redact

import (
	"io"

	"github.com/lavapayments/lava-go"
)

// Writer returns a writer that removes the secrets from each message that it
// passes on to w, as [lava.Redact] does. A message is one call of Write.
func Writer(w io.Writer) io.Writer { return writer{w} }

type writer struct{ w io.Writer }

// Write implements [io.Writer].
func (w writer) Write(message []byte) (int, error) {
	if _, err := io.WriteString(w.w, lava.Redact(string(message))); err != nil {
		return 0, err
	}
	return len(message), nil
}
