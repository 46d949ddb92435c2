// By Vercel's AI SDK: ElevenLabs' own package has 23,000 files, as many as all others.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createElevenLabs } from '@ai-sdk/elevenlabs';
import { APICallError, experimental_generateSpeech as generateSpeech, experimental_transcribe as transcribe } from 'ai';
import { lava, token } from './setup.mjs';

const elevenlabs = createElevenLabs({ apiKey: token });
const say = { model: elevenlabs.speech('eleven_flash_v2_5'), text: 'Hello there.', voice: 'JBFqnCBsd6RMkjVDRZzb', maxRetries: 0 };

test('elevenlabs: speech', async () => {
  const { audio } = await generateSpeech(say);
  assert.ok(audio.uint8Array.length > 0);
  assert.equal(audio.mediaType, 'audio/mpeg');
  const { data } = await lava.requests.list({ limit: 1 });
  assert.deepEqual([data[0].provider, data[0].model_usage.input_characters], ['elevenlabs', say.text.length]);
});

// No package but ElevenLabs' own asks for these.
test('elevenlabs: alignment', async () => {
  const speak = (path) => fetch(`https://api.elevenlabs.io/v1/text-to-speech/${say.voice}/${path}`, {
    method: 'POST', headers: { 'xi-api-key': token, 'content-type': 'application/json' },
    body: JSON.stringify({ model_id: 'eleven_flash_v2_5', text: say.text }),
  });
  const { alignment, audio_base64 } = await (await speak('with-timestamps')).json();
  assert.ok(audio_base64);
  assert.equal(alignment.characters.join(''), say.text);
  assert.equal(alignment.character_start_times_seconds.length, say.text.length);
  const lines = (await (await speak('stream/with-timestamps')).text()).trim().split(/\n+/);
  assert.equal(lines.flatMap((line) => JSON.parse(line).alignment.characters).join(''), say.text);
});

test('elevenlabs: transcriptions', async () => {
  const { text, segments, language } = await transcribe({ model: elevenlabs.transcription('scribe_v1'), audio: new Uint8Array(64), maxRetries: 0 });
  assert.equal(segments.map((segment) => segment.text).join(''), text);
  assert.equal(language, 'eng');
});

test('elevenlabs: errors', () => assert.rejects(generateSpeech({ ...say, text: '' }), (error) => APICallError.isInstance(error)));
