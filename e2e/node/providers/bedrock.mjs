import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand, InvokeModelCommand, InvokeModelWithResponseStreamCommand, ThrottlingException,
} from '@aws-sdk/client-bedrock-runtime';
import { FetchHttpHandler } from '@smithy/fetch-http-handler';
import { all, answer, fits, metered, question, rejected, schema, token } from './setup.mjs';

const bedrock = new BedrockRuntimeClient({
  region: 'us-east-1', token: { token }, authSchemePreference: ['httpBearerAuth'], maxAttempts: 1, requestHandler: new FetchHttpHandler(),
});
const ask = { modelId: 'amazon.nova-pro-v1:0', messages: [{ role: 'user', content: [{ text: question }] }] };
const toolConfig = { tools: [{ toolSpec: { name: 'weather', inputSchema: { json: schema } } }], toolChoice: { any: {} } };

test('bedrock: converse', async () => {
  const { output, usage } = await bedrock.send(new ConverseCommand(ask));
  assert.equal(output.message.content[0].text, answer);
  await metered('bedrock', usage.inputTokens, usage.outputTokens);
  const asked = await bedrock.send(new ConverseCommand({ ...ask, toolConfig }));
  fits(asked.output.message.content[0].toolUse.input);
});

test('bedrock: converse, streamed', async () => {
  const events = await all((await bedrock.send(new ConverseStreamCommand(ask))).stream);
  assert.equal(events.map((e) => e.contentBlockDelta?.delta.text ?? '').join(''), answer);
  const { usage } = events.at(-1).metadata;
  await metered('bedrock', usage.inputTokens, usage.outputTokens);
});

const claude = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 100, messages: [{ role: 'user', content: question }] };
const decode = (bytes) => JSON.parse(new TextDecoder().decode(bytes));
const modelId = 'anthropic.claude-sonnet-4-5-20250929-v1:0';

test('bedrock: a model\'s own body', async () => {
  const { body } = await bedrock.send(new InvokeModelCommand({ modelId, body: JSON.stringify(claude) }));
  const { content, usage } = decode(body);
  assert.equal(content[0].text, answer);
  await metered('bedrock', usage.input_tokens, usage.output_tokens);

  const stream = await bedrock.send(new InvokeModelWithResponseStreamCommand({ modelId, body: JSON.stringify(claude) }));
  const events = (await all(stream.body)).map(({ chunk }) => decode(chunk.bytes));
  assert.equal(events.map((e) => e.delta?.text ?? '').join(''), answer);
  const metrics = events.at(-1)['amazon-bedrock-invocationMetrics'];
  await metered('bedrock', metrics.inputTokenCount, metrics.outputTokenCount);
});

test('bedrock: embeddings and errors', async () => {
  const invoke = async (model, body) => decode((await bedrock.send(new InvokeModelCommand({ modelId: model, body: JSON.stringify(body) }))).body);
  const titan = await invoke('amazon.titan-embed-text-v2:0', { inputText: 'one', dimensions: 256 });
  assert.equal(titan.embedding.length, 256);
  await metered('bedrock', titan.inputTextTokenCount, 0);
  await rejected(bedrock.send(new ConverseCommand({ ...ask, modelId: 'amazon.nova-micro-v1:0' })), ThrottlingException);
});
