// Rejections by providers and by Lava itself become the SDK's own errors, with the original message, whether the
// request is forwarded or rewritten.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { BedrockRuntimeClient, BedrockRuntimeServiceException, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { ApiError, GoogleGenAI } from '@google/genai';
import { FetchHttpHandler } from '@smithy/fetch-http-handler';
import OpenAI from 'openai';
import { baseUrl } from '../setup.mjs';
import { lava, meter, token } from './setup.mjs';

const customer = await lava.customers.create({ email: 'broke@example.com' });
const broke = lava.generateForwardToken({ customer_id: customer.customer_id, meter_slug: meter.meter_slug });

/** Each sends a tool result without a call. */
const sdks = {
  openai: {
    origin: 'https://api.openai.com', kind: OpenAI.APIError, says: /messages with role 'tool' must be a response/,
    send: (apiKey, origin) => new OpenAI({ apiKey, baseURL: `${origin}/v1`, maxRetries: 0 }).chat.completions.create({
      model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }, { role: 'tool', tool_call_id: 'call_1', content: 'Sunny' }],
    }),
  },
  anthropic: {
    origin: 'https://api.anthropic.com', kind: Anthropic.APIError, says: /tool_use_id/,
    send: (apiKey, baseURL) => new Anthropic({ apiKey, baseURL, maxRetries: 0 }).messages.create({
      model: 'claude-sonnet-4-5', max_tokens: 100,
      messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'Sunny' }] }],
    }),
  },
  google: {
    origin: 'https://generativelanguage.googleapis.com', kind: ApiError, says: /function response/,
    send: (apiKey, baseUrl) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl } }).models.generateContent({
      model: 'gemini-2.5-flash',
      contents: [
        { role: 'user', parts: [{ text: 'Hello' }] },
        { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { output: 'Sunny' } } }] },
      ],
    }),
  },
  bedrock: {
    origin: 'https://bedrock-runtime.us-east-1.amazonaws.com', kind: BedrockRuntimeServiceException, says: /toolResult/,
    send: (key, endpoint) => new BedrockRuntimeClient({
      region: 'us-east-1', endpoint, token: { token: key }, authSchemePreference: ['httpBearerAuth'], maxAttempts: 1, requestHandler: new FetchHttpHandler(),
    }).send(new ConverseCommand({
      modelId: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
      messages: [{ role: 'user', content: [{ toolResult: { toolUseId: 'tooluse_1', content: [{ text: 'Sunny' }] } }] }],
    })),
  },
};

for (const [name, { origin, kind, says, send }] of Object.entries(sdks)) {
  for (const [path, base] of Object.entries({ forward: origin, rewrite: `${baseUrl}rewrite/${name}/${origin}` })) {
    for (const [by, key, words] of [
      ['the provider', token, says],
      ['Lava, for a wrong key', 'aks_test_unknown', /the secret key is not known/],
      ['Lava, for want of credit', broke, /credit/],
    ]) {
      test(`refusals, ${name}, ${path}: by ${by}`, async () => {
        await assert.rejects(send(key, base), (error) => {
          assert.ok(error instanceof kind, `${error.constructor.name}: ${error.stack}`);
          assert.match(error.message, words);
          return true;
        });
      });
    }
  }
}
