import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VoyageAIClient, VoyageAIError } from 'voyageai';
import { metered, rejected, token } from './setup.mjs';

const voyage = new VoyageAIClient({ apiKey: token });

test('voyage: embeddings and errors', async () => {
  const { data, usage } = await voyage.embed({ model: 'voyage-3-large', input: ['one', 'two'] });
  assert.deepEqual(data.map(({ embedding }) => embedding.length), [1024, 1024]);
  await metered('voyage', usage.totalTokens, 0);
  const small = await voyage.embed({ model: 'voyage-3-large', input: 'one', outputDimension: 256 });
  assert.equal(small.data[0].embedding.length, 256);
  await rejected(voyage.embed({ model: 'voyage-3-lite', input: 'one' }, { maxRetries: 0 }), VoyageAIError);
});

test('voyage: multimodal and contextualized embeddings', async () => {
  const inputs = [{ content: [{ type: 'text', text: 'This is a banana.' }, { type: 'image_url', imageUrl: 'https://example.com/banana.jpg' }] }];
  const { data, usage } = await voyage.multimodalEmbed({ model: 'voyage-multimodal-3', inputs });
  assert.equal(data[0].embedding.length, 1024);
  await metered('voyage', usage.totalTokens, 0);
  const parts = await voyage.contextualizedEmbed({ model: 'voyage-context-3', inputs: [['one', 'two'], ['three']] });
  assert.deepEqual(parts.results.map(({ embeddings }) => embeddings.length), [2, 1]);
  await metered('voyage', parts.totalTokens, 0);
});
