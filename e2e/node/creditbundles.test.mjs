import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, page, RestCreditBundle } from './shapes.mjs';
import { all, lava, payer, refused } from './setup.mjs';

test('credit bundles are created with plans', async () => {
  const { plan } = await payer();
  await payer(); // another customer's plan
  const { data } = check(await lava.creditBundles.list({ plan_id: plan.plan_id }), page(RestCreditBundle));
  assert.deepEqual(data.map((bundle) => bundle.name), ['Ten more']);
  assert.deepEqual(check(await lava.creditBundles.retrieve(data[0].credit_bundle_id), RestCreditBundle), data[0]);
  assert.equal((await all((params) => lava.creditBundles.list(params))).length, 2);
});

test('unknown credit bundles', async () => {
  await refused(lava.creditBundles.retrieve('cb_none'), 404, 'not_found', 'cb_none');
  await refused(lava.creditBundles.list({ plan_id: 'sc_none' }), 404, 'not_found', 'sc_none');
  await refused(lava.creditBundles.list({ limit: 1000 }), 400, 'invalid_request', 'limit');
});
