// The tutorial "Bill Your Customers", step by step.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, page, RestCheckoutSession, RestCustomer, RestMeter, RestPlan, RestUsage } from './shapes.mjs';
import { control, lava, origin } from './setup.mjs';

test('the tutorial', async (t) => {
  let tokens, requests, pro, session, customer;

  await t.test('1. meters', async () => {
    tokens = check(await lava.meters.create({
      name: 'AI Chat Tokens',
      rate_type: 'fixed',
      tier_type: 'tokens_1m',
      tiers: [{ start: '0', rate: '3.00' }],
    }), RestMeter);
    requests = check(await lava.meters.create({
      name: 'API Requests',
      rate_type: 'fixed',
      tier_type: 'requests',
      tiers: [{ start: '0', rate: '0.01' }, { start: '10000', rate: '0.005' }],
    }), RestMeter);
    assert.match(tokens.meter_slug, /^ai-chat-tokens-/);
    assert.deepEqual(requests.tiers.map((tier) => tier.start), [0, 10000]);
  });

  await t.test('2. plans', async () => {
    const meter_ids = [tokens.meter_id, requests.meter_id];
    pro = check(await lava.subscriptions.createPlan({
      name: 'Pro Plan',
      period_amount: '49.00',
      billing_interval: 'month',
      included_credit: '25.00',
      meter_ids,
    }), RestPlan);
    const team = check(await lava.subscriptions.createPlan({
      name: 'Team Plan',
      period_amount: '99.00',
      billing_interval: 'month',
      rollover_type: 'full',
      included_credit: '50.00',
      meter_ids,
      credit_bundles: [
        { name: '10 extra credits', cost: '10.00', credit_amount: '10.00' },
        { name: '50 extra credits', cost: '45.00', credit_amount: '50.00' },
      ],
    }), RestPlan);
    assert.equal(pro.rollover_type, 'none');
    assert.equal(pro.period_amount, '49.0000000000');
    assert.deepEqual(team.linked_meters.map((meter) => meter.meter_id).sort(), meter_ids.sort());
    assert.deepEqual(team.credit_bundles.map((bundle) => bundle.cost), ['10.0000000000', '45.0000000000']);
  });

  await t.test('3. checkout', async () => {
    session = check(await lava.checkoutSessions.create({
      checkout_mode: 'subscription',
      origin_url: 'https://app.example.com',
      plan_id: pro.plan_id,
    }), RestCheckoutSession);
    const { secret, base } = JSON.parse(Buffer.from(session.checkout_session_token, 'base64'));
    assert.match(secret, /^css_test_[\w-]{55}$/);
    assert.equal(base, `${origin}/`);
    assert.equal((await lava.customers.list()).data.length, 0, 'nobody has paid yet');
    await control(`checkout_sessions/${session.checkout_session_id}/complete`, { phone: '+15551234567' });
  });

  await t.test('4. forward token and chat completion', async () => {
    const customers = check(await lava.customers.list(), page(RestCustomer));
    assert.equal(customers.data.length, 1);
    customer = customers.data[0];
    assert.equal(customer.contact.phone, '+15551234567');
    assert.equal(customer.subscription.plan_id, pro.plan_id);

    const token = lava.generateForwardToken({ customer_id: customer.customer_id, meter_slug: tokens.meter_slug });
    const response = await fetch(`${lava.providers.openai}/chat/completions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Why is the sky blue?' }] }),
    });
    const completion = await response.json();
    assert.equal(response.status, 200, JSON.stringify(completion));
    assert.equal(completion.object, 'chat.completion');
    assert.ok(completion.choices[0].message.content);

    const record = await lava.requests.retrieve(response.headers.get('x-lava-request-id'));
    assert.equal(record.customer_id, customer.customer_id);
    assert.equal(record.model_usage.total_tokens, completion.usage.total_tokens);
  });

  await t.test('5. usage and subscription', async () => {
    const start = new Date(Date.now() - 30 * 24 * 3600 * 1000).toISOString();
    const usage = check(await lava.usage.retrieve({ start, customer_id: customer.customer_id }), RestUsage);
    assert.equal(usage.items.length, 31);
    assert.equal(usage.totals.total_requests, 1);
    assert.deepEqual(usage.items.at(-1).total_charge, usage.totals.total_charge);

    const { subscription } = await lava.customers.getSubscription(customer.customer_id);
    assert.equal(subscription.status, 'active');
    const cents = (amount) => BigInt(amount.replace('.', '')); // 10⁻¹⁰ dollars
    assert.equal(
      cents(subscription.plan.included_credit) - cents(subscription.credits.total_remaining),
      cents(usage.totals.total_charge),
      'the credit that is gone is what was charged',
    );
    assert.equal(cents(usage.totals.total_charge), BigInt(usage.totals.total_usage_tokens) * 30000n, '3.00 per million');
  });
});
