package golden

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/lavapayments/lava-go/internal/eventstream"
)

// Body formats the body of a request or response as text for people, depending on its media type. JSON is indented,
// and keeps the order of its keys and the text of its values. The frames of an event stream are shown in the format
// that [Frames] reads. Other text is unchanged, and for other data there is a checksum.
func Body(mediaType, body string) string {
	var indented bytes.Buffer
	switch {
	case strings.HasPrefix(mediaType, "application/json") && json.Indent(&indented, []byte(body), "", "  ") == nil:
		return strings.TrimSpace(indented.String()) + "\n"
	case mediaType == eventstream.ContentType:
		return frames(body)
	case !utf8.ValidString(body):
		return fmt.Sprintf("(%d bytes, SHA-256 %.16x)\n", len(body), sha256.Sum256([]byte(body)))
	}
	return body
}

// frames formats a message of an event stream as its headers, one per line, its payload, and a blank line.
func frames(stream string) string {
	var out strings.Builder
	r := eventstream.NewReader(strings.NewReader(stream), len(stream))
	for {
		m, _, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return out.String()
		case err != nil:
			fmt.Fprintf(&out, "(%v)\n", err)
			return out.String()
		}
		for _, h := range m.Headers {
			fmt.Fprintf(&out, "%s %s\n", h.Name, h.Value)
		}
		fmt.Fprintf(&out, "%s\n\n", m.Payload)
	}
}

// Frames converts the output of [Body] for an event stream back into the stream.
func Frames(text string) string {
	var out []byte
	for message := range strings.SplitSeq(strings.TrimSuffix(text, "\n\n"), "\n\n") {
		var m eventstream.Message
		for line := range strings.SplitSeq(message, "\n") {
			name, value, _ := strings.Cut(line, " ")
			if !strings.HasPrefix(name, ":") {
				m.Payload = []byte(line)
				continue
			}
			m.Headers = append(m.Headers, eventstream.Header{Name: name, Value: value})
		}
		out = eventstream.Append(out, m)
	}
	return string(out)
}
