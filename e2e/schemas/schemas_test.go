// Package schemas checks with a JSON Schema library that what the fake providers
// make up satisfies the schemas that clients send: structured output and the
// arguments of tools.
package schemas

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// A place is where a format takes a schema, and where its response has what must
// satisfy it.
type place struct {
	name string
	url  string
	body func(schema any) any
	path []any // in the response
}

type object = map[string]any

var user = []object{{"role": "user", "content": "Go on."}}

var places = []place{
	{"openai output", "https://api.openai.com/v1/chat/completions", func(schema any) any {
		return object{"model": "gpt-4o", "messages": user,
			"response_format": object{"type": "json_schema", "json_schema": object{"name": "out", "schema": schema}}}
	}, []any{"choices", 0, "message", "content"}},
	{"openai tool", "https://api.openai.com/v1/chat/completions", func(schema any) any {
		return object{"model": "gpt-4o", "messages": user, "tool_choice": "required",
			"tools": []object{{"type": "function", "function": object{"name": "f", "parameters": schema}}}}
	}, []any{"choices", 0, "message", "tool_calls", 0, "function", "arguments"}},
	{"responses output", "https://api.openai.com/v1/responses", func(schema any) any {
		return object{"model": "gpt-4o", "input": "Go on.", "text": object{"format": object{"type": "json_schema", "name": "out", "schema": schema}}}
	}, []any{"output", 0, "content", 0, "text"}},
	{"anthropic output", "https://api.anthropic.com/v1/messages", func(schema any) any {
		return object{"model": "claude-sonnet-4-5", "max_tokens": 100, "messages": user,
			"output_config": object{"format": object{"type": "json_schema", "schema": schema}}}
	}, []any{"content", 0, "text"}},
	{"anthropic tool", "https://api.anthropic.com/v1/messages", func(schema any) any {
		return object{"model": "claude-sonnet-4-5", "max_tokens": 100, "messages": user, "tool_choice": object{"type": "any"},
			"tools": []object{{"name": "f", "input_schema": schema}}}
	}, []any{"content", 0, "input"}},
	{"google output", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent", func(schema any) any {
		return object{"contents": []object{{"role": "user", "parts": []object{{"text": "Go on."}}}},
			"generationConfig": object{"responseMimeType": "application/json", "responseJsonSchema": schema}}
	}, []any{"candidates", 0, "content", "parts", 0, "text"}},
	{"bedrock tool", "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-pro-v1:0/converse", func(schema any) any {
		return object{"messages": []object{{"role": "user", "content": []object{{"text": "Go on."}}}},
			"toolConfig": object{"toolChoice": object{"any": object{}},
				"tools": []object{{"toolSpec": object{"name": "f", "inputSchema": object{"json": schema}}}}}}
	}, []any{"output", "message", "content", 0, "toolUse", "input"}},
	{"mistral tool", "https://api.mistral.ai/v1/chat/completions", func(schema any) any {
		return object{"model": "mistral-large-latest", "messages": user, "tool_choice": "any",
			"tools": []object{{"type": "function", "function": object{"name": "f", "parameters": schema}}}}
	}, []any{"choices", 0, "message", "tool_calls", 0, "function", "arguments"}},
}

// The schemas in testdata are objects, which all places take: each shows some words
// of the language.
func TestFakesSatisfySchemas(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		decoded, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		require.NoError(t, err, file)
		compiler := jsonschema.NewCompiler()
		compiler.AssertFormat()
		require.NoError(t, compiler.AddResource(file, decoded))
		schema, err := compiler.Compile(file)
		require.NoError(t, err, file)
		for _, p := range places {
			t.Run(filepath.Base(file)+" "+p.name, func(t *testing.T) {
				t.Parallel()
				value := p.ask(t, json.RawMessage(raw))
				require.NoError(t, schema.Validate(value), "%v", value)
			})
		}
	}
}

// lenient takes limits in the schemas of Claude's output too, which Anthropic rejects: they
// are in the files for the others.
var lenient = &upstream.Fake{Lenient: func(context.Context) func(upstream.Rule) bool {
	return func(rule upstream.Rule) bool { return rule == "anthropic.output-schema" }
}}

// ask sends a schema to the fake, and returns what the response has at the path.
func (p place) ask(t *testing.T, schema json.RawMessage) any {
	t.Helper()
	body, err := json.Marshal(p.body(schema))
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url, bytes.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Anthropic-Version", "2023-06-01") // required there, of no meaning elsewhere
	resp, err := lenient.RoundTrip(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s", raw)
	at, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	require.NoError(t, err)
	for _, step := range p.path {
		switch step := step.(type) {
		case string:
			o, _ := at.(object)
			at = o[step]
		case int:
			list, _ := at.([]any)
			require.Greater(t, len(list), step, "%s", raw)
			at = list[step]
		}
	}
	if text, ok := at.(string); ok { // JSON within JSON
		at, err = jsonschema.UnmarshalJSON(strings.NewReader(text))
		require.NoError(t, err, text)
	}
	return at
}
