import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mistral } from '@mistralai/mistralai';
import { MistralError } from '@mistralai/mistralai/models/errors';
import { all, answer, fits, metered, question, rejected, schema, token } from './setup.mjs';

const mistral = new Mistral({ apiKey: token, retryConfig: { strategy: 'none' } });
const chat = { model: 'mistral-small-latest', messages: [{ role: 'user', content: question }] };
const tools = [{ type: 'function', function: { name: 'weather', parameters: schema } }];

test('mistral: chat', async () => {
  const { choices, usage } = await mistral.chat.complete(chat);
  assert.deepEqual([choices[0].message.content, choices[0].finishReason], [answer, 'stop']);
  await metered('mistral', usage.promptTokens, usage.completionTokens);
});

test('mistral: a stream', async () => {
  const chunks = await all(await mistral.chat.stream(chat));
  assert.equal(chunks.map(({ data }) => data.choices[0].delta.content).join(''), answer);
  const { usage, choices } = chunks.at(-1).data;
  assert.equal(choices[0].finishReason, 'stop');
  await metered('mistral', usage.promptTokens, usage.completionTokens);
});

test('mistral: tools, and their second turn', async () => {
  const { choices } = await mistral.chat.complete({ ...chat, tools, toolChoice: 'any' });
  const { message } = choices[0];
  const [call] = message.toolCalls;
  assert.match(call.id, /^[a-zA-Z0-9]{9}$/);
  fits(call.function.arguments);
  const messages = [...chat.messages, { ...message, role: 'assistant' }, { role: 'tool', toolCallId: call.id, name: 'weather', content: 'Sunny' }];
  const second = await mistral.chat.complete({ ...chat, messages, tools });
  assert.equal(second.choices[0].finishReason, 'stop');

  const chunks = await all(await mistral.chat.stream({ ...chat, tools, toolChoice: 'any' }));
  const calls = chunks.flatMap(({ data }) => data.choices[0].delta.toolCalls ?? []);
  assert.equal(calls.length, 1, 'a call is in one chunk');
  fits(calls[0].function.arguments);
});

test('mistral: structured output and thoughts', async () => {
  const responseFormat = { type: 'json_schema', jsonSchema: { name: 'out', schemaDefinition: schema, strict: true } };
  const { choices } = await mistral.chat.complete({ ...chat, responseFormat });
  fits(choices[0].message.content);
  const thought = await mistral.chat.complete({ ...chat, model: 'magistral-medium' });
  assert.equal(thought.choices[0].message.content[0].thinking[0].text, 'Let me see. Four.');
});

test('mistral: embeddings, models and errors', async () => {
  const { data, usage } = await mistral.embeddings.create({ model: 'mistral-embed', inputs: ['one', 'two'] });
  assert.deepEqual(data.map(({ embedding }) => embedding.length), [1024, 1024]);
  await metered('mistral', usage.promptTokens, 0);
  await rejected(mistral.chat.complete({ ...chat, model: 'mistral-tiny' }), MistralError);
});

test('mistral: code, moderations, documents, speech and transcriptions', async () => {
  const code = { model: 'codestral-latest', prompt: 'def f(', suffix: 'return a + b' };
  const { choices, usage } = await mistral.fim.complete(code);
  assert.equal(choices[0].message.content, 'This is a mock response to: def f(');
  await metered('mistral', usage.promptTokens, usage.completionTokens);
  const chunks = await all(await mistral.fim.stream(code));
  assert.equal(chunks.map(({ data }) => data.choices[0].delta.content).join(''), choices[0].message.content);

  const agent = await mistral.agents.complete({ agentId: 'ag_1', messages: chat.messages });
  assert.equal(agent.choices[0].message.content, answer);
  await metered('mistral', agent.usage.promptTokens, agent.usage.completionTokens);

  const moderated = await mistral.classifiers.moderate({ model: 'mistral-moderation-latest', inputs: ['I want to kill them.'] });
  assert.equal(moderated.results[0].categories.violence_and_threats, true);
  const chatted = await mistral.classifiers.moderateChat({ model: 'mistral-moderation-latest', inputs: chat.messages });
  assert.equal(chatted.results[0].categories.violence_and_threats, false);

  const read = await mistral.ocr.process({
    model: 'mistral-ocr-latest', document: { type: 'document_url', documentUrl: 'https://arxiv.org/pdf/2201.04234' },
    documentAnnotationFormat: { type: 'json_schema', jsonSchema: { name: 'out', schemaDefinition: schema } },
  });
  assert.equal(read.pages[0].markdown, 'This is a mock document.');
  fits(read.documentAnnotation);

  const file = new File([new Uint8Array(64)], 'hello.mp3', { type: 'audio/mpeg' });
  const heard = await mistral.audio.transcriptions.complete({ model: 'voxtral-mini-latest', file });
  assert.equal(heard.text, 'This is a mock transcription.');
  const events = await all(await mistral.audio.transcriptions.stream({ model: 'voxtral-mini-latest', file }));
  assert.equal(events.at(-1).data.text, heard.text);
  assert.ok((await mistral.audio.speech.complete({ model: 'voxtral-mini-tts-2603', input: question, voiceId: 'v' })).audioData);
});
