// The official OpenAI SDK, with another base URL and key.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream';
import { lava, payer } from './setup.mjs';

const { token } = await payer();
const openai = new OpenAI({ apiKey: token, baseURL: lava.providers.openai, maxRetries: 0 });
const chat = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Why is the sky blue?' }] };
const tool = {
  name: 'weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
};
const tools = [{ type: 'function', function: tool }];

/** Checks that a call is already recorded, with the tokens that the SDK reports. */
async function metered({ response }, input, output) {
  const record = await lava.requests.retrieve(response.headers.get('x-lava-request-id'));
  assert.deepEqual([record.model_usage.input_tokens, record.model_usage.output_tokens], [input, output]);
  assert.ok(input > 0, 'usage is never zero');
  assert.notEqual(record.cost, '0.0000000000');
  return record;
}

test('chat completion', async () => {
  const call = await openai.chat.completions.create(chat).withResponse();
  const { usage, choices, id } = call.data;
  assert.ok(choices[0].message.content);
  const record = await metered(call, usage.prompt_tokens, usage.completion_tokens);
  assert.deepEqual([record.response_id, record.model], [id, 'gpt-4o-mini']);
});

async function read(stream) {
  let text = '';
  let usage;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage ?? usage;
  }
  return { text, usage };
}

test('chat completion, streamed', async () => {
  const stream_options = { include_usage: true };
  const call = await openai.chat.completions.create({ ...chat, stream: true, stream_options }).withResponse();
  const { text, usage } = await read(call.data);
  assert.ok(text);
  await metered(call, usage.prompt_tokens, usage.completion_tokens);
});

test('a stream without usage is still metered', async () => {
  const whole = await openai.chat.completions.create(chat);
  const call = await openai.chat.completions.create({ ...chat, stream: true }).withResponse();
  const { text, usage } = await read(call.data);
  assert.equal(text, whole.choices[0].message.content);
  assert.equal(usage, undefined, 'the client did not ask for it');
  await metered(call, whole.usage.prompt_tokens, whole.usage.completion_tokens);
});

test('tools', async () => {
  const call = await openai.chat.completions.create({ ...chat, tools, tool_choice: 'required' }).withResponse();
  const { message } = call.data.choices[0];
  const [{ function: asked, id }] = message.tool_calls;
  assert.equal(asked.name, 'weather');
  assert.equal(typeof JSON.parse(asked.arguments).city, 'string');
  await metered(call, call.data.usage.prompt_tokens, call.data.usage.completion_tokens);

  const messages = [...chat.messages, message, { role: 'tool', tool_call_id: id, content: 'Sunny' }];
  const second = await openai.chat.completions.create({ ...chat, messages, tools }).withResponse();
  assert.equal(second.data.choices[0].finish_reason, 'stop');
  await metered(second, second.data.usage.prompt_tokens, second.data.usage.completion_tokens);
});

test('tools, streamed', async () => {
  const call = await openai.chat.completions.create({
    ...chat, tools, tool_choice: 'required', stream: true, stream_options: { include_usage: true },
  }).withResponse();
  const whole = ChatCompletionStream.fromReadableStream(call.data.toReadableStream());
  const { choices, usage } = await whole.finalChatCompletion();
  assert.equal(typeof JSON.parse(choices[0].message.tool_calls[0].function.arguments).city, 'string');
  await metered(call, usage.prompt_tokens, usage.completion_tokens);
});

test('JSON mode', async () => {
  const call = await openai.chat.completions.parse({
    ...chat, response_format: { type: 'json_schema', json_schema: { name: 'weather', schema: tool.parameters, strict: true } },
  }).withResponse();
  assert.equal(typeof JSON.parse(call.data.choices[0].message.content).city, 'string');
  await metered(call, call.data.usage.prompt_tokens, call.data.usage.completion_tokens);
});

test('responses', async () => {
  const ask = { model: 'gpt-4o-mini', input: 'Why is the sky blue?' };
  const call = await openai.responses.create(ask).withResponse();
  assert.ok(call.data.output_text);
  await metered(call, call.data.usage.input_tokens, call.data.usage.output_tokens);

  const streamed = await openai.responses.create({ ...ask, stream: true }).withResponse();
  let last;
  for await (const event of streamed.data) last = event;
  assert.equal(last.type, 'response.completed');
  assert.equal(last.response.output[0].content[0].text, call.data.output_text);
  await metered(streamed, last.response.usage.input_tokens, last.response.usage.output_tokens);

  const forced = { ...ask, tools: [{ type: 'function', strict: true, ...tool }], tool_choice: 'required' };
  const asked = await openai.responses.create(forced).withResponse();
  const [item] = asked.data.output;
  assert.deepEqual([item.type, item.name, typeof JSON.parse(item.arguments).city], ['function_call', 'weather', 'string']);
  await metered(asked, asked.data.usage.input_tokens, asked.data.usage.output_tokens);
});

test('embeddings, which the SDK requests in base64', async () => {
  const call = await openai.embeddings.create({ model: 'text-embedding-3-small', input: ['one', 'two'] }).withResponse();
  assert.equal(call.data.data.length, 2);
  assert.ok(call.data.data[0].embedding.every(Number.isFinite));
  await metered(call, call.data.usage.prompt_tokens, 0);
});

test('speech and its transcription', async () => {
  const speech = await openai.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Hello' });
  const audio = await speech.arrayBuffer();
  assert.ok(audio.byteLength > 0);
  const { model_usage } = await lava.requests.retrieve(speech.headers.get('x-lava-request-id'));
  assert.equal(model_usage.input_characters, 5);

  const file = new File([audio], 'hello.mp3', { type: 'audio/mpeg' });
  const call = await openai.audio.transcriptions.create({ model: 'whisper-1', file }).withResponse();
  assert.ok(call.data.text);
  const record = await lava.requests.retrieve(call.response.headers.get('x-lava-request-id'));
  assert.ok(record.model_usage.input_seconds > 0);
});

test('images and models', async () => {
  const image = await openai.images.generate({ model: 'gpt-image-1', prompt: 'A cat' });
  assert.ok(image.data[0].b64_json);
  const { data } = await openai.models.list();
  assert.ok(data.some((model) => model.id === 'gpt-4o-mini'));
});

test('errors are the SDK\'s own', async () => {
  const none = openai.chat.completions.create({ ...chat, messages: [] });
  await assert.rejects(none, OpenAI.BadRequestError);
  const wrong = new OpenAI({ apiKey: 'aks_test_wrong', baseURL: lava.providers.openai, maxRetries: 0 });
  await assert.rejects(wrong.chat.completions.create(chat), OpenAI.AuthenticationError);
});
