// Package tools contains the MCP tools with which an agent uses Lava: to log
// in, send AI requests through the gateway, search its models and APIs, set up
// billing, and read usage. Both lava-mcp and lavamock serve them.
//
// A tool is a typed function that uses the client of package lava. The common parts are in server.go (schemas,
// annotations, redaction) and errors.go (the texts for failed calls).
package tools
