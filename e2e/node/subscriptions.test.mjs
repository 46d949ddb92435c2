import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, DeletedResponse, page, RestPlan, RestSubscription, RestSubscriptionBase, success } from './shapes.mjs';
import { all, control, lava, payer, refused, tokenMeter } from './setup.mjs';

const plan = { name: 'Pro', period_amount: '49', billing_interval: 'month' };

test('a plan from create to delete', async () => {
  const meter = await lava.meters.create(tokenMeter);
  const created = check(await lava.subscriptions.createPlan({
    ...plan,
    rollover_type: 'full',
    bundle_rollover_type: 'none',
    included_credit: '20',
    meter_ids: [meter.meter_id],
    credit_bundles: [
      { name: 'Small', cost: '5', credit_amount: '5' },
      { name: 'Large', cost: '45', credit_amount: '50' },
    ],
    default_auto_top_up_bundle_index: 1,
  }), RestPlan);
  const [small, large] = created.credit_bundles;
  assert.equal(created.default_auto_top_up_bundle_id, large.credit_bundle_id);
  assert.deepEqual(await lava.subscriptions.retrievePlan(created.plan_id), created);

  const updated = check(await lava.subscriptions.updatePlan(created.plan_id, {
    name: 'Pro Plus',
    included_credit: '30',
    default_auto_top_up_bundle_id: null,
    meter_ids: [],
    credit_bundles: [
      { ...small, cost: '4' },
      { ...large, is_deleted: true },
      { name: 'Huge', cost: '400', credit_amount: '500' },
    ],
  }), RestPlan);
  assert.equal(updated.name, 'Pro Plus');
  assert.equal(updated.default_auto_top_up_bundle_id, null);
  assert.deepEqual(updated.linked_meters, []);
  assert.deepEqual(updated.credit_bundles.map((bundle) => [bundle.name, bundle.cost]), [
    ['Small', '4.0000000000'],
    ['Huge', '400.0000000000'],
  ]);

  check(await lava.subscriptions.deletePlan(created.plan_id), DeletedResponse);
  await refused(lava.subscriptions.retrievePlan(created.plan_id), 404, 'not_found', created.plan_id);
});

test('the defaults of a plan, and the Free plan that is always there', async () => {
  const created = await lava.subscriptions.createPlan(plan);
  assert.deepEqual(
    [created.included_credit, created.rollover_type, created.bundle_rollover_type],
    ['49.0000000000', 'none', 'full'],
  );
  check(await lava.subscriptions.listPlans(), page(RestPlan));
  const plans = await all((params) => lava.subscriptions.listPlans(params));
  const free = plans.at(-1);
  assert.deepEqual([free.name, free.period_amount], ['Free', '0.0000000000']);
  await refused(lava.subscriptions.deletePlan(free.plan_id), 409, 'conflict');
});

test('bad plans', async () => {
  const bad = (params, word) =>
    refused(lava.subscriptions.createPlan({ ...plan, ...params }), 400, 'invalid_request', word);
  await bad({ name: undefined }, 'name');
  await bad({ period_amount: '10001' }, 'period_amount');
  await bad({ period_amount: '-1' }, 'period_amount');
  await bad({ billing_interval: 'fortnight' }, 'billing_interval');
  await bad({ rollover_type: 'some' }, 'rollover_type');
  await bad({ included_credit: 'much' }, 'included_credit');
  await bad({ credit_bundles: [{ name: 'x', cost: 'y', credit_amount: '1' }] }, 'cost');
  await bad({ default_auto_top_up_bundle_index: 0 }, 'default_auto_top_up_bundle_index');
  const { plan_id } = await lava.subscriptions.createPlan(plan);
  await refused(lava.subscriptions.updatePlan(plan_id, { period_amount: '1' }), 400, 'invalid_request', 'period_amount');
  await refused(lava.subscriptions.updatePlan('sc_none', { name: 'x' }), 404, 'not_found', 'sc_none');
  await refused(lava.subscriptions.deletePlan('sc_none'), 404, 'not_found', 'sc_none');
});

test('a subscription from create to cancel', async () => {
  const { customer, plan, subscription } = await payer();
  check(subscription, RestSubscriptionBase);
  assert.equal(subscription.credits.total_remaining, '5.0000000000');

  const listed = check(await lava.subscriptions.list({ customer_id: customer.customer_id }), page(RestSubscription));
  assert.deepEqual(listed.data.map((item) => item.subscription_id), [subscription.subscription_id]);

  const bundle = plan.credit_bundles[0].credit_bundle_id;
  const topUp = (auto_top_up_bundle_id) =>
    lava.subscriptions.update(subscription.subscription_id, { auto_top_up_bundle_id });
  check(await topUp(bundle), success);
  const current = async () => (await lava.customers.getSubscription(customer.customer_id)).subscription;
  assert.equal((await current()).auto_top_up_bundle_id, bundle);
  check(await topUp(null), success);
  assert.equal((await current()).auto_top_up_bundle_id, null);
  await refused(topUp('cb_none'), 400, 'invalid_request', 'auto_top_up_bundle_id', 'cb_none');

  check(await lava.subscriptions.cancel(subscription.subscription_id), success);
  check(await lava.subscriptions.cancel(subscription.subscription_id), success);
  const cancelled = check(await current(), RestSubscriptionBase);
  assert.equal(cancelled.status, 'active', 'until the cycle ends');
  assert.deepEqual(cancelled.pending_change, { type: 'cancellation', effective_at: cancelled.cycle_end_at });

  await control('clock', { advance: '744h' });
  assert.equal((await current()).plan.name, 'Free');
  const past = check(await lava.subscriptions.list({ status: 'cancelled' }), page(RestSubscription));
  assert.ok(past.data.some((item) => item.subscription_id === subscription.subscription_id && item.cancelled_at));
  assert.ok((await lava.subscriptions.list({ status: 'all' })).data.length > past.data.length);
});

test('bad subscriptions', async () => {
  const { customer_id } = await lava.customers.create({});
  const { plan_id } = await lava.subscriptions.createPlan(plan);
  await refused(lava.subscriptions.create({ customer_id, plan_id }), 400, 'invalid_request', 'plan_id');
  await refused(lava.subscriptions.create({ customer_id }), 400, 'invalid_request', 'plan_id');
  await refused(lava.subscriptions.create({ customer_id, plan_id: 'sc_none' }), 404, 'not_found', 'sc_none');
  await refused(lava.subscriptions.create({ customer_id: 'con_none', plan_id }), 404, 'not_found', 'con_none');
  await refused(lava.subscriptions.list({ status: 'asleep' }), 400, 'invalid_request', 'status');
  await refused(lava.subscriptions.update('sub_none', { auto_top_up_bundle_id: null }), 404, 'not_found', 'sub_none');
  await refused(lava.subscriptions.cancel('sub_none'), 404, 'not_found', 'sub_none');
});
