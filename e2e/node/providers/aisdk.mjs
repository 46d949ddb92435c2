// The packages of Vercel's AI SDK, which validate responses against schemas: for their own formats, and for providers
// without an SDK.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { createCohere } from '@ai-sdk/cohere';
import { createDeepSeek } from '@ai-sdk/deepseek';
import { createFireworks } from '@ai-sdk/fireworks';
import { createXai } from '@ai-sdk/xai';
import { APICallError, embedMany, generateText, jsonSchema, Output, streamText, tool } from 'ai';
import { answer, fits, metered, question, rejected, schema, token } from './setup.mjs';

const settings = { apiKey: token };
const providers = {
  xai: { make: createXai(settings), model: 'grok-3', busy: 'grok-3-mini', thoughtful: 'grok-4-0709' },
  deepseek: { make: createDeepSeek(settings), model: 'deepseek-chat', busy: 'deepseek-v3.2', thoughtful: 'deepseek-reasoner', structured: false },
  cohere: { make: createCohere(settings), model: 'command-a', busy: 'command-light' },
  fireworks: { make: createFireworks(settings), model: 'llama-v3p1-8b-instruct', busy: 'gemma-3-27b-it', thoughtful: 'deepseek-r1-0528' },
  bedrock: { make: createAmazonBedrock({ ...settings, region: 'us-east-1' }), model: 'amazon.nova-pro-v1:0', busy: 'amazon.nova-micro-v1:0' },
};

for (const [provider, { make, model, busy, thoughtful, structured = true }] of Object.entries(providers)) {
  const ask = { model: make(model), prompt: question, maxRetries: 0 };
  const tools = { weather: tool({ inputSchema: jsonSchema(schema) }) };

  test(`ai sdk, ${provider}: text`, async () => {
    const { text, usage, finishReason } = await generateText(ask);
    assert.deepEqual([text, finishReason], [answer, 'stop']);
    await metered(provider, usage.inputTokens, usage.outputTokens);
  });

  test(`ai sdk, ${provider}: a stream`, async () => {
    const result = streamText({ ...ask, onError: ({ error }) => { throw error; } });
    assert.equal(await result.text, answer);
    assert.equal(await result.finishReason, 'stop');
    const usage = await result.usage;
    await metered(provider, usage.inputTokens, usage.outputTokens);
  });

  if (structured) { // else the schema is in the prompt, which fakes don't read
    test(`ai sdk, ${provider}: structured output`, async () => {
      const { output } = await generateText({ ...ask, output: Output.object({ schema: jsonSchema(schema) }) });
      fits(output);
    });
  }

  test(`ai sdk, ${provider}: errors`, () => rejected(generateText({ ...ask, model: make(busy) }), APICallError));

  test(`ai sdk, ${provider}: tools`, async () => {
    const { toolCalls, finishReason } = await generateText({ ...ask, tools, toolChoice: 'required' });
    fits(toolCalls[0].input);
    assert.equal(finishReason, 'tool-calls');
    const streamed = await streamText({ ...ask, tools, toolChoice: 'required' }).toolCalls;
    fits(streamed[0].input);
  });

  if (thoughtful) {
    test(`ai sdk, ${provider}: thoughts`, async () => {
      const { reasoningText, text, usage } = await generateText({ ...ask, model: make(thoughtful) });
      assert.deepEqual([reasoningText, text], ['Let me see. Four.', answer]);
      await metered(provider, usage.inputTokens, usage.outputTokens);
      const streamed = streamText({ ...ask, model: make(thoughtful) });
      assert.equal(await streamed.reasoningText, 'Let me see. Four.');
    });
  }
}

test('ai sdk: embeddings', async () => {
  for (const [model, size] of [
    [createCohere(settings).textEmbedding('embed-v4.0'), 1536],
    [createAmazonBedrock({ ...settings, region: 'us-east-1' }).textEmbedding('amazon.titan-embed-text-v2:0'), 1024],
  ]) {
    const { embeddings, usage } = await embedMany({ model, values: ['one', 'two'], maxRetries: 0 });
    assert.deepEqual(embeddings.map((e) => e.length), [size, size], model.modelId);
    assert.ok(usage.tokens >= 0);
  }
});
