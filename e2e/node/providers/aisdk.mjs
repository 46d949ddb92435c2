// The packages of Vercel's AI SDK, which check what they get with schemas.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { createCerebras } from '@ai-sdk/cerebras';
import { createCohere } from '@ai-sdk/cohere';
import { createDeepSeek } from '@ai-sdk/deepseek';
import { createElevenLabs } from '@ai-sdk/elevenlabs';
import { createFireworks } from '@ai-sdk/fireworks';
import { createGroq } from '@ai-sdk/groq';
import { createMistral } from '@ai-sdk/mistral';
import { createPerplexity } from '@ai-sdk/perplexity';
import { createTogetherAI } from '@ai-sdk/togetherai';
import { createXai } from '@ai-sdk/xai';
import { APICallError, embedMany, experimental_transcribe as transcribe, generateText, jsonSchema, Output, streamText, tool } from 'ai';
import { answer, fits, metered, question, rejected, schema, token } from './setup.mjs';

const settings = { apiKey: token };
const providers = {
  mistral: { make: createMistral(settings), model: 'mistral-small-latest', busy: 'mistral-tiny', thoughtful: 'magistral-medium' },
  groq: { make: createGroq(settings), model: 'llama-3.3-70b-versatile', busy: 'llama-3.1-8b-instant', thoughtful: 'openai/gpt-oss-120b' },
  xai: { make: createXai(settings), model: 'grok-3', busy: 'grok-3-mini', thoughtful: 'grok-4-0709' },
  deepseek: { make: createDeepSeek(settings), model: 'deepseek-chat', busy: 'deepseek-v3.2', thoughtful: 'deepseek-reasoner', structured: false },
  cohere: { make: createCohere(settings), model: 'command-a', busy: 'command-light' },
  cerebras: { make: createCerebras(settings), model: 'llama-3.3-70b', busy: 'llama3.1-8b', thoughtful: 'qwen-3-32b' },
  together: { make: createTogetherAI(settings), model: 'meta-llama/Llama-3.3-70B-Instruct-Turbo', busy: 'meta-llama/Llama-3-8b-chat-hf', thoughtful: 'deepseek-ai/DeepSeek-R1', structured: false },
  fireworks: { make: createFireworks(settings), model: 'llama-v3p1-8b-instruct', busy: 'gemma-3-27b-it', thoughtful: 'deepseek-r1-0528' },
  perplexity: { make: createPerplexity(settings), model: 'sonar', busy: 'sonar-pro', tools: false },
  bedrock: { make: createAmazonBedrock({ ...settings, region: 'us-east-1' }), model: 'amazon.nova-pro-v1:0', busy: 'amazon.nova-micro-v1:0' },
};

for (const [provider, { make, model, busy, thoughtful, tools: calls = true, structured = true }] of Object.entries(providers)) {
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

  if (calls) {
    test(`ai sdk, ${provider}: tools`, async () => {
      const { toolCalls, finishReason } = await generateText({ ...ask, tools, toolChoice: 'required' });
      fits(toolCalls[0].input);
      assert.equal(finishReason, 'tool-calls');
      const streamed = await streamText({ ...ask, tools, toolChoice: 'required' }).toolCalls;
      fits(streamed[0].input);
    });
  }

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
    [createMistral(settings).textEmbedding('mistral-embed'), 1024],
    [createCohere(settings).textEmbedding('embed-v4.0'), 1536],
    [createTogetherAI(settings).textEmbeddingModel('BAAI/bge-large-en-v1.5'), 1024],
    [createAmazonBedrock({ ...settings, region: 'us-east-1' }).textEmbedding('amazon.titan-embed-text-v2:0'), 1024],
  ]) {
    const { embeddings, usage } = await embedMany({ model, values: ['one', 'two'], maxRetries: 0 });
    assert.deepEqual(embeddings.map((e) => e.length), [size, size], model.modelId);
    assert.ok(usage.tokens >= 0);
  }
});

test('ai sdk: transcriptions', async () => {
  for (const model of [createElevenLabs(settings).transcription('scribe_v1'), createGroq(settings).transcription('whisper-large-v3')]) {
    const providerOptions = { groq: { responseFormat: 'verbose_json' } };
    const { text, segments } = await transcribe({ model, audio: new Uint8Array(64), maxRetries: 0, providerOptions });
    assert.equal(text, 'This is a mock transcription.');
    assert.ok(segments.length > 0, model.modelId);
  }
});
