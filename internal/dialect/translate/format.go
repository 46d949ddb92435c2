package translate

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// Format reads and writes one dialect. All are stateless.
type Format interface {
	// ReadRequest reads a client's request. Model and stream are the body's;
	// where the path has them, they are the caller's to set. Errors are
	// *FieldError.
	ReadRequest(body []byte) (*Request, error)
	// WriteRequest writes a request for a provider. What the format can't
	// express is a *FieldError.
	WriteRequest(*Request) ([]byte, error)
	// ReadResponse reads a provider's answer, but for its usage.
	ReadResponse(body []byte) (*Response, error)
	WriteResponse(*Response) []byte
	// ReadError reads a provider's refusal, whatever its body is.
	ReadError(status int, body []byte) Error
	WriteError(Error) []byte

	newReader() reader
	newWriter(*Request) writer
}

// The formats.
var (
	OpenAI    Format = openAI{}
	Anthropic Format = anthropic{}
	Google    Format = google{}
	Bedrock   Format = bedrock{}
	// OpenAILike is OpenAI's format as other providers speak it, who took it
	// over before max_completion_tokens replaced max_tokens.
	OpenAILike Format = openAI{like: true}
)

// Of returns the format of a dialect's name; false if it can't be translated.
func Of(name dialect.Name) (Format, bool) {
	switch name {
	case dialect.OpenAI:
		return OpenAI, true
	case dialect.Anthropic:
		return Anthropic, true
	case dialect.Google:
		return Google, true
	case dialect.Bedrock:
		return Bedrock, true
	}
	return nil, false
}

// FieldError says which field of a request can't be read or translated.
type FieldError struct {
	Field   string // as in "messages[2].content[0].type"; "body" for all of it
	Problem string
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Problem }

func wrong(field, format string, args ...any) error {
	return &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)}
}

// untranslated is the refusal of what is right in one format and has no
// counterpart in the other.
func untranslated(field, what, to string) error {
	return wrong(field, "%s can't be expressed in the format of %s", what, to)
}

// message is what an error says, or the usual words for its status.
func (e Error) message() string {
	switch {
	case e.Message != "":
		return e.Message
	case http.StatusText(e.Status) != "":
		return http.StatusText(e.Status)
	}
	return fmt.Sprintf("status %d", e.Status)
}

// errorFrom makes an error of a body that has no message in the place where the
// format has it: a proxy's page, or plain text.
func errorFrom(status int, message string, body []byte) Error {
	const longest = 300
	if message == "" && len(body) > 0 && body[0] != '<' && body[0] != '{' {
		message = string(body[:min(len(body), longest)])
	}
	return Error{Status: status, Message: message}
}

// Named puts a [FieldError] of WriteRequest, which names fields as OpenAI does,
// into the words of the client's format.
func Named(client dialect.Name, err error) error {
	var field *FieldError
	if errors.As(err, &field) {
		if name, ok := fieldNames[client][field.Field]; ok {
			return &FieldError{Field: name, Problem: field.Problem}
		}
	}
	return err
}

var fieldNames = map[dialect.Name]map[string]string{
	dialect.Anthropic: {
		"response_format": "output_config.format", "parallel_tool_calls": "tool_choice.disable_parallel_tool_use",
	},
	dialect.Google: {
		"temperature": "generationConfig.temperature", "n": "generationConfig.candidateCount",
		"response_format": "generationConfig.responseMimeType", "tool_choice": "toolConfig.functionCallingConfig",
	},
	dialect.Bedrock: {
		"temperature": "inferenceConfig.temperature", "response_format": "outputConfig.textFormat", "tool_choice": "toolConfig.toolChoice",
	},
}
