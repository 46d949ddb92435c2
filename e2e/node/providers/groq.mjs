import assert from 'node:assert/strict';
import { test } from 'node:test';
import Groq from 'groq-sdk';
import { all, answer, fits, metered, question, rejected, schema, token } from './setup.mjs';

const groq = new Groq({ apiKey: token, maxRetries: 0 });
const chat = { model: 'llama-3.3-70b-versatile', messages: [{ role: 'user', content: question }] };

test('groq: chat', async () => {
  const { choices, usage, x_groq } = await groq.chat.completions.create(chat);
  assert.equal(choices[0].message.content, answer);
  assert.ok(x_groq.id.startsWith('req_'));
  assert.ok(usage.total_time > 0);
  await metered('groq', usage.prompt_tokens, usage.completion_tokens);
});

test('groq: a stream', async () => {
  const chunks = await all(await groq.chat.completions.create({ ...chat, stream: true }));
  assert.equal(chunks.map((c) => c.choices[0]?.delta.content ?? '').join(''), answer);
  const { usage } = chunks.findLast((c) => c.x_groq?.usage).x_groq;
  await metered('groq', usage.prompt_tokens, usage.completion_tokens);
});

test('groq: tools, thoughts, transcriptions and errors', async () => {
  const tools = [{ type: 'function', function: { name: 'weather', parameters: schema } }];
  const { choices } = await groq.chat.completions.create({ ...chat, tools, tool_choice: 'required' });
  fits(choices[0].message.tool_calls[0].function.arguments);
  const thought = await groq.chat.completions.create({ ...chat, model: 'openai/gpt-oss-120b' });
  assert.equal(thought.choices[0].message.reasoning, 'Let me see. Four.');
  const file = new File([new Uint8Array(64)], 'hello.mp3', { type: 'audio/mpeg' });
  const heard = await groq.audio.transcriptions.create({ model: 'whisper-large-v3', file, response_format: 'verbose_json' });
  assert.equal(heard.segments[0].text.trim(), heard.text);
  await rejected(groq.chat.completions.create({ ...chat, model: 'llama-3.1-8b-instant' }), Groq.RateLimitError);
});
