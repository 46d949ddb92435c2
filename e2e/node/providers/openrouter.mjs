import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenRouter } from '@openrouter/sdk';
import { OpenRouterError } from '@openrouter/sdk/models/errors';
import { all, answer, fits, metered, question, rejected, schema, token } from './setup.mjs';

const openrouter = new OpenRouter({ apiKey: token, retryConfig: { strategy: 'none' } });
const chat = { model: 'openai/gpt-4o', messages: [{ role: 'user', content: question }] };
const send = (more) => openrouter.chat.send({ chatRequest: { ...chat, ...more } });

test('openrouter: chat', async () => {
  const { choices, usage } = await send({ stream: false });
  assert.equal(choices[0].message.content, answer);
  await metered('openrouter', usage.promptTokens, usage.completionTokens);
});

test('openrouter: a stream', async () => {
  const chunks = await all(await send({ stream: true }));
  assert.equal(chunks.map((c) => c.choices[0]?.delta.content ?? '').join(''), answer);
  const { usage } = chunks.findLast((c) => c.usage);
  await metered('openrouter', usage.promptTokens, usage.completionTokens);
});

test('openrouter: tools, thoughts and errors', async () => {
  const tools = [{ type: 'function', function: { name: 'weather', parameters: schema } }];
  const { choices } = await send({ stream: false, tools, toolChoice: 'required' });
  fits(choices[0].message.toolCalls[0].function.arguments);
  const thought = await send({ stream: false, model: 'deepseek/deepseek-r1' });
  assert.equal(thought.choices[0].message.reasoning, 'Let me see. Four.');
  assert.equal(thought.choices[0].message.reasoningDetails[0].text, 'Let me see. Four.');
  await rejected(send({ stream: false, model: 'openai/gpt-4o-mini' }), OpenRouterError);
});
