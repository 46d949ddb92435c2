import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, RestCheckoutSession } from './shapes.mjs';
import { control, lava, payer, refused } from './setup.mjs';

const origin_url = 'https://app.example.com';

test('buying a credit bundle', async () => {
  const { customer, plan } = await payer();
  const session = check(await lava.checkoutSessions.create({
    checkout_mode: 'credit_bundle',
    origin_url,
    customer_id: customer.customer_id,
    credit_bundle_id: plan.credit_bundles[0].credit_bundle_id,
  }), RestCheckoutSession);
  assert.equal(session.customer_id, customer.customer_id);
  await control(`checkout_sessions/${session.checkout_session_id}/complete`, { phone: '+15557654321' });
  const { subscription } = await lava.customers.getSubscription(customer.customer_id);
  assert.deepEqual(subscription.credits, {
    total_remaining: '15.0000000000',
    cycle_remaining: '5.0000000000',
    bundle_remaining: '10.0000000000',
  });
});

test('bad sessions', async () => {
  const { customer, plan } = await payer();
  const { customer_id } = customer;
  const { plan_id } = plan;
  const bad = (params, status, code, word) => refused(lava.checkoutSessions.create(params), status, code, word);
  await bad({ checkout_mode: 'gift', origin_url, plan_id }, 400, 'invalid_request', 'checkout_mode');
  await bad({ checkout_mode: 'subscription', origin_url }, 400, 'invalid_request', 'plan_id');
  await bad({ checkout_mode: 'subscription', plan_id }, 400, 'invalid_request', 'origin_url');
  await bad({ checkout_mode: 'subscription', origin_url: 'nowhere', plan_id }, 400, 'invalid_request', 'origin_url');
  await bad({ checkout_mode: 'subscription', origin_url, plan_id: 'sc_none' }, 404, 'not_found', 'sc_none');
  await bad({ checkout_mode: 'subscription', origin_url, plan_id, customer_id: 'con_none' }, 404, 'not_found', 'con_none');
  await bad({ checkout_mode: 'credit_bundle', origin_url, customer_id }, 400, 'invalid_request', 'credit_bundle_id');
  await bad({ checkout_mode: 'credit_bundle', origin_url, customer_id, credit_bundle_id: 'cb_none' }, 400, 'invalid_request', 'cb_none');
});
