// The official Anthropic SDK, with another base URL and key.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { lava, payer } from './setup.mjs';

const { token } = await payer();
const baseURL = lava.providers.anthropic.replace(/\/v1$/, ''); // the SDK adds it
const anthropic = new Anthropic({ apiKey: token, baseURL, maxRetries: 0 });
const ask = {
  model: 'claude-sonnet-4-5',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Why is the sky blue?' }],
};
const tools = [{
  name: 'weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}];
const tool_choice = { type: 'any' };

/** Checks that a call is already recorded, with the tokens that the SDK reports. */
async function metered(response, usage) {
  const record = await lava.requests.retrieve(response.headers.get('x-lava-request-id'));
  const input = usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens;
  assert.deepEqual([record.model_usage.input_tokens, record.model_usage.output_tokens], [input, usage.output_tokens]);
  assert.ok(usage.output_tokens > 0, 'usage is never zero');
  assert.notEqual(record.cost, '0.0000000000');
  return record;
}

test('message', async () => {
  const { data, response } = await anthropic.messages.create(ask).withResponse();
  assert.equal(data.content[0].type, 'text');
  const record = await metered(response, data.usage);
  assert.deepEqual([record.provider, record.response_id], ['anthropic', data.id]);
});

test('message, streamed', async () => {
  const stream = anthropic.messages.stream(ask);
  const { response } = await stream.withResponse();
  const message = await stream.finalMessage();
  const whole = await anthropic.messages.create(ask);
  assert.equal(message.content[0].text, whole.content[0].text);
  assert.deepEqual(message.usage, whole.usage, 'cumulative usage is set, not added');
  await metered(response, message.usage);
});

test('tools', async () => {
  const { data, response } = await anthropic.messages.create({ ...ask, tools, tool_choice }).withResponse();
  assert.equal(data.stop_reason, 'tool_use');
  const [use] = data.content;
  assert.deepEqual([use.name, typeof use.input.city], ['weather', 'string']);
  await metered(response, data.usage);

  const messages = [
    ...ask.messages,
    { role: 'assistant', content: data.content },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'Sunny' }] },
  ];
  const second = await anthropic.messages.create({ ...ask, messages, tools }).withResponse();
  assert.equal(second.data.stop_reason, 'end_turn');
  await metered(second.response, second.data.usage);
});

test('tools, streamed', async () => {
  const stream = anthropic.messages.stream({ ...ask, tools, tool_choice });
  const { response } = await stream.withResponse();
  const message = await stream.finalMessage();
  assert.equal(typeof message.content[0].input.city, 'string');
  await metered(response, message.usage);
});

test('the beta API, whose URL has a query', async () => {
  const { data, response } = await anthropic.beta.messages.create(ask).withResponse();
  await metered(response, data.usage);
});

test('counting tokens, and models', async () => {
  const { max_tokens, ...prompt } = ask;
  const { input_tokens } = await anthropic.messages.countTokens(prompt);
  const { usage } = await anthropic.messages.create(ask);
  assert.equal(input_tokens, usage.input_tokens);
  const { data } = await anthropic.models.list();
  assert.ok(data.some((model) => model.id.startsWith('claude-')));
});

test('errors are the SDK\'s own', async () => {
  await assert.rejects(anthropic.messages.create({ ...ask, messages: [] }), Anthropic.BadRequestError);
  const wrong = new Anthropic({ apiKey: 'aks_test_wrong', baseURL, maxRetries: 0 });
  await assert.rejects(wrong.messages.create(ask), Anthropic.AuthenticationError);
});
