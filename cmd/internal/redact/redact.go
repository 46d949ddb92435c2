// Package redact keeps secrets out of what the programs print for people and
// logs.
package redact

import (
	"io"
	"regexp"

	"github.com/lavapayments/lava-go"
)

// Writer returns a writer that takes the secrets out of each message that it
// passes on to w: Lava's credentials, and passwords in URLs. A message is one
// call of Write.
func Writer(w io.Writer) io.Writer { return writer{w} }

type writer struct{ w io.Writer }

// userinfo is the part of a URL that may hold a password.
var userinfo = regexp.MustCompile(`://[^/?#\s"]*@`)

// Write implements [io.Writer].
func (w writer) Write(message []byte) (int, error) {
	clean := userinfo.ReplaceAllString(lava.Redact(string(message)), "://[redacted]@")
	if _, err := io.WriteString(w.w, clean); err != nil {
		return 0, err
	}
	return len(message), nil
}
