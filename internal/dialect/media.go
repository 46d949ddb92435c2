package dialect

import (
	"cmp"
	"encoding/base64"
	"mime"
	"net/url"
	"path"
	"strings"
)

// IsImage reports whether m is to be looked at, not read.
func (m Media) IsImage() bool { return m.Image || strings.HasPrefix(m.Type, "image/") }

// IsVideo reports whether m is a video.
func (m Media) IsVideo() bool { return strings.HasPrefix(m.Type, "video/") }

// IsAudio reports whether m is a recording.
func (m Media) IsAudio() bool { return strings.HasPrefix(m.Type, "audio/") }

// NormalType is a MIME type as providers spell it: in lower case, without parameters,
// and by its registered name.
func NormalType(kind string) string {
	kind, _, _ = strings.Cut(kind, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if usual, ok := aliases[kind]; ok {
		return usual
	}
	return kind
}

// aliases are names of types that clients send and providers reject.
var aliases = map[string]string{
	"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png",
	"audio/mp3": "audio/mpeg", "audio/x-wav": "audio/wav", "audio/wave": "audio/wav", "audio/vnd.wave": "audio/wav",
	"application/x-pdf": "application/pdf", "text/x-markdown": "text/markdown", "application/csv": "text/csv",
}

// settled returns m in a form that all providers accept. Google accepts the URL alphabet of base64, and its Python
// SDK writes it (github.com/lmnr-ai/lmnr/pull/1275). OpenAI inspects an image, but Anthropic requires the declared
// type to be right (github.com/home-assistant/core/issues/167208).
func (m Media) settled() Media {
	m.Type = NormalType(m.Type)
	if strings.ContainsAny(m.Data, "-_") || len(m.Data)%4 != 0 {
		m.Data = strings.NewReplacer("-", "+", "_", "/", "\r", "", "\n", "").Replace(m.Data)
		m.Data += strings.Repeat("=", -len(m.Data)&3)
	}
	if kind := imageType(m.Data); kind != "" && m.IsImage() {
		m.Type = kind
	}
	return m
}

// imageType returns the type of an image from the beginning of its data, or "" if it isn't one of the types that all
// providers accept.
func imageType(data string) string {
	const most = 16
	b, err := base64.StdEncoding.DecodeString(data[:min(len(data), most)])
	start := string(b)
	switch {
	case err != nil:
		return ""
	case strings.HasPrefix(start, "\x89PNG\r\n"):
		return "image/png"
	case strings.HasPrefix(start, "\xff\xd8\xff"):
		return "image/jpeg"
	case strings.HasPrefix(start, "GIF8"):
		return "image/gif"
	case strings.HasPrefix(start, "RIFF") && strings.HasSuffix(start, "WEBP"):
		return "image/webp"
	}
	return ""
}

// check rejects what isn't a file: an invalid type, missing data, or data that isn't base64, such as a whole data URL
// in place of its data.
func (m Media) check() error {
	switch {
	case m.Type != "" && !strings.Contains(m.Type, "/"):
		return Wrong(m.At, "%q is not a MIME type", m.Type)
	case m.URL != "" || m.Data == "" && !m.IsImage(): // a document may be empty
		return nil
	case m.Data == "":
		return Wrong(m.At, "the image has no data")
	}
	digits := strings.TrimRight(m.Data, "=\r\n")
	for i := range len(digits) {
		switch c := digits[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
		case c != '+' && c != '/' && c != '-' && c != '_' && c != '\r' && c != '\n':
			return Wrong(m.At, "the data of the file is not base64: it has %q", c)
		}
	}
	return nil
}

// MediaFromURL reads a URL, which may contain the data itself; false if it can't be read.
func MediaFromURL(address string) (Media, bool) {
	scheme, rest, _ := strings.Cut(address, ":")
	if !strings.EqualFold(scheme, "data") {
		return Media{URL: address, Type: TypeByName(address)}, address != ""
	}
	head, data, ok := strings.Cut(rest, ",")
	if !ok {
		return Media{}, false
	}
	kind, plain := head, true
	if k, ok := strings.CutSuffix(head, ";base64"); ok {
		kind, plain = k, false
	}
	kind, _, _ = strings.Cut(kind, ";")
	if kind == "" {
		kind = "text/plain"
	}
	if plain {
		text, err := url.PathUnescape(data)
		if err != nil {
			return Media{}, false
		}
		data = base64.StdEncoding.EncodeToString([]byte(text))
	}
	return Media{Type: kind, Data: data}, true
}

// DataURL returns a URL that contains m, or its own URL.
func (m Media) DataURL() string {
	if m.URL != "" {
		return m.URL
	}
	return "data:" + m.Type + ";base64," + m.Data
}

// FileName returns the name of a PDF with a file extension, which providers check.
func (m Media) FileName() string {
	const ending = ".pdf"
	if strings.HasSuffix(strings.ToLower(m.Name), ending) {
		return m.Name
	}
	return cmp.Or(m.Name, "document") + ending
}

// Content is the text of a plain document; false if m only has its URL.
func (m Media) Content() (string, bool) {
	b, err := base64.StdEncoding.DecodeString(m.Data)
	return string(b), err == nil && m.URL == ""
}

// PlainDocument is a document of plain text.
func PlainDocument(text, name string) Media {
	return Media{Type: "text/plain", Data: base64.StdEncoding.EncodeToString([]byte(text)), Name: name}
}

// TypeByName guesses the MIME type of a URL's target from its extension; "" if it can't tell.
func TypeByName(address string) string {
	if u, err := url.Parse(address); err == nil {
		if kind, ok := extensions[strings.ToLower(path.Ext(u.Path))]; ok {
			return kind
		}
	}
	return ""
}

// extensions are fixed, because package mime depends on the machine.
var extensions = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
	".pdf": "application/pdf", ".txt": "text/plain", ".csv": "text/csv", ".html": "text/html", ".md": "text/markdown",
	".doc": "application/msword", ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xls": "application/vnd.ms-excel", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".mp3": "audio/mpeg", ".wav": "audio/wav", ".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime",
}

// Bedrock and OpenAI name formats by file extension, here without the dot.

// TypeOfFormat returns the MIME type for such a name in a family such as "image".
func TypeOfFormat(family, format string) string {
	if kind, ok := extensions["."+format]; ok && (family == "" || strings.HasPrefix(kind, family)) {
		return kind
	}
	return family + "/" + format
}

// FormatOfType is the opposite: it returns the name of a MIME type among the given ones, or "".
func FormatOfType(kind string, formats ...string) string {
	kind, _, _ = mime.ParseMediaType(kind)
	for _, f := range formats {
		if extensions["."+f] == kind {
			return f
		}
	}
	return ""
}
