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

// Body shows the body of a request or response as text that people can read, for
// its media type. JSON is indented, with its keys in their order and its values as
// they are written. The frames of an event stream are shown as [Frames] reads
// them. Other text is left alone, and of what is no text there is a checksum.
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

// frames shows a message of an event stream as its headers, a line each, its
// payload and a blank line.
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

// Frames makes an event stream of what [Body] shows of one.
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
