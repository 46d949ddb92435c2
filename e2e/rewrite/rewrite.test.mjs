// Each official SDK calls providers with another format: only the base URL and the key change.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseUrl, lava, payer } from '../node/setup.mjs';
import { Anthropic, GoogleGenAI, OpenAI } from './sdks.mjs';

const { token } = await payer();
const question = 'Why is the sky blue?';
const answer = `This is a mock response to: ${question}`;
const parameters = { type: 'object', properties: { city: { type: 'string', enum: ['Oslo'] } }, required: ['city'] };

const providers = {
  openai: { origin: 'https://api.openai.com', base: 'https://api.openai.com/v1', model: 'gpt-4o-mini' },
  anthropic: { origin: 'https://api.anthropic.com', base: 'https://api.anthropic.com/v1', model: 'claude-sonnet-4-5' },
  google: {
    origin: 'https://generativelanguage.googleapis.com',
    base: 'https://generativelanguage.googleapis.com/v1beta',
    model: 'gemini-2.5-flash',
  },
  bedrock: {
    origin: 'https://bedrock-runtime.us-east-1.amazonaws.com',
    base: 'https://bedrock-runtime.us-east-1.amazonaws.com',
    model: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  },
};

/** Checks that the newest record is of the provider, with the tokens that the SDK reports. */
async function recorded(provider, input, output) {
  const [record] = (await lava.requests.list({ limit: 1 })).data;
  assert.deepEqual([record.provider, record.model, record.status], [provider, providers[provider].model, 'completed']);
  assert.deepEqual([record.model_usage.input_tokens, record.model_usage.output_tokens], [input, output]);
  assert.ok(output > 0, 'usage is never zero');
  assert.notEqual(record.cost, '0.0000000000');
}

for (const provider of ['anthropic', 'google', 'bedrock']) {
  const { base, model } = providers[provider];
  const openai = new OpenAI({ apiKey: token, baseURL: `${baseUrl}rewrite/openai/${base}`, maxRetries: 0 });
  const chat = { model, messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: question }] };
  const tools = [{ type: 'function', function: { name: 'weather', description: 'The weather in a city', parameters } }];

  test(`OpenAI's SDK and ${provider}`, async () => {
    const { choices, usage, model: by } = await openai.chat.completions.create(chat);
    assert.deepEqual([choices[0].message.content, choices[0].finish_reason, by], [answer, 'stop', model]);
    await recorded(provider, usage.prompt_tokens, usage.completion_tokens);

    const asked = await openai.chat.completions.create({ ...chat, tools, tool_choice: 'required' });
    const { message, finish_reason } = asked.choices[0];
    assert.equal(finish_reason, 'tool_calls');
    assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), { city: 'Oslo' });
    await recorded(provider, asked.usage.prompt_tokens, asked.usage.completion_tokens);

    const messages = [...chat.messages, message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'Sunny' }];
    const second = await openai.chat.completions.create({ ...chat, messages, tools });
    assert.equal(second.choices[0].finish_reason, 'stop');
    await recorded(provider, second.usage.prompt_tokens, second.usage.completion_tokens);
  });

  test(`OpenAI's SDK and ${provider}, streamed`, async () => {
    const options = { stream: true, stream_options: { include_usage: true } };
    const runner = openai.chat.completions.stream({ ...chat, ...options });
    let pieces = 0;
    runner.on('content', () => { pieces += 1; });
    const { choices, usage } = await runner.finalChatCompletion();
    assert.deepEqual([choices[0].message.content, choices[0].finish_reason], [answer, 'stop']);
    assert.ok(pieces > 3, 'piece by piece');
    await recorded(provider, usage.prompt_tokens, usage.completion_tokens);

    const asked = await openai.chat.completions.stream({ ...chat, ...options, tools, tool_choice: 'required' }).finalChatCompletion();
    const [{ message, finish_reason }] = asked.choices;
    assert.equal(finish_reason, 'tool_calls');
    assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), { city: 'Oslo' });
    await recorded(provider, asked.usage.prompt_tokens, asked.usage.completion_tokens);
  });

  test(`OpenAI's SDK gets JSON from ${provider}`, async () => {
    const response_format = { type: 'json_schema', json_schema: { name: 'weather', schema: parameters, strict: true } };
    const { choices } = await openai.chat.completions.parse({ ...chat, response_format });
    assert.deepEqual(JSON.parse(choices[0].message.content), { city: 'Oslo' });
  });

  test(`OpenAI's SDK gets ${provider}'s errors as its own`, async () => {
    const none = openai.chat.completions.create({ ...chat, messages: [] });
    await assert.rejects(none, OpenAI.BadRequestError);
    const bias = openai.chat.completions.create({ ...chat, logit_bias: { 1: 2 } });
    await assert.rejects(bias, /logit_bias/);
  });
}

for (const provider of ['openai', 'google', 'bedrock']) {
  const { origin, model } = providers[provider];
  const anthropic = new Anthropic({ apiKey: token, baseURL: `${baseUrl}rewrite/anthropic/${origin}`, maxRetries: 0 });
  const ask = { model, max_tokens: 100, system: 'Be brief.', messages: [{ role: 'user', content: question }] };
  const tools = [{ name: 'weather', input_schema: parameters }];
  const tool_choice = { type: 'any' };
  const metered = ({ usage }) => recorded(provider,
    usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens, usage.output_tokens);

  test(`Anthropic's SDK and ${provider}`, async () => {
    const message = await anthropic.messages.create(ask);
    assert.deepEqual([message.content[0].text, message.stop_reason, message.model], [answer, 'end_turn', model]);
    await metered(message);

    const asked = await anthropic.messages.create({ ...ask, tools, tool_choice });
    const [use] = asked.content;
    assert.deepEqual([asked.stop_reason, use.name, use.input], ['tool_use', 'weather', { city: 'Oslo' }]);
    await metered(asked);

    const messages = [
      ...ask.messages,
      { role: 'assistant', content: asked.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'Sunny' }] },
    ];
    const second = await anthropic.messages.create({ ...ask, messages, tools });
    assert.equal(second.stop_reason, 'end_turn');
    await metered(second);
  });

  test(`Anthropic's SDK and ${provider}, streamed`, async () => {
    const stream = anthropic.messages.stream(ask);
    let pieces = 0;
    stream.on('text', () => { pieces += 1; });
    const message = await stream.finalMessage();
    assert.deepEqual([message.content[0].text, message.stop_reason, message.model], [answer, 'end_turn', model]);
    assert.ok(pieces > 3, 'piece by piece');
    await metered(message);

    const asked = await anthropic.messages.stream({ ...ask, tools, tool_choice }).finalMessage();
    assert.deepEqual([asked.stop_reason, asked.content[0].input], ['tool_use', { city: 'Oslo' }]);
    await metered(asked);
  });

  test(`Anthropic's SDK gets ${provider}'s errors as its own`, async () => {
    const none = anthropic.messages.create({ ...ask, system: undefined, messages: [] });
    await assert.rejects(none, Anthropic.BadRequestError);
  });
}

for (const provider of ['openai', 'anthropic', 'bedrock']) {
  const { origin, model } = providers[provider];
  const google = new GoogleGenAI({ apiKey: token, httpOptions: { baseUrl: `${baseUrl}rewrite/google/${origin}` } });
  const ask = { model, contents: question, config: { systemInstruction: 'Be brief.' } };
  const tools = [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: parameters }] }];
  const forced = { ...ask, config: { tools, toolConfig: { functionCallingConfig: { mode: 'ANY' } } } };
  const metered = ({ usageMetadata: u }) => recorded(provider, u.promptTokenCount, u.candidatesTokenCount + (u.thoughtsTokenCount ?? 0));

  test(`Google's SDK and ${provider}`, async () => {
    const content = await google.models.generateContent(ask);
    assert.deepEqual([content.text, content.candidates[0].finishReason, content.modelVersion], [answer, 'STOP', model]);
    await metered(content);

    const asked = await google.models.generateContent(forced);
    const [call] = asked.functionCalls;
    assert.deepEqual([call.name, call.args], ['weather', { city: 'Oslo' }]);
    await metered(asked);

    const contents = [
      { role: 'user', parts: [{ text: question }] },
      asked.candidates[0].content,
      { role: 'user', parts: [{ functionResponse: { id: call.id, name: call.name, response: { output: 'Sunny' } } }] },
    ];
    const second = await google.models.generateContent({ ...ask, contents, config: { tools } });
    assert.ok(second.text);
    await metered(second);
  });

  test(`Google's SDK and ${provider}, streamed`, async () => {
    let text = '';
    const chunks = [];
    for await (const chunk of await google.models.generateContentStream(ask)) {
      text += chunk.text ?? '';
      chunks.push(chunk);
    }
    assert.equal(text, answer);
    assert.ok(chunks.length > 3, 'piece by piece');
    assert.equal(chunks.at(-1).candidates[0].finishReason, 'STOP');
    await metered(chunks.at(-1));

    const calls = [];
    let last;
    for await (const chunk of await google.models.generateContentStream(forced)) {
      calls.push(...chunk.functionCalls ?? []);
      last = chunk;
    }
    assert.deepEqual(calls.map(({ name, args }) => ({ name, args })), [{ name: 'weather', args: { city: 'Oslo' } }]);
    await metered(last);
  });

  test(`Google's SDK gets ${provider}'s errors as its own`, async () => {
    const bad = google.models.generateContent({ ...ask, config: { temperature: 1.5, candidateCount: 2 } });
    if (provider === 'openai') await bad;
    else await assert.rejects(bad, (e) => e.status === 400 && /generationConfig/.test(e.message));
  });
}

test('gateway() of the Node SDK with a format', async () => {
  const body = { model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: question }] };
  const options = { format: 'openai', body };
  const completion = await lava.gateway('https://api.anthropic.com/v1/messages', options);
  assert.equal(completion.choices[0].message.content, answer);
  await recorded('anthropic', completion.usage.prompt_tokens, completion.usage.completion_tokens);

  const message = await lava.gateway(`${providers.openai.base}/chat/completions`,
    { format: 'anthropic', body: { model: 'gpt-4o-mini', max_tokens: 99, messages: body.messages } });
  assert.equal(message.content[0].text, answer);

  const converse = await lava.gateway(`${providers.google.base}/models/gemini-2.5-flash:generateContent`,
    { format: 'bedrock', body: { messages: [{ role: 'user', content: [{ text: question }] }] } });
  assert.equal(converse.output.message.content[0].text, answer);

  const generated = await lava.gateway(`${providers.bedrock.base}/model/${providers.bedrock.model}/converse`,
    { format: 'google', body: { contents: [{ role: 'user', parts: [{ text: question }] }] } });
  assert.equal(generated.candidates[0].content.parts[0].text, answer);
  await assert.rejects(lava.gateway('https://example.com/v1/messages', options), /forward_endpoint_not_supported/);
});

test('every model of the catalog by its name alone, with either SDK', async () => {
  const { key } = await lava.spendKeys.create({ name: 'Chat', request_shape: 'openai' });
  const chat = new OpenAI({ apiKey: key, baseURL: baseUrl, maxRetries: 0 });
  for (const { model } of Object.values(providers)) {
    const { choices } = await chat.chat.completions.create({ model, messages: [{ role: 'user', content: question }] });
    assert.equal(choices[0].message.content, answer, model);
  }
  const shaped = await lava.spendKeys.create({ name: 'Messages', request_shape: 'anthropic' });
  const anthropic = new Anthropic({ apiKey: shaped.key, baseURL: baseUrl.replace(/\/v1\/$/, ''), maxRetries: 0 });
  for (const { model } of Object.values(providers)) {
    const { content } = await anthropic.messages.create({ model, max_tokens: 99, messages: [{ role: 'user', content: question }] });
    assert.equal(content[0].text, answer, model);
  }
});
