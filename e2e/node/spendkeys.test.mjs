import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, page, RestSpendKey, RestSpendKeyCreated, success } from './shapes.mjs';
import { baseUrl, lava, refused } from './setup.mjs';

const chat = async (key, model = 'gpt-4o-mini') => {
  const response = await fetch(`${baseUrl}chat/completions`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  return { status: response.status, body: await response.json() };
};

test('a spend key from create to revoke', async () => {
  const { key, ...created } = check(await lava.spendKeys.create({
    name: 'Agent',
    allowed_models: ['gpt-4o-mini'],
    allowed_providers: ['openai'],
    spend_limit: { amount: '10', cycle: 'monthly' },
    request_limit: { count: 3, cycle: 'daily' },
    rate_limit: { rpm: 100, burst: 10 },
    expires_at: '2099-01-01T00:00:00Z',
  }), RestSpendKeyCreated);
  const id = created.spend_key_id;
  assert.deepEqual([created.status, created.request_shape], ['active', 'openai']);
  assert.equal(created.key_preview, `${key.slice(0, 12)}****`);
  assert.deepEqual(check(await lava.spendKeys.retrieve(id), RestSpendKey), created);
  assert.deepEqual(check(await lava.spendKeys.list(), page(RestSpendKey)).data, [created]);

  assert.equal((await chat(key)).status, 200);
  const other = await chat(key, 'gpt-4o');
  assert.deepEqual([other.status, other.body.error.code], [403, 'model_not_allowed']);
  const used = check(await lava.spendKeys.retrieve(id), RestSpendKey);
  assert.deepEqual([used.current_requests, used.total_requests], [1, 1]);
  assert.notEqual(used.total_spend, '0.0000000000');
  assert.ok(used.last_used_at);

  const paused = check(await lava.spendKeys.update(id, { status: 'paused', spend_limit: null }), RestSpendKey);
  assert.deepEqual([paused.status, paused.spend_limit, paused.name], ['paused', null, 'Agent']);
  assert.equal((await chat(key)).body.error.code, 'key_paused');
  await lava.spendKeys.update(id, { status: 'active' });

  const rotated = check(await lava.spendKeys.rotate(id), RestSpendKeyCreated);
  assert.equal(rotated.spend_key_id, id);
  assert.equal(rotated.total_requests, 1, 'history stays');
  assert.equal((await chat(key)).status, 401, 'the old key stops at once');
  assert.equal((await chat(rotated.key)).status, 200);

  check(await lava.spendKeys.revoke(id), success);
  assert.equal((await chat(rotated.key)).status, 401);
  assert.deepEqual((await lava.spendKeys.list()).data, []);
});

test('bad input names the field', async () => {
  const bad = (params, word) => refused(lava.spendKeys.create({ name: 'x', ...params }), 400, 'invalid_request', word);
  await bad({ name: '' }, 'name');
  await bad({ status: 'asleep' }, 'status');
  await bad({ request_shape: 'google' }, 'request_shape');
  await bad({ spend_limit: { amount: 'much', cycle: 'daily' } }, 'spend_limit');
  await bad({ spend_limit: { amount: '1', cycle: 'hourly' } }, 'spend_limit');
  await bad({ request_limit: { count: -1, cycle: 'daily' } }, 'request_limit');
  await bad({ rate_limit: { rpm: -1 } }, 'rate_limit');
  await bad({ expires_at: '2001-01-01T00:00:00Z' }, 'expires_at');
  for (const method of ['retrieve', 'revoke', 'rotate']) {
    await refused(lava.spendKeys[method]('spk_none'), 404, 'not_found', 'spk_none');
  }
  await refused(lava.spendKeys.update('spk_none', { name: 'x' }), 404, 'not_found', 'spk_none');
});
