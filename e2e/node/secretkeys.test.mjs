import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lava } from '@lavapayments/nodejs';
import { check, DeletedResponse, page, RestSecretKey, RestSecretKeyCreate } from './shapes.mjs';
import { baseUrl, lava, refused } from './setup.mjs';

test('a second key works until it is deleted', async () => {
  const { secret_key, ...key } = check(await lava.secretKeys.create({ name: 'Second' }), RestSecretKeyCreate);
  assert.equal(key.secret_key_hint, secret_key.slice(-4));
  const { data } = check(await lava.secretKeys.list(), page(RestSecretKey));
  assert.deepEqual(data.map((item) => item.name), ['Second', 'Default']);
  assert.deepEqual(data[0], key);

  const second = new Lava(secret_key, { baseUrl });
  check(await second.secretKeys.list(), page(RestSecretKey));
  check(await lava.secretKeys.delete(key.secret_key_id), DeletedResponse);
  await refused(second.secretKeys.list(), 401, 'authentication_failed');
});

test('bad input, and the last key', async () => {
  await refused(lava.secretKeys.create({}), 400, 'invalid_request', 'name');
  await refused(lava.secretKeys.delete('sk_none'), 404, 'not_found', 'sk_none');
  const { data } = await lava.secretKeys.list();
  assert.equal(data.length, 1);
  await refused(lava.secretKeys.delete(data[0].secret_key_id), 409, 'conflict');
  await refused(new Lava('aks_test_wrong', { baseUrl }).secretKeys.list(), 401, 'authentication_failed');
  await refused(new Lava('aks_live_real', { baseUrl }).secretKeys.list(), 401, 'authentication_failed', 'mock');
});
