import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CohereClientV2, CohereError } from 'cohere-ai';
import { all, answer, fits, metered, question, rejected, schema, token } from './setup.mjs';

const cohere = new CohereClientV2({ token, maxRetries: 0 });
const chat = { model: 'command-a', messages: [{ role: 'user', content: question }] };
const tools = [{ type: 'function', function: { name: 'weather', parameters: schema } }];

test('cohere: chat', async () => {
  const { message, usage, finishReason } = await cohere.chat(chat);
  assert.deepEqual([message.content[0].text, finishReason], [answer, 'COMPLETE']);
  await metered('cohere', usage.tokens.inputTokens, usage.tokens.outputTokens);
});

test('cohere: a stream', async () => {
  const events = await all(await cohere.chatStream(chat));
  assert.equal(events.map((e) => (e.type === 'content-delta' ? e.delta.message.content.text : '')).join(''), answer);
  const { usage } = events.at(-1).delta;
  await metered('cohere', usage.tokens.inputTokens, usage.tokens.outputTokens);
});

test('cohere: tools and structured output', async () => {
  const { message } = await cohere.chat({ ...chat, tools, toolChoice: 'REQUIRED' });
  fits(message.toolCalls[0].function.arguments);
  const events = await all(await cohere.chatStream({ ...chat, tools, toolChoice: 'REQUIRED' }));
  fits(events.map((e) => (e.type === 'tool-call-delta' ? e.delta.message.toolCalls.function.arguments : '')).join(''));
  const out = await cohere.chat({ ...chat, responseFormat: { type: 'json_object', jsonSchema: schema } });
  fits(out.message.content[0].text);
});

test('cohere: embeddings, ranking and errors', async () => {
  const embed = { model: 'embed-v4.0', inputType: 'search_document', texts: ['one', 'two'] };
  const { embeddings, meta } = await cohere.embed({ ...embed, embeddingTypes: ['float', 'int8'] });
  assert.deepEqual(embeddings.float.map((e) => e.length), [1536, 1536]);
  assert.equal(embeddings.int8[0].length, 1536);
  await metered('cohere', meta.billedUnits.inputTokens, 0);
  const small = await cohere.embed({ ...embed, outputDimension: 256, embeddingTypes: ['float'] });
  assert.equal(small.embeddings.float[0].length, 256);

  const { results } = await cohere.rerank({ model: 'rerank-v3.5', query: 'sky', documents: ['sea', 'the sky'], topN: 1 });
  assert.deepEqual(results.map(({ index }) => index), [1]);
  await rejected(cohere.chat({ ...chat, model: 'command-light' }, { maxRetries: 0 }), CohereError);
});
