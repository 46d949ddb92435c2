// The use of OpenAI's and Google's SDKs beyond chat, which is in ../openai.test.mjs and ../google.test.mjs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { all, answer, fits, question, schema, token } from './setup.mjs';

const openai = new OpenAI({ apiKey: token, maxRetries: 0 });
const ask = { model: 'gpt-4o', input: question };

test('openai: responses repeat the request, and are stored', async () => {
  const tools = [{ type: 'function', name: 'weather', parameters: schema, strict: true }];
  const made = await openai.responses.create({ ...ask, tools, tool_choice: 'none', metadata: { trip: '7' }, instructions: 'Be brief.' });
  assert.deepEqual([made.metadata, made.tools[0].name, made.instructions], [{ trip: '7' }, 'weather', 'Be brief.']);
  assert.equal((await openai.responses.retrieve(made.id)).output_text, made.output_text);
  const items = await openai.responses.inputItems.list(made.id);
  assert.equal(items.data[0].content[0].text, question);

  const next = await openai.responses.create({ ...ask, previous_response_id: made.id, store: false });
  assert.equal(next.previous_response_id, made.id);
  await assert.rejects(openai.responses.retrieve(next.id), OpenAI.NotFoundError);
  await openai.responses.delete(made.id);
  await assert.rejects(openai.responses.create({ ...ask, previous_response_id: made.id }), OpenAI.BadRequestError);
});

test('openai: the summary of thoughts in a stream', async () => {
  const stream = openai.responses.stream({ ...ask, model: 'o4-mini', reasoning: { effort: 'low', summary: 'auto' } });
  const events = await all(stream);
  const deltas = events.filter(({ type }) => type === 'response.reasoning_summary_text.delta');
  assert.equal(deltas.map(({ delta }) => delta).join(''), 'Let me see. Four.');
  const { output, output_text } = await stream.finalResponse();
  assert.deepEqual([output[0].summary[0].text, output_text], ['Let me see. Four.', answer]);
});

test('openai: several choices in a stream', async () => {
  const messages = [{ role: 'user', content: question }];
  const chunks = await all(await openai.chat.completions.create({ model: 'gpt-4o', messages, n: 2, stream: true }));
  for (const i of [0, 1]) {
    const own = chunks.flatMap(({ choices }) => choices).filter(({ index }) => index === i);
    assert.equal(own.map(({ delta }) => delta.content ?? '').join(''), answer);
  }
});

test('openai: images, several and streamed', async () => {
  const draw = { model: 'gpt-image-1', prompt: 'A cat' };
  assert.equal((await openai.images.generate({ ...draw, n: 3 })).data.length, 3);
  const events = await all(await openai.images.generate({ ...draw, stream: true, partial_images: 2 }));
  assert.deepEqual(events.map(({ type }) => type.split('.')[1]), ['partial_image', 'partial_image', 'completed']);
  assert.ok(events.at(-1).b64_json && events.at(-1).usage.output_tokens > 0);
});

test('openai: embeddings and transcriptions', async () => {
  const embed = async (more) => (await openai.embeddings.create({ input: 'one', ...more })).data[0].embedding.length;
  assert.equal(await embed({ model: 'text-embedding-3-large' }), 3072);
  assert.equal(await embed({ model: 'text-embedding-3-small', dimensions: 64 }), 64);

  const hear = (more) => openai.audio.transcriptions.create({
    model: 'whisper-1', file: new File([new Uint8Array(64)], 'hello.mp3', { type: 'audio/mpeg' }), ...more,
  });
  const verbose = await hear({ response_format: 'verbose_json', timestamp_granularities: ['word', 'segment'] });
  assert.equal(verbose.segments.map(({ text }) => text).join('').trim(), verbose.text);
  assert.equal(verbose.words.length, verbose.text.split(' ').length);
  assert.match(await hear({ response_format: 'srt' }), /^1\n00:00:00,000 --> \d\d:\d\d:\d\d,\d{3}\n/);
  assert.match(await hear({ response_format: 'vtt' }), /^WEBVTT\n\n00:00:00\.000 --> /);
});

test('openai: moderations', async () => {
  const { results } = await openai.moderations.create({
    model: 'omni-moderation-latest',
    input: [{ type: 'text', text: 'I want to kill them.' }, { type: 'image_url', image_url: { url: 'https://example.com/image.png' } }],
  });
  assert.deepEqual([results.length, results[0].flagged, results[0].category_applied_input_types.violence], [1, true, ['text', 'image']]);
});

test('openai: image edits and translations', async () => {
  const image = new File([new Uint8Array(64)], 'cat.png', { type: 'image/png' });
  assert.ok((await openai.images.edit({ model: 'gpt-image-1', image: [image, image], prompt: 'A hat' })).data[0].b64_json);
  await assert.rejects(openai.images.createVariation({ image, n: 2 }), OpenAI.NotFoundError); // the endpoint is retired
  const file = new File([new Uint8Array(64)], 'hello.mp3', { type: 'audio/mpeg' });
  const translated = await openai.audio.translations.create({ model: 'whisper-1', file, response_format: 'verbose_json' });
  assert.equal(translated.segments.map(({ text }) => text).join('').trim(), translated.text);
  assert.equal(translated.language, 'english');
});

test('google: files and cached contents', async () => {
  const google = new GoogleGenAI({ apiKey: token });
  const file = await google.files.upload({ file: new Blob(['Hello'], { type: 'text/plain' }), config: { displayName: 'hello' } });
  assert.deepEqual([file.state, file.mimeType, file.sizeBytes, file.displayName], ['ACTIVE', 'text/plain', '5', 'hello']);
  assert.deepEqual((await google.files.get({ name: file.name })).uri, file.uri);
  const contents = [{ role: 'user', parts: [{ fileData: { fileUri: file.uri, mimeType: file.mimeType } }] }];
  const cache = await google.caches.create({ model: 'gemini-2.5-flash', config: { contents, ttl: '300s', displayName: 'hello' } });
  const lives = (of) => (Date.parse(of.expireTime) - Date.parse(of.updateTime)) / 1000;
  assert.equal(lives(cache), 300);
  assert.equal(lives(await google.caches.update({ name: cache.name, config: { ttl: '600s' } })), 600);
  assert.equal(lives(await google.caches.get({ name: cache.name })), 600);
  const reply = await google.models.generateContent({ model: 'gemini-2.5-flash', contents: question, config: { cachedContent: cache.name } });
  assert.equal(reply.text, answer);
  await google.caches.delete({ name: cache.name });
  await google.files.delete({ name: file.name });
  await assert.rejects(google.files.get({ name: file.name }), { status: 403 });
});

test('google: images, candidates, embeddings and structured output', async () => {
  const google = new GoogleGenAI({ apiKey: token });
  const { data } = await google.models.generateContent({ model: 'gemini-2.5-flash-image', contents: 'A cat' })
    .then(({ candidates }) => candidates[0].content.parts.find((part) => part.inlineData).inlineData);
  assert.ok(data);
  const generate = (config) => google.models.generateContent({ model: 'gemini-2.5-flash', contents: question, config });
  assert.equal((await generate({ candidateCount: 2 })).candidates.length, 2);
  fits((await generate({ responseMimeType: 'application/json', responseJsonSchema: schema })).text);

  const embed = async (config) => (await google.models.embedContent({ model: 'gemini-embedding-001', contents: 'one', config })).embeddings[0].values.length;
  assert.deepEqual([await embed(), await embed({ outputDimensionality: 256 })], [3072, 256]);
});
