package upstream

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	_ "image/gif"  // for the size of images
	_ "image/jpeg" // as above
	_ "image/png"  // as above
	"net/http"
	"slices"
	"strings"
)

// What Anthropic rejects: tools beyond their fields, large requests and media, and incompatible settings.

// megabyte is how providers count sizes.
const megabyte = 1 << 20

var claudeLimitRules = []rule{
	{"anthropic.request-size", func(c *call) *refusal {
		if len(c.body) > 32*megabyte {
			return &refusal{status: http.StatusRequestEntityTooLarge, message: "Request exceeds the maximum size"}
		}
		return nil
	}},
	{"anthropic.image-size", func(c *call) *refusal {
		return c.eachImage(func(place func() string, source value) *refusal {
			n := len(source.get("data").inner()) / 4 * 3
			if n > 5*megabyte {
				return refused(fmt.Sprintf("%s.source.base64: image exceeds 5 MB maximum: %d bytes > 5242880 bytes", place(), n))
			}
			return nil
		})
	}},
	{"anthropic.image-dimensions", func(c *call) *refusal {
		images := 0
		_ = c.eachImage(func(func() string, value) *refusal { images++; return nil })
		most, of := 8000, ""
		if images > 20 {
			most, of = 2000, " for many-image requests"
		}
		return c.eachImage(func(place func() string, source value) *refusal {
			if width, height := imageSize(source.get("data")); width > most || height > most {
				return refused(fmt.Sprintf("%s.source.base64.data: At least one of the image dimensions exceed max allowed size%s: %d pixels", place(), of, most))
			}
			return nil
		})
	}},
	{"anthropic.pdf-pages", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, block value) *refusal {
			source := block.get("source")
			if string(block.get("type").inner()) != "document" || string(source.get("type").inner()) != "base64" {
				return nil
			}
			most := c.mostMedia()
			if pages(source.get("data")) > most {
				return refused(fmt.Sprintf("messages.%d.content.%d.pdf.source.base64.data: A maximum of %d PDF pages may be provided.", i, j, most))
			}
			return nil
		})
	}},
	{"anthropic.media-count", func(c *call) *refusal {
		images, documents := 0, 0
		for _, m := range c.request.get("messages").items {
			countMedia(m.get("content"), &images, &documents)
		}
		if most := c.mostMedia(); images+documents > most {
			return refused(fmt.Sprintf("too many images and documents: %d + %d > %d", images, documents, most))
		}
		return nil
	}},
	{"anthropic.deferred-tools", func(c *call) *refusal {
		tools := c.request.get("tools").items
		deferred := func(tool value) bool { return tool.get("defer_loading").isTrue() }
		if len(tools) > 0 && !slices.ContainsFunc(tools, func(tool value) bool { return !deferred(tool) }) {
			return refused("All tools have defer_loading set. At least one tool must be non-deferred.")
		}
		for _, tool := range tools {
			if deferred(tool) && tool.get("cache_control").there() {
				return refused(fmt.Sprintf("Tool '%s' cannot have both defer_loading=true and cache_control set. Tools with defer_loading cannot use prompt caching.", tool.get("name").text()))
			}
		}
		return nil
	}},
	{"anthropic.domains", func(c *call) *refusal {
		for i, tool := range c.request.get("tools").items {
			if tool.get("allowed_domains").there() && tool.get("blocked_domains").there() {
				return refused(fmt.Sprintf("tools.%d.%s: Only one of `allowed_domains` and `blocked_domains` may be specified", i, tool.get("type").text()))
			}
		}
		return nil
	}},
	{"anthropic.strict-schema", func(c *call) *refusal {
		for i, tool := range c.request.get("tools").items {
			if tool.get("strict").isTrue() {
				if problem := notKept(tool.get("input_schema")); problem != "" {
					return refused(fmt.Sprintf("tools.%d.custom: %s", i, problem))
				}
			}
		}
		return nil
	}},
	{"anthropic.server-tool-result", func(c *call) *refusal {
		messages := c.request.get("messages").items
		for i, m := range messages {
			blocks := m.get("content").items
			for j, block := range blocks {
				if string(block.get("type").inner()) != "server_tool_use" || string(block.get("name").inner()) != "web_search" || i == len(messages)-1 || j == len(blocks)-1 {
					continue
				}
				id := block.get("id").text()
				if !slices.ContainsFunc(blocks[j:], func(b value) bool { return b.get("tool_use_id").text() == id }) {
					return refused(fmt.Sprintf("messages.%d: `web_search` tool use with id `%s` was found without a corresponding `web_search_tool_result` block", i, id))
				}
			}
		}
		return nil
	}},
	{"anthropic.server-tool-use", func(c *call) *refusal {
		used := map[string]bool{}
		return c.eachBlock(func(i, j int, block value) *refusal {
			switch kind := block.get("type").text(); {
			case kind == "server_tool_use", kind == "mcp_tool_use":
				used[block.get("id").text()] = true
			case strings.HasSuffix(kind, "_tool_result"):
				if id := block.get("tool_use_id").text(); !used[id] {
					use := "server_tool_use"
					if kind == "mcp_tool_result" {
						use = "mcp_tool_use"
					}
					return refused(fmt.Sprintf("messages.%d.content.%d: unexpected `tool_use_id` found in `%s` blocks: %s. Each `%s` block must have a corresponding `%s` block before it.", i, j, kind, id, kind, use))
				}
			}
			return nil
		})
	}},
	{"anthropic.mcp-toolset", func(c *call) *refusal {
		if !c.withBeta("mcp-client-2025-11-20") {
			return nil
		}
		for _, server := range c.request.get("mcp_servers").items {
			name := server.get("name").text()
			if !slices.ContainsFunc(c.request.get("tools").items, func(tool value) bool { return tool.get("mcp_server_name").text() == name }) {
				return refused("MCP server '" + name + "' is defined but not referenced by any mcp_toolset in tools.")
			}
		}
		return nil
	}},
	{"anthropic.tool-reference", func(c *call) *refusal {
		return c.eachBlock(func(_, _ int, block value) *refusal {
			if string(block.get("type").inner()) != "tool_result" {
				return nil
			}
			for _, part := range block.get("content").items {
				name := part.get("tool_name").text()
				if name != "" && !slices.ContainsFunc(c.request.get("tools").items, func(tool value) bool { return tool.get("name").text() == name }) {
					return refused("Tool reference '" + name + "' has no corresponding tool definition")
				}
			}
			return nil
		})
	}},
	{"anthropic.effort-level", func(c *call) *refusal {
		switch effort := c.request.get("output_config", "effort").text(); {
		case effort == "xhigh" && isOneOf(c.Model, noXHigh):
			return refused("This model does not support effort level 'xhigh'. Supported levels: high, low, max, medium.")
		case effort == "max" && isFamily(c.Model, "claude-opus-4-5"), effort == "xhigh" && isFamily(c.Model, "claude-opus-4-5"):
			return refused("This model does not support effort level '" + effort + "'. Supported levels: high, low, medium.")
		}
		return nil
	}},
	{"anthropic.citations-with-schema", func(c *call) *refusal {
		if !c.request.get("output_config", "format").there() && !c.request.get("output_format").there() {
			return nil
		}
		return c.eachBlock(func(_, _ int, block value) *refusal {
			if block.get("citations", "enabled").isTrue() {
				return refused("Citations are not supported with structured outputs. Disable citations or remove output_config.format.")
			}
			return nil
		})
	}},
	{"anthropic.citations-all", func(c *call) *refusal {
		with, without := false, false
		_ = c.eachBlock(func(_, _ int, block value) *refusal {
			if string(block.get("type").inner()) == "document" {
				on := block.get("citations", "enabled").isTrue()
				with, without = with || on, without || !on
			}
			return nil
		})
		if with && without {
			return refused("Citations must be enabled on all or none of the documents in a request.")
		}
		return nil
	}},
}

var noXHigh = []string{"claude-opus-4-6", "claude-sonnet-4-6"}

// imageSize returns the size of an image in pixels; 0 if it can't be decoded. It decodes only the beginning.
func imageSize(data value) (width, height int) {
	config, _, err := image.DecodeConfig(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(data.inner())))
	if err != nil {
		return 0, 0
	}
	return config.Width, config.Height
}

// pages counts the pages of a PDF, as far as they aren't compressed.
func pages(data value) int {
	b, ok := fromBase64(data.text())
	if !ok {
		return 0
	}
	n := 0
	for _, page := range [...]string{"/Type /Page", "/Type/Page"} {
		n += bytes.Count(b, []byte(page)) - bytes.Count(b, []byte(page+"s"))
	}
	return n
}

// mostMedia returns how many images and documents a request may have, and how many pages a PDF: fewer for models with
// a small context window.
func (c *call) mostMedia() int {
	if m, ok := c.provider.Model(c.Model); ok && m.Context >= 1_000_000 {
		return 600
	}
	return 100
}

// countMedia counts the images and documents in blocks, including those in results of tools.
func countMedia(blocks value, images, documents *int) {
	for _, block := range blocks.items {
		switch string(block.get("type").inner()) {
		case "image":
			*images++
		case "document":
			*documents++
		case "tool_result":
			countMedia(block.get("content"), images, documents)
		}
	}
}

// withBeta reports whether a request asks for a beta whose name contains a text.
func (c *call) withBeta(part string) bool {
	for _, beta := range c.header["Anthropic-Beta"] {
		if strings.Contains(beta, part) {
			return true
		}
	}
	return false
}
