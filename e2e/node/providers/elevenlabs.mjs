import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createElevenLabs } from '@ai-sdk/elevenlabs';
import { ElevenLabsClient, ElevenLabsError } from '@elevenlabs/elevenlabs-js';
import { experimental_transcribe as transcribe } from 'ai';
import { all, lava, token } from './setup.mjs';

const elevenlabs = new ElevenLabsClient({ apiKey: token });
const voice = 'JBFqnCBsd6RMkjVDRZzb';
const say = { modelId: 'eleven_flash_v2_5', text: 'Hello there.' };

test('elevenlabs: speech', async () => {
  const chunks = await all(await elevenlabs.textToSpeech.convert(voice, say));
  assert.ok(chunks.length > 0 && chunks[0].length > 0);
  const { data } = await lava.requests.list({ limit: 1 });
  assert.deepEqual([data[0].provider, data[0].model_usage.input_characters], ['elevenlabs', say.text.length]);
});

test('elevenlabs: alignment', async () => {
  const { alignment, audioBase64 } = await elevenlabs.textToSpeech.convertWithTimestamps(voice, say);
  assert.ok(audioBase64);
  assert.equal(alignment.characters.join(''), say.text);
  assert.equal(alignment.characterStartTimesSeconds.length, say.text.length);
  const parts = await all(await elevenlabs.textToSpeech.streamWithTimestamps(voice, say));
  assert.equal(parts.map((part) => part.alignment.characters.join('')).join(''), say.text);
});

test('elevenlabs: transcriptions', async () => {
  const file = new File([new Uint8Array(64)], 'hello.mp3', { type: 'audio/mpeg' });
  const { words, text, languageCode } = await elevenlabs.speechToText.convert({ file, modelId: 'scribe_v1' });
  assert.equal(words.map((word) => word.text).join(''), text);
  assert.equal(languageCode, 'eng');
  assert.equal(words[0].logprob, 0);
});

test('elevenlabs: voices, models and sounds', async () => {
  const { voices, hasMore } = await elevenlabs.voices.search();
  assert.equal(hasMore, false);
  assert.deepEqual((await elevenlabs.voices.getAll()).voices, voices);
  assert.equal((await elevenlabs.voices.get(voice)).name, 'George');
  assert.ok((await elevenlabs.models.list()).some(({ modelId }) => modelId === say.modelId));
  assert.ok((await all(await elevenlabs.textToSoundEffects.convert({ text: 'A dog barks.' }))).length > 0);
});

test('elevenlabs: errors', async () => {
  const error = await elevenlabs.textToSpeech.convert(voice, { ...say, text: '' }, { maxRetries: 0 }).catch((e) => e);
  assert.ok(error instanceof ElevenLabsError, error.stack);
});

// The AI SDK validates responses against a schema, which ElevenLabs' own package does not.
test('elevenlabs: transcriptions, by the AI SDK', async () => {
  const model = createElevenLabs({ apiKey: token }).transcription('scribe_v1');
  const { text, segments, language } = await transcribe({ model, audio: new Uint8Array(64), maxRetries: 0 });
  assert.equal(segments.map((segment) => segment.text).join(''), text);
  assert.equal(language, 'eng');
});
