package upstream

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// What providers reject in images, documents and recordings.

var claudeMediaRules = []rule{
	{"anthropic.image-type", func(c *call) *refusal {
		return c.eachImage(func(place func() string, source value) *refusal {
			if media := source.get("media_type"); media.isString() && !imageTypes[string(media.inner())] {
				return refused(place() + ".source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'")
			}
			return nil
		})
	}},
	{"anthropic.image-data", func(c *call) *refusal {
		return c.eachImage(func(place func() string, source value) *refusal {
			if !source.get("data").isString() {
				return nil
			}
			data, isBase64 := fromBase64(source.get("data").text())
			media := source.get("media_type").text()
			switch found := http.DetectContentType(data); {
			case !isBase64:
				return refused(place() + ".source.base64: invalid base64 data")
			case len(data) == 0:
				return refused(place() + ".source.base64: image cannot be empty")
			case imageTypes[found] && imageTypes[media] && found != media:
				return refused(place() + ".source.base64: The image was specified using the " + media + " media type, but the image appears to be a " + found + " image")
			}
			return nil
		})
	}},
	{"anthropic.image-url", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, block value) *refusal {
			url := block.get("source", "url")
			if string(block.get("type").inner()) == "image" && url.isString() && !strings.HasPrefix(strings.ToLower(url.text()), "https://") {
				return refused(fmt.Sprintf("messages.%d.content.%d.image.source.url: Only HTTPS URLs are supported.", i, j))
			}
			return nil
		})
	}},
}

// eachImage iterates over the base64 images in a request to Anthropic, including those in tool results, until one
// breaks a rule. The place is computed only for that one.
func (c *call) eachImage(check func(place func() string, source value) *refusal) *refusal {
	for i, m := range c.request.get("messages").items {
		for j, block := range m.get("content").items {
			if isImage(block) {
				if broken := check(func() string { return fmt.Sprintf("messages.%d.content.%d.image", i, j) }, block.get("source")); broken != nil {
					return broken
				}
			}
			for k, part := range block.get("content").items {
				if !isImage(part) {
					continue
				}
				if broken := check(func() string { return fmt.Sprintf("messages.%d.content.%d.tool_result.content.%d.image", i, j, k) }, part.get("source")); broken != nil {
					return broken
				}
			}
		}
	}
	return nil
}

// isImage reports whether a block of Anthropic's is an image in base64.
func isImage(block value) bool {
	return string(block.get("type").inner()) == "image" && string(block.get("source", "type").inner()) == "base64"
}

// fromBase64 decodes data with or without padding; false if it isn't base64.
func fromBase64(data string) ([]byte, bool) {
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(data, "="))
	return b, err == nil
}

var googleMediaRules = []rule{
	{"google.media-type", func(c *call) *refusal {
		return c.eachInline(func(_ func() string, inline value) *refusal {
			media := either(inline, "mimeType")
			if !media.isString() {
				return nil
			}
			if _, _, whole := strings.Cut(media.text(), "/"); !whole || unreadable[media.text()] {
				return refused("Unsupported MIME type: " + media.text())
			}
			return nil
		})
	}},
	{"google.media-data", func(c *call) *refusal {
		if broken := c.eachInline(func(place func() string, inline value) *refusal {
			return notBytes(inline.get("data"), place, ".inline_data.data")
		}); broken != nil {
			return broken
		}
		for i, content := range repeated(c.request, "contents") {
			for j, part := range repeated(content, "parts") {
				place := func() string { return fmt.Sprintf("contents[%d].parts[%d]", i, j) }
				if broken := notBytes(either(part, "thoughtSignature"), place, ".thought_signature"); broken != nil {
					return broken
				}
			}
		}
		return nil
	}},
}

// unreadable are file types that Gemini can't read.
var unreadable = words(`image/jpg image/svg+xml application/octet-stream application/zip application/msword application/vnd.ms-excel application/vnd.ms-powerpoint
	application/vnd.openxmlformats-officedocument.wordprocessingml.document application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
	application/vnd.openxmlformats-officedocument.presentationml.presentation`)

// notBytes is Google's message about invalid base64 in the JSON of protocol buffers.
func notBytes(data value, place func() string, field string) *refusal {
	if !data.isString() {
		return nil
	}
	if standard := strings.NewReplacer("-", "+", "_", "/").Replace(data.text()); isBase64(standard) {
		return nil
	}
	return refused(fmt.Sprintf("Invalid value at '%s%s' (TYPE_BYTES), Base64 decoding failed for %q", place(), field, data.text()))
}

func isBase64(data string) bool {
	_, ok := fromBase64(data)
	return ok
}

// eachInline iterates over the files in a request to Google until one breaks a rule. The place is computed only for
// that one.
func (c *call) eachInline(check func(place func() string, inline value) *refusal) *refusal {
	for i, content := range repeated(c.request, "contents") {
		for j, part := range repeated(content, "parts") {
			inline := either(part, "inlineData")
			if !inline.there() {
				continue
			}
			if broken := check(func() string { return fmt.Sprintf("contents[%d].parts[%d]", i, j) }, inline); broken != nil {
				return broken
			}
		}
	}
	return nil
}

var bedrockMediaRules = []rule{
	{"bedrock.documents", func(c *call) *refusal {
		const most = 5
		n := 0
		return c.eachBlock(func(_, _ int, block value) *refusal {
			if block.get("document").there() {
				n++
			}
			if n > most {
				return refused(fmt.Sprintf("You can't include more than %d documents in a request.", most))
			}
			return nil
		})
	}},
	{"bedrock.document-names-unique", func(c *call) *refusal {
		seen := map[string]bool{}
		return c.eachBlock(func(_, _ int, block value) *refusal {
			name := block.get("document", "name").text()
			if seen[name] {
				return refused("Messages can't contain duplicate document names. Rename the document and retry your request.")
			}
			seen[name] = name != ""
			return nil
		})
	}},
}

// wantedURL is the beginning of OpenAI's message about an invalid image URL.
const wantedURL = "Expected a base64-encoded data URL with an image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got "

var chatMediaRules = []rule{
	{"openai.image-type", func(c *call) *refusal {
		return c.eachBlock(func(_, _ int, part value) *refusal {
			media, isData := strings.CutPrefix(part.get("image_url", "url").text(), "data:")
			if isData && !strings.HasPrefix(strings.ToLower(media), "image/") {
				return openAIRefusal("", "invalid_image_format", "Invalid MIME type. Only image types are supported.")
			}
			return nil
		})
	}},
	{"openai.image-url", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, part value) *refusal {
			url := part.get("image_url", "url")
			scheme, _, _ := strings.Cut(url.text(), ":")
			if !url.isString() || slices.Contains([]string{"data", "http", "https"}, strings.ToLower(scheme)) {
				return nil
			}
			param := fmt.Sprintf("messages[%d].content[%d].image_url.url", i, j)
			return openAIRefusal(param, "invalid_value", "Invalid image URL: '%s'. "+wantedURL+"a value without the 'data:' prefix.", param)
		})
	}},
	{"openai.image-role", func(c *call) *refusal {
		messages := c.request.get("messages").items
		return c.eachBlock(func(i, _ int, part value) *refusal {
			role := messages[i].get("role").text()
			if part.get("type").text() != "image_url" || role == "user" {
				return nil
			}
			return openAIRefusal(fmt.Sprintf("messages[%d]", i), "invalid_value",
				"Invalid 'messages[%d]'. Image URLs are only allowed for messages with role 'user', but this message with role '%s' contains an image URL.", i, role)
		})
	}},
}

var responsesMediaRules = []rule{
	{"openai.image-url", func(c *call) *refusal {
		for i, item := range c.request.get("input").items {
			for j, part := range item.get("content").items {
				head, data, _ := strings.Cut(part.get("image_url").text(), ";base64,")
				if strings.HasPrefix(head, "data:image/") && data == "" {
					param := fmt.Sprintf("input[%d].content[%d].image_url", i, j)
					return openAIRefusal(param, "invalid_value", "Invalid '%s'. "+wantedURL+"empty base64-encoded bytes.", param)
				}
			}
		}
		return nil
	}},
}
