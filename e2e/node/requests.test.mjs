import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, page, RestRequest } from './shapes.mjs';
import { all, lava, payer, refused } from './setup.mjs';

const report = ({ customer, meter }, request_id, more) =>
  lava.requests.create({ request_id, customer_id: customer.customer_id, meter_slug: meter.meter_slug, ...more });

test('reported usage is charged once', async () => {
  const who = await payer();
  const usage = { input_tokens: 500, output_tokens: 200, metadata: { feature: 'chat' } };
  const record = check(await report(who, 'r-1', usage), RestRequest);
  assert.equal(record.charge.amount, '0.0021000000', '700 tokens at 3 per million');
  assert.equal(record.charge.breakdown[0].tokens, 700);
  assert.deepEqual([record.provider, record.provider_key_type, record.status], ['custom', 'unmanaged', 'completed']);
  assert.deepEqual(record.metadata, { feature: 'chat' });
  assert.deepEqual(await lava.requests.retrieve('r-1'), record);
  assert.deepEqual(await report(who, 'r-1', { input_tokens: 9 }), record, 'the first one');
  const { subscription } = await lava.customers.getSubscription(who.customer.customer_id);
  assert.equal(subscription.credits.total_remaining, '4.9979000000');
});

test('requests by customer, meter and metadata', async () => {
  const who = await payer();
  const other = await payer();
  for (let i = 0; i < 5; i++) await report(who, `list-${i}`, { metadata: { parity: i % 2 ? 'odd' : 'even' } });
  await report(other, 'list-other', {});
  const ids = async (params) => (await all((p) => lava.requests.list({ ...p, ...params }))).map((r) => r.request_id);
  const { customer_id } = who.customer;
  check(await lava.requests.list(), page(RestRequest));
  assert.deepEqual(await ids({ customer_id }), ['list-4', 'list-3', 'list-2', 'list-1', 'list-0']);
  assert.deepEqual(await ids({ meter_id: other.meter.meter_id }), ['list-other']);
  assert.deepEqual(await ids({ customer_id, metadata_filters: { parity: 'odd' } }), ['list-3', 'list-1']);
  assert.deepEqual(await ids({ customer_id, metadata_filters: { parity: 'odd', other: 'x' } }), []);
});

test('bad input names the field', async () => {
  const who = await payer();
  const bad = (more, word) => refused(report(who, 'bad', more), 400, 'invalid_request', word);
  await bad({ request_id: '' }, 'request_id');
  await bad({ customer_id: undefined }, 'customer_id');
  await bad({ meter_slug: undefined }, 'meter_slug');
  await bad({ input_tokens: -1 }, 'input_tokens');
  await bad({ output_tokens: 1.5 }, 'output_tokens');
  await bad({ input_seconds: 'long' }, 'input_seconds');
  await bad({ metadata: { 'a key': 'x' } }, 'metadata');
  await bad({ metadata: { key: '' } }, 'metadata');
  await bad({ metadata: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`k${i}`, 'x'])) }, 'metadata');
  await refused(report(who, 'bad', { customer_id: 'con_none' }), 404, 'not_found', 'con_none');
  await refused(report(who, 'bad', { meter_slug: 'none' }), 404, 'not_found', 'none');
  await refused(lava.requests.retrieve('bad'), 404, 'not_found', 'bad');
  await refused(lava.requests.list({ customer_id: 'con_none' }), 404, 'not_found', 'con_none');
});
