package known_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
)

// inOrder is a stream of a turn in which Claude thinks between its calls
// (github.com/UKGovernmentBEIS/inspect_ai/pull/4922).
const inOrder = `event: message_start
data: {"type":"message_start","message":{"id":"msg_1","model":"claude-sonnet-4-5"}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"First Paris.","signature":"b25l"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":"I look."}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: content_block_start
data: {"type":"content_block_start","index":2,"content_block":{"type":"redacted_thinking","data":"eHh4"}}

event: content_block_stop
data: {"type":"content_block_stop","index":2}

event: content_block_start
data: {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}}

event: content_block_stop
data: {"type":"content_block_stop","index":3}

event: content_block_start
data: {"type":"content_block_start","index":4,"content_block":{"type":"thinking","thinking":"Then Rome.","signature":"dHdv"}}

event: content_block_stop
data: {"type":"content_block_stop","index":4}

event: content_block_start
data: {"type":"content_block_start","index":5,"content_block":{"type":"tool_use","id":"toolu_2","name":"f","input":{}}}

event: content_block_stop
data: {"type":"content_block_stop","index":5}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use"}}

`

// Thoughts are sent back to Claude in their original places: "A prefix check … also fails if a thinking block between
// others was left out or moved" (platform.claude.com/docs/build-with-claude/preserved-thinking/prefix-checks).
func TestOrderComesBack(t *testing.T) {
	t.Parallel()
	var sequence []Event
	reader := Anthropic.NewReader()
	for _, e := range eventsOf(t, Anthropic, []byte(inOrder)) {
		sequence = reader.Read(sequence, e.Type, e.Data)
	}
	whole := Assemble("msg_1", "claude-sonnet-4-5", sequence)
	for format, second := range map[string]struct{ message, conversation string }{
		"openai":    {"choices.0.message", `{"model":"m","messages":[{"role":"user","content":"x"},SAID,{"role":"tool","tool_call_id":"toolu_1","content":"1"},{"role":"tool","tool_call_id":"toolu_2","content":"2"}]}`},
		"anthropic": {"content", `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":SAID},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"1"},{"type":"tool_result","tool_use_id":"toolu_2","content":"2"}]}]}`},
		"google":    {"candidates.0.content", `{"contents":[{"role":"user","parts":[{"text":"x"}]},SAID,{"role":"user","parts":[{"functionResponse":{"id":"toolu_1","name":"f","response":{"output":"1"}}},{"functionResponse":{"id":"toolu_2","name":"f","response":{"output":"2"}}}]}]}`},
		"bedrock":   {"output.message", `{"messages":[{"role":"user","content":[{"text":"x"}]},SAID,{"role":"user","content":[{"toolResult":{"toolUseId":"toolu_1","content":[{"text":"1"}]}},{"toolResult":{"toolUseId":"toolu_2","content":[{"text":"2"}]}}]}]}`},
	} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			said := member(t, formats[format].WriteResponse(whole), second.message)
			back := strings.Replace(second.conversation, "SAID", string(said), 1)
			assert.Equal(t, orderOf(t, []byte(inOrder)), claudeGets(t, formats[format], back))
		})
	}
	t.Run("openai, streamed", func(t *testing.T) {
		t.Parallel()
		message := map[string]json.RawMessage{
			"role": raw(`"assistant"`), "content": raw(`"I look."`),
			"tool_calls": raw(`[{"id":"toolu_1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"toolu_2","type":"function","function":{"name":"f","arguments":"{}"}}]`),
		}
		for _, e := range eventsOf(t, OpenAI, streamOf(t, Anthropic, OpenAI, []byte(inOrder), Usage{})) {
			var chunk struct {
				Choices []struct {
					Delta struct {
						Details json.RawMessage `json:"reasoning_details"`
					}
				}
			}
			if json.Unmarshal(e.Data, &chunk) == nil && len(chunk.Choices) > 0 && chunk.Choices[0].Delta.Details != nil {
				message["reasoning_details"] = chunk.Choices[0].Delta.Details
			}
		}
		said, err := json.Marshal(message)
		require.NoError(t, err)
		back := `{"model":"m","messages":[{"role":"user","content":"x"},` + string(said) + `,{"role":"tool","tool_call_id":"toolu_1","content":"1"},{"role":"tool","tool_call_id":"toolu_2","content":"2"}]}`
		assert.Equal(t, orderOf(t, []byte(inOrder)), claudeGets(t, OpenAI, back))
	})
	// OpenRouter gives details their own ids, which don't belong to a call.
	got := claudeGets(t, OpenAI, `{"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"reasoning_details":[{"type":"reasoning.text","id":"reasoning-text-1","text":"Hm.","signature":"c2ln","format":"anthropic-claude-v1","index":0}],"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"}]}`)
	assert.Equal(t, []string{"thinking c2ln", "tool_use a"}, got)
}

// orderOf returns the kinds of blocks in an Anthropic stream, in order.
func orderOf(t *testing.T, stream []byte) (list []string) {
	t.Helper()
	for _, e := range eventsOf(t, Anthropic, stream) {
		var v struct {
			Block *claudeBlock `json:"content_block"`
		}
		require.NoError(t, json.Unmarshal(e.Data, &v))
		if v.Block != nil {
			list = append(list, v.Block.String())
		}
	}
	return list
}

// claudeGets returns the kinds of blocks that Claude gets in the assistant's message.
func claudeGets(t *testing.T, from Chat, body string) (list []string) {
	t.Helper()
	r, err := from.ReadRequest([]byte(body))
	require.NoError(t, err)
	r.Model, r.Tools = "claude-sonnet-4-5", []Tool{{Name: "f", Schema: raw(schema)}}
	written, err := Anthropic.WriteRequest(r, Traits{})
	require.NoError(t, err)
	var blocks []claudeBlock
	require.NoError(t, json.Unmarshal(member(t, written, "messages.1.content"), &blocks))
	for _, b := range blocks {
		list = append(list, b.String())
	}
	return list
}

type claudeBlock struct{ Type, ID, Text, Signature, Data string }

func (b claudeBlock) String() string { return b.Type + " " + b.ID + b.Text + b.Signature + b.Data }

// member returns a member of a body by its path.
func member(t *testing.T, body []byte, path string) json.RawMessage {
	t.Helper()
	for name := range strings.SplitSeq(path, ".") {
		var object map[string]json.RawMessage
		var list []json.RawMessage
		if json.Unmarshal(body, &object) == nil {
			body = object[name]
			continue
		}
		require.NoError(t, json.Unmarshal(body, &list), "%s in %s", path, body)
		i, err := strconv.Atoi(name)
		require.NoError(t, err)
		require.Less(t, i, len(list))
		body = list[i]
	}
	return body
}
