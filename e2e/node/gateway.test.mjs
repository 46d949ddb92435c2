import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, RestRequest } from './shapes.mjs';
import { baseUrl, lava, payer, refused } from './setup.mjs';

const target = 'https://api.openai.com/v1/chat/completions';
const body = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] };
const newest = async () => check((await lava.requests.list({ limit: 1 })).data[0], RestRequest);

test('gateway() in all its modes', async () => {
  const { customer, meter } = await payer();
  const { customer_id } = customer;
  const { meter_slug, meter_id } = meter;
  const tokens = async (options) => {
    const completion = await lava.gateway(target, { body, ...options });
    const record = await newest();
    assert.equal(record.response_id, completion.id);
    assert.equal(record.model_usage.total_tokens, completion.usage.total_tokens);
    return record;
  };
  const merchant = await tokens();
  assert.deepEqual([merchant.customer_id, merchant.meter_id, merchant.provider_key_type], [undefined, undefined, 'managed']);
  const metered = await tokens({ meter_slug });
  assert.deepEqual([metered.customer_id, metered.meter_id], [undefined, meter_id]);
  const billed = await tokens({ customer_id, meter_slug });
  assert.deepEqual([billed.customer_id, billed.meter_id], [customer_id, meter_id]);

  const credit = async () => (await lava.customers.getSubscription(customer_id)).subscription.credits.total_remaining;
  const before = await credit();
  const free = await tokens({ customer_id, meter_slug, disable_billing: true });
  assert.equal(free.customer_id, customer_id);
  assert.equal(await credit(), before, 'counted, but not charged');
  const own = await tokens({ customer_id, meter_slug, provider_key: 'sk-own' });
  assert.equal(own.provider_key_type, 'unmanaged');
  assert.notEqual(await credit(), before);
});

test('gateway() with metadata, a method and a text body', async () => {
  await lava.gateway(target, {
    headers: { 'x-lava-metadata': '{"feature":"chat"}', 'Content-Type': 'application/json', authorization: 'ignored' },
    body: JSON.stringify(body),
  });
  assert.deepEqual((await newest()).metadata, { feature: 'chat' });
  const models = await lava.gateway('https://api.openai.com/v1/models', { method: 'GET' });
  assert.equal(models.object, 'list');
});

test('gateway() translates: the response has the format of the request', async () => {
  const anthropic = 'https://api.anthropic.com/v1/messages';
  const { messages } = body;
  const ask = async (url, format, body) => {
    const reply = await lava.gateway(url, { format, body });
    const { provider, model_usage } = await newest();
    return { reply, provider, tokens: model_usage.total_tokens };
  };
  const openai = await ask(anthropic, 'openai', { model: 'claude-sonnet-4-5', messages });
  assert.equal(openai.reply.object, 'chat.completion');
  assert.ok(openai.reply.choices[0].message.content);
  assert.deepEqual([openai.provider, openai.tokens], ['anthropic', openai.reply.usage.total_tokens]);

  const claude = await ask(target, 'anthropic', { model: 'gpt-4o-mini', max_tokens: 100, messages });
  assert.equal(claude.reply.type, 'message');
  assert.ok(claude.reply.content[0].text);
  const { input_tokens, output_tokens } = claude.reply.usage;
  assert.deepEqual([claude.provider, claude.tokens], ['openai', input_tokens + output_tokens]);

  const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }];
  const gemini = await ask(target, 'google', { model: 'gpt-4o-mini', contents });
  assert.ok(gemini.reply.candidates[0].content.parts[0].text);
  assert.deepEqual([gemini.provider, gemini.tokens], ['openai', gemini.reply.usageMetadata.totalTokenCount]);

  const bedrock = await ask(anthropic, 'bedrock', {
    modelId: 'claude-sonnet-4-5',
    messages: [{ role: 'user', content: [{ text: 'Hello' }] }],
  });
  assert.ok(bedrock.reply.output.message.content[0].text);
  assert.deepEqual([bedrock.provider, bedrock.tokens], ['anthropic', bedrock.reply.usage.totalTokens]);
});

test('gateway() rejections', async () => {
  const { customer, meter } = await payer();
  const { customer_id } = customer;
  await assert.rejects(lava.gateway(target, { customer_id }), /requires meter_slug/);
  const bad = (options, ...how) => refused(lava.gateway(target, { body, ...options }), ...how);
  await bad({ meter_slug: 'none' }, 404, 'not_found', 'none');
  await bad({ customer_id: 'con_none', meter_slug: meter.meter_slug }, 404, 'not_found', 'con_none');
  await bad({ body: { ...body, model: 'gpt-none' } }, 400, 'forward_model_not_supported', 'gpt-none');
  await refused(lava.gateway('https://example.com/v1/chat', { body }), 400, 'forward_endpoint_not_supported', 'example.com');
  await refused(lava.gateway('nowhere', { body }), 400, 'invalid_request', 'u:');
});

test('no credit, no reply', async () => {
  const meter = await lava.meters.create({ name: 'M', rate_type: 'fixed', tier_type: 'requests', tiers: [{ start: '0', rate: '1' }] });
  const { customer_id } = await lava.customers.create({}); // the Free plan has no credit
  const options = { customer_id, meter_slug: meter.meter_slug, body };
  await refused(lava.gateway(target, options), 402, 'insufficient_credits');
});

test('all 28 providers are reached', async () => {
  const names = Object.keys(lava.providers);
  assert.equal(names.length, 28);
  const Authorization = `Bearer ${lava.generateForwardToken({})}`;
  for (const name of names) {
    const response = await fetch(`${lava.providers[name]}/models`, { headers: { Authorization } });
    assert.equal(response.status, 200, `${name}: ${await response.clone().text()}`);
    assert.ok(response.headers.get('x-lava-request-id'), name);
  }
});

test('a provider rejects in its own words, and no one pays', async () => {
  const { token, customer } = await payer();
  const response = await fetch(`${lava.providers.openai}/chat/completions`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [] }),
  });
  assert.equal(response.status, 400);
  assert.equal((await response.json()).error.type, 'invalid_request_error');
  const record = await lava.requests.retrieve(response.headers.get('x-lava-request-id'));
  assert.deepEqual([record.status, record.charge.amount], ['error', '0.0000000000']);
  const { subscription } = await lava.customers.getSubscription(customer.customer_id);
  assert.equal(subscription.credits.total_remaining, '5.0000000000');
});

test('broken tokens', async () => {
  for (const token of ['no base64!', Buffer.from('{"secret_key":').toString('base64'), '']) {
    const response = await fetch(`${baseUrl}forward?u=${target}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 401, token);
    assert.equal((await response.json()).error.code, 'authentication_failed');
  }
});
