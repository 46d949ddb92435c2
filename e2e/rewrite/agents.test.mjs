// Three turns with parallel calls, through the official JavaScript SDKs at providers of every format. The mock has
// its replies in the order of the tests.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseUrl } from '../node/setup.mjs';
import { Anthropic, bedrock as aws, GoogleGenAI, OpenAI } from './sdks.mjs';

const apiKey = process.env.LAVA_SECRET_KEY;
const question = 'What is the weather?';
const weather = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const schemas = { weather, clock: { type: 'object', properties: {} } };
const declare = (as) => Object.entries(schemas).map(([name, schema]) => as(name, schema));

const places = {
  openai: ['https://api.openai.com/v1', 'gpt-4o-mini'],
  anthropic: ['https://api.anthropic.com/v1', 'claude-sonnet-4-5'],
  google: ['https://generativelanguage.googleapis.com/v1beta', 'gemini-3-pro-preview'],
  bedrock: ['https://bedrock-runtime.us-east-1.amazonaws.com', 'anthropic.claude-sonnet-4-5-20250929-v1:0'],
};

/** Each agent has a turn, which sends the conversation and adds the response to it, and
 * results, which adds the results of the tools. */
const agents = {
  openai(base, model) {
    const client = new OpenAI({ apiKey, baseURL: `${baseUrl}rewrite/openai/${base}`, maxRetries: 0 });
    const messages = [{ role: 'user', content: question }];
    const tools = declare((name, parameters) => ({ type: 'function', function: { name, parameters } }));
    return {
      async turn(stream) {
        const ask = { model, messages, tools };
        const { choices: [{ message }] } = stream
          ? await client.chat.completions.stream(ask).finalChatCompletion()
          : await client.chat.completions.create(ask);
        messages.push(message);
        const calls = (message.tool_calls ?? []).map((c) => ({ id: c.id, name: c.function.name, input: JSON.parse(c.function.arguments) }));
        return { calls, text: message.content ?? '' };
      },
      results: (calls) => messages.push(...calls.map((c) => ({ role: 'tool', tool_call_id: c.id, content: `Result of ${c.name}` }))),
    };
  },

  anthropic(base, model) {
    const client = new Anthropic({ apiKey, baseURL: `${baseUrl}rewrite/anthropic/${base.replace(/\/v1$/, '')}`, maxRetries: 0 });
    const messages = [{ role: 'user', content: question }];
    const tools = declare((name, input_schema) => ({ name, input_schema }));
    return {
      async turn(stream) {
        const ask = { model, max_tokens: 1000, messages, tools };
        const { content } = stream ? await client.messages.stream(ask).finalMessage() : await client.messages.create(ask);
        messages.push({ role: 'assistant', content });
        const calls = content.filter(({ type }) => type === 'tool_use');
        return { calls, text: content.map((b) => (b.type === 'text' ? b.text : '')).join('') };
      },
      results: (calls) => messages.push({
        role: 'user', content: calls.map((c) => ({ type: 'tool_result', tool_use_id: c.id, content: `Result of ${c.name}` })),
      }),
    };
  },

  google(base, model) {
    const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: `${baseUrl}rewrite/google/${new URL(base).origin}` } });
    const contents = [{ role: 'user', parts: [{ text: question }] }];
    const tools = [{ functionDeclarations: declare((name, parametersJsonSchema) => ({ name, parametersJsonSchema })) }];
    return {
      async turn(stream) {
        const ask = { model, contents, config: { tools } };
        const parts = [];
        if (stream) {
          for await (const chunk of await client.models.generateContentStream(ask)) parts.push(...chunk.candidates[0].content?.parts ?? []);
        } else {
          parts.push(...(await client.models.generateContent(ask)).candidates[0].content.parts);
        }
        contents.push({ role: 'model', parts });
        const calls = parts.filter((p) => p.functionCall).map(({ functionCall: { id, name, args } }) => ({ id, name, input: args }));
        return { calls, text: parts.map((p) => (p.thought ? '' : p.text ?? '')).join('') };
      },
      results: (calls) => contents.push({
        role: 'user', parts: calls.map(({ id, name }) => ({ functionResponse: { id, name, response: { output: `Result of ${name}` } } })),
      }),
    };
  },

  // With the SDK's default handler, which uses HTTP/2.
  bedrock(base, modelId) {
    const client = new aws.BedrockRuntimeClient({
      region: 'us-east-1', endpoint: `${baseUrl}rewrite/bedrock/${base}`,
      token: { token: apiKey }, authSchemePreference: ['httpBearerAuth'], maxAttempts: 1,
    });
    const messages = [{ role: 'user', content: [{ text: question }] }];
    const toolConfig = { tools: declare((name, json) => ({ toolSpec: { name, inputSchema: { json } } })) };
    return {
      async turn(stream) {
        const ask = { modelId, messages, toolConfig };
        const content = stream
          ? await blocks((await client.send(new aws.ConverseStreamCommand(ask))).stream)
          : (await client.send(new aws.ConverseCommand(ask))).output.message.content;
        messages.push({ role: 'assistant', content });
        const calls = content.filter((b) => b.toolUse).map(({ toolUse: { toolUseId, name, input } }) => ({ id: toolUseId, name, input }));
        return { calls, text: content.map((b) => b.text ?? '').join('') };
      },
      results: (calls) => messages.push({
        role: 'user', content: calls.map((c) => ({ toolResult: { toolUseId: c.id, content: [{ text: `Result of ${c.name}` }] } })),
      }),
      close: () => client.destroy(),
    };
  },
};

/** Assembles the blocks of a stream, which Amazon's SDK leaves to its users. */
async function blocks(stream) {
  const found = [];
  for await (const { contentBlockStart: start, contentBlockDelta: piece } of stream) {
    if (start) found[start.contentBlockIndex] = { toolUse: { ...start.start.toolUse, input: '' } };
    if (!piece) continue;
    const { contentBlockIndex: i, delta } = piece;
    const block = (found[i] ??= {});
    if (delta.toolUse) block.toolUse.input += delta.toolUse.input;
    if (delta.text) block.text = (block.text ?? '') + delta.text;
    if (delta.reasoningContent) {
      const { reasoningText = { text: '' } } = block.reasoningContent ?? {};
      const { text = '', signature } = delta.reasoningContent;
      block.reasoningContent = { reasoningText: { ...reasoningText, text: reasoningText.text + text, ...signature && { signature } } };
    }
  }
  for (const { toolUse } of found) if (toolUse) toolUse.input = JSON.parse(toolUse.input);
  return found;
}

for (const [sdk, create] of Object.entries(agents)) {
  for (const [provider, [base, model]] of Object.entries(places)) {
    for (const stream of [false, true]) {
      test(`${sdk} to ${provider}${stream ? ', streamed' : ''}`, async (t) => {
        const agent = create(base, model);
        t.after(() => agent.close?.());
        const plain = ({ calls }) => calls.map(({ name, input }) => [name, input]);

        const first = await agent.turn(stream);
        assert.deepEqual(plain(first), [['weather', { city: 'Oslo' }], ['clock', {}]]);
        agent.results(first.calls);
        const second = await agent.turn(stream);
        assert.deepEqual(plain(second), [['weather', { city: 'Rome' }]]);
        agent.results(second.calls);
        const { calls, text } = await agent.turn(stream);
        assert.deepEqual([calls.length, text], [0, 'Done.']);
      });
    }
  }
}
