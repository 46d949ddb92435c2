// Package tools holds the MCP tools with which an agent uses Lava: it logs in,
// sends AI requests through the gateway, looks up what the gateway reaches, and
// sets up and reads the billing. lava-mcp and lavamock both serve them.
//
// A tool is one typed function on the client of package lava. What all have in
// common is in server.go (schemas, annotations, redaction) and errors.go (what
// an agent is told when a call fails).
package tools
