import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, DeletedResponse, page, RestMeter } from './shapes.mjs';
import { all, lava, refused, tokenMeter } from './setup.mjs';

test('a meter from create to delete', async () => {
  const meter = check(await lava.meters.create({ ...tokenMeter, meter_slug: 'chat' }), RestMeter);
  assert.equal(meter.meter_slug, 'chat');
  assert.deepEqual(await lava.meters.retrieve(meter.meter_id), meter);

  const updated = check(await lava.meters.update(meter.meter_id, {
    name: 'Talk',
    tiers: [{ start: '0', rate: '4' }, { start: '1000000', rate: '3.5' }],
  }), RestMeter);
  assert.equal(updated.name, 'Talk');
  assert.deepEqual(updated.tiers.map((tier) => tier.start), [0, 1000000]);
  assert.equal(updated.meter_slug, 'chat');

  const deleted = check(await lava.meters.delete(meter.meter_id), DeletedResponse);
  assert.equal(deleted.id, meter.meter_id);
  await refused(lava.meters.retrieve(meter.meter_id), 404, 'not_found', meter.meter_id);
});

test('all kinds of meters', async () => {
  for (const rate_type of ['fixed', 'percentage']) {
    for (const tier_type of ['tokens_1m', 'characters_1m', 'minutes', 'requests']) {
      const meter = check(await lava.meters.create({ ...tokenMeter, rate_type, tier_type }), RestMeter);
      assert.deepEqual([meter.rate_type, meter.tiers[0].type], [rate_type, tier_type]);
    }
  }
});

test('lists have pages', async () => {
  const ids = [];
  for (let i = 0; i < 5; i++) ids.unshift((await lava.meters.create(tokenMeter)).meter_id);
  check(await lava.meters.list(), page(RestMeter));
  const items = await all((params) => lava.meters.list(params));
  assert.deepEqual(items.slice(0, 5).map((meter) => meter.meter_id), ids, 'newest first');
});

test('bad input names the field', async () => {
  await lava.meters.create({ ...tokenMeter, meter_slug: 'taken' });
  const tiers = (...starts) => ({ ...tokenMeter, tiers: starts.map((start) => ({ start, rate: '1' })) });
  const bad = (params, word) => refused(lava.meters.create(params), 400, 'invalid_request', word);
  await bad({ ...tokenMeter, name: undefined }, 'name');
  await bad({ ...tokenMeter, rate_type: 'flat' }, 'rate_type');
  await bad({ ...tokenMeter, tier_type: 'words' }, 'tier_type');
  await bad({ ...tokenMeter, tiers: [] }, 'tiers');
  await bad(tiers('1'), 'tiers');
  await bad(tiers('0', '5', '5'), 'tiers');
  await bad({ ...tokenMeter, tiers: [{ start: '0', rate: 'free' }] }, 'rate');
  await refused(lava.meters.create({ ...tokenMeter, meter_slug: 'taken' }), 409, 'conflict', 'meter_slug');
  await refused(lava.meters.list({ limit: 101 }), 400, 'invalid_request', 'limit');
  await refused(lava.meters.list({ cursor: 'x' }), 400, 'invalid_request', 'cursor');
  await refused(lava.meters.update('prd_none', { name: 'x' }), 404, 'not_found', 'prd_none');
  await refused(lava.meters.delete('prd_none'), 404, 'not_found', 'prd_none');
});
