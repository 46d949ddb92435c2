// SDKs with the same interface as OpenAI's.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import Cerebras from '@cerebras/cerebras_cloud_sdk';
import Perplexity from '@perplexity-ai/perplexity_ai';
import Together from 'together-ai';
import { all, answer, fits, metered, question, rejected, schema, token } from './setup.mjs';

const settings = { apiKey: token, maxRetries: 0, fetch: (...args) => fetch(...args) };
const providers = {
  cerebras: { client: new Cerebras({ ...settings, warmTCPConnection: false }), kind: Cerebras.RateLimitError, model: 'llama-3.3-70b', busy: 'llama3.1-8b', thoughtful: 'qwen-3-32b' },
  together: { client: new Together(settings), kind: Together.RateLimitError, model: 'meta-llama/Llama-3.3-70B-Instruct-Turbo', busy: 'meta-llama/Llama-3-8b-chat-hf', thoughtful: 'deepseek-ai/DeepSeek-R1' },
  perplexity: { client: new Perplexity(settings), kind: Perplexity.RateLimitError, model: 'sonar', busy: 'sonar-pro' },
};

for (const [provider, { client, kind, model, busy, thoughtful }] of Object.entries(providers)) {
  const chat = { model, messages: [{ role: 'user', content: question }] };

  test(`${provider}: chat`, async () => {
    const { choices, usage } = await client.chat.completions.create(chat);
    assert.equal(choices[0].message.content, answer);
    await metered(provider, usage.prompt_tokens, usage.completion_tokens);
  });

  test(`${provider}: a stream`, async () => {
    const chunks = await all(await client.chat.completions.create({ ...chat, stream: true }));
    assert.equal(chunks.map((c) => c.choices[0]?.delta.content ?? '').join(''), answer);
    const { usage } = chunks.findLast((c) => c.usage);
    await metered(provider, usage.prompt_tokens, usage.completion_tokens);
  });

  test(`${provider}: errors`, () => rejected(client.chat.completions.create({ ...chat, model: busy }), kind));

  if (thoughtful) {
    test(`${provider}: tools and thoughts`, async () => {
      const tools = [{ type: 'function', function: { name: 'weather', parameters: schema } }];
      const { choices } = await client.chat.completions.create({ ...chat, tools, tool_choice: 'required' });
      fits(choices[0].message.tool_calls[0].function.arguments);
      const thought = await client.chat.completions.create({ ...chat, model: thoughtful });
      assert.equal(thought.choices[0].message.reasoning, 'Let me see. Four.');
    });
  }
}

test('together: embeddings', async () => {
  const { data } = await providers.together.client.embeddings.create({ model: 'BAAI/bge-base-en-v1.5', input: ['one'] });
  assert.equal(data[0].embedding.length, 768);
});
