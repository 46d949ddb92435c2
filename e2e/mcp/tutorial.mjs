// The tutorial "Bill Your Customers", by tool calls alone. Only the checkout is done by the customer.

import assert from 'node:assert/strict';
import { pay, use } from './setup.mjs';

// Exact decimals, as integers of 10⁻¹⁰ dollars.
const amount = (text) => {
  const [, sign, whole, fraction = ''] = text.match(/^(-?)(\d+)(?:\.(\d+))?$/);
  return BigInt(`${sign}${whole}${fraction.padEnd(10, '0')}`);
};

/** Does the tutorial as an agent that is logged in. */
export async function tutorial(client, phone) {
  const meter = await use(client, 'create_meter', {
    name: 'AI Chat Tokens', rate_type: 'fixed', tier_type: 'tokens_1m', tiers: [{ start: '0', rate: '3.00' }],
  });
  const plan = await use(client, 'create_plan', {
    name: 'Pro Plan', period_amount: '49.00', billing_interval: 'month', included_credit: '25.00', meter_ids: [meter.meter_id],
  });
  const { items: plans } = await use(client, 'list_plans', { limit: 1 });
  assert.deepEqual(plans, [plan]);

  const session = await use(client, 'create_checkout_session', {
    checkout_mode: 'subscription', origin_url: 'https://app.example.com', plan_id: plan.plan_id,
  });
  const paid = await pay(session, phone);
  const { items: [customer] } = await use(client, 'list_customers', { limit: 1 });
  assert.equal(customer.customer_id, paid.customer_id);
  assert.equal(customer.phone, phone);
  assert.equal(customer.plan_name, 'Pro Plan');

  const response = await use(client, 'call', {
    url: 'https://api.openai.com/v1/chat/completions',
    body: { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Why is the sky blue?' }] },
    customer_id: customer.customer_id,
    meter_slug: meter.meter_slug,
  });
  assert.equal(response.status, 200);
  assert.ok(response.body.choices[0].message.content);

  const ofCustomer = await use(client, 'get_usage', { customer_id: customer.customer_id });
  const ofMeter = await use(client, 'get_usage', { meter_id: meter.meter_id });
  assert.deepEqual(ofCustomer, ofMeter);
  assert.equal(ofCustomer.totals.total_requests, 1);
  assert.equal(ofCustomer.totals.total_usage_tokens, response.body.usage.total_tokens);
  assert.equal(amount(ofCustomer.totals.total_charge), BigInt(response.body.usage.total_tokens) * 30000n, '3.00 for a million tokens');
  assert.equal(ofCustomer.days.length, 1);

  const subscription = await use(client, 'get_subscription', { customer_id: customer.customer_id });
  assert.equal(subscription.status, 'active');
  assert.equal(
    amount(subscription.included_credit) - amount(subscription.credits.total_remaining),
    amount(ofCustomer.totals.total_charge),
    'the credit that is gone is what was charged',
  );
}
