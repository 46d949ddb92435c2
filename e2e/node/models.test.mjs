import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lava } from '@lavapayments/nodejs';
import { check, RestModelList } from './shapes.mjs';
import { baseUrl, lava, refused } from './setup.mjs';

test('the models that a key may use', async () => {
  const models = check(await lava.models.list(), RestModelList);
  assert.ok(models.data.some((model) => model.id === 'gpt-4o-mini' && model.owned_by === 'openai'));

  const { key } = await lava.spendKeys.create({ name: 'Agent', allowed_models: ['gpt-4o-mini'], allowed_providers: ['openai'] });
  const few = check(await new Lava(key, { baseUrl }).models.list(), RestModelList);
  assert.deepEqual(few.data.map((model) => model.id), ['gpt-4o-mini']);
  await refused(new Lava('aks_test_wrong', { baseUrl }).models.list(), 401, 'authentication_failed');
});
