package dialect

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go/internal/errorbody"
)

// ErrNoMessage is why a response can't be translated that has no message in the place
// where its format has it.
var ErrNoMessage = errors.New("the response contains no message")

// FieldError is why a request can't be read or translated: a field of it.
type FieldError struct {
	Field   string // such as "messages[2].content[0].type"; "body" for the whole body
	Problem string
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Problem }

// Wrong returns a [FieldError].
func Wrong(field, format string, args ...any) error {
	return &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)}
}

// Untranslated returns the [FieldError] for a field that is valid in one format and has no counterpart in another.
func Untranslated(field, what, to string) error {
	return Wrong(field, "%s can't be expressed in the format of %s", what, to)
}

// Error is a provider's error response.
type Error struct {
	Status  int // its class: see [ClassOf]
	Message string
	// TooLong means that the prompt does not fit into the model. Clients that shorten their conversations recognize
	// each format by its code or its words.
	TooLong bool
}

// ErrorFrom returns the error in a body that may have no message in the place
// where the format has it: in another of the many shapes that errors come in, a
// proxy's page, or plain text.
func ErrorFrom(status int, message string, body []byte) Error {
	if message == "" {
		message = errorbody.Message(body)
	}
	if words := errorbody.Quoted(body); words != "" {
		message += ": " + words
	}
	e := Error{Status: classed(status, body), Message: message}
	e.TooLong = e.Status < http.StatusInternalServerError && e.Status != http.StatusTooManyRequests && isTooLong(message, body)
	return e
}

// TextWith is the error's text, behind the words that clients of a format look for where a
// prompt is too long, unless it has them.
func (e Error) TextWith(tooLong string) string {
	if text := e.Text(); !e.TooLong || strings.Contains(strings.ToLower(text), strings.ToLower(tooLong)) {
		return text
	}
	return tooLong + ": " + e.Text()
}

// Text is the error's message, or the usual words for its status.
func (e Error) Text() string {
	switch {
	case e.Message != "":
		return e.Message
	case http.StatusText(e.Status) != "":
		return http.StatusText(e.Status)
	}
	return fmt.Sprintf("status %d", e.Status)
}

// Standard returns the error with a standard HTTP status, for formats other than that of the provider that invented
// its status.
func (e Error) Standard() Error {
	if e.Status == Overloaded {
		e.Status = http.StatusServiceUnavailable
	}
	return e
}

// InWordsOf puts a [FieldError] of WriteRequest, which names fields as OpenAI does,
// into the words of the client's format.
func InWordsOf(client Chat, err error) error {
	var field *FieldError
	if errors.As(err, &field) {
		if name, ok := client.FieldNames()[field.Field]; ok {
			return &FieldError{Field: name, Problem: field.Problem}
		}
	}
	return err
}
