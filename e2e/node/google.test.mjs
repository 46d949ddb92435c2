// The official Google GenAI SDK, with another base URL and key.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, FunctionCallingConfigMode, GoogleGenAI } from '@google/genai';
import { lava, payer } from './setup.mjs';

const { token } = await payer();
const baseUrl = lava.providers.google.replace(/\/v1beta$/, ''); // the SDK adds it
const google = new GoogleGenAI({ apiKey: token, httpOptions: { baseUrl } });
const ask = { model: 'gemini-2.5-flash', contents: 'Why is the sky blue?' };
const config = {
  tools: [{
    functionDeclarations: [{
      name: 'weather',
      parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    }],
  }],
  toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } },
};

/** Checks that a call is already recorded, with the tokens that the SDK reports. */
async function metered({ sdkHttpResponse, usageMetadata }) {
  const record = await lava.requests.retrieve(sdkHttpResponse.headers['x-lava-request-id']);
  const { promptTokenCount, candidatesTokenCount, thoughtsTokenCount = 0, totalTokenCount } = usageMetadata;
  const { input_tokens, output_tokens, total_tokens } = record.model_usage;
  assert.deepEqual([input_tokens, output_tokens], [promptTokenCount, candidatesTokenCount + thoughtsTokenCount]);
  assert.equal(total_tokens, totalTokenCount);
  assert.ok(output_tokens > 0, 'usage is never zero');
  assert.notEqual(record.cost, '0.0000000000');
  return record;
}

async function read(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { chunks, end: chunks.at(-1) };
}

test('generateContent', async () => {
  const reply = await google.models.generateContent(ask);
  assert.ok(reply.text);
  const record = await metered(reply);
  assert.deepEqual([record.provider, record.model], ['google', 'gemini-2.5-flash']);
});

test('generateContent, streamed', async () => {
  const { chunks, end } = await read(await google.models.generateContentStream(ask));
  const whole = await google.models.generateContent(ask);
  assert.equal(chunks.map((chunk) => chunk.text).join(''), whole.text);
  assert.deepEqual(end.usageMetadata, whole.usageMetadata);
  await metered(end);
});

test('tools', async () => {
  const reply = await google.models.generateContent({ ...ask, config });
  const [call] = reply.functionCalls;
  assert.deepEqual([call.name, typeof call.args.city], ['weather', 'string']);
  await metered(reply);

  const contents = [
    { role: 'user', parts: [{ text: ask.contents }] },
    reply.candidates[0].content,
    { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { output: 'Sunny' } } }] },
  ];
  const free = { tools: config.tools }; // forced to call, models would call again
  const second = await google.models.generateContent({ ...ask, contents, config: free });
  assert.ok(second.text);
  await metered(second);
});

test('tools, streamed', async () => {
  const { end } = await read(await google.models.generateContentStream({ ...ask, config }));
  assert.equal(typeof end.functionCalls[0].args.city, 'string');
  await metered(end);
});

test('JSON by schema', async () => {
  const reply = await google.models.generateContent({
    ...ask,
    config: {
      responseMimeType: 'application/json',
      responseJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  });
  assert.equal(typeof JSON.parse(reply.text).city, 'string');
  await metered(reply);
});

test('embeddings, counting tokens, and models', async () => {
  const { embeddings } = await google.models.embedContent({ model: 'gemini-embedding-001', contents: ['one', 'two'] });
  assert.equal(embeddings.length, 2);
  const { totalTokens } = await google.models.countTokens(ask);
  const { usageMetadata } = await google.models.generateContent(ask);
  assert.equal(totalTokens, usageMetadata.promptTokenCount);
  const names = [];
  for await (const model of await google.models.list()) names.push(model.name);
  assert.ok(names.includes('models/gemini-2.5-flash'), names.join());
});

test('errors are the SDK\'s own', async () => {
  await assert.rejects(google.models.generateContent({ ...ask, contents: [] }), Error);
  const wrong = new GoogleGenAI({ apiKey: 'aks_test_wrong', httpOptions: { baseUrl } });
  await assert.rejects(wrong.models.generateContent(ask), (error) => error instanceof ApiError && error.status === 401);
});
