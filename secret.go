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
// Neither fmt nor slog prints it, not even in an unexported field of your own types,
// where fmt calls no methods. Encoders such as JSON can read a Secret but refuse to
// write one: the text could end up in a log, and a placeholder in a file would be
// useless. Likewise, database/sql can scan a Secret but refuses one as an argument. To
// store or send a secret, write what Reveal returns. fmt.Fprint writes [redacted],
// even to a file.
//
// Two secrets are equal (==) if their texts are equal. The zero value is the empty
// secret.
type Secret struct {
	// fmt prints a pointer in a struct as an address. For verbs that don't fit
	// pointers, it follows a pointer to a struct, but never a pointer to a string. A
	// handle is such a pointer, and is equal for equal strings.
	text unique.Handle[string]
}

const redactedText = "[redacted]"

// NewSecret returns a secret with the given text.
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

// redacted is the printed form of a secret. An empty secret prints as "", so that it
// is noticed.
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

// Value implements [driver.Valuer]. It fails unless the secret is empty, so that a database never contains [redacted]
// or a secret stored by accident.
func (s Secret) Value() (driver.Value, error) {
	if s.IsZero() {
		return "", nil
	}
	return nil, errEncoded
}

// Scan implements sql.Scanner: a text becomes a secret, and NULL the empty secret.
func (s *Secret) Scan(src any) error {
	switch text := src.(type) {
	case nil:
		*s = Secret{}
	case string:
		*s = NewSecret(text)
	case []byte:
		*s = NewSecret(string(text))
	default:
		return fmt.Errorf("lava: can't scan %T into a Secret: the column must be a text", src)
	}
	return nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]: a text becomes a secret.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
