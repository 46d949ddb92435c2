import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, RestUsage } from './shapes.mjs';
import { lava, payer, refused } from './setup.mjs';

const today = new Date().toISOString().slice(0, 10);

test('usage by day, customer, meter and metadata', async () => {
  const { customer, meter } = await payer();
  const { customer_id } = customer;
  const { meter_slug, meter_id } = meter;
  for (const [request_id, feature] of [['u-1', 'chat'], ['u-2', 'search']]) {
    await lava.requests.create({ request_id, customer_id, meter_slug, input_tokens: 1000, metadata: { feature } });
  }
  const usage = check(await lava.usage.retrieve({ start: '2025-01-01T00:00:00+02:00', customer_id, meter_id }), RestUsage);
  assert.equal(usage.items[0].date, '2025-01-01');
  assert.equal(usage.items[0].start, '2024-12-31T22:00:00.000Z', 'days begin in the zone of start');
  assert.deepEqual(usage.totals, {
    total_requests: 2,
    total_usage_tokens: 2000,
    total_cost: '0.0000000000',
    total_charge: '0.0060000000',
  });
  const filtered = await lava.usage.retrieve({ start: today, metadata_filters: { feature: 'chat' } });
  assert.equal(filtered.totals.total_requests, 1);
  const past = check(await lava.usage.retrieve({ start: '2025-01-01', end: '2025-01-03' }), RestUsage);
  assert.deepEqual(past.items.map((item) => item.date), ['2025-01-01', '2025-01-02', '2025-01-03']);
  assert.equal(past.totals.total_requests, 0);
});

test('bad input names the field', async () => {
  const bad = (params, word) => refused(lava.usage.retrieve(params), 400, 'invalid_request', word);
  await bad({ start: '' }, 'start');
  await bad({ start: 'yesterday' }, 'start');
  await bad({ start: today, end: 'tomorrow' }, 'end');
  await bad({ start: '2025-01-02', end: '2025-01-01' }, 'end');
  await bad({ start: '1999-01-01' }, 'start');
  await refused(lava.usage.retrieve({ start: today, customer_id: 'con_none' }), 404, 'not_found', 'con_none');
});
