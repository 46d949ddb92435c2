package lava

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"unique"
)

// Secret is a credential: a key, a token, a webhook's secret. Only Reveal returns
// its text:
//
//	client, err := lava.New(lava.WithSecretKey(created.Key.Reveal()))
//
// Neither fmt nor slog prints it, wherever it is: also not in an unexported field
// of your own types, where fmt asks no method how to print. Encoders such as JSON
// read a Secret, and fail to write one: a log could show it, and in its place a
// file would hold nothing of use. It is the same with database/sql, which scans one
// and refuses one as an argument. Where it is to be stored or sent, write what Reveal
// returns; fmt.Fprint writes [redacted], into a file as well.
//
// Two secrets are equal (==) if their texts are. The zero value is the empty one.
type Secret struct {
	// fmt prints a pointer that is in a struct as an address. A pointer to a struct it
	// would follow, for verbs that are wrong for pointers; one to a string it never
	// does. A handle is such a pointer, and equal for equal strings.
	text unique.Handle[string]
}

const redactedText = "[redacted]"

// NewSecret returns the secret with a text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{unique.Make(text)}
}

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.text.Value()
}

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s == Secret{} }

// redacted stands for the secret where it is printed. One that is missing shows.
func (s Secret) redacted() string {
	if s.IsZero() {
		return ""
	}
	return redactedText
}

// Format implements [fmt.Formatter]: every verb prints [redacted], or nothing if
// the secret is empty.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.redacted()) }

// LogValue implements [slog.LogValuer]: it is [redacted], or "" if the secret is
// empty.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.redacted()) }

// MarshalText implements [encoding.TextMarshaler]. It fails unless the secret is
// empty.
func (s Secret) MarshalText() ([]byte, error) {
	if s.IsZero() {
		return nil, nil
	}
	return nil, errEncoded
}

var errEncoded = errors.New("lava: refusing to encode a Secret; encode the result of Reveal to store or send it")

// Value implements [driver.Valuer]. It fails unless the secret is empty, so that no
// database holds [redacted] or a secret that nobody meant to store.
func (s Secret) Value() (driver.Value, error) {
	if s.IsZero() {
		return "", nil
	}
	return nil, errEncoded
}

// Scan implements sql.Scanner: a text becomes a secret, and NULL the empty one.
func (s *Secret) Scan(src any) error {
	switch text := src.(type) {
	case nil:
		*s = Secret{}
	case string:
		*s = NewSecret(text)
	case []byte:
		*s = NewSecret(string(text))
	default:
		return fmt.Errorf("lava: a Secret is scanned from a text, not from a %T", src)
	}
	return nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]: a text becomes a secret.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
