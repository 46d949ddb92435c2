import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mistral } from '@mistralai/mistralai';
import { MistralError } from '@mistralai/mistralai/models/errors';
import { all, answer, fits, metered, question, rejected, schema, token } from './setup.mjs';

const mistral = new Mistral({ apiKey: token, retryConfig: { strategy: 'none' } });
const chat = { model: 'mistral-small-latest', messages: [{ role: 'user', content: question }] };
const tools = [{ type: 'function', function: { name: 'weather', parameters: schema } }];

test('mistral: chat', async () => {
  const { choices, usage } = await mistral.chat.complete(chat);
  assert.deepEqual([choices[0].message.content, choices[0].finishReason], [answer, 'stop']);
  await metered('mistral', usage.promptTokens, usage.completionTokens);
});

test('mistral: a stream', async () => {
  const chunks = await all(await mistral.chat.stream(chat));
  assert.equal(chunks.map(({ data }) => data.choices[0].delta.content).join(''), answer);
  const { usage, choices } = chunks.at(-1).data;
  assert.equal(choices[0].finishReason, 'stop');
  await metered('mistral', usage.promptTokens, usage.completionTokens);
});

test('mistral: tools, and their second turn', async () => {
  const { choices } = await mistral.chat.complete({ ...chat, tools, toolChoice: 'any' });
  const { message } = choices[0];
  const [call] = message.toolCalls;
  assert.match(call.id, /^[a-zA-Z0-9]{9}$/);
  fits(call.function.arguments);
  const messages = [...chat.messages, { ...message, role: 'assistant' }, { role: 'tool', toolCallId: call.id, name: 'weather', content: 'Sunny' }];
  const second = await mistral.chat.complete({ ...chat, messages, tools });
  assert.equal(second.choices[0].finishReason, 'stop');

  const chunks = await all(await mistral.chat.stream({ ...chat, tools, toolChoice: 'any' }));
  const calls = chunks.flatMap(({ data }) => data.choices[0].delta.toolCalls ?? []);
  assert.equal(calls.length, 1, 'a call is in one chunk');
  fits(calls[0].function.arguments);
});

test('mistral: structured output and thoughts', async () => {
  const responseFormat = { type: 'json_schema', jsonSchema: { name: 'out', schemaDefinition: schema, strict: true } };
  const { choices } = await mistral.chat.complete({ ...chat, responseFormat });
  fits(choices[0].message.content);
  const thought = await mistral.chat.complete({ ...chat, model: 'magistral-medium' });
  assert.equal(thought.choices[0].message.content[0].thinking[0].text, 'Let me see. Four.');
});

test('mistral: embeddings, models and errors', async () => {
  const { data, usage } = await mistral.embeddings.create({ model: 'mistral-embed', inputs: ['one', 'two'] });
  assert.deepEqual(data.map(({ embedding }) => embedding.length), [1024, 1024]);
  await metered('mistral', usage.promptTokens, 0);
  await rejected(mistral.chat.complete({ ...chat, model: 'mistral-tiny' }), MistralError);
});
