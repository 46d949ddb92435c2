// Shared by all tests: a client for the mock named in the environment, and a customer who can pay.

import assert from 'node:assert/strict';
import { Lava } from '@lavapayments/nodejs';

export const origin = process.env.LAVA_API_URL;
export const baseUrl = `${origin}/v1/`;

/** The official client, with the key from LAVA_SECRET_KEY. */
export const lava = new Lava(undefined, { baseUrl });

/** Checks that a call is rejected, and the SDK's error. */
export async function refused(call, status, code, ...words) {
  const error = await call.then(
    (value) => assert.fail(`not refused: ${JSON.stringify(value)}`),
    (reason) => reason,
  );
  for (const word of [`Lava API Error: ${status} `, `"code":"${code}"`, `"status":${status}`, ...words]) {
    assert.ok(error.message.includes(word), `${word} is not in: ${error.message}`);
  }
}

/** Iterates over the pages of a list and returns its items. */
export async function all(list, params) {
  const items = [];
  for (let cursor; ; ) {
    const page = await list({ ...params, cursor, limit: 2 });
    items.push(...page.data);
    assert.equal(page.has_more, page.next_cursor !== undefined);
    if (!page.has_more) return items;
    cursor = page.next_cursor;
  }
}

export const tokenMeter = {
  name: 'Chat tokens',
  rate_type: 'fixed',
  tier_type: 'tokens_1m',
  tiers: [{ start: '0', rate: '3.00' }],
};

/** Creates a customer with 5 dollars of credit, and a token that charges them. */
export async function payer() {
  const meter = await lava.meters.create(tokenMeter);
  const plan = await lava.subscriptions.createPlan({
    name: 'Starter',
    period_amount: '0',
    billing_interval: 'month',
    included_credit: '5',
    meter_ids: [meter.meter_id],
    credit_bundles: [{ name: 'Ten more', cost: '9.00', credit_amount: '10.00' }],
  });
  const customer = await lava.customers.create({ email: 'ada@example.com' });
  const { subscription } = await lava.subscriptions.create({
    customer_id: customer.customer_id,
    plan_id: plan.plan_id,
  });
  const token = lava.generateForwardToken({ customer_id: customer.customer_id, meter_slug: meter.meter_slug });
  return { meter, plan, customer, subscription, token };
}

/** Uses the mock's own endpoints, which Lava does not have. */
export async function control(path, body) {
  const response = await fetch(`${origin}/_mock/${path}`, {
    method: body ? 'POST' : 'GET',
    body: body && JSON.stringify(body),
  });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}
